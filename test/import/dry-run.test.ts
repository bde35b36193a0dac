import { afterEach, beforeEach, expect, it } from '@jest/globals';
import type { Document } from 'bson';
import { ImportProgress } from '../../src/entities/import-progress.js';
import { ImportRun } from '../../src/entities/import-run.js';
import { Trace } from '../../src/entities/trace.js';
import { createTestDatabase, forEachDatabase, type TestDatabase } from '../support/databases.js';
import { dumpOf, importAll } from '../support/import-documents.js';
import { migrateUp, open } from '../support/open-database.js';
import { useTempFolder } from '../support/temp-folder.js';

const NARROW: Partial<Record<string, string[]>> = {
  postgres: [
    'ALTER TABLE traces ALTER COLUMN name TYPE varchar(10)',
    'ALTER TABLE spans ALTER COLUMN name TYPE varchar(5)',
  ],
  mariadb: ['ALTER TABLE traces MODIFY name varchar(10)', 'ALTER TABLE spans MODIFY name varchar(5)'],
};

const traceOf = (number: number, name: string, span = 'span'): Document => ({
  _id: `trace-${number}`,
  name,
  start_time: new Date(Date.UTC(2025, 0, 1)),
  spans: [
    { id: 'a', name: 'short' },
    { id: 'b', name: span },
  ],
});

forEachDatabase(
  'a dry run',
  (kind) => {
    const folder = useTempFolder();
    let database: TestDatabase;

    beforeEach(async () => {
      database = await createTestDatabase(kind);
      await migrateUp(database);
    });

    afterEach(() => database.drop());

    it('counts by field what does not fit the columns that there are, and writes nothing', async () => {
      const dump = await dumpOf(folder.path, {
        traces: [
          traceOf(1, 'x'.repeat(10)),
          traceOf(2, 'x'.repeat(11)),
          // Ten characters, in twenty units.
          traceOf(3, '😀'.repeat(10)),
          traceOf(4, '😀'.repeat(11)),
          traceOf(5, 'fits', 'too long'),
          traceOf(6, 'x'.repeat(256)),
        ],
      });
      await open(database, async (opened) => {
        for (const statement of NARROW[kind] ?? []) await opened.dataSource.query(statement);
        const { result, rejects } = await importAll(opened, folder.path, dump, { dryRun: true });
        const isNarrow = NARROW[kind] !== undefined;
        const words = (length: number): string =>
          `must have at most ${length} characters, which is what its column holds in this database`;
        expect(result.collections[0]).toMatchObject({
          read: 6,
          imported: isNarrow ? 2 : 5,
          rejected: isNarrow ? 4 : 1,
          problems: {
            ...(isNarrow && { [`traces.name: ${words(10)}`]: 2, [`traces.spans.name: ${words(5)}`]: 1 }),
            'traces.name: must be shorter than or equal to 255 characters': 1,
          },
        });
        const paths = rejects.flatMap(({ reasons }) => reasons.map(({ path }) => path));
        expect(paths).toEqual(isNarrow ? ['name', 'name', 'spans[1].name', 'name'] : ['name']);
        for (const entity of [Trace, ImportRun, ImportProgress])
          expect(await opened.dataSource.getRepository(entity).count()).toBe(0);
        // What it says of the others holds.
        const real = await importAll(opened, folder.path, dump);
        expect(real.result.collections[0]).toMatchObject({ imported: isNarrow ? 2 : 5 });
      });
    });
  },
  { only: ['sqlite', 'postgres', 'mariadb'] },
);
