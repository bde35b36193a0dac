import type { QueryRunner } from 'typeorm';
import type { OpenDatabase } from '../database/data-source.js';
import { type HistoryEntry, insertEntry, insertionOf } from './history.js';
import type { HeldLock } from './lock/migration-lock.js';

/**
 * The transactions of a run, one for each migration with its entry in the history. While another is to follow
 * at once, and where the database keeps the order of commits all the same:
 *
 * - A commit does not wait for the disk. A crash of the server may then take back the last migrations with
 *   their entries, never one without the other, and never one before another that stays. The commit that ends
 *   a run waits for all of it: what was told to have succeeded is on disk.
 * - The entry, the commit and the beginning of the next transaction go to the server in one message.
 */
export class Commits {
  private waitAgain: (() => Promise<void>) | undefined;

  constructor(
    private readonly database: OpenDatabase,
    private readonly runner: QueryRunner,
    private readonly lock: HeldLock,
  ) {}

  /**
   * To be called before each migration.
   * @param areJoined whether this one is a transaction and another migration follows at once
   */
  async prepare(areJoined: boolean): Promise<void> {
    if (!areJoined) return this.settle();
    // Behind a pooler (a lock of another kind) the next transaction may be in another session.
    if (this.waitAgain || this.lock.kind !== 'session') return;
    this.waitAgain = await this.database.dialect.commitLazily?.(this.runner);
  }

  /** Leaves nothing begun, and no commit that does not wait: to be called when something else comes next. */
  async settle(): Promise<void> {
    const { runner, waitAgain } = this;
    if (runner.isTransactionActive) await runner.rollbackTransaction();
    this.waitAgain = undefined;
    await waitAgain?.();
  }

  async begin(): Promise<void> {
    const { runner, database } = this;
    // Begun with the last commit.
    if (this.waitAgain && runner.isTransactionActive) return;
    await database.dialect.beginWrite(runner);
  }

  async commit(entry: HistoryEntry): Promise<void> {
    const { runner, lock } = this;
    const { dialect } = this.database;
    if (dialect.commitTogether && lock.kind === 'session') {
      await dialect.commitTogether(runner, insertionOf(runner, entry), this.waitAgain !== undefined);
      return;
    }
    await insertEntry(runner, entry);
    if (lock.kind === 'row') await lock.check();
    await runner.commitTransaction();
  }
}
