import type { QueryRunner } from 'typeorm';
import type { OpenDatabase } from '../database/data-source.js';
import { DbtoolError } from '../errors/dbtool-error.js';
import { BrokenReferences, brokenReferences, countByKey } from './broken-references.js';
import { removeBrokenIndex } from './effect.js';
import { migrationFailed, reasonOf } from './failure.js';
import { type HistoryAction, type HistoryEntry, insertEntry, readNewest, updateEntry } from './history.js';
import type { LoadedMigration, MigrationBody, MigrationStatement } from './loaded-migration.js';
import { Commits } from './commits.js';
import type { HeldLock } from './lock/migration-lock.js';
import { type LockTimeoutOptions, retryOnLockTimeout } from './lock/lock-timeout.js';
import { OwnTransaction } from './own-transaction.js';
import { type Progress, Recorder, skipped, tablesSeenBy } from './recorder.js';
import { irreversible } from './refusals.js';
import { isChanged, refuseOtherStatements, type Resumption } from './resumption.js';
import { changesRowsOnly } from './rows-only.js';
import type { Migration } from './sources.js';
import { readStatement } from './sql/read-statement.js';
import { transactionControl } from './sql/transaction-control.js';

/** A migration that was run, with the milliseconds it took. */
export interface MigrationRun {
  name: string;
  direction: 'up' | 'down';
  durationMs: number;
  statements: number;
}

/** Who runs it, for the history. */
export interface Operator {
  /** `user@host`. */
  appliedBy: string;
  pid: number;
  toolVersion: string;
}

/** Whether a migration should be run, by its last entry. */
export type IsDue = (newest: HistoryEntry | undefined) => boolean;

interface Task {
  name: string;
  loaded: LoadedMigration;
  body: MigrationBody;
  direction: 'up' | 'down';
  action: HistoryAction;
  resumption: Resumption | undefined;
}

/** What cannot leave a row without its parent. */
const MAKES_NO_ORPHANS = new Set(['create-table', 'create-index', 'create-view', 'create-object']);

/**
 * Runs one migration and writes its entry in the history: in one transaction with it where DDL can be taken
 * back; elsewhere the entry says `running` first and counts the statements, so that what a crash leaves
 * behind is known to the statement.
 */
export class Executor {
  /** Whether another migration follows at once. */
  moreToCome = false;
  private readonly commits: Commits;

  constructor(
    private readonly database: OpenDatabase,
    private readonly runner: QueryRunner,
    private readonly lock: HeldLock,
    /** The highest run of the history, as it was read under the lock. */
    private lastRun: number,
    private readonly operator: Operator,
    private readonly lockTimeout: LockTimeoutOptions,
  ) {
    this.commits = new Commits(database, runner, lock);
  }

  /**
   * @param isDue asked again where another process may have been here since it was planned
   * @returns undefined when it was not due any more
   * @throws DbtoolError `migrate.failed`, `migrate.irreversible`, `migrate.lock.timeout`, `migrate.resume.changed`
   */
  async run(
    migration: Migration,
    direction: 'up' | 'down',
    action: HistoryAction,
    isDue: IsDue,
    resumption?: Resumption,
  ): Promise<MigrationRun | undefined> {
    const loaded = await migration.load();
    const body = loaded[direction];
    if (!body) throw irreversible(migration.name, loaded.file);
    const task = { name: migration.name, loaded, body, direction, action, resumption };
    const isProtected = this.database.dialect.transactionalDdl && body.transaction && !resumption;
    tablesSeenBy(this.runner).length = 0;
    // What cannot be taken back must not find an earlier one taken back by a crash.
    await this.commits.prepare(isProtected && this.moreToCome);
    return isProtected ? this.runInTransaction(task, isDue) : this.runUnprotected(task, isDue);
  }

  /** To be called when nothing more is run, or when something else uses the runner first. */
  async settle(): Promise<void> {
    // A broken connection has neither settings nor a transaction any more.
    await this.commits.settle().catch(() => undefined);
  }

  private async runInTransaction(task: Task, isDue: IsDue): Promise<MigrationRun | undefined> {
    const attempt = (known: ReadonlyMap<string, number>): Promise<MigrationRun | undefined> =>
      retryOnLockTimeout(this.database, this.runner, this.lockTimeout, () =>
        this.transaction(task, isDue, known),
      );
    try {
      return await attempt(new Map());
    } catch (error) {
      if (!(error instanceof BrokenReferences)) throw error;
      // Rolled back by now. What was broken before the migration came is not its fault.
      const before = countByKey((await this.database.dialect.brokenReferences?.(this.runner)) ?? []);
      if (error.isWorseThan(before)) throw brokenReferences(task.name, error);
      return attempt(before);
    }
  }

  private async transaction(
    task: Task,
    isDue: IsDue,
    brokenBefore: ReadonlyMap<string, number>,
  ): Promise<MigrationRun | undefined> {
    const { runner, database } = this;
    const started = performance.now();
    const startedAt = new Date();
    const recorder = new Recorder(runner, ({ text }, run) => {
      refuseTransactionControl(task, transactionControl(text, database.dialect.name));
      return run();
    });
    // SQLite's foreign keys can be switched off only outside a transaction, and rebuilding a table
    // with them on deletes the rows that refer to it.
    await runner.beforeMigration();
    try {
      await this.commits.begin();
      try {
        const run = await this.nextRun(task.name, isDue);
        if (run === undefined) {
          await runner.rollbackTransaction();
          return undefined;
        }
        await recorder.watch(task.body.statements, () => task.body.run(runner));
        await database.dialect.findNamesAgain?.(runner, recorder.statements);
        await this.refuseBrokenReferences(recorder, brokenBefore);
        const durationMs = Math.round(performance.now() - started);
        await this.commits.commit({ ...this.entry(task, run, recorder.progress, startedAt), durationMs });
        this.lastRun = run;
        return {
          name: task.name,
          direction: task.direction,
          durationMs,
          statements: recorder.statements.length,
        };
      } catch (error) {
        await this.rollBack(error);
        if (error instanceof BrokenReferences || this.isLockTimeout(error)) throw error;
        throw migrationFailed(
          database,
          { name: task.name, file: task.loaded.file },
          lastOf(recorder),
          error,
          {
            left: 'Nothing of it remains; the database is as before.',
            fix: 'Mend the cause and run `dbtool migrate up` again.',
          },
        );
      }
    } finally {
      await runner.afterMigration();
    }
  }

  /**
   * The number of the run that begins; undefined when it is not due any more. Only a session's lock makes
   * sure that nobody was here since the history was read.
   */
  private async nextRun(name: string, isDue: IsDue): Promise<number | undefined> {
    if (this.lock.kind === 'session' && !this.database.dialect.embedded) return this.lastRun + 1;
    const { newest, lastRun } = await readNewest(this.runner, name);
    return isDue(newest) ? lastRun + 1 : undefined;
  }

  private async rollBack(error: unknown): Promise<void> {
    // What broke the transaction is the news; a broken connection cannot be rolled back either.
    await this.runner.rollbackTransaction().catch((rollbackError: unknown) => {
      if (error instanceof Error) error.cause ??= rollbackError;
    });
  }

  private isLockTimeout(error: unknown): boolean {
    return this.database.dialect.explain(error, this.database.url.display)?.code === 'database.locked';
  }

  private async refuseBrokenReferences(
    recorder: Recorder,
    before: ReadonlyMap<string, number>,
  ): Promise<void> {
    const { dialect } = this.database;
    if (!dialect.brokenReferences) return;
    const isHarmless = recorder.statements.every(({ text }) =>
      readStatement(text, dialect.name).every(({ kind }) => MAKES_NO_ORPHANS.has(kind)),
    );
    if (isHarmless) return;
    const broken = new BrokenReferences(countByKey(await dialect.brokenReferences(this.runner)));
    if (broken.isWorseThan(before)) throw broken;
  }

  private async runUnprotected(task: Task, isDue: IsDue): Promise<MigrationRun | undefined> {
    const { runner } = this;
    const begun = await this.begin(task, isDue);
    if (!begun) return undefined;
    const { run, elapsed } = begun;
    let at: { statement: MigrationStatement; number: number } | undefined;
    let done: Progress = { count: 0, checksum: '', readsData: false };
    const save = async (
      status: 'running' | 'failed' | 'done',
      error: string | null = null,
    ): Promise<void> => {
      const outcome = { status, ...countedOf(task, done), durationMs: elapsed(), error };
      await recorder.aside(() => updateEntry(runner, run, outcome));
    };
    const own = new OwnTransaction(runner);
    const recorder: Recorder = new Recorder(runner, async (statement, execute) => {
      const after = recorder.progress;
      at = { statement, number: after.count };
      refuseOtherStatements(task, done);
      if (task.resumption && done.count < task.resumption.done) {
        done = after;
        return skipped;
      }
      const count = async (): Promise<void> => {
        const last = done;
        done = after;
        await save('running').catch((error: unknown) => {
          done = last;
          throw error;
        });
      };
      const taken = await recorder.aside(
        async () =>
          (await own.take(statement.text, done, execute, count)) ?? {
            result: await this.oneStatement(statement, execute, count),
          },
      );
      done = after;
      at = undefined;
      return taken.result;
    });
    await runner.beforeMigration();
    try {
      await recorder.watch(task.body.statements, () => task.body.run(runner));
      refuseOtherStatements(task, recorder.progress, true);
      done = recorder.progress;
      await save('done');
      return { name: task.name, direction: task.direction, durationMs: elapsed(), statements: done.count };
    } catch (error) {
      done = (await own.giveUp()) ?? done;
      // What had been run before is there still, however early it stopped this time.
      const { recorded } = task.resumption ?? {};
      if (recorded && (done.count <= recorded.count || isChanged(error)))
        done = { ...recorded, checksum: recorded.checksum ?? '', readsData: done.readsData };
      // Where this cannot be written either, the entry still says that it was running.
      await save('failed', reasonOf(error, at?.statement)).catch(() => undefined);
      throw this.halfWay(task, at, error, done.count);
    } finally {
      await runner.afterMigration();
    }
  }

  private halfWay(
    { name, loaded: { file } }: Task,
    at: { statement: MigrationStatement; number: number } | undefined,
    error: unknown,
    count: number,
  ): unknown {
    return migrationFailed(this.database, { name, file }, at, error, {
      left: `What ran before remains: ${count} ${count === 1 ? 'statement' : 'statements'} of it.`,
      fix: 'Mend the cause; `dbtool migrate repair` shows what is there and goes on.',
    });
  }

  /** Writes the entry that says that it is running. */
  private async begin(task: Task, isDue: IsDue): Promise<{ run: number; elapsed: () => number } | undefined> {
    const started = performance.now();
    const run = await this.inTransaction(async () => {
      const next = await this.nextRun(task.name, isDue);
      if (next === undefined) return undefined;
      const { count = 0, checksum = null } = task.resumption?.recorded ?? {};
      const entry = this.entry(task, next, { count, checksum: checksum ?? '', readsData: false }, new Date());
      const isUnknown = task.resumption !== undefined && checksum === null;
      const statements = isUnknown ? null : count;
      await insertEntry(this.runner, { ...entry, status: 'running', checksum, statements });
      return next;
    });
    if (run === undefined) return undefined;
    this.lastRun = run;
    return { run, elapsed: () => Math.round(performance.now() - started) };
  }

  /**
   * A statement and the count of it: in one transaction where it changes rows only, so that both are there or
   * none; else one after the other, and a crash between them leaves one statement in doubt.
   */
  private async oneStatement(
    { text }: MigrationStatement,
    execute: () => Promise<unknown>,
    count: () => Promise<void>,
  ): Promise<unknown> {
    const { runner, database } = this;
    // Ctrl-C does not stop it half-way.
    const limits = { ...this.lockTimeout, signal: undefined };
    const retry = <T>(work: () => Promise<T>): Promise<T> =>
      retryOnLockTimeout(database, runner, limits, work);
    if (changesRowsOnly(text, database.dialect.name))
      return retry(() =>
        this.inTransaction(async () => {
          const result = await execute();
          await count();
          return result;
        }),
      );
    const makesIndex = readStatement(text, database.dialect.name).some(({ kind }) => kind === 'create-index');
    const result = await retry(async () => {
      // Left by an attempt, or a run, that broke off.
      if (makesIndex) await removeBrokenIndex(runner, text);
      return execute();
    });
    await retry(count);
    return result;
  }

  private async inTransaction<T>(work: () => Promise<T>): Promise<T> {
    await this.database.dialect.beginWrite(this.runner);
    try {
      const result = await work();
      await this.runner.commitTransaction();
      return result;
    } catch (error) {
      await this.rollBack(error);
      throw error;
    }
  }

  private entry(task: Task, run: number, progress: Progress, appliedAt: Date): HistoryEntry {
    return {
      run,
      name: task.name,
      action: task.action,
      direction: task.direction,
      status: 'done',
      checksum: progress.checksum,
      readsData: progress.readsData,
      // The clock of this host: the time is for people, no decision rests on it.
      appliedAt,
      ...this.operator,
      durationMs: null,
      statements: progress.count,
      error: null,
    };
  }
}

/** Behind a COMMIT of its own a migration would no longer be all or nothing. */
function refuseTransactionControl({ name, loaded }: Task, control: string | undefined): void {
  if (control === undefined) return;
  throw new DbtoolError('migrate.failed', {
    message: `The migration ${name} begins or ends a transaction by itself: ${control}`,
    why: `It runs in one, and would no longer be all or nothing. Nothing of it remains; the database is as before.`,
    fix: `Take that out of ${loaded.file}; or have it run without a transaction around it: \`transaction = false\` in the class.`,
    details: { migration: name, file: loaded.file },
  });
}

/** What the history says of the statements that are complete. */
function countedOf(
  { resumption }: Task,
  { count, checksum, readsData }: Progress,
): Pick<HistoryEntry, 'checksum' | 'statements' | 'readsData'> {
  // Of a script's run it is not known how many statements are complete, until this one has gone on from there.
  const isUnknown = resumption?.recorded.checksum === null && checksum === '';
  return isUnknown
    ? { checksum: null, statements: null, readsData }
    : { checksum, statements: count, readsData };
}

function lastOf({ statements }: Recorder): { statement: MigrationStatement; number: number } | undefined {
  const statement = statements.at(-1);
  return statement && { statement, number: statements.length };
}
