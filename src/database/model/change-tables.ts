import type { QueryRunner } from 'typeorm';
import { dialectOf } from '../dialects.js';
import type { ColumnDefinition } from './create-tables.js';
import { type ColumnForm, type ForeignKeyModel, isSameType, type TableChange } from './table-change.js';
import { type ForeignKeyTarget, type KeyModel, keyName } from './table-model.js';

/** Columns of a key; with a name of its own where it is not the one that dbtool gives. */
export type KeyDefinition = readonly string[] | { columns: readonly string[]; name: string };

/** What a column refers to; a name as in `KeyDefinition`. */
export type ForeignKeyDefinition = ForeignKeyTarget & { name?: string };

/** A column before and after a change; what `nullable` is left out of may not be null. */
export interface ColumnChange {
  from: Omit<ColumnDefinition, 'references'>;
  to: Omit<ColumnDefinition, 'references'>;
}

/**
 * Adds columns at the end of the table. Rows that are there get no value: a column that may not be null
 * is refused on a table with rows, but for MySQL and MariaDB, which fill in zeros and empty texts.
 */
export async function addColumns(
  runner: QueryRunner,
  table: string,
  columns: Record<string, ColumnDefinition>,
): Promise<void> {
  const all = Object.entries(columns);
  await change(runner, table, [
    ...all.map(([column, definition]): TableChange => ({
      change: 'add-column',
      column,
      form: formOf(definition),
    })),
    ...all.flatMap(([column, { references }]): TableChange[] =>
      references ? [{ change: 'add-foreign-key', key: foreignKey(table, column, references) }] : [],
    ),
  ]);
}

/** Drops columns with all that is in them. Drop indexes and keys over them first. */
export async function dropColumns(
  runner: QueryRunner,
  table: string,
  columns: readonly string[],
): Promise<void> {
  await change(
    runner,
    table,
    columns.map((column) => ({ change: 'drop-column', column })),
  );
}

/** Renames a column. Keys and indexes over it keep their names. */
export async function renameColumn(
  runner: QueryRunner,
  table: string,
  from: string,
  to: string,
): Promise<void> {
  await change(runner, table, [{ change: 'rename-column', from, to }]);
}

/**
 * Changes types and nullability. Values are converted as the database does it when they are assigned;
 * what does not fit is refused, but SQLite, which keeps any value in any column, keeps it as it is.
 */
export async function changeColumns(
  runner: QueryRunner,
  table: string,
  columns: Record<string, ColumnChange>,
): Promise<void> {
  const changes = Object.entries(columns).map(([column, { from, to }]) => ({
    change: 'change-column' as const,
    column,
    from: formOf(from),
    to: formOf(to),
  }));
  await change(
    runner,
    table,
    changes.filter(({ from, to }) => from.nullable !== to.nullable || !isSameType(from.type, to.type)),
  );
}

export const createIndexes = changeKeys('add-index', 'ix');
export const dropIndexes = changeKeys('drop-index', 'ix');
export const addUniques = changeKeys('add-unique', 'uq');
export const dropUniques = changeKeys('drop-unique', 'uq');

/** Adds a primary key to a table that has none. */
export async function addPrimaryKey(runner: QueryRunner, table: string, key: KeyDefinition): Promise<void> {
  await change(runner, table, [{ change: 'add-primary-key', key: keyModel('pk', table, key) }]);
}

/** Drops the primary key; its columns stay. */
export async function dropPrimaryKey(runner: QueryRunner, table: string, key: KeyDefinition): Promise<void> {
  await change(runner, table, [{ change: 'drop-primary-key', key: keyModel('pk', table, key) }]);
}

/** Makes columns of the table refer to others, by column. */
export async function addForeignKeys(
  runner: QueryRunner,
  table: string,
  keys: Record<string, ForeignKeyDefinition>,
): Promise<void> {
  await change(runner, table, foreignKeyChanges('add-foreign-key', table, keys));
}

/** Takes the definitions that `addForeignKeys` took. */
export async function dropForeignKeys(
  runner: QueryRunner,
  table: string,
  keys: Record<string, ForeignKeyDefinition>,
): Promise<void> {
  await change(runner, table, foreignKeyChanges('drop-foreign-key', table, keys));
}

type KeyChange = 'add-index' | 'drop-index' | 'add-unique' | 'drop-unique';

/** Each key is a list of columns, or that with a name of its own. */
function changeKeys(
  kind: KeyChange,
  prefix: 'ix' | 'uq',
): (runner: QueryRunner, table: string, keys: readonly KeyDefinition[]) => Promise<void> {
  return (runner, table, keys) =>
    change(
      runner,
      table,
      keys.map((key) => ({ change: kind, key: keyModel(prefix, table, key) })),
    );
}

async function change(runner: QueryRunner, table: string, changes: readonly TableChange[]): Promise<void> {
  if (changes.length > 0) await dialectOf(runner.dataSource).changeTable(runner, table, changes);
}

function formOf({ type, nullable = false }: ColumnDefinition): ColumnForm {
  return { type, nullable };
}

function keyModel(prefix: 'pk' | 'uq' | 'ix', table: string, key: KeyDefinition): KeyModel {
  const { columns, name } = 'columns' in key ? key : { columns: key, name: keyName(prefix, table, key) };
  return { columns: [...columns], name };
}

function foreignKeyChanges(
  kind: 'add-foreign-key' | 'drop-foreign-key',
  table: string,
  keys: Record<string, ForeignKeyDefinition>,
): TableChange[] {
  return Object.entries(keys).map(([column, definition]) => ({
    change: kind,
    key: foreignKey(table, column, definition),
  }));
}

function foreignKey(
  table: string,
  column: string,
  { name, ...references }: ForeignKeyDefinition,
): ForeignKeyModel {
  return { name: name ?? keyName('fk', table, [column]), column, references };
}
