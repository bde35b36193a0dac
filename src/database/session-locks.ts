import type { QueryRunner } from 'typeorm';

/** Why a session of this connection cannot hold a lock that outlives its transactions. */
export type NoSessionLock = 'pooler' | 'privilege' | 'embedded';

/** What came of trying to take the session lock. `session` is the database's id of the session, if it has one. */
export type LockAttempt =
  | { outcome: 'taken'; session: string }
  | { outcome: 'held'; session: string }
  | { outcome: 'unavailable'; reason: NoSessionLock; session: string | null };

/**
 * What databases differ in about locks that belong to a session: they end with it, however it ends. The
 * lock is that of the current schema or database, so that two of them do not block each other.
 */
export interface SessionLocks {
  /** SQL of the database's clock, that many milliseconds from now, comparable with an `instant` column. */
  readonly clock: (plusMs: number) => string;
  /** Tries once and never waits. A connection that a pooler shares takes nothing. */
  takeLock(runner: QueryRunner): Promise<LockAttempt>;
  /** Gives back what `takeLock` took. */
  releaseLock(runner: QueryRunner): Promise<void>;
  /**
   * The session that holds the lock; null when nobody does.
   * @returns undefined where this session cannot find out
   */
  lockOwner(runner: QueryRunner): Promise<string | null | undefined>;
  /**
   * Ends the session that holds the lock, where dbtool can; nothing when it does not hold it any more.
   * @throws driver errors as they are, such as that of a missing privilege
   */
  endOwner?(runner: QueryRunner, session: string): Promise<void>;
}
