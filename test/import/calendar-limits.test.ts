import { afterEach, beforeEach, expect, it } from '@jest/globals';
import type { Document } from 'bson';
import { Trace } from '../../src/entities/trace.js';
import { createTestDatabase, forEachDatabase, type TestDatabase } from '../support/databases.js';
import { dumpOf, importAll, verifyAll } from '../support/import-documents.js';
import { migrateUp, open } from '../support/open-database.js';
import { useTempFolder } from '../support/temp-folder.js';

const EARLY = new Date('0099-12-31T23:59:59.999Z');
const FIRST = new Date('0100-01-01T00:00:00.000Z');
const traceOf = (_id: string, end_time: Date, end_of_span = FIRST): Document => ({
  ...{ _id, start_time: new Date(0), end_time },
  spans: [{ id: 'a' }, { id: 'b', end_time: end_of_span }],
});

forEachDatabase('times of the first century', (kind) => {
  const folder = useTempFolder();
  let database: TestDatabase;

  beforeEach(async () => {
    database = await createTestDatabase(kind);
    await migrateUp(database);
  });
  afterEach(() => database.drop());

  it('are in, or do not fit in the words of import, dry run and verification alike', async () => {
    const traces = [traceOf('fits', FIRST), traceOf('early', EARLY), traceOf('span', FIRST, EARLY)];
    const from = await dumpOf(folder.path, { traces });
    await open(database, async (opened) => {
      const areKept = opened.dialect.firstYear < 100;
      expect(areKept).toBe(kind !== 'oracle');
      for (const dryRun of [true, false]) {
        const { rejects } = await importAll(opened, folder.path, from, { dryRun });
        expect(rejects.map(({ id, reasons }) => [id, reasons])).toEqual(
          areKept
            ? []
            : [
                ['early', [reason('end_time')]],
                ['span', [reason('spans[1].end_time')]],
              ],
        );
      }
      expect((await verifyAll(opened, from))['traces']).toMatchObject({
        ...{ read: 3, unfit: areKept ? 0 : 2, stored: areKept ? 3 : 1 },
        ...{ missing: 0, different: 0, outdated: 0, extra: 0, differences: [] },
        unfitReasons: areKept ? [] : [{ field: 'end_time' }, { field: 'spans.end_time' }],
      });
      const kept = await opened.dataSource.getRepository(Trace).findOneBy({ id: 'early' });
      expect(kept?.endTime).toEqual(areKept ? EARLY : undefined);
    });
  });
});

function reason(path: string): object {
  return {
    path,
    rule: 'out-of-range',
    reason: `${path} must be a time in the years 100 to 9999 in this database`,
  };
}
