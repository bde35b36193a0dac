import type { Change } from './changes.js';
import type { Cursor } from './cursor.js';
import type { SqlFlavour } from './flavours.js';
import { tableOf } from './read-alter.js';
import { columnNames, readTableConstraint } from './read-column.js';

const OBJECTS = new Set(
  `TABLE INDEX VIEW SCHEMA DATABASE SEQUENCE TYPE DOMAIN TRIGGER FUNCTION PROCEDURE PACKAGE EVENT EXTENSION RULE POLICY
  ROLE USER SYNONYM STATISTICS COLLATION CAST OPERATOR AGGREGATE PUBLICATION SUBSCRIPTION SERVER CONTEXT DIRECTORY
  LANGUAGE TABLESPACE LIBRARY PROFILE`.split(/\s+/),
);

/** Goes to behind the word that says what is created or dropped. */
function takeObject(cursor: Cursor, modifiers: Set<string>): string {
  for (let count = 0; !cursor.done && count < 24; count += 1) {
    const word = cursor.word();
    cursor.skip();
    if (OBJECTS.has(word)) return word;
    modifiers.add(word);
  }
  return '';
}

/** Reads a CREATE from behind that word on. */
export function readCreate(cursor: Cursor): Change[] {
  const modifiers = new Set<string>();
  const object = takeObject(cursor, modifiers);
  if (object === 'INDEX') return [readIndex(cursor, modifiers)];
  if (object === 'TYPE' || object === 'PACKAGE') cursor.take('BODY');
  const common: Omit<Change, 'kind'> = {};
  if (modifiers.has('TEMP') || modifiers.has('TEMPORARY')) common.temporary = true;
  if (cursor.take('IF NOT EXISTS')) common.ifNotExists = true;
  const name = cursor.name();
  if (object === '' || (!name && object === 'TABLE')) return [{ kind: 'other' }];
  if (name && object === 'TABLE')
    return [{ kind: 'create-table', ...common, ...readTable(cursor), ...tableOf(name) }];
  Object.assign(common, name);
  if (object === 'VIEW') return [{ kind: 'create-view', ...common }];
  if (object === 'SCHEMA' || object === 'DATABASE') return [{ kind: 'create-schema', ...common }];
  return [{ kind: 'create-object', object, ...common }];
}

function readTable(cursor: Cursor): Pick<Change, 'columns'> {
  const group = cursor.group();
  if (!group) return {};
  const columns: string[] = [];
  for (const item of group.items()) {
    if (['INDEX', 'KEY', 'FULLTEXT', 'SPATIAL', 'LIKE', 'PERIOD', 'SUPPLEMENTAL'].includes(item.word()))
      continue;
    if (readTableConstraint(item)) continue;
    const name = item.identifier();
    if (name !== undefined) columns.push(name);
  }
  return { columns };
}

function readIndex(cursor: Cursor, modifiers: ReadonlySet<string>): Change {
  const change: Change = { kind: 'create-index' };
  if (modifiers.has('UNIQUE')) change.unique = true;
  if (cursor.take('CONCURRENTLY')) change.concurrently = true;
  if (cursor.take('IF NOT EXISTS')) change.ifNotExists = true;
  const name = cursor.word() === 'ON' ? undefined : cursor.name();
  if (name) change.name = name.name;
  if (!cursor.seek('ON')) return change;
  cursor.take('ONLY');
  const table = cursor.name();
  if (table) Object.assign(change, tableOf(table));
  if (cursor.take('USING')) cursor.skip();
  const group = cursor.group();
  if (group) change.columns = columnNames(group);
  if (cursor.has('ONLINE')) change.concurrently = true;
  for (const [word, key] of [
    ['ALGORITHM', 'algorithm'],
    ['LOCK', 'lock'],
  ] as const)
    if (cursor.has(word)) {
      cursor.seek(word);
      cursor.take('=');
      change[key] = cursor.word();
    }
  return change;
}

/** Reads a DROP from behind that word on: a change for each thing it names. */
export function readDropStatement(cursor: Cursor, flavour: SqlFlavour): Change[] {
  const modifiers = new Set<string>();
  const object = takeObject(cursor, modifiers);
  if (object === '') return [{ kind: 'other' }];
  if (object === 'TYPE' || object === 'PACKAGE') cursor.take('BODY');
  const common: Omit<Change, 'kind'> = {};
  if (modifiers.has('TEMPORARY')) common.temporary = true;
  if (cursor.take('CONCURRENTLY')) common.concurrently = true;
  if (cursor.take('IF EXISTS')) common.ifExists = true;
  if (cursor.has('CASCADE') || cursor.has('CASCADE CONSTRAINTS')) common.cascade = true;
  if (cursor.has('ONLINE')) common.concurrently = true;
  return cursor.items().flatMap((item): Change[] => {
    const name = item.name();
    if (!name) return [];
    const schema = name.schema === undefined ? {} : { schema: name.schema };
    if (object === 'TABLE') return [{ kind: 'drop-table', ...common, ...tableOf(name) }];
    if (object === 'INDEX') {
      const table = item.take('ON') ? item.name() : undefined;
      return [
        { kind: 'drop-index', ...common, ...schema, name: name.name, ...(table ? tableOf(table) : {}) },
      ];
    }
    const found = { ...common, ...schema, name: name.name };
    if (object === 'VIEW') return [{ kind: 'drop-view', ...found }];
    if (object === 'SCHEMA' || (object === 'DATABASE' && flavour !== 'postgres'))
      return [{ kind: 'drop-schema', ...found }];
    if (object === 'DATABASE') return [{ kind: 'drop-database', ...found }];
    if (object === 'USER' && flavour === 'oracle') return [{ kind: 'drop-schema', ...found }];
    return [{ kind: 'drop-object', object, ...found }];
  });
}
