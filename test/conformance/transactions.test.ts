import { beforeEach, expect, it } from '@jest/globals';
import { setTimeout as sleep } from 'node:timers/promises';
import type { OpenDatabase } from '../../src/database/data-source.js';
import { string } from '../../src/database/model/logical-type.js';
import { bind, statements } from '../../src/database/statement.js';
import { inTransaction } from '../../src/database/transaction.js';
import { forEachDatabase } from '../support/databases.js';
import { Book, LIBRARY, Shelf } from './support/library.js';
import { useTables } from './support/bench.js';
import { refusal, withRunner, writeRows } from './support/tables.js';

async function waitUntil(condition: () => boolean): Promise<void> {
  while (!condition()) await sleep(5);
}

const text = (value: string): ReturnType<typeof bind> => bind(string(50), value);

forEachDatabase('a transaction', (kind) => {
  const bench = useTables(kind, LIBRARY);

  beforeEach(async () => {
    await bench.open(async ({ dataSource }) => {
      for (const entity of [Book, Shelf])
        await dataSource.getRepository(entity).createQueryBuilder().delete().execute();
    });
  });

  const insert = (opened: OpenDatabase, id: string, more?: () => Promise<void>): Promise<void> =>
    inTransaction(opened, async (runner) => {
      await statements(runner)`INSERT INTO shelves (id, code) VALUES (${text(id)}, ${text(id)})`;
      await more?.();
    });
  const ids = async ({ dataSource }: OpenDatabase): Promise<string[]> =>
    (await dataSource.getRepository(Shelf).find({ order: { id: 'ASC' } })).map(({ id }) => id);

  it('is there as a whole for all once it is committed', async () => {
    await bench.open(async (opened) => {
      await insert(opened, 'a');
      await bench.open(async (other) => {
        expect(await ids(other)).toEqual(['a']);
      });
    });
  });

  it('leaves nothing when it fails, and its connection can be used again', async () => {
    await bench.open(
      async (opened) => {
        const failing = insert(opened, 'a', () => Promise.reject(new Error('no more')));
        await expect(failing).rejects.toThrow('no more');
        expect(await ids(opened)).toEqual([]);
        await insert(opened, 'b');
        expect(await ids(opened)).toEqual(['b']);
      },
      { poolSize: 1 },
    );
  });

  it('leaves nothing when a statement in it fails, and tells why', async () => {
    await bench.open(
      async (opened) => {
        await insert(opened, 'a');
        const twice = inTransaction(opened, async (runner) => {
          const sql = statements(runner);
          await sql`INSERT INTO shelves (id, code) VALUES (${text('b')}, ${text('b')})`;
          await sql`INSERT INTO shelves (id, code) VALUES (${text('a')}, ${text('c')})`;
        });
        expect((await refusal(opened, twice)).code).toBe('database.row.unique');
        expect(await ids(opened)).toEqual(['a']);
        await insert(opened, 'd');
      },
      { poolSize: 1 },
    );
  });

  it('is not seen by others before it is committed', async () => {
    await bench.open(async (opened) => {
      await insert(opened, 'a');
      await bench.open(async (other) => {
        await insert(opened, 'b', async () => {
          expect(await ids(other)).toEqual(['a']);
        });
        expect(await ids(other)).toEqual(['a', 'b']);
      });
    });
  });

  it('sees what it wrote itself', async () => {
    await bench.open(async (opened) => {
      const seen = await inTransaction(opened, async (runner) => {
        const sql = statements(runner);
        await sql`INSERT INTO shelves (id, code) VALUES (${text('a')}, ${text('a')})`;
        await sql`UPDATE shelves SET code = ${text('b')} WHERE id = ${text('a')}`;
        return sql`SELECT code FROM shelves WHERE id = ${text('a')}`;
      });
      expect(seen).toEqual([{ code: 'b' }]);
    });
  });

  it('may be one of several that write different rows at once', async () => {
    await bench.open(async (opened) => {
      const names = Array.from({ length: 12 }, (_, index) => `row-${index}`);
      await Promise.all(names.map((name) => insert(opened, name)));
      expect(await ids(opened)).toEqual(names.sort());
    });
  });

  it('must not be begun inside another one', async () => {
    await bench.open(async (opened) => {
      const nested = insert(opened, 'outer', () => insert(opened, 'inner'));
      await expect(nested).rejects.toThrow('A transaction was begun inside another one');
      expect(await ids(opened)).toEqual([]);
      // One of another database is none of this one's business.
      await bench.open(async (other) => {
        await insert(opened, 'a', async () => {
          expect(await ids(other)).toEqual([]);
        });
      });
    });
  });

  it('keeps its foreign keys when a parent and its children are written in it', async () => {
    await bench.open(async (opened) => {
      await inTransaction(opened, async (runner) => {
        const sql = statements(runner);
        await sql`INSERT INTO shelves (id, code) VALUES (${text('a')}, ${text('a')})`;
        await sql`INSERT INTO books (shelf_id, place) VALUES (${text('a')}, 1)`;
      });
      const orphan = withRunner(
        opened,
        (runner) => statements(runner)`INSERT INTO books (shelf_id, place) VALUES (${text('z')}, 1)`,
      );
      expect((await refusal(opened, orphan)).code).toBe('database.row.foreign-key');
      await writeRows(opened, Book, [{ shelfId: 'a', place: 1, title: 't' }]);
      expect(await opened.dataSource.getRepository(Book).count()).toBe(1);
    });
  });

  it('that waits for another which waits for it ends as locked, and may be tried again', async () => {
    await bench.open(async (opened) => {
      await insert(opened, 'a');
      await insert(opened, 'b');
      let holding = 0;
      const bothHold = (): Promise<void> =>
        // Where one writes at a time the other cannot hold anything yet.
        opened.dialect.embedded ? Promise.resolve() : waitUntil(() => holding === 2);
      const change = (first: string, second: string): Promise<void> =>
        inTransaction(opened, async (runner) => {
          const sql = statements(runner);
          await sql`UPDATE shelves SET note = ${text(first)} WHERE id = ${text(first)}`;
          holding += 1;
          await bothHold();
          await sql`UPDATE shelves SET note = ${text(first)} WHERE id = ${text(second)}`;
        });
      const outcomes = await Promise.allSettled([change('a', 'b'), change('b', 'a')]);
      const failed = outcomes.filter((outcome) => outcome.status === 'rejected');
      expect(failed).toHaveLength(opened.dialect.embedded ? 0 : 1);
      for (const { reason } of failed)
        expect((await refusal(opened, Promise.reject(reason as Error))).code).toBe('database.locked');
      const shelves = await opened.dataSource.getRepository(Shelf).find();
      // Both rows are of one transaction: the one that was not broken off, or came last.
      expect(new Set(shelves.map(({ note }) => note)).size).toBe(1);
    });
  });
});
