import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { parseDuration } from '../../src/time/duration.js';
import { campaign } from '../support/campaign.js';

describe('parseDuration', () => {
  it.each([
    ['0ms', 0],
    ['500ms', 500],
    ['30s', 30_000],
    ['5m', 300_000],
    ['12h', 43_200_000],
    ['7d', 604_800_000],
    ['2w', 1_209_600_000],
    ['  7 d ', 604_800_000],
    ['007d', 604_800_000],
  ])('%j is %d ms', (text, ms) => {
    expect(parseDuration(text)).toBe(ms);
  });

  it.each([
    '',
    'd',
    '7',
    '7D',
    '-7d',
    '+7d',
    '1.5h',
    '1h30m',
    '7 days',
    '1e3s',
    '1234567890s',
    '٧d',
    '7d\n8d',
  ])('%j is none', (text) => {
    expect(parseDuration(text)).toBeUndefined();
  });

  it('counts units of any number exactly', () => {
    const units = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000, w: 604_800_000 };
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: 999_999_999 }),
        fc.constantFrom(...(Object.keys(units) as (keyof typeof units)[])),
        (count, unit) => {
          expect(BigInt(parseDuration(`${count}${unit}`)!)).toBe(BigInt(count) * BigInt(units[unit]));
        },
      ),
      { numRuns: campaign(1000) },
    );
  });
});
