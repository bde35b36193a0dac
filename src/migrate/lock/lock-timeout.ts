import { setTimeout as sleep } from 'node:timers/promises';
import type { DataSource, QueryRunner } from 'typeorm';
import { explain, type OpenDatabase } from '../../database/data-source.js';
import { dialectOf } from '../../database/dialects.js';
import { driverError } from '../../database/driver-error.js';
import type { Blocker } from '../../database/lock-waits.js';
import { DbtoolError } from '../../errors/dbtool-error.js';
import { lockTimeout, withoutValues } from './lock-errors.js';
import { openSideConnection } from './side-connection.js';

export type { Blocker };

export interface LockTimeoutOptions {
  /** Milliseconds that a statement waits for a lock; 0 leaves that to the server. */
  timeoutMs: number;
  /** How often work is tried in all, at least 1. */
  attempts: number;
  /**
   * Called once for an attempt: while it waits, as soon as somebody is known to block it, else when it was
   * refused. None are known where the database does not tell.
   */
  onBlocked?: (blockers: Blocker[], attempt: number) => void;
  /** Ends the pauses between attempts. */
  signal?: AbortSignal;
}

const PAUSE_MS = 500;
const LONGEST_PAUSE_MS = 10_000;
/** Often enough to see who blocks within the time of one wait. */
const LOOKS_PER_TIMEOUT = 2.5;
const LONGEST_LOOK_MS = 2000;
const SHORTEST_LOOK_MS = 100;

/**
 * Sets the session's lock timeout for the time of `work` and puts back what was there. On Oracle it is that of
 * DDL only. Behind a connection pooler it holds only when called inside a transaction.
 */
export async function withLockTimeout<T>(
  runner: QueryRunner,
  { timeoutMs }: Pick<LockTimeoutOptions, 'timeoutMs'>,
  work: () => Promise<T>,
): Promise<T> {
  if (timeoutMs === 0) return work();
  const restore = await dialectOf(runner.dataSource).lockWaits.limit(runner, timeoutMs);
  try {
    return await work();
  } finally {
    // In a transaction that failed nothing can be set, and it goes back by itself; a broken connection has
    // no settings any more.
    await restore().catch(() => undefined);
  }
}

/**
 * Runs `work`, again when it was refused by a lock timeout or was a deadlock's victim, with pauses that grow.
 * While it runs another connection looks who blocks it. `work` must be safe to repeat: a transaction that is
 * rolled back, or one statement.
 * @throws DbtoolError `migrate.lock.timeout` with the blockers in why and details, after the last attempt;
 *   what else `work` throws; the signal's reason
 */
export async function retryOnLockTimeout<T>(
  database: OpenDatabase,
  runner: QueryRunner,
  options: LockTimeoutOptions,
  work: () => Promise<T>,
): Promise<T> {
  const watch = new Watch(database, runner, options);
  try {
    for (let attempt = 1; ; attempt += 1) {
      options.signal?.throwIfAborted();
      try {
        return await watch.during(attempt, work);
      } catch (error) {
        if (!isLockTimeout(error, database)) throw error;
        const { blockers, reason } = await watch.refused(attempt);
        if (attempt >= options.attempts) {
          throw lockTimeout({
            blockers,
            reason,
            attempts: attempt,
            waits: database.dialect.lockWaits,
            cause: error,
          });
        }
      }
      await pause(attempt, options.signal);
    }
  } finally {
    await watch.end();
  }
}

/** Also one that is the cause of a coded error, as what a migration failed with is. */
function isLockTimeout(error: unknown, database: OpenDatabase): boolean {
  const explained = explain(error, database);
  if (!(explained instanceof DbtoolError)) return false;
  if (explained.code === 'database.locked') return true;
  return explained === error && explained.cause !== undefined && isLockTimeout(explained.cause, database);
}

async function pause(attempt: number, signal: AbortSignal | undefined): Promise<void> {
  const longest = Math.min(LONGEST_PAUSE_MS, PAUSE_MS * 2 ** (attempt - 1));
  // Two that keep each other waiting must not come back at the same moment.
  await sleep(longest * (0.5 + Math.random() / 2), undefined, { signal }).catch(() => undefined);
  signal?.throwIfAborted();
}

/** Looks on a connection of its own who blocks the runner's session while that waits. */
class Watch {
  private blockers: Blocker[] = [];
  private reason: string | undefined;
  private isTold = false;
  private session: string | undefined;
  private side: DataSource | undefined;
  private looking: Promise<void> | undefined;

  constructor(
    private readonly database: OpenDatabase,
    private readonly runner: QueryRunner,
    private readonly options: LockTimeoutOptions,
  ) {}

  async during<T>(attempt: number, work: () => Promise<T>): Promise<T> {
    this.isTold = false;
    this.blockers = [];
    const { dialect } = this.database;
    // SQLite waits inside the process: nothing else happens meanwhile.
    if (dialect.embedded) return work();
    this.session ??= await dialect.lockWaits.sessionOf(this.runner);
    const timer = setInterval(() => {
      this.looking ??= this.look(attempt).finally(() => (this.looking = undefined));
    }, this.lookMs);
    try {
      return await work();
    } finally {
      clearInterval(timer);
      await this.looking;
    }
  }

  /** Who blocked the attempt that was refused, as far as is known; else why it is not. */
  async refused(attempt: number): Promise<{ blockers: Blocker[]; reason: string | undefined }> {
    const { dialect } = this.database;
    if (dialect.embedded) this.blockers = await dialect.lockWaits.blockers(this.runner, '');
    this.tell(attempt);
    return { blockers: this.blockers, reason: this.reason };
  }

  async end(): Promise<void> {
    await this.looking;
    await this.side?.destroy().catch(() => undefined);
  }

  private get lookMs(): number {
    const { timeoutMs } = this.options;
    if (timeoutMs === 0) return LONGEST_LOOK_MS;
    return Math.min(LONGEST_LOOK_MS, Math.max(SHORTEST_LOOK_MS, timeoutMs / LOOKS_PER_TIMEOUT));
  }

  private async look(attempt: number): Promise<void> {
    // What cannot be asked once cannot be asked again.
    if (this.reason !== undefined || this.session === undefined) return;
    try {
      this.side ??= await openSideConnection(this.database);
      const runner = this.side.createQueryRunner();
      try {
        const found = await this.database.dialect.lockWaits.blockers(runner, this.session);
        if (found.length === 0) return;
        this.blockers = found.map((one) => ({
          ...one,
          statement: one.statement && withoutValues(one.statement),
        }));
        if (!this.isTold) this.tell(attempt);
      } finally {
        await runner.release();
      }
    } catch (error) {
      const explained = explain(error, this.database);
      this.reason = explained instanceof DbtoolError ? explained.message : driverError(error).message;
    }
  }

  private tell(attempt: number): void {
    if (!this.isTold) this.options.onBlocked?.(this.blockers, attempt);
    this.isTold = true;
  }
}
