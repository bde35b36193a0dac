import type { QueryRunner } from 'typeorm';

/** A session that keeps another one waiting. */
export interface Blocker {
  /** The database's id of the session; on SQLite the id of the process. */
  session: string;
  /** Set on SQLite, whose sessions have no ids of their own. */
  isProcess?: boolean;
  user?: string;
  host?: string;
  application?: string;
  /** When its transaction began, or its present state where that is not told. */
  since?: Date;
  /** `idle in transaction`, `active`, in the database's words. */
  state?: string;
  /** Its present or last statement, as the database shows it. */
  statement?: string;
  /** False for one of several that may be it, where the database does not tell whom a session waits for. */
  certain: boolean;
}

/** What databases differ in about waiting for the locks of other sessions. */
export interface LockWaits {
  /**
   * Sets how long the session waits for a lock; in a transaction until it ends, where the database can.
   * @param ms whole seconds, at least 1, where the database takes nothing finer
   * @returns what puts back the time that was set before
   */
  limit(runner: QueryRunner, ms: number): Promise<() => Promise<void>>;
  /** The session of the runner, as `blockers` takes it, asked for while it does not wait. */
  sessionOf(runner: QueryRunner): Promise<string>;
  /**
   * Who keeps the session waiting at this moment.
   * @param runner another one than the one that waits; on SQLite the one that waited
   * @throws driver errors as they are, such as that of a missing privilege
   */
  blockers(runner: QueryRunner, session: string): Promise<Blocker[]>;
  /** What a DBA runs to end a session. */
  endStatement(session: string): string;
}
