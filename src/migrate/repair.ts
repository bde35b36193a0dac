import type { QueryRunner } from 'typeorm';
import { DbtoolError } from '../errors/dbtool-error.js';
import { type Effect, effectOf } from './effect.js';
import type { MigrationRun } from './executor.js';
import { brief } from './failure.js';
import { type HistoryEntry, insertEntry } from './history.js';
import { planMigrations } from './plan.js';
import { resolveName } from './refusals.js';
import { changesRowsOnly } from './rows-only.js';
import { lastRun, type Locked, type MigrationSession, type View } from './session.js';
import { transactionControl } from './sql/transaction-control.js';
import { isDirty, type Known } from './state.js';

/** A statement of a migration that stopped half-way. */
export interface StatementReport {
  /** 1, 2, 3, … */
  number: number;
  text: string;
  line: number | undefined;
  /** `in doubt`: it may have been running when the process died, and the catalogue does not tell. */
  state: 'done' | 'in doubt' | 'broken' | 'not done';
}

/** What is there of a migration that stopped half-way. */
export interface DirtyMigration {
  name: string;
  direction: 'up' | 'down';
  entry: HistoryEntry;
  /** Undefined where they cannot be told; then only marking is left. */
  statements: StatementReport[] | undefined;
  problem: string | undefined;
  /** Statements that are done, those in doubt not counted. */
  done: number;
}

const NO_STATEMENTS = { checksum: null, readsData: false };

/** Settles what stopped half-way or was changed: what `dbtool migrate repair` does. */
export class Repair {
  constructor(private readonly session: MigrationSession) {}

  /** The migrations that stopped half-way, with what is there of them. Nothing is changed. */
  async inspect(): Promise<DirtyMigration[]> {
    // Under the lock: a server may still be at the statement of a process that died.
    return this.session.locked(({ runner, view }) => this.inspectAll(runner, view));
  }

  /**
   * Runs the rest of the migration that stopped half-way.
   * @param inDoubt what to do with a statement of which the catalogue does not tell whether it is done
   * @throws DbtoolError `migrate.repair.undecided`, `migrate.resume.changed`, `migrate.failed`, `migrate.lock.held`
   */
  async resume(inDoubt?: 'skip' | 'repeat'): Promise<MigrationRun[]> {
    return this.session.locked(async (locked) => {
      const runs: MigrationRun[] = [];
      for (const dirty of await this.inspectAll(locked.runner, locked.view)) {
        const run = await this.resumeOne(locked, dirty, inDoubt);
        if (!run) continue;
        runs.push(run);
        this.session.options.onDone?.(run);
      }
      return runs;
    });
  }

  /**
   * Takes the migration that stopped half-way for applied or for pending, as an admin says who looked.
   * @throws DbtoolError `migrate.unknown` where none stopped half-way
   */
  async mark(status: 'applied' | 'pending'): Promise<string[]> {
    return this.session.locked(async ({ runner, view }) => {
      const dirty = view.all.filter(isDirty);
      if (dirty.length === 0) throw nothingToRepair();
      for (const [index, one] of dirty.entries()) {
        const direction = status === 'applied' ? 'up' : 'down';
        const now = direction === 'up' ? await this.statementsNow(runner, one) : NO_STATEMENTS;
        await insertEntry(
          runner,
          this.entry(one.name, lastRun(view) + 1 + index, { action: 'mark', direction, ...now }),
        );
      }
      return dirty.map(({ name }) => name);
    });
  }

  /**
   * Takes the statements that applied migrations have now for those that they should have.
   * @throws DbtoolError `migrate.unknown`
   */
  async accept(given: readonly string[]): Promise<string[]> {
    return this.session.locked(async ({ runner, view }) => {
      const applied = view.all.filter(
        (one) => one.applied !== undefined && one.migration?.file !== undefined,
      );
      const names = given.map((name) =>
        resolveName(
          name,
          applied.map((one) => one.name),
        ),
      );
      let run = lastRun(view);
      const changed: string[] = [];
      for (const one of applied.filter(({ name }) => names.includes(name))) {
        const now = await this.statementsNow(runner, one);
        if (now.checksum === one.checksum) continue;
        run += 1;
        await insertEntry(runner, this.entry(one.name, run, { action: 'accept', direction: 'up', ...now }));
        changed.push(one.name);
      }
      return changed;
    });
  }

  private async inspectAll(runner: QueryRunner, view: View): Promise<DirtyMigration[]> {
    const found: DirtyMigration[] = [];
    for (const one of view.all.filter(isDirty)) found.push(await this.inspectOne(runner, one));
    return found;
  }

  private async inspectOne(runner: QueryRunner, { name, migration, newest }: Known): Promise<DirtyMigration> {
    if (!newest) throw new Error(`${name} has no history`);
    const { direction } = newest;
    const frame = { name, direction, entry: newest, done: newest.statements ?? 0 };
    if (migration?.file === undefined)
      return { ...frame, statements: undefined, problem: 'Its file is gone.' };
    const [plan] = await planMigrations(this.session.database, runner, [migration], direction);
    if (!plan?.statements) return { ...frame, statements: undefined, problem: plan?.problem };
    const statements: StatementReport[] = [];
    for (const [index, { text, line }] of plan.statements.entries()) {
      const state = await this.stateOf(runner, newest, text, index, statements.at(-1)?.state);
      statements.push({ number: index + 1, text: brief(text), line, state });
    }
    const done = statements.findIndex(({ state }) => state !== 'done');
    return { ...frame, statements, problem: undefined, done: done === -1 ? statements.length : done };
  }

  private async stateOf(
    runner: QueryRunner,
    entry: HistoryEntry,
    text: string,
    index: number,
    before: StatementReport['state'] | undefined,
  ): Promise<StatementReport['state']> {
    if (entry.statements !== null && index < entry.statements) return 'done';
    // How many were done is not known of a history that another version wrote: the first that is not ends them.
    const isNext =
      entry.statements === null ? before === undefined || before === 'done' : index === entry.statements;
    if (!isNext) return 'not done';
    const { name } = this.session.database.dialect;
    // Rows and the count of the statement were written in one transaction, and so was what follows a BEGIN.
    const isCountedWithin = changesRowsOnly(text, name) || transactionControl(text, name) !== undefined;
    if (entry.statements !== null && isCountedWithin) return 'not done';
    const effect: Effect = await effectOf(runner, text);
    if (effect === 'broken') return 'broken';
    if (entry.status === 'failed' && entry.statements !== null) return 'not done';
    return effect === 'unknown' ? 'in doubt' : effect;
  }

  private async resumeOne(
    locked: Locked,
    dirty: DirtyMigration,
    inDoubt: 'skip' | 'repeat' | undefined,
  ): Promise<MigrationRun | undefined> {
    const { entry, statements, name, direction } = dirty;
    const migration = locked.view.all.find((one) => one.name === name)?.migration;
    if (!statements || !migration) throw cannotResume(dirty);
    const next = statements[dirty.done];
    if (next?.state === 'in doubt' && inDoubt === undefined) throw undecided(name, next);
    const done = dirty.done + (next?.state === 'in doubt' && inDoubt === 'skip' ? 1 : 0);
    const recorded = {
      count: entry.statements ?? 0,
      checksum: entry.statements === null ? null : entry.checksum,
    };
    this.session.options.onStart?.(name, direction);
    return this.session.executing(locked, (executor) =>
      executor.run(migration, direction, 'resume', (newest) => newest?.run === entry.run, { done, recorded }),
    );
  }

  /** What the history says of the statements that a migration has now. */
  private async statementsNow(
    runner: QueryRunner,
    { migration }: Known,
  ): Promise<Pick<HistoryEntry, 'checksum' | 'readsData'>> {
    if (migration?.file === undefined) return NO_STATEMENTS;
    const [plan] = await planMigrations(this.session.database, runner, [migration], 'up');
    return { checksum: plan?.checksum ?? null, readsData: plan?.readsData ?? false };
  }

  private entry(
    name: string,
    run: number,
    more: Pick<HistoryEntry, 'action' | 'direction' | 'checksum' | 'readsData'>,
  ): HistoryEntry {
    const unknown = { durationMs: null, statements: null, error: null };
    return {
      run,
      name,
      status: 'done',
      appliedAt: new Date(),
      ...this.session.operator,
      ...unknown,
      ...more,
    };
  }
}

function nothingToRepair(): DbtoolError {
  return new DbtoolError('migrate.unknown', {
    message: 'No migration stopped half-way',
    fix: '`dbtool migrate status` shows where each stands.',
  });
}

function undecided(name: string, { number, line, text }: StatementReport): DbtoolError {
  return new DbtoolError('migrate.repair.undecided', {
    message: `It cannot be told whether statement ${number} of ${name} was done${line === undefined ? '' : ` (line ${line})`}`,
    why: `The process died while it ran or just after, and the catalogue does not show its effect: ${text}`,
    fix: 'Look at the database, then add `--in-doubt skip` if it is done, `--in-doubt repeat` if it is not.',
  });
}

function cannotResume({ name, problem }: DirtyMigration): DbtoolError {
  return new DbtoolError('migrate.repair.undecided', {
    message: `The migration ${name} cannot go on by itself`,
    why: `Its statements cannot be told: ${problem ?? 'nothing is known of them'}`,
    fix: 'Finish or undo it by hand, then run `dbtool migrate repair --mark applied` or `--mark pending`.',
  });
}
