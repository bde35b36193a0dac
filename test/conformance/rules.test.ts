import { beforeEach, describe, expect, it } from '@jest/globals';
import { isRowError } from '../../src/database/driver-error.js';
import type { OpenDatabase } from '../../src/database/data-source.js';
import { forEachDatabase } from '../support/databases.js';
import { Book, LIBRARY, Loan, Mark, Shelf } from './support/library.js';
import { useTables } from './support/bench.js';
import { refusal, saveEntity, withRunner, writeRows } from './support/tables.js';

/** Every way of writing a row: each must be refused in the same words. */
const ROUTES = {
  bulk: writeRows,
  entity: async (
    opened: OpenDatabase,
    entity: Parameters<typeof writeRows>[1],
    rows: Record<string, unknown>[],
  ): Promise<void> => {
    for (const values of rows) await opened.dataSource.getRepository(entity).insert(values);
  },
};

forEachDatabase('a rule of the schema', (kind) => {
  const bench = useTables(kind, LIBRARY);

  beforeEach(async () => {
    await bench.open(async (opened) => {
      for (const entity of [Loan, Book, Shelf, Mark])
        await opened.dataSource.getRepository(entity).createQueryBuilder().delete().execute();
      await writeRows(opened, Shelf, [
        { id: 'a', code: 'A' },
        { id: 'b', code: 'B' },
      ]);
    });
  });

  describe.each(Object.entries(ROUTES))('by the %s route', (_, write) => {
    it('unique: refuses a second row with the same key, and no stranger is overwritten', async () => {
      await bench.open(async (opened) => {
        const error = await refusal(opened, write(opened, Shelf, [{ id: 'c', code: 'A' }]));
        expect(error.code).toBe('database.row.unique');
        expect(isRowError(error)).toBe(true);
        expect(JSON.stringify(error.details).toLowerCase()).toMatch(/"(uq_shelves_code|shelves)"/);
        const shelves = await opened.dataSource.getRepository(Shelf).find({ order: { id: 'ASC' } });
        expect(shelves.map(({ id, code }) => id + code)).toEqual(['aA', 'bB']);
      });
    });

    it('unique: refuses that a row takes the key of another', async () => {
      await bench.open(async (opened) => {
        const error = await refusal(
          opened,
          write === ROUTES.bulk
            ? write(opened, Shelf, [{ id: 'a', code: 'B' }])
            : saveEntity(opened, Shelf, { id: 'a', code: 'B' }),
        );
        expect(error.code).toBe('database.row.unique');
        expect((await opened.dataSource.getRepository(Shelf).findOneByOrFail({ id: 'a' })).code).toBe('A');
      });
    });

    it('foreign key: refuses a child without a parent', async () => {
      await bench.open(async (opened) => {
        const error = await refusal(opened, write(opened, Book, [{ shelfId: 'nowhere', place: 1 }]));
        expect(error.code).toBe('database.row.foreign-key');
        expect(isRowError(error)).toBe(true);
        expect(await opened.dataSource.getRepository(Book).count()).toBe(0);
      });
    });

    it('not null: refuses a row without the value', async () => {
      await bench.open(async (opened) => {
        const error = await refusal(opened, write(opened, Shelf, [{ id: 'c', code: null }]));
        expect(error.code).toBe('database.row.null');
        expect(JSON.stringify(error.details).toLowerCase()).toContain('"code"');
        expect(isRowError(error)).toBe(true);
      });
    });

    it('not null: refuses the empty text, which is NULL on one database', async () => {
      await bench.open(async (opened) => {
        const error = await refusal(opened, write(opened, Shelf, [{ id: 'c', code: '' }]));
        expect(error).toMatchObject({ code: 'database.row.null', details: { column: 'code' } });
      });
    });
  });

  it('primary key: refuses a second row', async () => {
    await bench.open(async (opened) => {
      const error = await refusal(opened, ROUTES.entity(opened, Shelf, [{ id: 'a', code: 'other' }]));
      expect(error.code).toBe('database.row.unique');
      await writeRows(opened, Mark, [{ book: 'x', word: 'y' }]);
      expect((await refusal(opened, ROUTES.entity(opened, Mark, [{ book: 'x', word: 'y' }]))).code).toBe(
        'database.row.unique',
      );
    });
  });

  it('foreign key: refuses to delete what is referred to, and to cut its key away', async () => {
    await bench.open(async (opened) => {
      const shelves = opened.dataSource.getRepository(Shelf);
      await writeRows(opened, Loan, [{ id: 'l', shelfId: 'a' }]);
      expect((await refusal(opened, shelves.delete({ id: 'a' }))).code).toBe('database.row.foreign-key');
      const rename = withRunner(opened, (runner) =>
        runner.query("UPDATE shelves SET id = 'z' WHERE id = 'a'"),
      );
      expect((await refusal(opened, rename)).code).toBe('database.row.foreign-key');
      expect(await shelves.count()).toBe(2);
      await opened.dataSource.getRepository(Loan).delete({ id: 'l' });
      await shelves.delete({ id: 'a' });
      expect(await shelves.count()).toBe(1);
    });
  });

  it('cascade: deletes the children with their parent, and no others', async () => {
    await bench.open(async (opened) => {
      await writeRows(opened, Book, [
        { shelfId: 'a', place: 1 },
        { shelfId: 'a', place: 2 },
        { shelfId: 'b', place: 1 },
      ]);
      await opened.dataSource.getRepository(Shelf).delete({ id: 'a' });
      const left = await opened.dataSource.getRepository(Book).find();
      expect(left.map(({ shelfId }) => shelfId)).toEqual(['b']);
    });
  });

  it('one row that is refused takes all of its transaction back', async () => {
    await bench.open(async (opened) => {
      const rows = Array.from({ length: 2000 }, (_, index) => ({ id: `n-${index}`, code: `N${index}` }));
      const error = await refusal(opened, writeRows(opened, Shelf, [...rows, { id: 'last', code: 'A' }]));
      expect(error.code).toBe('database.row.unique');
      expect(await opened.dataSource.getRepository(Shelf).count()).toBe(2);
    });
  });

  it('a statement that is wrong is no fault of a row', async () => {
    await bench.open(async (opened) => {
      const error = await refusal(opened, opened.dataSource.query('SELECT nothing FROM shelves'));
      expect(error.code).toBe('database.failed');
      expect(isRowError(error)).toBe(false);
    });
  });
});
