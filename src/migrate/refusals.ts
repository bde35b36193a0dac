import { distance } from 'fastest-levenshtein';
import type { QueryRunner } from 'typeorm';
import { DbtoolError } from '../errors/dbtool-error.js';
import type { OpenDatabase } from '../database/data-source.js';
import { brief } from './failure.js';
import { type HistoryEntry, NOBODY_KNOWN } from './history.js';
import type { Danger } from './lint/danger.js';
import type { PlannedMigration } from './plan.js';
import { readStatement } from './sql/read-statement.js';
import { isDirty, type Known } from './state.js';

const list = (names: readonly string[]): string => names.join(', ');
const count = (number: number, one: string, many: string): string =>
  number === 1 ? one : `${number} ${many}`;

/** How far a migration came that stopped half-way, in a sentence or two. */
function howFar(entry: HistoryEntry): string {
  const done =
    entry.statements === null
      ? 'An unknown number'
      : entry.statements === 0
        ? 'None'
        : String(entry.statements);
  const complete = `${done} of its statements ${entry.statements === 1 ? 'is' : 'are'} complete`;
  const by = `${entry.appliedBy === NOBODY_KNOWN ? '' : ` by ${entry.appliedBy}`}, begun ${entry.appliedAt.toISOString()}`;
  return entry.status === 'failed'
    ? `${complete}, then it failed: ${entry.error ?? 'no reason is known'}. It was run${by}.`
    : `${complete}; the process that ran it ended before it was done. It was run${by}.`;
}

/** @throws DbtoolError `migrate.dirty` */
export function refuseDirty(all: readonly Known[]): void {
  const dirty = all.find(isDirty)?.newest;
  if (dirty) throw dirtyError(dirty);
}

/** @param entry the last one of a migration that stopped half-way */
export function dirtyError(entry: HistoryEntry): DbtoolError {
  const { name, direction, status, statements } = entry;
  return new DbtoolError('migrate.dirty', {
    message: `The migration ${name} stopped half-way${direction === 'down' ? ' while it was taken back' : ''}`,
    why: howFar(entry),
    fix: 'Run `dbtool migrate repair`: it shows what is there, and goes on or marks it.',
    details: { migration: name, direction, status, statements },
  });
}

export function editedError(names: readonly string[]): DbtoolError {
  return new DbtoolError('migrate.edited', {
    message: `${count(names.length, 'A migration was', 'migrations were')} changed after being applied: ${list(names)}`,
    why: `${names.length === 1 ? 'Its' : 'Their'} statements are not those that this database was built with.`,
    fix: `Restore ${names.length === 1 ? 'the file' : 'the files'} and write a new migration for the change; or take what is there for right with \`dbtool migrate repair --accept ${names[0] ?? 'NAME'}\`.`,
    details: { migrations: names },
  });
}

export function lateError(names: readonly string[]): DbtoolError {
  return new DbtoolError('migrate.out-of-order', {
    message: `${count(names.length, 'A pending migration is', 'pending migrations are')} older than one that is applied: ${list(names)}`,
    why: `${names.length === 1 ? 'It was' : 'They were'} added on another branch, and would run here in another order than elsewhere.`,
    fix: 'Give newer numbers; or apply as it is with `dbtool migrate up --out-of-order apply`.',
    details: { migrations: names },
  });
}

/** @throws DbtoolError `migrate.conflict` when a table that would be created is there already */
export async function refuseConflicts(
  { dialect, url }: OpenDatabase,
  runner: QueryRunner,
  plans: readonly PlannedMigration[],
): Promise<void> {
  const tables = new Set(await dialect.tableNames(runner));
  const conflicts = plans.flatMap(({ name, statements = [] }) => {
    const found: { migration: string; table: string }[] = [];
    for (const change of statements.flatMap(({ text }) => readStatement(text, dialect.name))) {
      const { kind, table } = change;
      if (table === undefined) continue;
      if (kind === 'create-table' && tables.has(table) && !change.ifNotExists)
        found.push({ migration: name, table });
      if (kind === 'create-table') tables.add(table);
      if (kind === 'drop-table' || kind === 'rename-table') tables.delete(table);
      if (kind === 'rename-table' && change.name !== undefined) tables.add(change.name);
    }
    return found;
  });
  const [first] = conflicts;
  if (!first) return;
  throw new DbtoolError('migrate.conflict', {
    message: `The database ${url.display} has tables already that migrations would create: ${list(conflicts.map(({ table }) => table))}`,
    why: `${first.migration} is pending and creates ${first.table}. Another program made it, or the history was lost.`,
    fix: 'Use a database or schema of its own; or, where the tables are what the migrations would make, `dbtool migrate baseline NAME`.',
    details: { conflicts },
  });
}

/** @throws DbtoolError `migrate.dangerous` */
export function refuseDangers(dangers: readonly Danger[]): void {
  const [first] = dangers;
  if (!first) return;
  const more = dangers.slice(1).map((danger) => `\n    - ${describeDanger(danger)}: ${danger.why}`);
  throw new DbtoolError('migrate.dangerous', {
    message: describeDanger(first),
    why: `${first.why}${more.join('')}`,
    fix: first.fails ? first.fix : `${first.fix} ${howToAcknowledge(first.rule)}`,
    details: {
      dangers: dangers.map(({ rule, migration, statement, table }) => ({
        rule,
        migration,
        statement,
        table,
      })),
    },
  });
}

/** For what the database would do, and the admin may want. */
export function howToAcknowledge(rule: string): string {
  return `If it is meant so, say it in the migration: \`-- dbtool:allow ${rule}\` before the statement, or \`allow = ['${rule}']\` in the class.`;
}

export function describeDanger({ rule, migration, statement, line, message }: Danger): string {
  return `${migration}, ${line === undefined ? `statement ${statement}` : `line ${line}`}: ${message} (${rule})`;
}

/** @throws DbtoolError `migrate.source.missing` */
export function sourceMissing(name: string, folders: readonly string[]): DbtoolError {
  return new DbtoolError('migrate.source.missing', {
    message: `The migration ${name} was applied, but its file is gone`,
    why: `${list(folders)} ${folders.length === 1 ? 'holds' : 'hold'} no file of that name, so nothing knows how to take it back.`,
    fix: 'Restore the file, or install the version of dbtool that applied it.',
  });
}

export function irreversible(name: string, file: string): DbtoolError {
  return new DbtoolError('migrate.irreversible', {
    message: `The migration ${name} cannot be taken back`,
    why: `${file} says nothing of how to.`,
    fix: 'Write its `-- migrate:down` section (a harmless SELECT where there is nothing to undo), or a new migration that undoes it.',
  });
}

/**
 * The one name that is meant: all of it, or a beginning that no other has.
 * @throws DbtoolError `migrate.unknown`
 */
export function resolveName(given: string, names: readonly string[]): string {
  if (names.includes(given)) return given;
  const meant = names.filter((name) => name.startsWith(given));
  const [only] = meant;
  if (only !== undefined && meant.length === 1) return only;
  const near = meant.length > 0 ? meant : names.filter((name) => isNear(given, name));
  throw new DbtoolError('migrate.unknown', {
    message:
      meant.length > 1
        ? `${given} may be any of ${meant.length} migrations`
        : `There is no migration ${brief(given)}`,
    why: near.length > 0 ? `There ${near.length === 1 ? 'is' : 'are'} ${list(near.slice(0, 5))}.` : undefined,
    fix: '`dbtool migrate status` lists them all.',
  });
}

/** Whether it is a piece of the name, or the name (also without its number) but for some letters. */
function isNear(given: string, name: string): boolean {
  const tolerance = Math.max(2, Math.floor(given.length / 4));
  const words = name.replace(/^\d+[-_]?/, '');
  return name.includes(given) || [name, words].some((one) => distance(given, one) <= tolerance);
}
