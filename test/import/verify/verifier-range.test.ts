import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { type Document, ObjectId } from 'bson';
import type { OpenDatabase } from '../../../src/database/data-source.js';
import { ImportCheckpoint } from '../../../src/entities/import-checkpoint.js';
import { Span } from '../../../src/entities/span.js';
import { Trace } from '../../../src/entities/trace.js';
import { createTestDatabase, forEachDatabase, type TestDatabase } from '../../support/databases.js';
import { dumpOf, importAll, verifyAll } from '../../support/import-documents.js';
import { migrateUp, open } from '../../support/open-database.js';
import { useTempFolder } from '../../support/temp-folder.js';

const id = (number: number): ObjectId => new ObjectId(number.toString(16).padStart(24, '0'));
const hex = (number: number): string => id(number).toHexString();
const day = (date: number): Date => new Date(Date.UTC(2025, 7, date));
const trace = (date: number, more: Document = {}): Document => ({
  ...{ _id: id(date), start_time: day(date), spans: [{ id: 'a', name: 'first' }] },
  ...more,
});
const from = (date: number) => ({ since: { kind: 'time', from: day(date) } as const });

forEachDatabase('verifying a range of dates', (kind) => {
  const folder = useTempFolder();
  let database: TestDatabase;
  beforeAll(async () => {
    database = await createTestDatabase(kind);
    await migrateUp(database);
  });
  afterAll(() => database.drop());

  /** With traces of the 1st to the 6th imported. */
  const withImported = (test: (opened: OpenDatabase, traces: Document[]) => Promise<void>): Promise<void> =>
    open(database, async (opened) => {
      for (const entity of [Span, Trace, ImportCheckpoint])
        await opened.dataSource.getRepository(entity).createQueryBuilder().delete().execute();
      const traces = [1, 2, 3, 4, 5, 6].map((date) => trace(date));
      await importAll(opened, folder.path, await dumpOf(folder.path, { traces }));
      await test(opened, traces);
    });

  it('compares its documents, and says nothing of others, nor of rows without one', async () => {
    await withImported(async (opened, traces) => {
      const dump = await dumpOf(folder.path, {
        traces: [
          { ...traces[0], name: 'before it' },
          { ...traces[2], name: 'in it' },
          trace(4, { spans: [{ id: 'a', name: 'other' }] }),
          trace(5, { latency: 'x' }),
          { ...traces[5], name: 'behind it' },
          trace(7, { start_time: day(4) }),
          trace(8, { start_time: null }),
        ],
      });
      const { traces: result } = await verifyAll(opened, dump, { ...from(2), until: day(6) });
      // The 2nd and the 6th stand on its ends: the first is gone at the source, the second not wanted.
      expect(result).toMatchObject({ since: day(2), until: day(6), read: 5, unfit: 2, stored: 3 });
      expect(result).toMatchObject({ missing: 1, different: 2, outdated: 1, extra: null, unexamined: 0 });
      expect(result?.differences.map(({ kind, sourceId, details }) => [kind, sourceId, ...details])).toEqual([
        ['different', hex(3), 'name: "in it" at the source, null in the database'],
        ['different', hex(4), 'spans a name: "other" at the source, "first" in the database'],
        ['missing', hex(7)],
        ['outdated', hex(5), 'latency must be a number, not a text'],
      ]);
      const all = await verifyAll(opened, dump);
      expect(all['traces']).toMatchObject({ since: null, until: null, read: 7, different: 4, extra: 1 });
    });
  });

  it('finds what is in it equal, with one end or both', async () => {
    await withImported(async (opened, traces) => {
      const dump = await dumpOf(folder.path, { traces });
      const equal = { missing: 0, different: 0, outdated: 0, extra: null, unexamined: 0, differences: [] };
      const results = [
        await verifyAll(opened, dump, from(3)),
        await verifyAll(opened, dump, { until: day(3) }),
        await verifyAll(opened, dump, { ...from(3), until: day(4) }),
      ];
      expect(results.map(({ traces: result }) => result)).toMatchObject([
        { ...equal, read: 4, stored: 4, until: null },
        { ...equal, read: 2, stored: 2, since: null },
        { ...equal, read: 1, stored: 1 },
      ]);
    });
  });

  it('since the last import is what the next one would read; everything, where none is on record', async () => {
    await withImported(async (opened, traces) => {
      const notices: string[] = [];
      const last = {
        since: { kind: 'last' } as const,
        onNotice: (text: string) => {
          notices.push(text);
        },
      };
      const minutes = (count: number): Date => new Date(day(6).getTime() - count * 60_000);
      const dump = await dumpOf(folder.path, {
        traces: [...traces, trace(7, { start_time: minutes(15) }), trace(8, { start_time: minutes(16) })],
      });
      const { traces: result } = await verifyAll(opened, dump, last);
      expect(result).toMatchObject({ since: minutes(15), read: 2, missing: 1, extra: null });
      expect(notices).toEqual([]);
      await opened.dataSource.getRepository(ImportCheckpoint).createQueryBuilder().delete().execute();
      expect((await verifyAll(opened, dump, last))['traces']).toMatchObject({
        since: null,
        read: 8,
        extra: 0,
      });
      expect(notices).toEqual(['traces: no import of this source is on record, so everything is compared.']);
    });
  });
});
