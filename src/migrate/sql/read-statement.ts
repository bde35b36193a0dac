import type { Change } from './changes.js';
import { Cursor } from './cursor.js';
import type { SqlFlavour } from './flavours.js';
import { readAlterTable, tableOf } from './read-alter.js';
import { columnNames } from './read-column.js';
import { readCreate, readDropStatement } from './read-create.js';

export type { Change } from './changes.js';
export { onlyReads } from './only-reads.js';

/**
 * What a statement does, as far as its words tell: an ALTER TABLE gives a change for each clause, a DROP
 * one for each table. Nothing that is in a body of code (a trigger's, a block's) is told. Names are
 * unquoted, in the catalogue's case. A text that cannot be read is `other`; the database will refuse it.
 */
export function readStatement(text: string, flavour: SqlFlavour): Change[] {
  const cursor = Cursor.of(text, flavour);
  return cursor ? readCode(cursor, flavour) : [{ kind: 'other' }];
}

function readCode(cursor: Cursor, flavour: SqlFlavour): Change[] {
  while (cursor.take('(')) {
    // `(SELECT …) UNION …`
  }
  const verb = cursor.word();
  cursor.skip();
  switch (verb) {
    case 'CREATE':
      return readCreate(cursor);
    case 'DROP':
      return readDropStatement(cursor, flavour);
    case 'ALTER':
      return readAlter(cursor, flavour);
    case 'RENAME':
      return readRenameTable(cursor);
    case 'TRUNCATE':
      return readTruncate(cursor);
    case 'SELECT':
    case 'VALUES':
      return [{ kind: cursor.has('INTO') && flavour === 'postgres' ? 'create-table' : 'select' }];
    case 'WITH':
      return readWith(cursor);
    case 'INSERT':
    case 'REPLACE':
    case 'UPDATE':
    case 'DELETE':
    case 'MERGE':
      return readData(verb, cursor);
    case 'BEGIN':
    case 'COMMIT':
    case 'ROLLBACK':
    case 'SAVEPOINT':
    case 'RELEASE':
      return [{ kind: 'transaction' }];
    default:
      return readUpkeep(verb, cursor);
  }
}

function readAlter(cursor: Cursor, flavour: SqlFlavour): Change[] {
  cursor.takeAny('ONLINE', 'IGNORE', 'FOREIGN');
  if (cursor.take('TABLE')) return readAlterTable(cursor, flavour);
  if (cursor.take('INDEX')) {
    cursor.take('IF EXISTS');
    const name = cursor.name();
    if (!name || !cursor.take('RENAME TO')) return [{ kind: 'other' }];
    const newName = cursor.identifier();
    return [{ kind: 'rename-index', name: name.name, ...(newName === undefined ? {} : { newName }) }];
  }
  return [{ kind: 'other' }];
}

/** MySQL's `RENAME TABLE a TO b, c TO d`, Oracle's `RENAME a TO b`. */
function readRenameTable(cursor: Cursor): Change[] {
  if (cursor.takeAny('USER')) return [{ kind: 'other' }];
  cursor.takeAny('TABLE', 'TABLES');
  cursor.take('IF EXISTS');
  return cursor.items().map((item): Change => {
    const from = item.name();
    item.take('TO');
    const to = item.name();
    if (!from) return { kind: 'other' };
    return { kind: 'rename-table', ...tableOf(from), ...(to ? { name: to.name } : {}) };
  });
}

function readTruncate(cursor: Cursor): Change[] {
  cursor.take('TABLE');
  const cascade = cursor.has('CASCADE') ? { cascade: true as const } : {};
  return cursor.items().flatMap((item): Change[] => {
    item.take('ONLY');
    const name = item.name();
    return name ? [{ kind: 'truncate', ...tableOf(name), ...cascade }] : [];
  });
}

/** What comes behind the CTEs; they themselves are not looked into. */
function readWith(cursor: Cursor): Change[] {
  for (const verb of ['INSERT', 'UPDATE', 'DELETE', 'MERGE'])
    if (cursor.seek(verb)) return readData(verb, cursor);
  return [{ kind: 'select' }];
}

const DATA = {
  INSERT: 'insert',
  REPLACE: 'insert',
  UPDATE: 'update',
  DELETE: 'delete',
  MERGE: 'merge',
} as const;
const DATA_OPTIONS = [
  'LOW_PRIORITY',
  'HIGH_PRIORITY',
  'DELAYED',
  'QUICK',
  'IGNORE',
  'OR',
  'INTO',
  'FROM',
  'ONLY',
];

function readData(verb: string, cursor: Cursor): Change[] {
  const change: Change = { kind: DATA[verb as keyof typeof DATA] };
  // `INSERT OR REPLACE INTO`, `DELETE LOW_PRIORITY FROM`, Oracle's `DELETE t`.
  for (let word = cursor.takeAny(...DATA_OPTIONS); word; word = cursor.takeAny(...DATA_OPTIONS))
    if (word === 'OR') cursor.skip();
  const name = cursor.name();
  if (name) Object.assign(change, tableOf(name));
  if (cursor.has('WHERE')) change.where = true;
  // MySQL's LIMIT takes a batch of them.
  if (cursor.has('LIMIT') && verb !== 'INSERT') change.where = true;
  if (change.kind === 'insert') readSource(cursor, change);
  return [change];
}

function readSource(cursor: Cursor, change: Change): void {
  const group = cursor.word() === '(' && cursor.word(1) !== 'SELECT' ? cursor.group() : undefined;
  if (group) change.columns = columnNames(group);
  if (!cursor.take('SELECT') || !cursor.seek('FROM')) return;
  const from = cursor.name();
  if (from) change.references = from.name;
}

/** Statements that lock or rewrite tables and are no DDL. */
function readUpkeep(verb: string, cursor: Cursor): Change[] {
  if (verb === 'LOCK') {
    cursor.takeAny('TABLE', 'TABLES');
    cursor.take('ONLY');
    const name = cursor.name();
    return [{ kind: 'lock-table', ...(name ? tableOf(name) : {}) }];
  }
  if (verb === 'CLUSTER' || (verb === 'OPTIMIZE' && cursor.take('TABLE'))) return [rewritten(cursor)];
  if (verb !== 'VACUUM') return [{ kind: 'other' }];
  const full = cursor.group()?.has('FULL') ?? cursor.take('FULL');
  if (!full) return [{ kind: 'other' }];
  cursor.takeAny('VERBOSE', 'ANALYZE');
  return [rewritten(cursor)];
}

function rewritten(cursor: Cursor): Change {
  const name = cursor.name();
  return { kind: 'rewrite-table', ...(name ? tableOf(name) : {}) };
}
