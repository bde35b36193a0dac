import { Cursor } from './cursor.js';
import type { SqlFlavour } from './flavours.js';
import { callsOnlyPure } from './functions.js';
import type { Token } from './tokens.js';

/** The pragmas whose argument names what is asked about; any other argument is a new value. */
const ASKING_PRAGMAS = new Set(
  `TABLE_INFO TABLE_XINFO TABLE_LIST INDEX_LIST INDEX_INFO INDEX_XINFO FOREIGN_KEY_LIST FOREIGN_KEY_CHECK
  INTEGRITY_CHECK QUICK_CHECK`.split(/\s+/),
);
const DOING_PRAGMAS = new Set(['OPTIMIZE', 'WAL_CHECKPOINT', 'INCREMENTAL_VACUUM', 'SHRINK_MEMORY']);

/**
 * Whether a statement changes neither data nor schema nor session. A query that locks rows only reads;
 * one that calls a function which is not known to only read does not,
 * nor does a text that cannot be understood.
 */
export function onlyReads(text: string, flavour: SqlFlavour): boolean {
  // Most statements of migrations; the others are looked into.
  if (/^\s*(?:CREATE|ALTER|DROP|INSERT|UPDATE|DELETE)\b/i.test(text)) return false;
  const cursor = Cursor.of(text, flavour);
  return cursor !== undefined && reads(cursor, flavour);
}

function reads(cursor: Cursor, flavour: SqlFlavour): boolean {
  while (cursor.take('(')) {
    // `(SELECT …) UNION …`
  }
  switch (cursor.word()) {
    case 'SELECT':
    case 'WITH':
    case 'VALUES':
      return isPlainQuery(cursor.rest());
    case 'TABLE':
    case 'SHOW':
    case 'DESC':
    case 'DESCRIBE':
      return true;
    case 'PRAGMA':
      return flavour === 'sqlite' && isAsking(cursor);
    case 'EXPLAIN':
      return explains(cursor, flavour);
    default:
      return false;
  }
}

const CHANGES = new Set(['INSERT', 'UPDATE', 'DELETE', 'MERGE', 'REPLACE']);

function isPlainQuery(tokens: readonly Token[]): boolean {
  for (const [index, token] of tokens.entries()) {
    if (token.kind !== 'word') continue;
    const word = token.text.toUpperCase();
    const before = tokens[index - 1]?.text.toUpperCase() ?? '';
    const next = tokens[index + 1]?.text ?? '';
    // A CTE that changes, or the statement that WITH leads to.
    if (CHANGES.has(word) && (before === '(' || before === ')') && next !== '(') return false;
    if (word === 'INTO' && before !== '.') return false;
    // Oracle's `s.NEXTVAL`, MariaDB's `NEXT VALUE FOR s`.
    if (word === 'NEXTVAL' || (word === 'VALUE' && before === 'NEXT')) return false;
  }
  return callsOnlyPure(tokens);
}

function isAsking(cursor: Cursor): boolean {
  cursor.skip();
  if (cursor.word(1) === '.') cursor.skip(2);
  const name = cursor.word();
  if (ASKING_PRAGMAS.has(name)) return true;
  return cursor.token(1) === undefined && !DOING_PRAGMAS.has(name);
}

function explains(cursor: Cursor, flavour: SqlFlavour): boolean {
  cursor.skip();
  // Oracle's writes its plan into a table.
  if (flavour === 'oracle') return false;
  const options = flavour === 'postgres' ? cursor.group() : undefined;
  const runs = (options?.has('ANALYZE') ?? false) || cursor.take('ANALYZE');
  while (cursor.takeAny('VERBOSE', 'EXTENDED', 'FORMAT = JSON', 'FORMAT = TREE', 'FORMAT = TRADITIONAL')) {
    // What comes before the statement.
  }
  return !runs || reads(cursor, flavour);
}
