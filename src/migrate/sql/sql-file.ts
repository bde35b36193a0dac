import type { SqlFlavour } from './flavours.js';
import { normalized, type SqlStatement, splitSection } from './split-statements.js';
import { namingFile, SqlFault } from './sql-fault.js';
import { codeTokens } from './tokens.js';
import { transactionControl } from './transaction-control.js';

export type { SqlFlavour } from './flavours.js';
export { type SqlStatement, splitStatements } from './split-statements.js';

/** One direction of a migration. */
export interface SqlSection {
  /** May be empty: nothing is to be done. */
  statements: SqlStatement[];
  /** Whether it is to run in a transaction; false where the marker says `transaction:false`. */
  transaction: boolean;
}

/** What a SQL file holds. `down` is undefined where the file has no such section. */
export interface SqlMigration {
  up: SqlSection;
  down: SqlSection | undefined;
}

interface Marker {
  direction: 'up' | 'down';
  transaction: boolean;
  /** 1-based. */
  line: number;
}

/**
 * Reads a migration in dbmate's format: `-- migrate:up` and `-- migrate:down`, each at the beginning of a
 * line, with `transaction:false` behind it if need be. As in dbmate such a line is a marker wherever it
 * stands, in a string or comment too; other than dbmate, what looks like a marker and is none is refused
 * instead of run with the section before.
 * @param source the file's text
 * @param file the name that errors tell
 * @throws DbtoolError `migrate.source.invalid` naming file and line
 */
export function parseSqlMigration(source: string, file: string, flavour: SqlFlavour): SqlMigration {
  return namingFile(file, () => {
    const lines = normalized(source).split('\n');
    const markers = findMarkers(lines);
    const [up, down] = inOrder(markers);
    refuseEarlyStatement(lines.slice(0, up.line - 1), flavour);
    const section = (marker: Marker, end: number): SqlSection => {
      const text = lines.slice(marker.line, end).join('\n');
      const statements = splitSection(text, flavour, marker.line + 1);
      if (marker.transaction) for (const one of statements) refuseTransactionControl(one, flavour);
      return { statements, transaction: marker.transaction };
    };
    return {
      up: section(up, down ? down.line - 1 : lines.length),
      down: down && section(down, lines.length),
    };
  });
}

const LOOKS_LIKE_MARKER = /^\s*--\s*migrate\s*:/i;
const MARKER = /^--\s*migrate:(up|down)(?:\s+(.*))?$/;

function findMarkers(lines: readonly string[]): Marker[] {
  const markers: Marker[] = [];
  for (const [index, text] of lines.entries()) {
    if (!LOOKS_LIKE_MARKER.test(text)) continue;
    const line = index + 1;
    const [, direction, options = ''] = MARKER.exec(text.trimEnd()) ?? [];
    if (direction !== 'up' && direction !== 'down')
      throw new SqlFault(
        line,
        `\`${text.trim()}\` looks like a section's marker and is none`,
        'Write `-- migrate:up` or `-- migrate:down` at the beginning of the line, in lower case.',
      );
    markers.push({ direction, transaction: readOptions(options, line), line });
  }
  return markers;
}

/** @returns whether the section runs in a transaction */
function readOptions(options: string, line: number): boolean {
  let transaction = true;
  for (const option of options.split(/\s+/).filter((word) => word !== '')) {
    if (option !== 'transaction:true' && option !== 'transaction:false')
      throw new SqlFault(
        line,
        `${option} is no option of a section`,
        'The options are transaction:true (the default) and transaction:false.',
      );
    transaction = option === 'transaction:true';
  }
  return transaction;
}

function inOrder(markers: readonly Marker[]): [Marker, Marker | undefined] {
  const ups = markers.filter((marker) => marker.direction === 'up');
  const downs = markers.filter((marker) => marker.direction === 'down');
  const [up, secondUp] = ups;
  const [down, secondDown] = downs;
  if (!up)
    throw new SqlFault(1, 'there is no `-- migrate:up`', 'Write `-- migrate:up` before the statements.');
  const second = secondUp ?? secondDown;
  if (second)
    throw new SqlFault(
      second.line,
      `there is a second \`-- migrate:${second.direction}\``,
      'A file has one section of each direction; put the statements together, or make two migrations.',
    );
  if (down && down.line < up.line)
    throw new SqlFault(down.line, '`-- migrate:down` stands before `-- migrate:up`', 'Put it behind.');
  return [up, down];
}

function refuseEarlyStatement(lines: readonly string[], flavour: SqlFlavour): void {
  const [first] = codeTokens(lines.join('\n'), flavour);
  if (first)
    throw new SqlFault(
      first.line,
      'a statement stands before `-- migrate:up`, and would not be run',
      'Put it behind the marker; only comments may stand before.',
    );
}

function refuseTransactionControl(statement: SqlStatement, flavour: SqlFlavour): void {
  const control = transactionControl(statement.text, flavour);
  if (control === undefined) return;
  throw new SqlFault(
    statement.line,
    `${control} in a section that runs in a transaction, which would no longer be all or nothing`,
    'Take it out, or write `transaction:false` behind the marker.',
  );
}
