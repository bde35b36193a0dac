import type { Change, ConstraintKind } from './changes.js';
import type { Cursor } from './cursor.js';
import { isVolatile } from './functions.js';
import type { Token } from './tokens.js';

/** What ends the type of a column, and what ends its default. */
const AFTER_TYPE = new Set(
  `NOT NULL DEFAULT CONSTRAINT PRIMARY UNIQUE REFERENCES CHECK GENERATED AS COLLATE AUTO_INCREMENT AUTOINCREMENT COMMENT
  ON KEY FIRST AFTER CHARSET VISIBLE INVISIBLE STORED VIRTUAL PERSISTENT USING ENABLE DISABLE COMPRESSION STORAGE ENCRYPT
  SORT DEFERRABLE INITIALLY ALGORITHM LOCK`.split(/\s+/),
);

/** A column as its definition tells it. */
export interface ColumnDefinition {
  /** The properties of the column, to be put into a Change. */
  column: Pick<
    Change,
    'type' | 'notNull' | 'hasDefault' | 'volatileDefault' | 'identity' | 'stored' | 'usingIndex'
  >;
  /** Whether NULL or NOT NULL is said. */
  nullability: 'null' | 'not-null' | undefined;
  /** Whether a DEFAULT is said, be it NULL. */
  defaultSaid: boolean;
  charset: boolean;
  constraints: Pick<Change, 'constraint' | 'references' | 'name' | 'notValid' | 'columns'>[];
}

/** Reads what follows the name of a column in CREATE TABLE, ADD, MODIFY and CHANGE. */
export function readColumn(cursor: Cursor): ColumnDefinition {
  const found: ColumnDefinition = {
    column: {},
    nullability: undefined,
    defaultSaid: false,
    charset: false,
    constraints: [],
  };
  const type = readType(cursor);
  if (type !== '') found.column.type = type;
  if (/^(?:SMALL|BIG)?SERIAL\d?$/.test(type)) found.column.identity = true;
  while (!cursor.done) readProperty(cursor, found);
  return found;
}

/** Goes past a type and gives it in capitals, `VARCHAR(20)`; empty where none is named. */
export function readType(cursor: Cursor): string {
  const words: string[] = [];
  while (!cursor.done) {
    const word = cursor.word();
    if (AFTER_TYPE.has(word) || word === ',' || (word === 'CHARACTER' && cursor.word(1) === 'SET')) break;
    if (word === '(') {
      const inner = cursor.group()?.rest() ?? [];
      words.push(`${words.pop() ?? ''}(${inner.map((token) => token.text.toUpperCase()).join('')})`);
    } else {
      const text = cursor.token()?.text ?? '';
      const joins = word === '.' || word === '[' || word === ']' || (words.at(-1) ?? '').endsWith('.');
      if (joins) words.push(`${words.pop() ?? ''}${text}`);
      else words.push(word === '' ? text : word);
      cursor.skip();
    }
  }
  return words.join(' ');
}

function readProperty(cursor: Cursor, found: ColumnDefinition): void {
  const { column, constraints } = found;
  if (cursor.take('NOT NULL')) {
    column.notNull = true;
    found.nullability = 'not-null';
  } else if (cursor.take('NULL')) found.nullability = 'null';
  else if (cursor.take('DEFAULT')) {
    found.defaultSaid = true;
    Object.assign(column, readDefault(cursor));
  } else if (cursor.takeAny('AUTO_INCREMENT', 'AUTOINCREMENT')) column.identity = true;
  else if (cursor.take('GENERATED')) readGenerated(cursor, column);
  else if (cursor.take('AS')) {
    cursor.group();
    column.stored = cursor.takeAny('STORED', 'PERSISTENT') ? true : undefined;
    if (!column.stored) delete column.stored;
  } else if (cursor.takeAny('CHARACTER SET', 'CHARSET')) {
    found.charset = true;
    cursor.skip();
  } else if (cursor.takeAny('AFTER', 'COLLATE', 'COMMENT')) cursor.skip();
  else if (!readConstraint(cursor, constraints)) cursor.skip();
}

/** Goes past the value of a DEFAULT. */
export function readDefault(cursor: Cursor): Pick<Change, 'hasDefault' | 'volatileDefault'> {
  cursor.take('ON NULL');
  const value: Token[] = [];
  while (!cursor.done && (value.length === 0 || !AFTER_TYPE.has(cursor.word()))) {
    if (cursor.word() === ',') break;
    const open = cursor.token();
    const inner = cursor.group();
    if (open) value.push(open);
    if (!inner) cursor.skip();
    else value.push(...inner.rest(), { ...(open as Token), text: ')' });
  }
  if (value.length === 1 && value[0]?.kind === 'word' && value[0].text.toUpperCase() === 'NULL') return {};
  return isVolatile(value) ? { hasDefault: true, volatileDefault: true } : { hasDefault: true };
}

function readGenerated(cursor: Cursor, column: ColumnDefinition['column']): void {
  cursor.takeAny('ALWAYS', 'BY DEFAULT ON NULL', 'BY DEFAULT');
  cursor.take('AS');
  if (cursor.take('IDENTITY')) {
    column.identity = true;
    cursor.group();
    return;
  }
  cursor.group();
  if (cursor.takeAny('STORED', 'PERSISTENT')) column.stored = true;
}

/** @returns whether there was a constraint */
function readConstraint(cursor: Cursor, into: ColumnDefinition['constraints']): boolean {
  const name = cursor.take('CONSTRAINT') ? cursor.identifier() : undefined;
  const constraint = constraintKind(cursor);
  if (constraint === undefined) return name !== undefined;
  const found: ColumnDefinition['constraints'][number] = { constraint };
  if (name !== undefined) found.name = name;
  if (constraint === 'foreign-key') {
    const table = cursor.name()?.name;
    if (table !== undefined) found.references = table;
    cursor.group();
    while (cursor.takeAny('ON DELETE', 'ON UPDATE'))
      if (!cursor.takeAny('SET NULL', 'SET DEFAULT', 'NO ACTION')) cursor.skip();
  } else cursor.group();
  into.push(found);
  return true;
}

function constraintKind(cursor: Cursor): ConstraintKind | undefined {
  if (cursor.take('PRIMARY KEY')) return 'primary-key';
  if (cursor.take('UNIQUE')) {
    cursor.take('KEY');
    return 'unique';
  }
  if (cursor.take('REFERENCES')) return 'foreign-key';
  return cursor.take('CHECK') ? 'check' : undefined;
}

/**
 * Reads a constraint of a table, from CONSTRAINT or its kind on; undefined where there is none.
 * MySQL's `UNIQUE INDEX name (…)` is one.
 */
export function readTableConstraint(cursor: Cursor): Omit<Change, 'kind'> | undefined {
  const found: Omit<Change, 'kind'> = {};
  if (
    cursor.take('CONSTRAINT') &&
    !['PRIMARY', 'UNIQUE', 'FOREIGN', 'CHECK', 'EXCLUDE'].includes(cursor.word())
  ) {
    cursor.take('IF NOT EXISTS');
    setName(found, cursor.identifier());
  }
  if (cursor.take('PRIMARY KEY')) found.constraint = 'primary-key';
  else if (cursor.take('UNIQUE')) {
    found.constraint = 'unique';
    cursor.takeAny('INDEX', 'KEY');
  } else if (cursor.take('FOREIGN KEY')) found.constraint = 'foreign-key';
  else if (cursor.take('CHECK')) found.constraint = 'check';
  else if (cursor.take('EXCLUDE')) found.constraint = 'exclude';
  else return undefined;
  if (found.constraint !== 'check' && found.constraint !== 'exclude') {
    cursor.take('NULLS NOT DISTINCT');
    if (cursor.word() !== '(' && cursor.word() !== 'USING') setName(found, cursor.identifier());
    const group = cursor.group();
    if (group) found.columns = columnNames(group);
  }
  if (cursor.has('USING INDEX')) found.usingIndex = true;
  if (cursor.seek('REFERENCES')) {
    const table = cursor.name()?.name;
    if (table !== undefined) found.references = table;
  }
  if (cursor.has('NOT VALID') || cursor.has('NOVALIDATE')) found.notValid = true;
  return found;
}

function setName(change: Omit<Change, 'kind'>, name: string | undefined): void {
  if (name !== undefined) change.name = name;
}

/** The plain names of a list; of `lower(a)` nothing. */
export function columnNames(group: Cursor): string[] {
  const names: string[] = [];
  for (const item of group.items()) {
    const name = item.identifier();
    if (name !== undefined && (item.word() !== '(' || item.token(1)?.kind === 'number')) names.push(name);
  }
  return names;
}
