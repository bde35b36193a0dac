import type { QueryRunner } from 'typeorm';
import type { OpenDatabase } from '../database/data-source.js';
import { DbtoolError } from '../errors/dbtool-error.js';
import { tryCreateTable } from '../database/try-create-table.js';
import type { HistoryEntry } from './history.js';
import type { Executor, IsDue, MigrationRun } from './executor.js';
import type { Danger } from './lint/danger.js';
import { lint } from './lint/lint.js';
import { lintDatabase } from './lint/lint-database.js';
import { describeHolder } from '../lock/holder.js';
import { lockHolder } from './lock/migration-lock.js';
import { type PlannedMigration, planMigrations } from './plan.js';
import {
  describeDanger,
  editedError,
  irreversible,
  lateError,
  refuseConflicts,
  refuseDangers,
  refuseDirty,
  resolveName,
  sourceMissing,
} from './refusals.js';
import { type Locked, MigrationSession, type MigratorOptions, type View } from './session.js';
import type { Migration } from './sources.js';
import { pendingUpTo, type Target } from './target.js';
import {
  inOrderOfApplication,
  isDirty,
  type Known,
  type MigrationState,
  outOfOrder,
  stateOf,
} from './state.js';

export type { MigrationRun } from './executor.js';
export type { MigratorOptions } from './session.js';
export type { MigrationState } from './state.js';

/**
 * Runs migrations one by one, each with its entry in the history, under a lock.
 * TypeORM's own executor is not used: it takes no lock, keeps no order and records only success.
 */
export class Migrator {
  private readonly session: MigrationSession;

  constructor(
    private readonly database: OpenDatabase,
    private readonly options: MigratorOptions,
  ) {
    this.session = new MigrationSession(database, options);
  }

  /**
   * Every migration that is known by its file or by the history, oldest first.
   * @param verify whether to find out which were edited: `sql` looks at files only, `all` runs classes dry too
   */
  async status(verify: 'none' | 'sql' | 'all' = 'none'): Promise<MigrationState[]> {
    return this.session.reading(async (runner, { all }) => {
      const late = outOfOrder(all);
      const edited = await this.edited(runner, all, verify);
      return all.flatMap((one) => stateOf(one, late, edited.get(one.name) ?? null) ?? []);
    });
  }

  /** The last entries of migrations that stopped half-way. */
  async dirty(): Promise<HistoryEntry[]> {
    return this.session.reading((_runner, { all }) =>
      Promise.resolve(all.filter(isDirty).flatMap(({ newest }) => newest ?? [])),
    );
  }

  /** Reads on a connection of its own. */
  async reading<T>(work: (runner: QueryRunner) => Promise<T>): Promise<T> {
    return this.session.reading(work);
  }

  /** Who is migrating the database at this moment, in words; undefined for nobody, or where it may not be known. */
  async lockHolder(): Promise<string | undefined> {
    try {
      const holder = await lockHolder(this.database);
      return holder && !holder.isStale ? describeHolder(holder) : undefined;
    } catch (error) {
      // Whoever may read the history only is told the rest of the status.
      const { dialect, url } = this.database;
      if (dialect.explain(error, url.display)?.code === 'database.privilege') return undefined;
      throw error;
    }
  }

  /**
   * What `up` would do, in its order, and the dangers in it; nothing is changed.
   * @throws DbtoolError `migrate.dirty`, `migrate.unknown`
   */
  async plan(target: Target = {}): Promise<{ plans: PlannedMigration[]; dangers: Danger[] }> {
    return this.session.reading(async (runner, view) => {
      refuseDirty(view.all);
      const plans = await planMigrations(this.database, runner, pendingUpTo(view, target), 'up');
      return { plans, dangers: await this.dangersOf(runner, plans) };
    });
  }

  /** What `down` would do to these migrations. */
  async planDown(names: readonly string[]): Promise<PlannedMigration[]> {
    return this.session.reading((runner, view) =>
      planMigrations(this.database, runner, this.filesOf(view, names), 'down'),
    );
  }

  /**
   * Applies what is pending, oldest first.
   * @throws DbtoolError `migrate.lock.held`, `migrate.lock.timeout`, `migrate.dirty`, `migrate.edited`,
   *   `migrate.out-of-order`, `migrate.conflict`, `migrate.dangerous`, `migrate.unknown`, `migrate.failed`
   */
  async up(target: Target = {}): Promise<MigrationRun[]> {
    // Looked at first without the lock: where there is nothing to do, nobody has to wait.
    const isIdle = await this.session.reading(async (runner, view) => {
      if (!view.hasHistory || view.adopted.length > 0 || view.all.some(isDirty)) return false;
      const pending = pendingUpTo(view, target);
      if (pending.length === 0) await this.refuseEdited(runner, view.all);
      return pending.length === 0;
    });
    if (isIdle) return [];
    return this.session.locked(async (locked) => {
      const { runner, view } = locked;
      refuseDirty(view.all);
      await this.refuseEdited(runner, view.all);
      const pending = pendingUpTo(view, target);
      if (pending.length === 0) return [];
      this.refuseLate(view, pending);
      const plans = await planMigrations(this.database, runner, pending, 'up');
      await refuseConflicts(this.database, runner, plans);
      await this.settleDangers(runner, plans);
      await this.refuseUnprivileged(runner);
      // Those that could not be told while others were pending are looked at when it is their turn.
      const untold = new Set(plans.filter(({ statements }) => !statements).map(({ name }) => name));
      return this.runAll(locked, steps(pending, 'up'), async (migration, executor) => {
        if (!untold.has(migration.name)) return;
        await executor.settle();
        const again = await planMigrations(this.database, runner, [migration], 'up');
        await refuseConflicts(this.database, runner, again);
        await this.settleDangers(runner, again);
      });
    });
  }

  /**
   * The names of the migrations that `down` would take back, in its order: what was applied last goes first.
   * @throws DbtoolError `migrate.unknown`
   */
  async downTargets({ to, step }: Target): Promise<string[]> {
    return this.session.reading((_runner, view) => {
      refuseDirty(view.all);
      const newestFirst = inOrderOfApplication(view.all)
        .map(({ name }) => name)
        .toReversed();
      if (to === undefined) return Promise.resolve(newestFirst.slice(0, step ?? 1));
      return Promise.resolve(newestFirst.slice(0, newestFirst.indexOf(resolveName(to, newestFirst))));
    });
  }

  /**
   * Takes these migrations back, in the order given.
   * @throws DbtoolError `migrate.source.missing`, `migrate.irreversible`, `migrate.lock.held`, `migrate.dirty`, `migrate.failed`
   */
  async down(names: readonly string[]): Promise<MigrationRun[]> {
    return this.session.locked(async (locked) => {
      const { runner, view } = locked;
      refuseDirty(view.all);
      const migrations = await this.reversible(view, names);
      if (migrations.length > 0) await this.refuseUnprivileged(runner);
      return this.runAll(locked, steps(migrations, 'down'));
    });
  }

  /**
   * Takes these migrations back and applies them again.
   * @throws DbtoolError as `down` and `up`
   */
  async redo(names: readonly string[]): Promise<MigrationRun[]> {
    return this.session.locked(async (locked) => {
      const { runner, view } = locked;
      refuseDirty(view.all);
      const migrations = await this.reversible(view, names);
      if (migrations.length > 0) await this.refuseUnprivileged(runner);
      return this.runAll(locked, [...steps(migrations, 'down'), ...steps(migrations.toReversed(), 'up')]);
    });
  }

  /** Whether each applied migration has other statements now than it had; those that cannot be told are left out. */
  private async edited(
    runner: QueryRunner,
    all: readonly Known[],
    verify: 'none' | 'sql' | 'all',
  ): Promise<Map<string, boolean>> {
    const candidates = all.filter(
      ({ applied, checksum, newest, migration }) =>
        applied !== undefined &&
        checksum !== null &&
        newest?.readsData === false &&
        migration?.file !== undefined,
    );
    const files = candidates.flatMap(({ migration }) =>
      migration && (verify === 'all' || (verify === 'sql' && migration.file?.endsWith('.sql')))
        ? [migration]
        : [],
    );
    const plans = await planMigrations(this.database, runner, files, 'up');
    const expected = new Map(candidates.map(({ name, checksum }) => [name, checksum]));
    return new Map(
      plans.flatMap(({ name, checksum }) =>
        checksum === undefined ? [] : [[name, checksum !== expected.get(name)] as const],
      ),
    );
  }

  /** Files only: what a class emits may be another text with another version of dbtool. */
  private async refuseEdited(runner: QueryRunner, all: readonly Known[]): Promise<void> {
    const edited = await this.edited(runner, all, 'sql');
    const names = [...edited].filter(([, isEdited]) => isEdited).map(([name]) => name);
    if (names.length > 0) throw editedError(names);
  }

  private refuseLate({ all }: View, pending: readonly Migration[]): void {
    const late = outOfOrder(all);
    const names = pending.map(({ name }) => name).filter((name) => late.has(name));
    if (names.length === 0) return;
    if (this.options.outOfOrder !== 'apply') throw lateError(names);
    this.session.notice(`Applied out of order: ${names.join(', ')}.`);
  }

  private async dangersOf(runner: QueryRunner, plans: readonly PlannedMigration[]): Promise<Danger[]> {
    const context = lintDatabase(runner);
    const found: Danger[] = [];
    for (const { name, statements, transaction, allow } of plans)
      if (statements) found.push(...(await lint({ name, statements, transaction, allow }, context)));
    return found;
  }

  private async settleDangers(runner: QueryRunner, plans: readonly PlannedMigration[]): Promise<void> {
    const found = await this.dangersOf(runner, plans);
    const grave = found.filter(({ holdsData, fails, acknowledged }) => fails || (holdsData && !acknowledged));
    if (this.options.dangers !== 'warn') refuseDangers(grave);
    for (const danger of grave) this.session.notice(`Danger: ${describeDanger(danger)}. ${danger.why}`);
  }

  /** All are looked at before the first is taken back: none is when one cannot be. */
  private async reversible(view: View, names: readonly string[]): Promise<Migration[]> {
    const migrations = this.filesOf(view, names);
    for (const { name, load } of migrations) {
      const { down, file } = await load();
      if (!down) throw irreversible(name, file);
    }
    return migrations;
  }

  private filesOf({ all }: View, names: readonly string[]): Migration[] {
    return names.map((name) => {
      const migration = all.find((one) => one.name === name)?.migration;
      if (migration?.file === undefined) throw sourceMissing(name, this.options.folders);
      return migration;
    });
  }

  /**
   * Where DDL cannot be rolled back, a user that may not create tables would leave a failed migration
   * behind, and a database that is dirty though nothing was done.
   */
  private async refuseUnprivileged(runner: QueryRunner): Promise<void> {
    if (!this.database.dialect.transactionalDdl) await tryCreateTable(runner);
  }

  /** @param before called before each is run; what it throws ends the work */
  private async runAll(
    locked: Locked,
    todo: readonly Step[],
    before?: (migration: Migration, executor: Executor) => Promise<void>,
  ): Promise<MigrationRun[]> {
    const { signal, onStart, onDone } = this.options;
    const runs: MigrationRun[] = [];
    await this.session.executing(locked, async (executor) => {
      for (const [index, { migration, direction }] of todo.entries()) {
        if (signal?.aborted) throw stopped(signal.reason, runs, todo.length);
        await locked.lock.check();
        await before?.(migration, executor);
        onStart?.(migration.name, direction);
        executor.moreToCome = index < todo.length - 1;
        const run = await executor.run(migration, direction, direction, IS_DUE[direction]);
        if (!run) continue;
        runs.push(run);
        onDone?.(run);
      }
    });
    return runs;
  }
}

/** Between two migrations: what was run stays, and the rest is pending still. */
function stopped(reason: unknown, runs: readonly MigrationRun[], all: number): unknown {
  if (!(reason instanceof DbtoolError)) return reason;
  return new DbtoolError(reason.code, {
    message: 'Migrating was stopped',
    why: `${runs.length} of ${all} were run, each as a whole.`,
    fix: 'Run the same command again to go on.',
    details: { runs },
  });
}

interface Step {
  migration: Migration;
  direction: 'up' | 'down';
}

const steps = (migrations: readonly Migration[], direction: 'up' | 'down'): Step[] =>
  migrations.map((migration) => ({ migration, direction }));

const IS_DUE: Record<'up' | 'down', IsDue> = {
  up: (newest) => newest === undefined || (newest.status === 'done' && newest.direction === 'down'),
  down: (newest) => newest?.status === 'done' && newest.direction === 'up',
};
