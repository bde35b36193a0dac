import type { QueryRunner } from 'typeorm';
import type { Dialect } from '../database/dialect.js';
import { DbtoolError } from '../errors/dbtool-error.js';
import { createHistory, HISTORY_COLUMNS, HISTORY_TABLE, type HistoryEntry, insertEntry } from './history.js';
import type { MigrationStatement } from './loaded-migration.js';
import { type PlannedMigration, planMigrations } from './plan.js';
import { Recorder, skipped } from './recorder.js';
import { refuseDirty } from './refusals.js';
import { lastRun, type MigrationSession } from './session.js';
import { codeTokens } from './sql/tokens.js';
import { pendingUpTo, type Target } from './target.js';

/**
 * The pending migrations as one SQL script for the database's own client, which also writes the history.
 * Each migration begins with its row there: a script that is run twice, or after somebody else migrated,
 * stops at that row before anything is changed.
 * @throws DbtoolError `migrate.script.unknown`, `migrate.dirty`, `migrate.unknown`
 */
export async function migrationScript(session: MigrationSession, target: Target): Promise<string> {
  return session.reading(async (runner, view) => {
    refuseDirty(view.all);
    const plans = await planMigrations(session.database, runner, pendingUpTo(view, target), 'up');
    const writer = new ScriptWriter(session, runner);
    const parts = [writer.head(plans)];
    if (!view.hasHistory) parts.push(await writer.history(view.history));
    for (const [index, plan] of plans.entries())
      parts.push(writer.migration(plan, lastRun(view) + 1 + index));
    return `${parts.join('\n\n')}\n`;
  });
}

class ScriptWriter {
  private readonly dialect: Dialect;

  constructor(
    private readonly session: MigrationSession,
    private readonly runner: QueryRunner,
  ) {
    this.dialect = session.database.dialect;
  }

  head(plans: readonly PlannedMigration[]): string {
    const { client, prologue } = this.dialect.script;
    const names = plans.length === 0 ? ['-- Nothing is pending.'] : plans.map(({ name }) => `--   ${name}`);
    return [
      `-- Migrations of ${this.session.database.url.display}, for ${client}; made by dbtool ${this.session.options.toolVersion}.`,
      '-- It stops at the first error. Run it once, and look with `dbtool migrate status` afterwards.',
      ...names,
      ...prologue,
    ].join('\n');
  }

  /** Creates the history, with what was adopted. */
  async history(adopted: readonly HistoryEntry[]): Promise<string> {
    const statements = await this.recorded(async () => {
      await createHistory(this.runner);
      for (const entry of adopted) await insertEntry(this.runner, entry);
    });
    return ['-- The history of migrations', ...this.written(statements)].join('\n');
  }

  migration(plan: PlannedMigration, run: number): string {
    const { begin, commit, around } = this.dialect.script;
    const { name, file, statements, problem, readsData, transaction } = plan;
    if (!statements) throw untellable(name, problem);
    // How many are done is not known until all are: a script cannot count them.
    const row = (status: 'done' | 'running'): string =>
      this.insert(plan, run, status, status === 'done' ? statements.length : null);
    const body = this.written(statements);
    const done = this.written([
      {
        text: `UPDATE ${HISTORY_TABLE} SET status = 'done', statements = ${statements.length} WHERE run = ${run}`,
        parameters: [],
      },
    ]);
    return [
      `-- ${name}`,
      `-- ${file}`,
      ...(readsData
        ? ['-- It reads from the database: these are its statements when the script was made.']
        : []),
      ...(around?.before ?? []),
      ...(transaction
        ? [begin, row('done'), ...body, ...(around?.end ?? []), commit]
        : [begin, row('running'), commit, ...body, begin, ...done, commit]),
      ...(around?.after ?? []),
    ].join('\n');
  }

  private insert(
    { name, checksum, readsData }: PlannedMigration,
    run: number,
    status: string,
    count: number | null,
  ): string {
    const { currentUser, literal, statement } = this.dialect.script;
    const values: Record<keyof HistoryEntry, string> = {
      run: String(run),
      name: literal(name),
      action: literal('script'),
      direction: literal('up'),
      status: literal(status),
      checksum: literal(checksum ?? null),
      readsData: literal(readsData),
      appliedAt: this.dialect.sessionLocks.clock(0),
      appliedBy: currentUser,
      pid: 'NULL',
      toolVersion: literal(this.session.options.toolVersion),
      durationMs: 'NULL',
      statements: literal(count),
      error: 'NULL',
    };
    const columns = HISTORY_COLUMNS.map((column) => column.name).join(', ');
    const list = HISTORY_COLUMNS.map(({ property }) => values[property]).join(', ');
    return statement(`INSERT INTO ${HISTORY_TABLE} (${columns})\nVALUES (${list})`);
  }

  private written(statements: readonly MigrationStatement[]): string[] {
    return statements.map((one) => {
      const text = withValues(one, this.dialect);
      // Behind a comment the end of the statement would be part of it.
      const isComment = /(--|#)[^\n]*$/.test(text);
      return this.dialect.script.statement(isComment ? `${text}\n` : text);
    });
  }

  private async recorded(work: () => Promise<void>): Promise<readonly MigrationStatement[]> {
    const recorder = new Recorder(this.runner, () => Promise.resolve(skipped));
    await recorder.watch(undefined, work);
    return recorder.statements;
  }
}

/** The statement with its parameters written out. */
function withValues({ text, parameters }: MigrationStatement, dialect: Dialect): string {
  if (parameters.length === 0) return text;
  const { literal } = dialect.script;
  // Only Postgres goes by the numbers; the other drivers take parameters in the order of their places.
  const isNumbered = dialect.placeholder(1).startsWith('$');
  const place = isNumbered ? /\$(\d+)/g : dialect.placeholder(1) === '?' ? /\?/g : /:\d+/g;
  let next = 0;
  const fill = (code: string): string =>
    code.replace(place, (_found, number: string | undefined) => {
      next += 1;
      return literal(plain(parameters[isNumbered ? Number(number) - 1 : next - 1]));
    });
  const quoted = codeTokens(text, dialect.name).filter(({ kind }) => kind === 'string' || kind === 'name');
  let at = 0;
  const parts = quoted.map((token) => {
    const part = fill(text.slice(at, token.start)) + token.text;
    at = token.start + token.text.length;
    return part;
  });
  return parts.join('') + fill(text.slice(at));
}

/** Oracle's driver takes a value with its type. */
function plain(value: unknown): unknown {
  return typeof value === 'object' && value !== null && 'val' in value ? value.val : value;
}

function untellable(name: string, problem: string | undefined): DbtoolError {
  return new DbtoolError('migrate.script.unknown', {
    message: `The statements of ${name} cannot be told without running it`,
    why: problem,
    fix: 'Run it with `dbtool migrate up`, or make the script up to the migration before it (--to).',
  });
}
