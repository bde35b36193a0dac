import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { parsePointInTime } from '../../src/time/point-in-time.js';
import { campaign } from '../support/campaign.js';
import { caught } from '../support/caught.js';

const NOW = new Date('2025-08-20T10:00:00.000Z');
const read = (text: string): string => parsePointInTime(text, '--from', NOW).toISOString();

const UNDERSTOOD = [
  ['2025-08-20', '2025-08-20T00:00:00.000Z'],
  [' 2025-08-20 ', '2025-08-20T00:00:00.000Z'],
  ['2024-02-29', '2024-02-29T00:00:00.000Z'],
  ['2000-02-29', '2000-02-29T00:00:00.000Z'],
  ['0001-01-01', '0001-01-01T00:00:00.000Z'],
  ['0099-12-31', '0099-12-31T00:00:00.000Z'],
  ['9999-12-31', '9999-12-31T00:00:00.000Z'],
  ['2025-08-20T10:00', '2025-08-20T10:00:00.000Z'],
  ['2025-08-20 10:00', '2025-08-20T10:00:00.000Z'],
  ['2025-08-20T10:00:01', '2025-08-20T10:00:01.000Z'],
  ['2025-08-20T10:00:01.5', '2025-08-20T10:00:01.500Z'],
  ['2025-08-20T10:00:01.123456789Z', '2025-08-20T10:00:01.123Z'],
  ['2025-08-20T10:00Z', '2025-08-20T10:00:00.000Z'],
  ['2025-08-20T10:00+02:00', '2025-08-20T08:00:00.000Z'],
  ['2025-08-20T10:00+0200', '2025-08-20T08:00:00.000Z'],
  ['2025-08-20T00:30-05:30', '2025-08-20T06:00:00.000Z'],
  // Around the hours that summer time skips or repeats in many zones.
  ['2025-03-30T02:30', '2025-03-30T02:30:00.000Z'],
  ['2025-10-26T02:30', '2025-10-26T02:30:00.000Z'],
  ['7d', '2025-08-13T10:00:00.000Z'],
  ['90m', '2025-08-20T08:30:00.000Z'],
  ['0s', '2025-08-20T10:00:00.000Z'],
] as const;

describe('parsePointInTime', () => {
  it.each(UNDERSTOOD)('%j is %s', (text, iso) => {
    expect(read(text)).toBe(iso);
  });

  it.each([
    '2025-02-30',
    '2025-02-29',
    '1900-02-29',
    '2025-04-31',
    '2025-00-10',
    '2025-13-01',
    '2025-01-00',
    '2025-01-32',
    '2025-02-30T10:00',
    '2025-02-30T10:00+01:00',
    '2025-08-20T24:30',
    '2025-08-20T10:60',
    '2025-08-20T10:00:60',
    '2025-08-20T10:00+24:00',
    '2025-08-20T10:00+02:60',
    '2025-08-20T10',
    '2025-8-20',
    '20250820',
    '20.08.2025',
    '+002025-08-20',
    '-2025-08-20',
    'yesterday',
    'now',
    '',
    '1755684000',
    '2025-08-20T10:00 UTC',
    '2025-08-20T10:00z',
    '-7d',
    // So long ago that there is no such date.
    '999999999w',
    // Before the year 1, which not every database keeps.
    '200000w',
    '0000-12-31',
    '0001-01-01T00:00+00:01',
    '9999-12-31T23:59-00:01',
    '2025-08-20T10:00:00Z; DROP',
  ])('refuses %j', async (text) => {
    const error = await caught(() => read(text));
    expect(error.code).toBe('usage.time.invalid');
    expect(error.message).toContain(`--from does not understand "${text}"`);
    expect(error.fix).toContain('--from 2025-08-20');
  });

  it('reads back every instant of the years 1 to 9999', () => {
    const instants = fc.date({
      min: new Date('0001-01-01T00:00:00Z'),
      max: new Date('9999-12-31T23:59:59.999Z'),
      noInvalidDate: true,
    });
    fc.assert(
      fc.property(instants, (date) => {
        expect(read(date.toISOString())).toBe(date.toISOString());
        expect(read(date.toISOString().slice(0, 19).replace('T', ' '))).toBe(
          `${date.toISOString().slice(0, 19)}.000Z`,
        );
      }),
      { numRuns: campaign(2000) },
    );
  });

  it('takes exactly the dates that the calendar has', () => {
    const daysIn = (year: number, month: number): number => {
      const leap = (year % 4 === 0 && year % 100 !== 0) || year % 400 === 0;
      return [31, leap ? 29 : 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31][month - 1] ?? 0;
    };
    const two = (value: number): string => String(value).padStart(2, '0');
    fc.assert(
      fc.property(
        fc.oneof(fc.integer({ min: 1, max: 9999 }), fc.constantFrom(1900, 2000, 2023, 2024, 2100, 4)),
        fc.integer({ min: 0, max: 14 }),
        fc.oneof(fc.integer({ min: 0, max: 33 }), fc.integer({ min: 28, max: 31 })),
        (year, month, day) => {
          const text = `${String(year).padStart(4, '0')}-${two(month)}-${two(day)}`;
          if (day >= 1 && day <= daysIn(year, month)) expect(read(text)).toBe(`${text}T00:00:00.000Z`);
          else expect(() => read(text)).toThrow('does not understand');
        },
      ),
      { numRuns: campaign(5000) },
    );
  });

  it('does not depend on the zone of the machine', async () => {
    const script = `
      import { register } from 'node:module';
      register('./test/support/typescript-loader.mjs', 'file://' + process.cwd() + '/');
      const { parsePointInTime } = await import(process.cwd() + '/src/time/point-in-time.ts');
      const texts = JSON.parse(process.argv[1]);
      const now = new Date('${NOW.toISOString()}');
      console.log(JSON.stringify({
        offset: new Date(2025, 6, 1).getTimezoneOffset(),
        read: texts.map((text) => parsePointInTime(text, '--from', now).toISOString()),
      }));`;
    const inZone = async (zone: string): Promise<{ offset: number; read: string[] }> => {
      const texts = JSON.stringify(UNDERSTOOD.map(([text]) => text));
      const { stdout } = await promisify(execFile)(
        process.execPath,
        ['--no-warnings', '--input-type=module', '--eval', script, texts],
        { env: { ...process.env, TZ: zone, NODE_OPTIONS: '' } },
      );
      return JSON.parse(stdout) as { offset: number; read: string[] };
    };
    const zones = ['UTC', 'America/St_Johns', 'Pacific/Kiritimati', 'Europe/Berlin'];
    const answers = await Promise.all(zones.map(inZone));
    // The zones were really in force.
    expect(answers.map(({ offset }) => offset)).toEqual([0, 150, -840, -120]);
    for (const answer of answers) expect(answer.read).toEqual(UNDERSTOOD.map(([, iso]) => iso));
  });
});
