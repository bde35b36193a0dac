import { beforeEach, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { QueryRunner } from 'typeorm';
import type { OpenDatabase } from '../../src/database/data-source.js';
import type { LogicalRow } from '../../src/database/dialect.js';
import { EncodedText } from '../../src/database/model/encoded-text.js';
import { type EntityClass, tableOf } from '../../src/database/model/table-model.js';
import { validatorOf } from '../../src/entities/validation.js';
import { BulkRepository } from '../../src/repositories/bulk-repository.js';
import { campaign } from '../support/campaign.js';
import { forEachDatabase } from '../support/databases.js';
import { anySample } from './support/any-sample.js';
import { useTables } from './support/bench.js';
import { disconnectAll } from './support/disconnect.js';
import { Book, LIBRARY, Mark, Shelf } from './support/library.js';
import { Sample } from './support/sample.js';
import { refusal, rowOf, withRunner, writeRows } from './support/tables.js';

const HAS_FAST_WAY = ['postgres', 'mariadb', 'mysql'];
const LONG = 'x\ty\\z\n"ü–😀\r'.repeat(2000);

/** The rows as the database has them, by id without its prefix. */
async function rawRows({ dataSource }: OpenDatabase, prefix: string): Promise<Map<string, unknown>> {
  const rows = await dataSource
    .getRepository(Sample)
    .createQueryBuilder('s')
    .where('s.id LIKE :like', { like: `${prefix} %` })
    .getRawMany<Record<string, unknown>>();
  return new Map(
    rows.map(({ s_id, s_ID, ...values }) => [String(s_id ?? s_ID).slice(prefix.length), values]),
  );
}

/** The values with their texts as bytes, somewhere in a buffer. */
function asBytes(values: Record<string, unknown>): Record<string, unknown> {
  const encode = (value: unknown): unknown =>
    typeof value === 'string'
      ? new EncodedText(Buffer.from(`\t${value}\n`), 1, Buffer.byteLength(value) + 1)
      : value;
  return { ...values, body: encode(values['body']), data: encode(values['data']) };
}

/** Writes rows in the way that is for new ones; where there is none, as any others. */
async function insert(
  { dialect }: OpenDatabase,
  runner: QueryRunner,
  entity: EntityClass,
  rows: readonly LogicalRow[],
): Promise<void> {
  const table = tableOf(entity);
  if (dialect.writeRows) expect(await dialect.writeRows(runner, table, rows, true)).toEqual(rows);
  else await dialect.upsert(runner, table, rows);
}

forEachDatabase('new rows', (kind) => {
  const bench = useTables(kind, [...LIBRARY, Sample]);
  const isFast = HAS_FAST_WAY.includes(kind);

  beforeEach(async () => {
    await bench.open(async ({ dataSource }) => {
      for (const entity of [Book, Shelf, Mark, Sample])
        await dataSource.getRepository(entity).createQueryBuilder().delete().execute();
    });
  });

  /** Writes the values once as new rows, once over rows that are there, and once in statements only. */
  async function expectSame(opened: OpenDatabase, values: readonly Record<string, unknown>[]): Promise<void> {
    const rows = (prefix: string, change = (value: Record<string, unknown>) => value): LogicalRow[] =>
      values.map((value, index) => rowOf(Sample, { ...change(value), id: `${prefix} ${index}` }));
    await opened.dataSource.getRepository(Sample).createQueryBuilder().delete().execute();
    await new BulkRepository(opened).transaction(async (runner) => {
      await insert(opened, runner, Sample, rows('new'));
      await opened.dialect.upsert(runner, tableOf(Sample), rows('upserted'));
      await opened.dialect.upsert(
        runner,
        tableOf(Sample),
        values.map((_, index) =>
          rowOf(Sample, { id: `over ${index}`, title: 'before', whole: 1, good: true }),
        ),
      );
      await opened.dialect.upsert(runner, tableOf(Sample), rows('over'));
      await insert(opened, runner, Sample, rows('bytes-new', asBytes));
      await opened.dialect.upsert(runner, tableOf(Sample), rows('bytes-upserted', asBytes));
    });
    const upserted = await rawRows(opened, 'upserted');
    expect(upserted.size).toBe(values.length);
    expect(await rawRows(opened, 'new')).toEqual(upserted);
    for (const prefix of ['over', 'bytes-new', 'bytes-upserted'])
      expect(await rawRows(opened, prefix)).toEqual(upserted);
  }

  it('are written as any others, whatever they hold', async () => {
    await bench.open(async (opened) => {
      const validate = validatorOf(Sample);
      await fc.assert(
        fc.asyncProperty(fc.array(anySample, { minLength: 1, maxLength: 20 }), async (values) => {
          const valid = values.filter((value) => validate({ id: 'x', ...value }).length === 0);
          await expectSame(
            opened,
            valid.map((row) => ({ ...row, data: row.data === null ? null : JSON.stringify(row.data) })),
          );
        }),
        { numRuns: campaign(300) },
      );
    });
  });

  it('are written as any others at the edges', async () => {
    await bench.open(async (opened) => {
      const first = `${String(opened.dialect.firstYear).padStart(4, '0')}-01-01T00:00:00.000Z`;
      await expectSame(opened, [
        {},
        { title: '', link: ' ', body: '' },
        { title: String.raw`\N`, link: 'NULL', body: String.raw`\.` },
        { title: 'a\tb\nc\rd\\e\r\n', link: '\\', body: '\n' },
        { title: '\t', link: '\\\\', body: LONG, data: JSON.stringify({ [LONG]: LONG }) },
        { body: '\\'.repeat(100_000), data: '"\\\\\\n\\t"' },
        { whole: -0, real: -0, price: '-0.00' },
        { whole: -2_147_483_648, real: 5e-324, price: '-9999999999.9999999999' },
        { whole: 2_147_483_647, real: 1.7976931348623157e308, price: '0.0000000001' },
        { real: 1e21, good: true, momentAt: new Date(first), data: 'null' },
        { real: 0.1 + 0.2, good: false, momentAt: new Date('1969-12-31T23:59:59.999Z'), data: '{}' },
        { momentAt: new Date('9999-12-31T23:59:59.999Z'), data: '[1.50,"ü😀"]' },
      ]);
    });
  });

  it('may turn out not to be: then they are written as any others', async () => {
    await bench.open(async (opened) => {
      const { dialect } = opened;
      expect('writeRows' in dialect).toBe(isFast);
      if (!isFast) return;
      await writeRows(opened, Sample, [{ id: 'a', title: 'before', whole: 1 }]);
      await new BulkRepository(opened).transaction(async (runner) => {
        const rows = ['b', 'a'].map((id) => rowOf(Sample, { id, title: 'after' }));
        expect(await dialect.writeRows?.(runner, tableOf(Sample), rows, true)).toEqual([]);
        await dialect.upsert(runner, tableOf(Mark), [rowOf(Mark, { book: 'x', word: 'y' })]);
      });
      const found = await opened.dataSource.getRepository(Sample).find({ order: { id: 'ASC' } });
      expect(found.map(({ id, title, whole }) => [id, title, whole])).toEqual([
        ['a', 'after', null],
        ['b', 'after', null],
      ]);
      expect(await opened.dataSource.getRepository(Mark).count()).toBe(1);
    });
  });

  it('are told from those that were there, even as they are', async () => {
    await bench.open(async (opened) => {
      if (!isFast) return;
      const { dialect } = opened;
      const rows = ['a', 'b', 'c'].map((id) => rowOf(Sample, { id, title: id }));
      await new BulkRepository(opened).transaction(async (runner) => {
        const write = async (some: LogicalRow[]): Promise<unknown> =>
          dialect.writeRows?.(runner, tableOf(Sample), some, false);
        expect(await write(rows.slice(0, 2))).toEqual(rows.slice(0, 2));
        expect(await write(rows.slice(0, 2))).toEqual([]);
        expect(await write(rows.slice(0, 1))).toEqual([]);
        // Nobody knows which one it was, or it is told.
        expect([[], rows.slice(2)]).toContainEqual(await write(rows));
      });
    });
  });

  it('are refused with the same words as any others', async () => {
    await bench.open(async (opened) => {
      const { dialect } = opened;
      await writeRows(opened, Shelf, [{ id: 'a', code: 'A' }]);
      const bad: [EntityClass, Record<string, unknown>, string][] = [
        [Shelf, { id: 'c', code: 'A' }, 'database.row.unique'],
        [Shelf, { id: 'c', code: null }, 'database.row.null'],
        [Book, { shelfId: 'none', place: 1 }, 'database.row.foreign-key'],
      ];
      for (const [entity, row, code] of bad) {
        const table = tableOf(entity);
        const good = entity === Shelf ? { id: 'b', code: 'B' } : { shelfId: 'a', place: 1 };
        const rows = [good, row].map((values) => rowOf(entity, values));
        const bulk = new BulkRepository(opened);
        const [fast, slow] = [
          await refusal(
            opened,
            bulk.transaction(async (runner) => {
              await (dialect.writeRows?.(runner, table, rows, true) ?? dialect.upsert(runner, table, rows));
            }),
          ),
          await refusal(
            opened,
            bulk.transaction((runner) => dialect.upsert(runner, table, rows)),
          ),
        ];
        expect(fast).toMatchObject({ code, details: slow.details, message: slow.message, why: slow.why });
      }
      expect(await opened.dataSource.getRepository(Shelf).count()).toBe(1);
      expect(await opened.dataSource.getRepository(Book).count()).toBe(0);
    });
  });

  it('are refused for one at their end that no database keeps, and the connection goes on', async () => {
    await bench.open(
      async (opened) => {
        const rows: Record<string, unknown>[] = Array.from({ length: 3000 }, (_, index) => ({
          id: `n-${index}`,
          body: LONG.slice(0, 1000),
        }));
        const work = writeRows(opened, Sample, [...rows, { id: 'last', title: 'a\0b' }]);
        expect(await refusal(opened, work)).toMatchObject({
          code: 'database.row.invalid',
          details: { table: 'samples', column: 'title' },
        });
        expect(await opened.dataSource.getRepository(Sample).count()).toBe(0);
        await writeRows(opened, Sample, rows);
        expect(await opened.dataSource.getRepository(Sample).count()).toBe(3000);
      },
      { poolSize: 1 },
    );
  });

  it('and known ones stand in one batch, with children that are new, changed and gone', async () => {
    await bench.open(async (opened) => {
      const bulk = new BulkRepository(opened);
      const write = (shelves: string[], books: [string, number, string][]): Promise<void> =>
        bulk.transaction((runner) => {
          const table = tableOf(Book);
          const rows = books.map(([shelfId, place, title]) => rowOf(Book, { shelfId, place, title }));
          const parents = shelves.map((id) => rowOf(Shelf, { id, code: id, note: `of ${books.length}` }));
          return bulk.write(runner, {
            table: tableOf(Shelf),
            rows: parents,
            children: [{ table, parent: table.columns[0]!, rows }],
          });
        });
      await write(
        ['a', 'b'],
        [
          ['a', 1, 'x'],
          ['a', 2, 'x'],
          ['b', 1, 'x'],
        ],
      );
      await write(
        ['new', 'a', 'newer'],
        [
          ['new', 1, 'n'],
          ['a', 2, 'y'],
          ['a', 3, 'z'],
          ['newer', 7, 'n'],
        ],
      );
      const { dataSource } = opened;
      const books = await dataSource.getRepository(Book).find({ order: { shelfId: 'ASC', place: 'ASC' } });
      expect(books.map(({ shelfId, place, title }) => `${shelfId}${place}${title}`)).toEqual([
        'a2y',
        'a3z',
        'b1x',
        'new1n',
        'newer7n',
      ]);
      const shelves = await dataSource.getRepository(Shelf).find({ order: { id: 'ASC' } });
      expect(shelves.map(({ id, note }) => `${id} ${note}`)).toEqual([
        'a of 4',
        'b of 3',
        'new of 4',
        'newer of 4',
      ]);
    });
  });

  it('may have had children before, where these do not refer to them', async () => {
    await bench.open(async (opened) => {
      await writeRows(opened, Mark, [
        { book: 'a', word: 'gone' },
        { book: 'a', word: 'kept' },
      ]);
      const bulk = new BulkRepository(opened);
      const table = tableOf(Mark);
      await bulk.transaction((runner) =>
        bulk.write(runner, {
          table: tableOf(Shelf),
          rows: [rowOf(Shelf, { id: 'a', code: 'A' })],
          children: [{ table, parent: table.columns[0]!, rows: [rowOf(Mark, { book: 'a', word: 'kept' })] }],
        }),
      );
      expect(await opened.dataSource.getRepository(Mark).find()).toMatchObject([{ word: 'kept' }]);
    });
  });

  /** Begins to write a row that another transaction has written and not committed, and waits until it is waited for. */
  async function behindAnother(
    then: (opened: OpenDatabase, writing: Promise<void>, runner: QueryRunner) => Promise<void>,
  ): Promise<void> {
    await bench.open((other) =>
      bench.open((opened) =>
        withRunner(other, async (runner) => {
          await other.dialect.beginWrite(runner);
          await insert(other, runner, Sample, [rowOf(Sample, { id: 'one', title: 'theirs', whole: 1 })]);
          let isOver = false;
          const writing = writeRows(opened, Sample, [
            { id: 'zero', title: 'ours' },
            { id: 'one', title: 'ours' },
          ]).finally(() => (isOver = true));
          writing.catch(() => undefined);
          await new Promise((resolve) => setTimeout(resolve, 300));
          expect(isOver).toBe(false);
          await then(opened, writing, runner);
        }),
      ),
    );
  }

  if (isFast) {
    it('may come from another writer meanwhile: the later one counts', async () => {
      await behindAnother(async (opened, writing, runner) => {
        await runner.commitTransaction();
        await writing;
        const found = await opened.dataSource.getRepository(Sample).find({ order: { id: 'DESC' } });
        expect(found).toMatchObject([
          { id: 'zero', title: 'ours' },
          { id: 'one', title: 'ours', whole: null },
        ]);
      });
    });

    it('are gone when the connection breaks while they are sent', async () => {
      await behindAnother(async (opened, writing, runner) => {
        await disconnectAll(bench.database);
        expect((await refusal(opened, writing)).code).toBe('database.lost');
        await runner.rollbackTransaction().catch(() => undefined);
        await bench.open(async ({ dataSource }) => {
          expect(await dataSource.getRepository(Sample).count()).toBe(0);
        });
      });
    });
  }
});
