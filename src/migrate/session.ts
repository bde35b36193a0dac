import type { QueryRunner } from 'typeorm';
import type { OpenDatabase } from '../database/data-source.js';
import { ensureHistory, readOrAdopt } from './adopt.js';
import { Executor, type MigrationRun, type Operator } from './executor.js';
import type { HistoryEntry } from './history.js';
import { loadMigration } from './load.js';
import { type HeldLock, withMigrationLock } from './lock/migration-lock.js';
import { thisProcess } from '../lock/this-process.js';
import { type Blocker, withLockTimeout } from './lock/lock-timeout.js';
import { describeHolder, type LockHolder } from '../lock/holder.js';
import { describeBlocker } from './lock/lock-errors.js';
import { findMigrations, type Migration } from './sources.js';
import { type Known, known } from './state.js';

export interface MigratorOptions {
  /** Folders of the migrations, absolute. */
  folders: readonly string[];
  toolVersion: string;
  /** Milliseconds to wait for another process that is migrating; default 30 s. */
  lockWait?: number;
  /** Milliseconds that a statement waits for what others use, 0 = as the server has it; default 5 s. */
  lockTimeout?: number;
  /** How often a migration that waited in vain is tried in all; default 5. */
  lockAttempts?: number;
  /** What `up` does with a pending migration that is older than one that is applied; default `refuse`. */
  outOfOrder?: 'refuse' | 'apply';
  /** What `up` does when a migration endangers a table that holds data; default `refuse`. */
  dangers?: 'refuse' | 'warn';
  /** Looked at between two migrations. */
  signal?: AbortSignal | undefined;
  /** Called before each migration is run. */
  onStart?: (name: string, direction: 'up' | 'down') => void;
  /** Called after each. */
  onDone?: (run: MigrationRun) => void;
  /** Something that an admin should know, in a sentence or two. */
  onNotice?: (text: string) => void;
}

/** The migrations of the folders and what was done with them. */
export interface View {
  migrations: Migration[];
  history: HistoryEntry[];
  /** By its file or by the history, oldest first. */
  all: Known[];
  /** What of the history is not written yet: it comes from another tool's. */
  adopted: HistoryEntry[];
  /** Whether the table of the history is there. */
  hasHistory: boolean;
}

/** What there is to work with under the lock. */
export interface Locked {
  runner: QueryRunner;
  view: View;
  lock: HeldLock;
}

/** The highest number of a run so far. */
export const lastRun = ({ history }: View): number => history.at(-1)?.run ?? 0;

const LOCK_WAIT_MS = 30_000;
const LOCK_TIMEOUT_MS = 5000;
const LOCK_ATTEMPTS = 5;

/** What the operations on migrations share: the view of things, a connection, the lock. */
export class MigrationSession {
  readonly operator: Operator;
  private found: Promise<Migration[]> | undefined;

  constructor(
    readonly database: OpenDatabase,
    readonly options: MigratorOptions,
  ) {
    const { user, host, pid } = thisProcess();
    this.operator = { appliedBy: `${user}@${host}`, pid, toolVersion: options.toolVersion };
  }

  notice(text: string): void {
    this.options.onNotice?.(text);
  }

  private migrations(): Promise<Migration[]> {
    const { name } = this.database.dialect;
    this.found ??= findMigrations(this.options.folders, name, (file) => loadMigration(file, name));
    return this.found;
  }

  async view(runner: QueryRunner): Promise<View> {
    const migrations = await this.migrations();
    const { history, adopted, exists } = await readOrAdopt(runner, migrations, this.operator);
    return { migrations, history, all: known(migrations, history), adopted, hasHistory: exists };
  }

  /** Reads on a connection of its own, without the lock. */
  async reading<T>(work: (runner: QueryRunner, view: View) => Promise<T>): Promise<T> {
    // Faults of the files are told before the database is asked anything.
    await this.migrations();
    const runner = this.database.dataSource.createQueryRunner();
    try {
      return await work(runner, await this.view(runner));
    } finally {
      await runner.release();
    }
  }

  /**
   * Works under the lock, with the history in place.
   * @throws DbtoolError `migrate.lock.held`
   */
  async locked<T>(work: (locked: Locked) => Promise<T>): Promise<T> {
    await this.migrations();
    const options = {
      waitMs: this.options.lockWait ?? LOCK_WAIT_MS,
      toolVersion: this.options.toolVersion,
      signal: this.options.signal,
      onWait: (holder: LockHolder | undefined) => {
        this.notice(
          `Waiting for another process that is migrating the database${holder ? `: ${describeHolder(holder)}` : ''}.`,
        );
      },
      onNotice: (text: string) => {
        this.notice(text);
      },
    };
    return withMigrationLock(this.database, options, async (runner, lock) => {
      const before = await this.view(runner);
      if (before.hasHistory && before.adopted.length === 0) return work({ runner, view: before, lock });
      const history = await ensureHistory(runner, before.adopted);
      const { migrations } = before;
      const view = { migrations, history, all: known(migrations, history), adopted: [], hasHistory: true };
      return work({ runner, view, lock });
    });
  }

  /** Runs migrations with limits on how long their statements wait for others. */
  async executing<T>({ runner, view, lock }: Locked, work: (executor: Executor) => Promise<T>): Promise<T> {
    const { signal, lockTimeout = LOCK_TIMEOUT_MS, lockAttempts = LOCK_ATTEMPTS } = this.options;
    const onBlocked = (blockers: Blocker[], attempt: number): void => {
      const who = blockers.length === 0 ? 'another session' : blockers.map(describeBlocker).join('; ');
      this.notice(`A statement waits for ${who} (attempt ${attempt} of ${lockAttempts}).`);
    };
    const limits = { timeoutMs: lockTimeout, attempts: lockAttempts, signal, onBlocked };
    const executor = new Executor(this.database, runner, lock, lastRun(view), this.operator, limits);
    return withLockTimeout(runner, limits, async () => {
      try {
        return await work(executor);
      } finally {
        await executor.settle();
      }
    });
  }
}
