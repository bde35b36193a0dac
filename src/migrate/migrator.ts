import { setTimeout as sleep } from 'node:timers/promises';
import type { QueryRunner } from 'typeorm';
import { redact } from '../config/redact.js';
import type { OpenDatabase } from '../database/data-source.js';
import { driverError } from '../database/driver-error.js';
import { tryCreateTable } from '../database/try-create-table.js';
import { DbtoolError } from '../errors/dbtool-error.js';
import {
  createHistory,
  deleteEntry,
  hasHistory,
  type HistoryEntry,
  insertEntry,
  readHistory,
  updateEntry,
} from './history.js';
import { type MigrationFile, migrationFiles } from './migration-files.js';

/** Where a migration stands. `missing`: applied, but its file is gone. */
export interface MigrationState {
  name: string;
  status: 'applied' | 'pending' | 'running' | 'failed' | 'missing';
  appliedAt: Date | null;
  durationMs: number | null;
}

/** A migration that was run, up or down, with the milliseconds it took. */
export interface MigrationRun {
  name: string;
  durationMs: number;
}

export interface MigratorOptions {
  /** Folder of the migrations. */
  folder: string;
  toolVersion: string;
  /** Milliseconds to wait for another process that is migrating. */
  lockWaitMs?: number;
  /** Called before each migration is run. */
  onStart?: (name: string) => void;
}

const LOCK_WAIT_MS = 30_000;
const LOCK_POLL_MS = 250;

/**
 * Runs MigrationInterface classes one by one, each with its history entry: in one transaction where
 * DDL can be rolled back, elsewhere marked as running first, so that a crash leaves a visible state.
 * TypeORM's own executor is not used: it takes no lock, keeps no order and records only success.
 */
export class Migrator {
  constructor(
    private readonly database: OpenDatabase,
    private readonly options: MigratorOptions,
  ) {}

  /** Every migration that is known by its file or by the history, oldest first. */
  async status(): Promise<MigrationState[]> {
    const files = await migrationFiles(this.options.folder);
    const history = await this.withRunner(readHistory);
    const entries = new Map(history.map((entry) => [entry.name, entry]));
    const names = new Set([...files.map((file) => file.name), ...entries.keys()]);
    return [...names].sort().map((name) => {
      const entry = entries.get(name);
      const hasFile = files.some((file) => file.name === name);
      return {
        name,
        status:
          entry === undefined ? 'pending' : entry.status === 'applied' && !hasFile ? 'missing' : entry.status,
        appliedAt: entry?.appliedAt ?? null,
        durationMs: entry?.durationMs ?? null,
      };
    });
  }

  /**
   * Applies what is pending, oldest first.
   * @throws DbtoolError `migrate.lock.held`, `migrate.dirty`, `migrate.failed`
   */
  async up(): Promise<MigrationRun[]> {
    const files = await migrationFiles(this.options.folder);
    return this.locked(async (runner) => {
      await this.ensureHistory(runner);
      const history = await readHistory(runner);
      refuseDirty(history);
      const pending = files.filter((file) => !history.some((entry) => entry.name === file.name));
      if (pending.length > 0) await this.refuseUnprivileged(runner);
      const runs: MigrationRun[] = [];
      for (const file of pending) {
        const run = await this.apply(runner, file);
        if (run) runs.push(run);
      }
      return runs;
    });
  }

  /**
   * Takes back the newest applied migration.
   * @returns undefined when none is applied
   * @throws DbtoolError `migrate.source.missing`, `migrate.lock.held`, `migrate.dirty`, `migrate.failed`
   */
  async down(): Promise<MigrationRun | undefined> {
    const files = await migrationFiles(this.options.folder);
    return this.locked(async (runner) => {
      const history = await readHistory(runner);
      refuseDirty(history);
      const newest = history.at(-1);
      if (!newest) return undefined;
      const file = files.find((one) => one.name === newest.name);
      if (!file) throw sourceMissing(newest.name, this.options.folder);
      await this.refuseUnprivileged(runner);
      return this.revert(runner, file);
    });
  }

  /**
   * Where DDL cannot be rolled back, a user that may not create tables would leave a failed migration
   * behind, and a database that is dirty though nothing was done.
   */
  private async refuseUnprivileged(runner: QueryRunner): Promise<void> {
    if (!this.database.dialect.transactionalDdl) await tryCreateTable(runner);
  }

  private async apply(runner: QueryRunner, file: MigrationFile): Promise<MigrationRun | undefined> {
    this.options.onStart?.(file.name);
    const started = performance.now();
    const elapsed = (): number => Math.round(performance.now() - started);
    const { toolVersion } = this.options;
    const migration = await file.load();
    if (!this.database.dialect.transactionalDdl) {
      await insertEntry(runner, { name: file.name, status: 'running', toolVersion, durationMs: null });
      await this.runUnprotected(runner, file.name, elapsed, () => migration.up(runner));
      await updateEntry(runner, file.name, { status: 'applied', durationMs: elapsed(), error: null });
      return { name: file.name, durationMs: elapsed() };
    }
    return this.inTransaction(runner, file.name, async () => {
      // Where the file lock is the only lock, another process may have been here while this one waited.
      if ((await readHistory(runner)).some((entry) => entry.name === file.name)) return undefined;
      await migration.up(runner);
      await insertEntry(runner, { name: file.name, status: 'applied', toolVersion, durationMs: elapsed() });
      return { name: file.name, durationMs: elapsed() };
    });
  }

  private async revert(runner: QueryRunner, file: MigrationFile): Promise<MigrationRun> {
    this.options.onStart?.(file.name);
    const started = performance.now();
    const elapsed = (): number => Math.round(performance.now() - started);
    const migration = await file.load();
    if (!this.database.dialect.transactionalDdl) {
      await updateEntry(runner, file.name, { status: 'running', durationMs: null, error: null });
      await this.runUnprotected(runner, file.name, elapsed, () => migration.down(runner));
      await deleteEntry(runner, file.name);
    } else {
      await this.inTransaction(runner, file.name, async () => {
        await migration.down(runner);
        await deleteEntry(runner, file.name);
      });
    }
    return { name: file.name, durationMs: elapsed() };
  }

  private async inTransaction<T>(runner: QueryRunner, name: string, work: () => Promise<T>): Promise<T> {
    // SQLite's foreign keys can be switched off only outside a transaction, and rebuilding a table
    // with them on deletes the rows that refer to it.
    await runner.beforeMigration();
    try {
      await this.database.dialect.beginWrite(runner);
      try {
        const result = await work();
        await runner.commitTransaction();
        return result;
      } catch (error) {
        await runner.rollbackTransaction();
        // Not the migration's fault, and nothing is left of it.
        if (this.isRefusal(error)) throw error;
        throw migrationFailed(name, error, 'Nothing of it remains; the database is as before.');
      }
    } finally {
      await runner.afterMigration();
    }
  }

  private isRefusal(error: unknown): boolean {
    return this.database.dialect.explain(error, this.database.url.display)?.code === 'database.privilege';
  }

  private async runUnprotected(
    runner: QueryRunner,
    name: string,
    elapsed: () => number,
    work: () => Promise<unknown>,
  ): Promise<void> {
    try {
      await work();
    } catch (error) {
      const message = redact(driverError(error).message);
      await updateEntry(runner, name, { status: 'failed', durationMs: elapsed(), error: message });
      throw migrationFailed(
        name,
        error,
        'This database cannot take back DDL: what ran before the failing statement remains.',
      );
    }
  }

  private async ensureHistory(runner: QueryRunner): Promise<void> {
    if (await hasHistory(runner)) return;
    if (!this.database.dialect.transactionalDdl) {
      await createHistory(runner);
      return;
    }
    await this.inTransaction(runner, 'dbtool_migrations', async () => {
      if (!(await hasHistory(runner))) await createHistory(runner);
    });
  }

  private async locked<T>(work: (runner: QueryRunner) => Promise<T>): Promise<T> {
    const deadline = performance.now() + (this.options.lockWaitMs ?? LOCK_WAIT_MS);
    return this.withRunner(async (runner) => {
      for (;;) {
        try {
          return await this.database.dialect.withMigrationLock(runner, () => work(runner));
        } catch (error) {
          const held = error instanceof DbtoolError && error.code === 'migrate.lock.held';
          if (!held || performance.now() > deadline) throw error;
          await sleep(LOCK_POLL_MS);
        }
      }
    });
  }

  private async withRunner<T>(work: (runner: QueryRunner) => Promise<T>): Promise<T> {
    const runner = this.database.dataSource.createQueryRunner();
    try {
      return await work(runner);
    } finally {
      await runner.release();
    }
  }
}

function refuseDirty(history: readonly HistoryEntry[]): void {
  const dirty = history.find((entry) => entry.status !== 'applied');
  if (!dirty) return;
  throw new DbtoolError('migrate.dirty', {
    message: `The migration ${dirty.name} stopped half-way`,
    why: dirty.error ?? 'The process that ran it ended before it was done.',
    fix: 'Compare the schema with the migration, undo or finish by hand what it did, and correct its row in dbtool_migrations.',
  });
}

function sourceMissing(name: string, folder: string): DbtoolError {
  return new DbtoolError('migrate.source.missing', {
    message: `The migration ${name} was applied, but its file is gone`,
    why: `${folder} holds no file of that name, so nothing knows how to take it back.`,
    fix: 'Install the version of dbtool that applied it.',
  });
}

function migrationFailed(name: string, error: unknown, consequence: string): unknown {
  if (error instanceof DbtoolError) return error;
  const cause = driverError(error);
  return new DbtoolError('migrate.failed', {
    message: `The migration ${name} failed`,
    why: `${redact(cause.message)}. ${consequence}`,
    fix: 'Mend the cause and run `dbtool migrate up` again.',
    cause: error,
  });
}
