import { expect, it } from '@jest/globals';
import { forEachDatabase } from '../support/databases.js';
import { settingsFor } from '../support/open-database.js';
import { Sample } from './support/sample.js';
import { runScript } from './support/script.js';
import { useTables } from './support/bench.js';
import type { TimesFound } from './support/times.js';

/** One with a change of time and whole hours, one that changes on another day, one 45 minutes off the hour. */
const ZONES = ['America/New_York', 'Europe/Riga', 'Asia/Kathmandu'];

/** In order. */
const INSTANTS = [
  '0001-01-01T00:00:00.000Z',
  '0001-01-01T12:00:00.001Z',
  // Before the zones were made, their offsets had seconds.
  '1700-02-28T23:59:59.999Z',
  '1899-12-31T23:59:59.123Z',
  '1969-12-31T23:59:59.999Z',
  '1970-01-01T00:00:00.000Z',
  // The hour that is left out, and the one that comes twice, in New York and in Riga.
  '2025-03-09T06:59:59.999Z',
  '2025-03-09T07:00:00.000Z',
  '2025-03-30T00:59:59.999Z',
  '2025-03-30T01:30:00.000Z',
  '2025-10-26T00:30:00.000Z',
  '2025-10-26T01:30:00.000Z',
  '2025-11-02T05:30:00.000Z',
  '2025-11-02T06:30:00.000Z',
  '9999-12-31T23:59:59.999Z',
];

forEachDatabase('times', (kind) => {
  const bench = useTables(kind, [Sample]);

  it('are the same whatever the time zone of the process is, written or read', async () => {
    const firstYear = await bench.open(({ dialect }) => Promise.resolve(dialect.firstYear));
    const instants = INSTANTS.filter((iso) => new Date(iso).getUTCFullYear() >= firstYear);
    const asked = { settings: settingsFor(bench.database), instants };
    const found: TimesFound[] = [];
    for (const zone of ZONES) found.push(await runScript('times-in-zone.ts', asked, { env: { TZ: zone } }));
    // The processes did live in different zones, and in zones that change.
    expect(new Set(found.map(({ local }) => JSON.stringify(local))).size).toBe(ZONES.length);
    expect(new Set(found[0]?.local).size).toBeGreaterThan(2);

    const expected: Record<string, string> = {};
    for (const [round, zone] of ZONES.entries()) {
      for (const route of ['bulk', 'entity'])
        for (const [index, iso] of instants.entries()) expected[`${zone} ${route} ${index}`] = iso;
      expect(found[round]?.times).toEqual(expected);
      const rowsOfOneInstant = 2 * (round + 1);
      expect(found[round]?.before).toEqual(instants.map((_, index) => index * rowsOfOneInstant));
    }
  });
});
