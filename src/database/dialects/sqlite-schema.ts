import type { QueryRunner } from 'typeorm';
import type { CatalogueIndex } from '../dialect.js';
import type { TableChange } from '../model/table-change.js';
import {
  type ConstraintText,
  createStatement,
  parseTable,
  type TableText,
  withForm,
  withoutPrimaryKey,
} from './sqlite-table.js';
import {
  type ChangeSyntax,
  columnList,
  columnText,
  commonStatement,
  foreignKeyText,
  indexesOf,
} from './table-changes.js';

interface IndexRow {
  table: string;
  name: string;
  unique: 0 | 1;
  partial: 0 | 1;
  column: string | null;
  desc: 0 | 1;
  definition: string;
}

export async function readIndexes(runner: QueryRunner, tables: readonly string[]): Promise<CatalogueIndex[]> {
  const rows: IndexRow[] = [];
  for (const table of tables) {
    const found = (await runner.query(
      `SELECT m.tbl_name AS "table", m.name AS name, l."unique" AS "unique", l.partial AS partial,
         x.name AS "column", x.desc AS "desc", m.sql AS definition
       FROM pragma_index_list(?) l JOIN sqlite_master m ON m.type = 'index' AND m.name = l.name
         JOIN pragma_index_xinfo(l.name) x ON x.key = 1
       WHERE l.origin = 'c' ORDER BY m.name, x.seqno`,
      [table],
    )) as IndexRow[];
    rows.push(...found);
  }
  return indexesOf(rows, (group) => ({
    isKey: false,
    columns: group.map(({ column }) => column),
    plain:
      group[0].unique === 0 &&
      group[0].partial === 0 &&
      group.every(({ column, desc }) => column !== null && desc === 0),
    definition: group[0].definition,
  }));
}

/** What ALTER TABLE and CREATE INDEX do by themselves; all else needs the table to be rebuilt. */
function isDirect(change: TableChange): change is Exclude<TableChange, { change: 'change-column' }> {
  if (change.change === 'add-column') return change.form.nullable;
  return ['drop-column', 'rename-column', 'add-index', 'drop-index'].includes(change.change);
}

export async function changeTable(
  syntax: ChangeSyntax,
  runner: QueryRunner,
  table: string,
  changes: readonly TableChange[],
): Promise<void> {
  let inPlace: TableChange[] = [];
  for (const change of changes) {
    if (!isDirect(change)) {
      inPlace.push(change);
      continue;
    }
    if (inPlace.length > 0) await rebuild(syntax, runner, table, inPlace);
    inPlace = [];
    await runner.query(commonStatement(syntax, table, change));
  }
  if (inPlace.length > 0) await rebuild(syntax, runner, table, inPlace);
}

/**
 * The steps that SQLite's documentation gives for other changes than ALTER TABLE can do. Rows stay, those
 * that refer to the table too, and so do its indexes and triggers and the views over it.
 */
async function rebuild(
  syntax: ChangeSyntax,
  runner: QueryRunner,
  table: string,
  changes: readonly TableChange[],
): Promise<void> {
  await refuseForeignKeys(runner, table);
  const [own] = await catalogue(runner, `type = 'table' AND name = ? COLLATE NOCASE`, table);
  if (own === undefined) throw new Error(`no such table: ${table}`);
  const extras = await catalogue(
    runner,
    `type IN ('index', 'trigger') AND tbl_name = ? COLLATE NOCASE`,
    table,
  );
  const before = parseTable(own);
  const after = changes.reduce((text, change) => changed(syntax, text, change), before);
  const { quote } = syntax;
  const isCounted = /\bAUTOINCREMENT\b/i.test(own);
  const copied = columnList(syntax, await copiedColumns(runner, table, after));
  const added = quote(`dbtool_new_${table}`);
  const old = quote(table);
  for (const statement of [
    createStatement(added, after),
    `INSERT INTO ${added} (${copied}) SELECT ${copied} FROM ${old}`,
    ...(isCounted ? keepCounter(added, old) : []),
    `DROP TABLE ${old}`,
    // Without it renaming looks into every view and trigger, and finds no table of the old name.
    'PRAGMA legacy_alter_table = ON',
    `ALTER TABLE ${added} RENAME TO ${old}`,
    'PRAGMA legacy_alter_table = OFF',
    ...extras,
  ])
    await runner.query(statement);
}

/** The rows that refer to a table go with it when it is dropped while foreign keys are on. */
async function refuseForeignKeys(runner: QueryRunner, table: string): Promise<void> {
  const [row] = (await runner.query('PRAGMA foreign_keys')) as [{ foreign_keys: number }];
  if (row.foreign_keys === 0) return;
  throw new Error(`the table ${table} cannot be rebuilt while foreign keys are on: run this as a migration`);
}

async function catalogue(runner: QueryRunner, condition: string, table: string): Promise<string[]> {
  const rows = (await runner.query(
    `SELECT sql FROM sqlite_master WHERE sql IS NOT NULL AND ${condition} ORDER BY rowid`,
    [table],
  )) as { sql: string }[];
  return rows.map(({ sql }) => sql);
}

/** Columns that both have, but for those that are computed. */
async function copiedColumns(runner: QueryRunner, table: string, after: TableText): Promise<string[]> {
  const rows = (await runner.query('SELECT name FROM pragma_table_xinfo(?) WHERE hidden = 0', [table])) as {
    name: string;
  }[];
  const kept = new Set(after.columns.map(({ name }) => name.toLowerCase()));
  return rows.map(({ name }) => name).filter((name) => kept.has(name.toLowerCase()));
}

function keepCounter(added: string, old: string): string[] {
  const text = (quoted: string): string => `'${quoted.slice(1, -1).replaceAll("'", "''")}'`;
  return [
    `DELETE FROM sqlite_sequence WHERE name = ${text(added)}`,
    `INSERT INTO sqlite_sequence (name, seq) SELECT ${text(added)}, seq FROM sqlite_sequence WHERE name = ${text(old)}`,
  ];
}

function changed(syntax: ChangeSyntax, table: TableText, change: TableChange): TableText {
  const { columns, constraints } = table;
  const { quote } = syntax;
  const adding = (text: string): TableText => ({
    ...table,
    constraints: [...constraints, ...parseTable(`CREATE TABLE t (${text})`).constraints],
  });
  switch (change.change) {
    case 'add-column': {
      const text = columnText(syntax, change.column, change.form);
      return { ...table, columns: [...columns, { name: change.column, text }] };
    }
    case 'change-column': {
      refuseMissing(columns, change.column);
      const { type, nullable } = change.to;
      const typeText = syntax.typeText({ type, nullable });
      return {
        ...table,
        columns: columns.map((column) =>
          isSame(column.name, change.column) ? withForm(column, typeText, nullable) : column,
        ),
      };
    }
    case 'add-unique':
      return adding(
        `CONSTRAINT ${quote(change.key.name)} UNIQUE (${columnList(syntax, change.key.columns)})`,
      );
    case 'add-foreign-key':
      return adding(foreignKeyText(syntax, change.key));
    case 'add-primary-key':
      return adding(
        `CONSTRAINT ${quote(change.key.name)} PRIMARY KEY (${columnList(syntax, change.key.columns)})`,
      );
    case 'drop-unique':
      return without(table, 'UNIQUE', change.key.name, change.key.columns);
    case 'drop-foreign-key':
      return without(table, 'FOREIGN', change.key.name, [change.key.column]);
    case 'drop-primary-key':
      return withoutKey(table, change.key.name, change.key.columns);
    default:
      throw new Error(`${change.change} needs no rebuilding`);
  }
}

const isSame = (one: string, other: string): boolean => one.toLowerCase() === other.toLowerCase();

function refuseMissing(columns: TableText['columns'], name: string): void {
  if (!columns.some((column) => isSame(column.name, name))) throw new Error(`no such column: ${name}`);
}

/** By its name, or by its columns where it has none. */
function without(
  table: TableText,
  kind: ConstraintText['kind'],
  name: string,
  columns: readonly string[],
): TableText {
  const isIt = (one: ConstraintText): boolean =>
    one.kind === kind &&
    (one.name === undefined ? isSame(one.columns.join(), columns.join()) : isSame(one.name, name));
  const found = table.constraints.findIndex(isIt);
  if (found < 0) throw new Error(`no such constraint: ${name} (${columns.join(', ')})`);
  return { ...table, constraints: table.constraints.toSpliced(found, 1) };
}

/** A primary key of one column may stand with the column, and has no name then. */
function withoutKey(table: TableText, name: string, keyColumns: readonly string[]): TableText {
  if (table.constraints.some(({ kind }) => kind === 'PRIMARY')) {
    const constraints = table.constraints.filter(({ kind }) => kind !== 'PRIMARY');
    return { ...table, constraints };
  }
  const at = table.columns.findIndex((column) => withoutPrimaryKey(column) !== undefined);
  const column = table.columns[at];
  const bare = column && withoutPrimaryKey(column);
  if (!bare) throw new Error(`no such constraint: ${name} (${keyColumns.join(', ')})`);
  return { ...table, columns: table.columns.with(at, bare) };
}
