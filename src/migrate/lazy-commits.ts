import type { QueryRunner } from 'typeorm';
import { dialectOf } from '../database/dialects.js';
import type { HeldLock } from './lock/migration-lock.js';

/**
 * Spares the wait for the disk after each migration of a run but the last, where the database keeps the
 * order of commits all the same. A crash of its server may then take back the last migrations with their
 * entries in the history, never one without the other, and never one before another that stays. The commit
 * that ends a run waits for all of it: what was told to have succeeded is on disk.
 */
export class LazyCommits {
  private end: (() => Promise<void>) | undefined;

  constructor(
    private readonly runner: QueryRunner,
    private readonly lock: HeldLock,
  ) {}

  /** Says whether commits may be lazy from here on. To be called outside transactions. */
  async allow(isAllowed: boolean): Promise<void> {
    const dialect = dialectOf(this.runner.dataSource);
    if (!isAllowed) {
      const { end } = this;
      this.end = undefined;
      await end?.();
    } else if (!this.end && this.lock.kind === 'session') {
      // Behind a pooler (a lock of another kind) the next transaction may be in another session.
      this.end = await dialect.commitLazily?.(this.runner);
    }
  }
}
