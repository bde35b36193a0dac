import { AsyncLocalStorage } from 'node:async_hooks';
import type { DataSource, QueryRunner } from 'typeorm';
import type { OpenDatabase } from './data-source.js';
import { poolExhausted } from './driver-error.js';

const inside = new AsyncLocalStorage<DataSource>();

/**
 * Runs `work` in one write transaction on a connection of its own, and rolls it back when it fails.
 * What `work` does on the DataSource instead of the runner is no part of it.
 * @throws DbtoolError `database.pool.exhausted`; Error inside another transaction of the database (a bug:
 *   it would wait for itself where connections are few)
 */
export async function inTransaction<T>(
  database: OpenDatabase,
  work: (runner: QueryRunner) => Promise<T>,
): Promise<T> {
  const { dataSource } = database;
  if (inside.getStore() === dataSource) throw new Error('A transaction was begun inside another one');
  const done = await ownTurn(database);
  try {
    const runner = dataSource.createQueryRunner();
    try {
      return await inside.run(dataSource, () => commitOrRollBack(database, runner, work));
    } finally {
      await runner.release();
    }
  } finally {
    done?.();
  }
}

/** Where all share one connection, only one transaction fits into it at a time. */
async function ownTurn({ turn, url }: OpenDatabase): Promise<(() => void) | undefined> {
  return turn?.take((ms) =>
    poolExhausted({ message: `the database was in a transaction for ${ms} ms` }, url.display),
  );
}

async function commitOrRollBack<T>(
  { dialect }: OpenDatabase,
  runner: QueryRunner,
  work: (runner: QueryRunner) => Promise<T>,
): Promise<T> {
  await dialect.beginWrite(runner);
  try {
    const result = await work(runner);
    await runner.commitTransaction();
    return result;
  } catch (error) {
    // What broke the transaction is the news; a broken connection cannot be rolled back either.
    await runner.rollbackTransaction().catch((rollbackError: unknown) => {
      if (error instanceof Error) error.cause ??= rollbackError;
    });
    throw error;
  }
}
