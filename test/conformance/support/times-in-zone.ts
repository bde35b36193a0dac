/*
 * Writes every instant by both routes under ids that begin with the process's zone, then prints all that
 * the table has, as ISO texts by id, and how many rows lie before each instant.
 */
import { withDatabase } from '../../../src/database/data-source.js';
import { instant } from '../../../src/database/model/logical-type.js';
import { bind, statements } from '../../../src/database/statement.js';
import { Sample } from './sample.js';
import { saveEntity, withRunner, writeRows } from './tables.js';
import type { TimesAsked, TimesFound } from './times.js';

const { settings, instants } = JSON.parse(process.argv[2] ?? '') as TimesAsked;
const zone = process.env['TZ'] ?? '';
const found = await withDatabase(settings, [Sample], async (opened): Promise<TimesFound> => {
  for (const [index, iso] of instants.entries()) {
    await writeRows(opened, Sample, [{ id: `${zone} bulk ${index}`, momentAt: new Date(iso) }]);
    await saveEntity(opened, Sample, { id: `${zone} entity ${index}`, momentAt: new Date(iso) });
  }
  const rows = await opened.dataSource.getRepository(Sample).find();
  const before = await withRunner(opened, async (runner) => {
    const counts: number[] = [];
    for (const iso of instants) {
      const moment = bind(instant(), new Date(iso));
      const [row] = await statements(runner)`SELECT COUNT(*) AS n FROM samples WHERE moment_at < ${moment}`;
      counts.push(Number(row?.['n']));
    }
    return counts;
  });
  const local = instants.map((iso) => new Date(iso).getTimezoneOffset());
  return {
    times: Object.fromEntries(rows.map(({ id, momentAt }) => [id, momentAt?.toISOString()])),
    before,
    local,
  };
});
process.stdout.write(JSON.stringify(found));
