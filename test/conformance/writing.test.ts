import { beforeEach, expect, it } from '@jest/globals';
import type { OpenDatabase } from '../../src/database/data-source.js';
import { tableOf } from '../../src/database/model/table-model.js';
import { deleteByKeys, selectWhereIn } from '../../src/database/portable-sql.js';
import { BulkRepository } from '../../src/repositories/bulk-repository.js';
import { forEachDatabase } from '../support/databases.js';
import { Book, LIBRARY, Loan, Mark, Shelf } from './support/library.js';
import { Sample } from './support/sample.js';
import { useTables } from './support/bench.js';
import { rowOf, saveEntity, withRunner, writeRows } from './support/tables.js';

const MANY = 10_000;

/** The row as the database has it, without what TypeORM makes of it. */
async function rawRow(opened: OpenDatabase, id: string): Promise<unknown> {
  const columns = tableOf(Sample).columns.map((column) =>
    opened.dataSource.driver.escape(opened.dialect.identifier(column.name)),
  );
  const table = opened.dataSource.driver.escape(opened.dialect.identifier('samples'));
  const [row] = await opened.dataSource.query<Record<string, unknown>[]>(
    `SELECT ${columns.slice(1).join(', ')} FROM ${table} WHERE id = '${id}'`,
  );
  return row;
}

forEachDatabase('rows', (kind) => {
  const bench = useTables(kind, [...LIBRARY, Sample]);

  beforeEach(async () => {
    await bench.open(async ({ dataSource }) => {
      for (const entity of [Loan, Book, Shelf, Mark, Sample])
        await dataSource.getRepository(entity).createQueryBuilder().delete().execute();
    });
  });

  it('are the same whether an entity or the bulk writer wrote them', async () => {
    await bench.open(async (opened) => {
      const values = {
        title: 'both',
        link: 'https://example.org/ü',
        body: 'x'.repeat(5000),
        whole: -7,
        real: 12.5,
        price: '0.00591',
        good: true,
        momentAt: new Date('2025-08-07T11:54:39.327Z'),
      };
      const data = { x: ['y', 1], a: null };
      await writeRows(opened, Sample, [{ id: 'bulk', ...values, data: JSON.stringify(data) }]);
      await saveEntity(opened, Sample, { id: 'entity', ...values, data });
      expect(await rawRow(opened, 'bulk')).toEqual(await rawRow(opened, 'entity'));
      await writeRows(opened, Sample, [{ id: 'bulk' }]);
      const absent = Object.fromEntries([...Object.keys(values), 'data'].map((name) => [name, null]));
      await saveEntity(opened, Sample, { id: 'entity', ...absent });
      expect(await rawRow(opened, 'bulk')).toEqual(await rawRow(opened, 'entity'));
    });
  });

  it('are inserted, updated and deleted one at a time', async () => {
    await bench.open(async (opened) => {
      const repository = opened.dataSource.getRepository(Sample);
      await saveEntity(opened, Sample, { id: 'one', title: 'first', whole: 1 });
      await repository.update({ id: 'one' }, { title: 'second', good: false });
      expect(await repository.findOneBy({ id: 'one' })).toMatchObject({
        title: 'second',
        whole: 1,
        good: false,
      });
      await writeRows(opened, Sample, [{ id: 'one', title: 'third' }]);
      // Written in bulk a row is whole: what is not given is absent afterwards.
      expect(await repository.findOneBy({ id: 'one' })).toMatchObject({ title: 'third', whole: null });
      expect((await repository.delete({ id: 'one' })).affected).toBe(1);
      expect(await repository.findOneBy({ id: 'one' })).toBeNull();
      expect((await repository.delete({ id: 'one' })).affected).toBe(0);
    });
  });

  it('are inserted and updated in bulk, many at a time, in one go', async () => {
    await bench.open(async (opened) => {
      const repository = opened.dataSource.getRepository(Sample);
      const rows = (round: number, from: number): Record<string, unknown>[] =>
        Array.from({ length: MANY }, (_, index) => ({
          id: `row-${from + index}`,
          title: `round ${round}`,
          whole: from + index,
          price: `${index}.5`,
          momentAt: new Date(Date.UTC(2025, 0, 1) + index),
          data: JSON.stringify({ index }),
        }));
      await writeRows(opened, Sample, rows(1, 0));
      await writeRows(opened, Sample, rows(2, MANY / 2));
      expect(await repository.count()).toBe(MANY * 1.5);
      expect(await repository.countBy({ title: 'round 1' })).toBe(MANY / 2);
      expect(await repository.findOneBy({ id: `row-${MANY}` })).toMatchObject({
        title: 'round 2',
        whole: MANY,
        price: `${MANY / 2}.5`,
        momentAt: new Date(Date.UTC(2025, 0, 1) + MANY / 2),
        data: { index: MANY / 2 },
      });
    });
  });

  it('may be written again as they are', async () => {
    await bench.open(async (opened) => {
      const row = {
        id: 'same',
        title: 'x',
        real: 0.1,
        price: '1',
        good: false,
        momentAt: new Date(0),
        data: '{"a":[]}',
      };
      await writeRows(opened, Sample, [row, { id: 'bare' }]);
      const before = await rawRow(opened, 'same');
      await writeRows(opened, Sample, [row, { id: 'bare' }]);
      expect(await rawRow(opened, 'same')).toEqual(before);
      expect(await opened.dataSource.getRepository(Sample).count()).toBe(2);
    });
  });

  it('may be none', async () => {
    await bench.open(async (opened) => {
      await writeRows(opened, Sample, []);
      expect(await opened.dataSource.getRepository(Sample).count()).toBe(0);
    });
  });

  it('may be of a table of keys only', async () => {
    await bench.open(async (opened) => {
      await writeRows(opened, Mark, [
        { book: 'a', word: 'x' },
        { book: 'a', word: 'y' },
      ]);
      await writeRows(opened, Mark, [
        { book: 'a', word: 'y' },
        { book: 'b', word: 'x' },
      ]);
      const found = await opened.dataSource.getRepository(Mark).find({ order: { book: 'ASC', word: 'ASC' } });
      expect(found.map(({ book, word }) => `${book}${word}`)).toEqual(['ax', 'ay', 'bx']);
    });
  });

  it('are told apart by a key of two columns', async () => {
    await bench.open(async (opened) => {
      await writeRows(opened, Shelf, [
        { id: 'a', code: 'A' },
        { id: 'b', code: 'B' },
      ]);
      await writeRows(opened, Book, [
        { shelfId: 'a', place: 1, title: 'a1' },
        { shelfId: 'a', place: 2, title: 'a2' },
        { shelfId: 'b', place: 1, title: 'b1' },
      ]);
      await writeRows(opened, Book, [{ shelfId: 'a', place: 2, title: 'new' }]);
      const table = tableOf(Book);
      const key = table.columns.filter((column) => column.primary);
      const many = Array.from({ length: 250 }, (_, index) => index + 10);
      await writeRows(
        opened,
        Book,
        many.map((place) => ({ shelfId: 'b', place, title: 'one of many' })),
      );
      await withRunner(opened, (runner) =>
        deleteByKeys(runner, table, key, [
          ['b', 1],
          ['a', 1],
          ['a', 10],
          ...many.slice(1).map((place) => ['b', place]),
        ]),
      );
      const left = await opened.dataSource.getRepository(Book).find({ order: { shelfId: 'ASC' } });
      expect(left.map(({ shelfId, place, title }) => [shelfId, place, title])).toEqual([
        ['a', 2, 'new'],
        ['b', 10, 'one of many'],
      ]);
      await withRunner(opened, (runner) => deleteByKeys(runner, table, key, []));
      expect(await opened.dataSource.getRepository(Book).count()).toBe(2);
    });
  });

  it('must not have one key twice', async () => {
    await bench.open(async (opened) => {
      const twice = [
        { book: 'a', word: 'x' },
        { book: 'b', word: 'x' },
        { book: 'a', word: 'x' },
      ];
      await expect(writeRows(opened, Mark, twice)).rejects.toThrow('marks has the key ["a","x"] twice');
      expect(await opened.dataSource.getRepository(Mark).count()).toBe(0);
    });
  });

  it('lose the children that are gone', async () => {
    await bench.open(async (opened) => {
      const bulk = new BulkRepository(opened);
      const write = (shelves: string[], books: [string, number, string][]): Promise<void> =>
        bulk.transaction((runner) => {
          const table = tableOf(Book);
          const rows = books.map(([shelfId, place, title]) => rowOf(Book, { shelfId, place, title }));
          return bulk.write(runner, {
            table: tableOf(Shelf),
            rows: shelves.map((id) => rowOf(Shelf, { id, code: id })),
            children: [{ table, parent: table.columns[0]!, rows }],
          });
        });
      await write(
        ['a', 'b', 'c'],
        [
          ['a', 1, 'x'],
          ['a', 2, 'x'],
          ['b', 1, 'x'],
          ['c', 1, 'x'],
        ],
      );
      await write(['a', 'c'], [['a', 2, 'kept']]);
      const left = await opened.dataSource
        .getRepository(Book)
        .find({ order: { shelfId: 'ASC', place: 'ASC' } });
      expect(left.map(({ shelfId, place, title }) => [shelfId, place, title])).toEqual([
        ['a', 2, 'kept'],
        ['b', 1, 'x'],
      ]);
    });
  });

  it('tell case, accents and trailing spaces apart, and sort by bytes', async () => {
    await bench.open(async (opened) => {
      // The stand-in for Oracle orders by UTF-16, which differs between U+E000 and U+FFFF only.
      const ids = ['k', 'K', 'k ', 'ḱ', 'k\u0301', 'ä', 'z', 'Z', '_', '1', '\u{10000}', 'ß', 'ss', ' '];
      await writeRows(
        opened,
        Sample,
        ids.map((id) => ({ id })),
      );
      const found = await opened.dataSource.getRepository(Sample).find({ order: { id: 'ASC' } });
      const byBytes = ids.sort((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)));
      expect(found.map(({ id }) => id)).toEqual(byBytes);
      for (const id of ids) expect(await opened.dataSource.getRepository(Sample).countBy({ id })).toBe(1);
    });
  });

  it('are found by more keys than one list holds', async () => {
    await bench.open(async (opened) => {
      const ids = Array.from({ length: opened.dialect.maxInList + 5 }, (_, index) => `row-${index}`);
      await writeRows(
        opened,
        Sample,
        ids.map((id, index) => ({ id, whole: index })),
      );
      const table = tableOf(Sample);
      const whole = table.columns.find(({ name }) => name === 'whole')!;
      const found = await withRunner(opened, (runner) =>
        selectWhereIn(runner, table, [table.columns[0]!, whole], ['none', ...ids]),
      );
      expect(new Map(found as [string, number][])).toEqual(new Map(ids.map((id, index) => [id, index])));
      expect(found).toHaveLength(ids.length);
    });
  });

  it('may be long and many at once', async () => {
    await bench.open(async (opened) => {
      const rows = Array.from({ length: 2500 }, (_, index) => ({
        id: `many-${index}`,
        body: 'x'.repeat(2000 + index),
      }));
      await writeRows(opened, Sample, [...rows, { id: 'long', body: '語'.repeat(1_500_000) }]);
      const repository = opened.dataSource.getRepository(Sample);
      expect(await repository.count()).toBe(2501);
      expect((await repository.findOneByOrFail({ id: 'long' })).body).toHaveLength(1_500_000);
      expect((await repository.findOneByOrFail({ id: 'many-2499' })).body).toHaveLength(4499);
    });
  });
});
