import { redact } from '../config/redact.js';
import type { OpenDatabase } from '../database/data-source.js';
import { driverError } from '../database/driver-error.js';
import type { ErrorCode } from '../errors/codes.js';
import { DbtoolError } from '../errors/dbtool-error.js';
import type { MigrationStatement } from './loaded-migration.js';

/** What the database itself could not do is told as such: no migration can be mended for it. */
const NOT_THE_MIGRATION: ReadonlySet<ErrorCode> = new Set([
  'database.privilege',
  'database.lost',
  'database.unreachable',
  'database.pool.exhausted',
]);

const SHOWN = 200;

/** A statement in one line, cut to what fits into a message. */
export function brief(text: string): string {
  const line = redact(text.replaceAll(/\s+/g, ' ').trim());
  return line.length > SHOWN ? `${line.slice(0, SHOWN - 1)}…` : line;
}

/** Where in its file a statement went wrong: the driver may tell the place within it. */
function lineOf(statement: MigrationStatement, error: unknown): number | undefined {
  if (statement.line === undefined) return undefined;
  const position = Number((driverError(error) as { position?: unknown }).position);
  if (!Number.isInteger(position) || position < 1) return statement.line;
  return statement.line + (statement.text.slice(0, position - 1).match(/\n/g) ?? []).length;
}

/** What is told, and kept in the history, of an error. */
export function reasonOf(error: unknown, statement: MigrationStatement | undefined): string {
  const message = redact(error instanceof DbtoolError ? error.message : driverError(error).message);
  return statement ? `${message} (in: ${brief(statement.text)})` : message;
}

/**
 * A migration's failure as a coded error.
 * @param at the statement it stopped at; undefined when that was between statements
 * @param consequence what is left of it, a sentence
 */
export function migrationFailed(
  database: OpenDatabase,
  migration: { name: string; file: string },
  at: { statement: MigrationStatement; number: number } | undefined,
  error: unknown,
  consequence: { left: string; fix: string },
): unknown {
  if (error instanceof DbtoolError) return error;
  const code = database.dialect.explain(error, database.url.display)?.code;
  // Oracle says of a table that is not there just what it says of one that may not be seen.
  const isRefused = code === 'database.privilege' && at !== undefined;
  if (code !== undefined && NOT_THE_MIGRATION.has(code) && !isRefused) return error;
  const line = at && lineOf(at.statement, error);
  const place = line === undefined ? '' : ` at line ${line} of ${migration.file}`;
  return new DbtoolError(isRefused ? 'database.privilege' : 'migrate.failed', {
    message: `The migration ${migration.name} failed${place}`,
    why: `${reasonOf(error, at?.statement)}. ${consequence.left}`,
    fix: consequence.fix,
    details: {
      migration: migration.name,
      file: migration.file,
      ...(line === undefined ? {} : { line }),
      ...(at ? { statement: at.number } : {}),
    },
    cause: error,
  });
}
