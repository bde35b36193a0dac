import { beforeEach, expect, it } from '@jest/globals';
import type { QueryRunner } from 'typeorm';
import type { OpenDatabase } from '../../src/database/data-source.js';
import { explain } from '../../src/database/data-source.js';
import { tableOf } from '../../src/database/model/table-model.js';
import { inTransaction } from '../../src/database/transaction.js';
import { BulkRepository } from '../../src/repositories/bulk-repository.js';
import { forEachDatabase } from '../support/databases.js';
import { useTables } from './support/bench.js';
import { LIBRARY, Book, Shelf } from './support/library.js';
import { Sample } from './support/sample.js';
import { rowOf } from './support/tables.js';

const SAMPLES = tableOf(Sample);
/** What a row may hold that stands for something else in the text that COPY reads. */
const AWKWARD = [
  ...[
    '\\',
    '\\N',
    '\\.',
    '\t',
    '\n',
    '\r',
    '\\\n',
    '\r\n',
    'a\\tb',
    '\\\\N',
    '\b\f\v',
    '\u2028',
    'ü\\ä\t€\n😀',
  ],
  ...['', ' ', '"', "'", 'x'.repeat(63), `${'x'.repeat(63)}\\`, `\t${'ü'.repeat(64)}\\`, '\\'.repeat(200)],
  ...['😀\\\t'.repeat(20_000), `${'long '.repeat(60_000)}\\`],
];

const sampleOf = (values: Record<string, unknown>) => rowOf(Sample, values);

forEachDatabase(
  'rows that are new',
  (kind) => {
    const bench = useTables(kind, [...LIBRARY, Sample]);

    beforeEach(async () => {
      await bench.open(async ({ dataSource }) => {
        for (const entity of [Book, Shelf, Sample])
          await dataSource.getRepository(entity).createQueryBuilder().delete().execute();
      });
    });

    const insertNew = (opened: OpenDatabase, runner: QueryRunner, rows: ReturnType<typeof sampleOf>[]) => {
      if (!opened.dialect.insertNew) throw new Error(`${kind} has no way of its own for new rows`);
      return opened.dialect.insertNew(runner, SAMPLES, rows);
    };
    const ids = (opened: OpenDatabase): Promise<string[]> =>
      opened.dataSource
        .getRepository(Sample)
        .find({ order: { id: 'ASC' } })
        .then((rows) => rows.map(({ id }) => id));

    it('are kept as they are, whatever is in them', async () => {
      await bench.open(async (opened) => {
        const rows = AWKWARD.map((body, index) =>
          sampleOf({ id: `${index}`, title: body.length <= 200 ? body : null, body }),
        );
        expect(await inTransaction(opened, (runner) => insertNew(opened, runner, rows))).toBe(true);
        const found = await opened.dataSource.getRepository(Sample).find();
        expect(new Map(found.map(({ id, title, body }) => [id, { title, body }]))).toEqual(
          new Map(rows.map((row) => [String(row['id']), { title: row['title'], body: row['body'] }])),
        );
      });
    });

    it('are none of them written when one is there already, and the transaction goes on', async () => {
      await bench.open(async (opened) => {
        await inTransaction(opened, (runner) => insertNew(opened, runner, [sampleOf({ id: 'b' })]));
        await inTransaction(opened, async (runner) => {
          await opened.dialect.upsert(runner, SAMPLES, [sampleOf({ id: 'before' })]);
          const rows = ['a', 'b', 'c'].map((id) => sampleOf({ id, title: 'new' }));
          expect(await insertNew(opened, runner, rows)).toBe(false);
          await opened.dialect.upsert(runner, SAMPLES, [sampleOf({ id: 'after' })]);
        });
        expect(await ids(opened)).toEqual(['after', 'b', 'before']);
      });
    });

    it('are written although another session was faster than the look whether they are there', async () => {
      await bench.open(async (opened) => {
        const bulk = new BulkRepository(opened);
        const insert = opened.dialect.insertNew;
        let asked = 0;
        const racing = {
          ...opened,
          dialect: {
            ...opened.dialect,
            insertNew: async (...parameters: Parameters<NonNullable<typeof insert>>) => {
              asked += 1;
              // On a connection of its own, between the look and the writing.
              await opened.dataSource.query(`INSERT INTO samples (id, title) VALUES ('a', 'faster')`);
              return insert?.(...parameters) ?? false;
            },
          },
        };
        const racingBulk = new BulkRepository(racing);
        await bulk.transaction((runner) =>
          racingBulk.write(runner, {
            table: SAMPLES,
            rows: ['a', 'b'].map((id) => sampleOf({ id, title: 'ours' })),
            children: [],
          }),
        );
        expect(asked).toBe(1);
        const found = await opened.dataSource.getRepository(Sample).find({ order: { id: 'ASC' } });
        expect(found.map(({ id, title }) => [id, title])).toEqual([
          ['a', 'ours'],
          ['b', 'ours'],
        ]);
      });
    });

    it('of lists are written with their parents, and are exactly those given when these are there', async () => {
      await bench.open(async (opened) => {
        const bulk = new BulkRepository(opened);
        const write = (shelves: Record<string, number[]>): Promise<void> =>
          bulk.transaction((runner) =>
            bulk.write(runner, {
              table: tableOf(Shelf),
              rows: Object.keys(shelves).map((id) => rowOf(Shelf, { id, code: id })),
              children: [
                {
                  table: tableOf(Book),
                  parent: tableOf(Book).columns.find(({ property }) => property === 'shelfId')!,
                  rows: Object.entries(shelves).flatMap(([shelfId, places]) =>
                    places.map((place) => rowOf(Book, { shelfId, place })),
                  ),
                },
              ],
            }),
          );
        const books = async (): Promise<string[]> =>
          (await opened.dataSource.getRepository(Book).find())
            .map(({ shelfId, place }) => `${shelfId}${place}`)
            .sort();
        await write({ a: [1, 2], b: [1] });
        expect(await books()).toEqual(['a1', 'a2', 'b1']);
        await write({ a: [2, 3], c: [5] });
        expect(await books()).toEqual(['a2', 'a3', 'b1', 'c5']);
        // A second key of another row refuses the new one, and says so as ever.
        const refused = bulk.transaction((runner) =>
          bulk.write(runner, {
            table: tableOf(Shelf),
            rows: [rowOf(Shelf, { id: 'd', code: 'a' })],
            children: [],
          }),
        );
        const error: unknown = await refused.catch((thrown: unknown) => thrown);
        expect(explain(error, opened)).toMatchObject({ code: 'database.row.unique' });
      });
    });
  },
  { only: ['postgres'] },
);
