import { setTimeout as sleep } from 'node:timers/promises';
import type { QueryRunner } from 'typeorm';
import { explain, type OpenDatabase } from '../../database/data-source.js';
import type { NoSessionLock } from '../../database/session-locks.js';
import { DbtoolError } from '../../errors/dbtool-error.js';
import { lockHeld, lockLost } from './lock-errors.js';
import { Lease } from './lease.js';
import type { LockHolder } from '../../lock/holder.js';
import { type LockRow, LockTable, type NewLockRow } from '../../lock/lock-table.js';
import { isGone, isHere, newToken, thisProcess } from '../../lock/this-process.js';

/** Made by whoever takes the lock first: before the first migration there is no other table. */
export const MIGRATION_LOCK = new LockTable('dbtool_migration_lock');

export interface LockOptions {
  /** Milliseconds to wait for another holder; 0 asks once. */
  waitMs: number;
  toolVersion: string;
  /** Called once when it has to wait; undefined while the holder has not told its name yet. */
  onWait?: (holder: LockHolder | undefined) => void;
  /** Called when the lock was left behind by a process that died. */
  onStale?: (holder: LockHolder) => void;
  /** Called at most once, when a session's lock cannot be had and a row with a lease serves instead. */
  onNotice?: (text: string) => void;
  /** Ends the waiting. */
  signal?: AbortSignal;
  /** Milliseconds that the row is the holder's without being renewed; for tests. */
  leaseMs?: number;
}

/** The lock while it is held. */
export interface HeldLock {
  /** `session`: ends with the connection. `row`: a lease, which a holder that was stopped for long loses. */
  readonly kind: 'session' | 'row';
  /**
   * Makes sure that the lock is still ours. To be called before each migration, and again last in its
   * transaction: there it also keeps others from taking the lock before the commit.
   * @throws DbtoolError `migrate.lock.lost`
   */
  check(): Promise<void>;
}

interface Taken extends HeldLock {
  /** Best effort: what cannot be released ends with the session or the lease. */
  release(): Promise<void>;
}

const POLL_MS = 250;
const LEASE_MS = 30_000;

/**
 * Runs `work` while no other process migrates this database. The runner's session holds the lock.
 * @throws DbtoolError `migrate.lock.held` with the holder in why and details; what `work` throws; the
 *   signal's reason
 */
export async function withMigrationLock<T>(
  database: OpenDatabase,
  options: LockOptions,
  work: (runner: QueryRunner, lock: HeldLock) => Promise<T>,
): Promise<T> {
  const runner = database.dataSource.createQueryRunner();
  try {
    const lock = await wait(database, runner, options);
    try {
      return await work(runner, lock);
    } finally {
      await lock.release();
    }
  } finally {
    // A connection that broke cannot be released, and what it broke is the news.
    await runner.release().catch(() => undefined);
  }
}

/** The holder of the lock, also one that died; undefined when the lock is free. */
export async function lockHolder(database: OpenDatabase): Promise<LockHolder | undefined> {
  const runner = database.dataSource.createQueryRunner();
  try {
    return await readHolder(database, runner);
  } finally {
    await runner.release();
  }
}

/** What is known of the lock. */
export interface LockState {
  holder: LockHolder;
  /** What the holder wrote of itself. */
  row: LockRow | undefined;
  /** The session that holds the session lock; null for none, undefined where that is not known. */
  owner: string | null | undefined;
}

/** The lock with its holder, also one that died; undefined when it is free. */
export async function lockState(database: OpenDatabase, runner: QueryRunner): Promise<LockState | undefined> {
  const owner = await database.dialect.sessionLocks.lockOwner(runner);
  const row = (await MIGRATION_LOCK.exists(runner)) ? await MIGRATION_LOCK.read(runner) : undefined;
  if (row) return { holder: holderOf(row, database, owner), row, owner };
  if (typeof owner !== 'string') return undefined;
  const unknown = { user: 'unknown', host: 'unknown', pid: 0, toolVersion: 'unknown' };
  return { holder: { ...unknown, since: new Date(), session: owner, isStale: false }, row, owner };
}

async function readHolder(database: OpenDatabase, runner: QueryRunner): Promise<LockHolder | undefined> {
  return (await lockState(database, runner))?.holder;
}

function holderOf(row: LockRow, database: OpenDatabase, owner: string | null | undefined): LockHolder {
  const { user, host, pid, since, session, toolVersion } = row;
  return { user, host, pid, since, session, toolVersion, isStale: isStale(row, database, owner) };
}

/** @param owner the session that holds the lock, null for none, undefined where that is not known */
function isStale(row: LockRow, { dialect }: OpenDatabase, owner: string | null | undefined): boolean {
  if (row.kind === 'session' && owner !== undefined) return owner === null;
  if (isGone(row, row.token)) return true;
  // On SQLite a migration keeps its holder from renewing the lease: one that is seen running has it.
  if (dialect.embedded && isHere(row.host, row.token)) return false;
  return row.isExpired;
}

async function wait(database: OpenDatabase, runner: QueryRunner, options: LockOptions): Promise<Taken> {
  const { waitMs, onWait, signal } = options;
  const deadline = performance.now() + waitMs;
  const attempt = new Attempt(database, runner, options);
  let isTold = false;
  for (let tries = 1; ; tries += 1) {
    signal?.throwIfAborted();
    const lock = await attempt.take();
    if (lock) return lock;
    const isOver = performance.now() >= deadline;
    const holder = await namedHolder(database, runner, isOver);
    if (isOver) throw lockHeld(holder);
    if (!isTold && (holder !== undefined || tries > 1)) {
      isTold = true;
      onWait?.(holder);
    }
    await pause(Math.min(POLL_MS, deadline - performance.now()), signal);
  }
}

/** Between taking the lock and telling its name a holder has no name: worth a second look. */
async function namedHolder(
  database: OpenDatabase,
  runner: QueryRunner,
  lookAgain: boolean,
): Promise<LockHolder | undefined> {
  const holder = await readHolder(database, runner);
  if (!lookAgain || (holder && holder.pid > 0)) return holder;
  await sleep(POLL_MS);
  return (await readHolder(database, runner)) ?? holder;
}

async function pause(ms: number, signal: AbortSignal | undefined): Promise<void> {
  await sleep(ms, undefined, { signal }).catch(() => undefined);
}

const NOTICES: Record<Exclude<NoSessionLock, 'embedded'>, string> = {
  pooler:
    'A connection pooler lies between dbtool and the database, so a session lock could be lost to somebody else: a row with a lease is the lock instead.',
  privilege:
    'This user may not execute DBMS_LOCK: a row with a lease is the lock instead. A DBA can grant it with GRANT EXECUTE ON SYS.DBMS_LOCK.',
};

/** Takes the lock for one caller, however often it tries. */
class Attempt {
  private readonly token = newToken();
  private isNoticed = false;

  constructor(
    private readonly database: OpenDatabase,
    private readonly runner: QueryRunner,
    private readonly options: LockOptions,
  ) {}

  /** @returns undefined when somebody else has the lock */
  async take(): Promise<Taken | undefined> {
    const { sessionLocks } = this.database.dialect;
    const attempt = await sessionLocks.takeLock(this.runner);
    if (attempt.outcome === 'held') return undefined;
    if (attempt.outcome === 'taken') return this.takeSession(attempt.session);
    if (attempt.reason !== 'embedded' && !this.isNoticed) this.options.onNotice?.(NOTICES[attempt.reason]);
    this.isNoticed = true;
    const owner = await sessionLocks.lockOwner(this.runner);
    if (typeof owner === 'string' || !(await this.claim('row', attempt.session, owner))) return undefined;
    return this.held('row', new Lease(MIGRATION_LOCK, this.database, this.runner, this.token, this.leaseMs));
  }

  private get leaseMs(): number {
    return this.options.leaseMs ?? LEASE_MS;
  }

  /** The row tells the others who it is, and whoever has no session lock that there is one. */
  private async takeSession(session: string): Promise<Taken | undefined> {
    const { sessionLocks } = this.database.dialect;
    let isOurs = false;
    try {
      isOurs = await this.claim('session', session, null);
    } catch (error) {
      // Who may not make the table still has the lock; only its name stays unknown.
      isOurs = this.codeOf(error) === 'database.privilege';
      if (!isOurs) throw error;
    } finally {
      if (!isOurs) await sessionLocks.releaseLock(this.runner).catch(() => undefined);
    }
    return isOurs ? this.held('session') : undefined;
  }

  private async claim(
    kind: LockRow['kind'],
    session: string | null,
    owner: string | null | undefined,
  ): Promise<boolean> {
    try {
      await MIGRATION_LOCK.ensure(this.runner);
      return await this.write(kind, session, owner);
    } catch (error) {
      // Another one wrote at the same time, or is writing.
      const code = this.codeOf(error);
      if (code === 'database.row.unique' || code === 'database.locked') return false;
      throw error;
    }
  }

  private async write(
    kind: LockRow['kind'],
    session: string | null,
    owner: string | null | undefined,
  ): Promise<boolean> {
    const leaseMs = kind === 'row' ? this.leaseMs : null;
    const toolVersion = this.options.toolVersion === '' ? 'unknown' : this.options.toolVersion;
    const mine: NewLockRow = { ...thisProcess(), token: this.token, kind, session, toolVersion };
    const row = await MIGRATION_LOCK.read(this.runner);
    if (!row) {
      await MIGRATION_LOCK.insert(this.runner, mine, leaseMs);
      return true;
    }
    if (!isStale(row, this.database, owner)) return false;
    // Of a holder that is not known to be dead, only what ran out.
    const onlyExpired = row.kind === 'row' && !isGone(row, row.token);
    await MIGRATION_LOCK.replace(this.runner, row.token, mine, leaseMs, onlyExpired);
    if (!(await MIGRATION_LOCK.isRowOf(this.runner, this.token))) return false;
    this.options.onStale?.(holderOf(row, this.database, owner));
    return true;
  }

  private held(kind: LockRow['kind'], lease?: Lease): Taken {
    return {
      kind,
      check: async () => {
        if (lease && !(await lease.isOurs())) throw lockLost(await this.successor());
      },
      release: () => this.release(kind, lease).catch(() => undefined),
    };
  }

  private async successor(): Promise<LockHolder | undefined> {
    return readHolder(this.database, this.runner).catch(() => undefined);
  }

  private async release(kind: LockRow['kind'], lease: Lease | undefined): Promise<void> {
    const { runner } = this;
    // What work left open would fail or block all that follows.
    if (runner.isTransactionActive) await runner.rollbackTransaction().catch(() => undefined);
    await lease?.end();
    await MIGRATION_LOCK.delete(runner, this.token).catch(() => undefined);
    if (kind === 'session') await this.database.dialect.sessionLocks.releaseLock(runner);
  }

  private codeOf(error: unknown): string | undefined {
    const explained = explain(error, this.database);
    return explained instanceof DbtoolError ? explained.code : undefined;
  }
}
