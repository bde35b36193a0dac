import { afterEach, beforeEach, expect, it, jest } from '@jest/globals';
import type { Document } from 'bson';
import pg from 'pg';
import { type OpenDatabase, withDatabase } from '../../src/database/data-source.js';
import { ALL_ENTITIES } from '../../src/entities/all-entities.js';
import { Metric } from '../../src/entities/metric.js';
import { Span } from '../../src/entities/span.js';
import { createTestDatabase, forEachDatabase, type TestDatabase } from '../support/databases.js';
import { dumpOf, importAll } from '../support/import-documents.js';
import { migrateUp, settingsFor } from '../support/open-database.js';
import { useTempFolder } from '../support/temp-folder.js';

/** Most statements of a batch, whatever its size, with those of its transaction, the lock and the progress. */
const MOST_PER_BATCH = 12;
/** What an import asks besides: lock, history, checkpoint. */
const MOST_AROUND = 40;
/** Rows that are gone, of keys of several columns, in one statement. */
const GONE_PER_STATEMENT = 100;
const COUNT = 4000;

/** Statements that were sent so far, told by the server where it does and counted at the driver where not. */
type Counter = () => Promise<number>;

forEachDatabase(
  'never again: statements for each row',
  (kind) => {
    const folder = useTempFolder();
    let database: TestDatabase;
    let count: Counter;

    beforeEach(async () => {
      database = await createTestDatabase(kind);
      await migrateUp(database);
    });
    afterEach(async () => {
      jest.restoreAllMocks();
      await database.drop();
    });

    function counterOf({ dataSource }: OpenDatabase): Counter {
      if (kind !== 'postgres')
        return async () => {
          const [row] = await dataSource.query<{ Value: string }[]>("SHOW SESSION STATUS LIKE 'Questions'");
          return Number(row?.Value);
        };
      const query = jest.spyOn(pg.Client.prototype, 'query');
      return () => Promise.resolve(query.mock.calls.length);
    }

    /** @returns how many statements an import sent, and how many batches it wrote */
    async function sentBy(
      opened: OpenDatabase,
      documents: Record<string, Document[]>,
      batchSize: number,
    ): Promise<{ statements: number; batches: number }> {
      const from = await dumpOf(folder.path, documents);
      let told = 0;
      const before = await count();
      const { result } = await importAll(opened, folder.path, from, {
        batchSize,
        onProgress: () => (told += 1),
      });
      const statements = (await count()) - before;
      expect(result).toMatchObject({
        complete: true,
        collections: [{ imported: COUNT, unchanged: 0, rejected: 0 }],
      });
      // It is told once more at the end.
      return { statements, batches: told - 1 };
    }

    const metrics = (status: string): Document[] =>
      Array.from({ length: COUNT }, (_, number) => ({
        ...{ _id: `metric-${number}`, feature_type: 'agent', start_time: new Date(number), status },
      }));
    const traces = (status: string, spans = 3): Document[] =>
      Array.from({ length: COUNT }, (_, number) => ({
        ...{ _id: `trace-${number}`, start_time: new Date(number), status },
        spans: Array.from({ length: spans }, (__, span) => ({ id: `span-${span}`, status })),
      }));

    it.each<[string, (status: string) => Document[]]>([
      ['metrics', metrics],
      ['traces', traces],
    ])('of %s, whether they are new or have changed', async (collection, documents) => {
      // One connection, so that its session counts all.
      const settings = settingsFor(database, { poolSize: 1 });
      await withDatabase(settings, ALL_ENTITIES, async (opened) => {
        count = counterOf(opened);
        const sent: number[] = [];
        for (const [status, batchSize] of [
          ['new', 1000],
          ['changed', 1000],
          ['changed again', 100],
        ] as const) {
          const { statements, batches } = await sentBy(
            opened,
            { [collection]: documents(status) },
            batchSize,
          );
          expect(statements).toBeGreaterThan(batches);
          expect(statements).toBeLessThanOrEqual(batches * MOST_PER_BATCH + MOST_AROUND);
          sent.push(statements / batches);
        }
        const [, large = 0, small = 0] = sent;
        // Batches of ten times as many rows take a few more each, for what does not fit into one packet, and fewer in all.
        expect(large).toBeLessThan(small * 2);
        const there = opened.dataSource.getRepository(collection === 'traces' ? Span : Metric);
        expect(await there.countBy({ status: 'changed again' })).toBe(
          collection === 'traces' ? COUNT * 3 : COUNT,
        );
      });
    });

    it('of lists that have shrunk', async () => {
      const settings = settingsFor(database, { poolSize: 1 });
      await withDatabase(settings, ALL_ENTITIES, async (opened) => {
        count = counterOf(opened);
        await sentBy(opened, { traces: traces('new') }, 1000);
        const { statements, batches } = await sentBy(opened, { traces: traces('fewer', 2) }, 1000);
        const gone = COUNT / GONE_PER_STATEMENT;
        expect(statements).toBeLessThanOrEqual(batches * (MOST_PER_BATCH + 1) + gone + MOST_AROUND);
        expect(await opened.dataSource.getRepository(Span).countBy({ status: 'fewer' })).toBe(COUNT * 2);
        expect(await opened.dataSource.getRepository(Span).count()).toBe(COUNT * 2);
      });
    });
  },
  { only: ['postgres', 'mariadb', 'mysql'] },
);
