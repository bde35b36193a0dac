import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { parseTimeRange } from '../../src/time/time-range.js';
import { campaign } from '../support/campaign.js';
import { caught } from '../support/caught.js';

const NOW = new Date('2025-08-20T10:00:00.000Z');

describe('parseTimeRange', () => {
  it('reads both ends, either of which may be missing', () => {
    expect(parseTimeRange('7d', '2025-08-20', NOW)).toEqual({
      from: new Date('2025-08-13T10:00:00Z'),
      to: new Date('2025-08-20T00:00:00Z'),
    });
    expect(parseTimeRange('2025-08-01', undefined, NOW)).toEqual({
      from: new Date('2025-08-01T00:00:00Z'),
      to: undefined,
    });
    expect(parseTimeRange(undefined, '1h', NOW)).toEqual({
      from: undefined,
      to: new Date('2025-08-20T09:00:00Z'),
    });
    expect(parseTimeRange(undefined, undefined, NOW)).toEqual({ from: undefined, to: undefined });
  });

  it('names the flag that it does not understand', async () => {
    expect((await caught(() => parseTimeRange('soon', '1h', NOW))).message).toContain('--from');
    expect((await caught(() => parseTimeRange('1h', 'soon', NOW))).message).toContain('--to');
  });

  it('refuses a range that is reversed or empty, and says what the ends mean', async () => {
    const error = await caught(() => parseTimeRange('2025-08-21', '2025-08-20', NOW));
    expect(error.code).toBe('usage.range.reversed');
    expect(error.message).toBe('--from 2025-08-21 is not before --to 2025-08-20');
    expect(error.why).toContain('2025-08-21T00:00:00.000Z');
    expect(error.why).toContain('2025-08-20T00:00:00.000Z');
    // One instant, written in two ways: it would hold nothing.
    const empty = await caught(() => parseTimeRange('2025-08-20T12:00+02:00', '2025-08-20T10:00', NOW));
    expect(empty.code).toBe('usage.range.reversed');
  });

  it('takes two instants exactly when the first is before the second', () => {
    const instant = fc.date({
      min: new Date('2020-01-01T00:00:00Z'),
      max: new Date('2020-01-01T00:00:00.005Z'),
      noInvalidDate: true,
    });
    fc.assert(
      fc.property(instant, instant, (from, to) => {
        const parse = (): unknown => parseTimeRange(from.toISOString(), to.toISOString(), NOW);
        if (from < to) expect(parse()).toEqual({ from, to });
        else expect(parse).toThrow('is not before');
      }),
      { numRuns: campaign(500) },
    );
  });
});
