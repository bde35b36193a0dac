import { expect, it } from '@jest/globals';
import { setTimeout as sleep } from 'node:timers/promises';
import type { OpenDatabase } from '../../src/database/data-source.js';
import { withDatabase } from '../../src/database/data-source.js';
import { inTransaction } from '../../src/database/transaction.js';
import { caught } from '../support/caught.js';
import { forEachDatabase } from '../support/databases.js';
import { settingsFor } from '../support/open-database.js';
import { freePort } from '../support/servers/own-process.js';
import { disconnectAll } from './support/disconnect.js';
import { Mark } from './support/library.js';
import { useTables } from './support/bench.js';
import { refusal, writeRows } from './support/tables.js';

const WAIT_MS = 700;

/** Rows by the hundred, so that joined with themselves they keep any database busy. */
const CROSS_JOIN = `SELECT COUNT(*) FROM marks a, marks b, marks c, marks d WHERE a.word <> b.word AND c.word <> d.word`;

/** Promise.withResolvers, which the oldest Node does not have. */
function deferred(): { promise: Promise<void>; resolve: () => void } {
  let resolve = (): void => undefined;
  const promise = new Promise<void>((settle) => (resolve = settle));
  return { promise, resolve };
}

forEachDatabase('connections', (kind) => {
  const bench = useTables(kind, [Mark]);

  const count = ({ dataSource }: OpenDatabase): Promise<number> => dataSource.getRepository(Mark).count();

  it('that are all in use: a caller waits, gets one clear error in time, and then works again', async () => {
    await bench.open(
      async (opened) => {
        const { promise: held, resolve: letGo } = deferred();
        const holder = inTransaction(opened, () => held);
        const started = performance.now();
        const error = await refusal(
          opened,
          inTransaction(opened, () => Promise.resolve()),
        );
        expect(error.code).toBe('database.pool.exhausted');
        expect(performance.now() - started).toBeGreaterThan(WAIT_MS * 0.8);
        expect(performance.now() - started).toBeLessThan(WAIT_MS * 10);
        letGo();
        await holder;
        await inTransaction(opened, () => Promise.resolve());
        expect(await count(opened)).toBe(0);
      },
      { poolSize: 1, connectTimeout: WAIT_MS },
    );
  });

  it('that become free in time go to those who wait, in the order of their asking', async () => {
    await bench.open(
      async (opened) => {
        const order: number[] = [];
        const use = (name: number): Promise<void> =>
          inTransaction(opened, async () => {
            order.push(name);
            await sleep(20);
          });
        await Promise.all([1, 2, 3, 4, 5].map(use));
        expect(order).toEqual([1, 2, 3, 4, 5]);
      },
      { poolSize: 1 },
    );
  });

  it('that the server ends are told as lost, and the next use has a new one', async () => {
    await bench.open(
      async (opened) => {
        if (opened.dialect.embedded) {
          await expect(disconnectAll(bench.database)).rejects.toThrow('no connections');
          return;
        }
        const broken = inTransaction(opened, async (runner) => {
          await runner.query("INSERT INTO marks (book, word) VALUES ('a', 'lost')");
          await disconnectAll(bench.database);
          await runner.query("INSERT INTO marks (book, word) VALUES ('b', 'lost')");
        });
        expect((await refusal(opened, broken)).code).toBe('database.lost');
        expect(await countAgain(opened)).toBe(0);
        // Also the next after a connection that was ended while nobody used it.
        await disconnectAll(bench.database);
        expect(await countAgain(opened)).toBe(0);
        await writeRows(opened, Mark, [{ book: 'a', word: 'kept' }]);
        expect(await count(opened)).toBe(1);
        await opened.dataSource.getRepository(Mark).delete({ book: 'a' });
      },
      { poolSize: 1, connectTimeout: 5000 },
    );
  });

  /** A use of a connection that may have been ended: at most one fails, and it says that it was lost. */
  async function countAgain(opened: OpenDatabase): Promise<number> {
    try {
      return await count(opened);
    } catch (error) {
      expect((await refusal(opened, Promise.reject(error as Error))).code).toBe('database.lost');
      return count(opened);
    }
  }

  it('end a statement that takes longer than it may, and can be used again', async () => {
    await bench.open(
      async (opened) => {
        const words = Array.from({ length: 300 }, (_, index) => ({ book: 'busy', word: `w${index}` }));
        await writeRows(opened, Mark, words);
        if (!opened.dialect.embedded) {
          const started = performance.now();
          const error = await refusal(opened, opened.dataSource.query(CROSS_JOIN));
          expect(error.code).toBe('database.timeout');
          expect(performance.now() - started).toBeLessThan(20_000);
        }
        expect(await count(opened)).toBe(300);
        await opened.dataSource.getRepository(Mark).delete({ book: 'busy' });
      },
      { poolSize: 1, statementTimeout: 1000 },
    );
  });

  it('to a server that is not there are told as such, and to a database that is not', async () => {
    const settings = settingsFor(bench.database, { connectTimeout: 3000 });
    const nowhere = new URL(settings.url);
    nowhere.host = `127.0.0.1:${await freePort()}`;
    const missing = new URL(settings.url);
    missing.pathname += '_missing';
    const attempt = (url: URL): Promise<unknown> =>
      withDatabase({ ...settings, url: url.href }, [], () => Promise.resolve('opened'));
    const isEmbedded = await bench.open(({ dialect }) => Promise.resolve(dialect.embedded));
    if (!isEmbedded) expect((await caught(() => attempt(nowhere))).code).toBe('database.unreachable');
    expect((await caught(() => attempt(missing))).code).toBe('database.missing');
  });
});
