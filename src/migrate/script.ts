import type { QueryRunner } from 'typeorm';
import type { Dialect } from '../database/dialect.js';
import { DbtoolError } from '../errors/dbtool-error.js';
import { createHistory, HISTORY_COLUMNS, HISTORY_TABLE, type HistoryEntry, insertEntry } from './history.js';
import type { MigrationStatement } from './loaded-migration.js';
import { type PlannedMigration, planMigrations } from './plan.js';
import { checksumOf, checksumsOf, Recorder, skipped } from './recorder.js';
import { refuseDirty } from './refusals.js';
import { changesRowsOnly } from './rows-only.js';
import { lastRun, type MigrationSession, type View } from './session.js';
import { type Token, tokenize } from './sql/tokens.js';
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
    if (!view.hasHistory || view.adopted.length > 0) parts.push(await writer.history(view));
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

  /** Creates the history where there is none, with what is adopted. */
  async history({ hasHistory, adopted }: View): Promise<string> {
    const statements = await this.recorded(async () => {
      if (!hasHistory) await createHistory(this.runner);
      for (const entry of adopted) await insertEntry(this.runner, entry);
    });
    const { begin, commit } = this.dialect.script;
    const parts = [begin, ...this.written(statements), commit].filter((part) => part !== '');
    return ['-- The history of migrations', ...parts].join('\n');
  }

  migration(plan: PlannedMigration, run: number): string {
    const { begin, commit, around } = this.dialect.script;
    const { name, file, statements, problem, readsData, transaction } = plan;
    if (!statements) throw untellable(name, problem);
    const parts = transaction
      ? [
          begin,
          this.insert(plan, run, 'done', statements.length),
          ...this.written(statements),
          ...(around?.end ?? []),
          commit,
        ]
      : [
          ...[begin, this.insert({ ...plan, checksum: undefined }, run, 'running', 0), commit],
          ...this.counted(statements, run),
        ];
    return [
      `-- ${name}`,
      `-- ${file}`,
      ...(readsData
        ? ['-- It reads from the database: these are its statements when the script was made.']
        : []),
      ...(around?.before ?? []),
      ...parts.filter((part) => part !== ''),
      ...(around?.after ?? []),
    ].join('\n');
  }

  /** The statements, with the count of them in the history behind each: what remains when one fails is known. */
  private counted(statements: readonly MigrationStatement[], run: number): string[] {
    const { begin, commit, literal, statement } = this.dialect.script;
    const checksums = checksumsOf(statements);
    const parts: string[] = [];
    let count = 0;
    for (const { kind, statements: some } of inGroups(statements, this.dialect.name)) {
      count += some.length;
      const status = count === statements.length ? `status = 'done', ` : '';
      const noted = statement(
        `UPDATE ${HISTORY_TABLE} SET ${status}statements = ${count}, checksum = ${literal(checksums[count - 1])} WHERE run = ${run}`,
      );
      const written = this.written(some);
      // Rows and their count are one transaction; what ends a transaction by itself is counted right behind.
      parts.push(...(kind === 'rows' ? [begin, ...written] : [...written, begin]), noted, commit);
    }
    if (statements.length > 0) return parts;
    const checksum = literal(checksumOf(statements));
    const noted = statement(
      `UPDATE ${HISTORY_TABLE} SET status = 'done', checksum = ${checksum} WHERE run = ${run}`,
    );
    return [begin, noted, commit];
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

/** Statements that belong together: changes of rows, a transaction of the migration's own, or a single one. */
interface Group {
  kind: 'rows' | 'transaction' | 'single';
  statements: MigrationStatement[];
}

function inGroups(statements: readonly MigrationStatement[], flavour: Dialect['name']): Group[] {
  const groups: Group[] = [];
  let isOpen = false;
  for (const statement of statements) {
    const last = groups.at(-1);
    const rows = changesRowsOnly(statement.text, flavour);
    if (last && (isOpen || (rows && last.kind === 'rows'))) {
      last.statements.push(statement);
      isOpen &&= !/^(?:COMMIT|ROLLBACK(?! (?:\w+ )?TO\b)|END)\b/i.test(statement.text);
    } else {
      isOpen = /^(?:START TRANSACTION|BEGIN(?:$| (?:WORK|TRANSACTION|IMMEDIATE|EXCLUSIVE|DEFERRED)\b))/i.test(
        statement.text,
      );
      const kind = isOpen ? 'transaction' : rows ? 'rows' : 'single';
      groups.push({ kind, statements: [statement] });
    }
  }
  return groups;
}

/** What may look like a parameter and is none. */
const IS_NO_PLACE: ReadonlySet<Token['kind']> = new Set(['string', 'name', 'comment']);

/** The statement with its parameters written out. */
function withValues({ text, parameters }: MigrationStatement, dialect: Dialect): string {
  if (parameters.length === 0) return text;
  const { literal } = dialect.script;
  // Only Postgres goes by the numbers; the other drivers take parameters in the order of their places.
  const isNumbered = dialect.placeholder(1).startsWith('$');
  const place = isNumbered ? /\$(\d+)/g : dialect.placeholder(1) === '?' ? /\?/g : /:\w+/g;
  let next = 0;
  const fill = (code: string): string =>
    code.replace(place, (_found, number: string | undefined) => {
      next += 1;
      return literal(plain(parameters[isNumbered ? Number(number) - 1 : next - 1]));
    });
  const quoted = [...tokenize(text, dialect.name)].filter(({ kind }) => IS_NO_PLACE.has(kind));
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
