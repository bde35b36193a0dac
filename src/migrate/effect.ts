import type { QueryRunner, Table } from 'typeorm';
import { dialectOf } from '../database/dialects.js';
import { withoutMetadata } from '../database/typeorm-metadata.js';
import type { Change } from './sql/changes.js';
import { readStatement } from './sql/read-statement.js';

/**
 * Whether what a statement should do is done, by what the catalogue shows. `broken`: an index that was begun
 * and is of no use; `unknown`: the catalogue does not tell.
 */
export type Effect = 'done' | 'not done' | 'broken' | 'unknown';

/** Looks in the catalogue for what a statement makes, changes or removes. */
export async function effectOf(runner: QueryRunner, text: string): Promise<Effect> {
  const effects: Effect[] = [];
  for (const change of readStatement(text, dialectOf(runner.dataSource).name))
    effects.push(await effectOfChange(runner, change));
  const [first = 'unknown'] = effects;
  // A statement is done as a whole or not at all; where the signs differ, people have to look.
  return effects.every((effect) => effect === first) ? first : 'unknown';
}

async function effectOfChange(runner: QueryRunner, change: Change): Promise<Effect> {
  const { kind, table: name, schema } = change;
  if (name === undefined || schema !== undefined) return 'unknown';
  const table = await withoutMetadata(runner).getTable(name);
  const when = (isDone: boolean | undefined): Effect =>
    isDone === undefined ? 'unknown' : isDone ? 'done' : 'not done';
  switch (kind) {
    case 'create-table':
      return when(table !== undefined);
    case 'drop-table':
      return when(table === undefined);
    case 'rename-table':
      return when(table === undefined && change.name !== undefined && (await runner.hasTable(change.name)));
    case 'add-column':
      return when(table && hasColumn(table, change.name));
    case 'drop-column':
      return when(table && !hasColumn(table, change.name));
    case 'rename-column':
      return when(table && hasColumn(table, change.newName) && !hasColumn(table, change.name));
    case 'create-index':
      return change.name === undefined ? 'unknown' : indexEffect(runner, table, change.name);
    case 'add-constraint':
      return change.name === undefined ? 'unknown' : when(table && hasKey(table, change.name));
    case 'drop-constraint':
      return change.name === undefined ? 'unknown' : when(table && !hasKey(table, change.name));
    case 'drop-index':
      return change.name === undefined ? 'unknown' : when(table && !hasKey(table, change.name));
    case 'set-not-null':
      return when(column(table, change.name)?.isNullable === false);
    case 'drop-not-null':
      return when(column(table, change.name)?.isNullable === true);
    default:
      return 'unknown';
  }
}

/**
 * Removes the index that a statement began to make, where its making broke off: it serves nothing, and stands
 * in the way of being made again.
 * @returns whether there was one
 */
export async function removeBrokenIndex(runner: QueryRunner, text: string): Promise<boolean> {
  const dialect = dialectOf(runner.dataSource);
  if (!dialect.brokenIndexes) return false;
  const { name } = readStatement(text, dialect.name).find(({ kind }) => kind === 'create-index') ?? {};
  if (name === undefined || !(await dialect.brokenIndexes(runner)).includes(name)) return false;
  await runner.query(`DROP INDEX CONCURRENTLY ${runner.dataSource.driver.escape(name)}`);
  return true;
}

async function indexEffect(runner: QueryRunner, table: Table | undefined, name: string): Promise<Effect> {
  if (!table) return 'unknown';
  if (!hasKey(table, name)) return 'not done';
  const broken = await dialectOf(runner.dataSource).brokenIndexes?.(runner);
  return broken?.includes(name) ? 'broken' : 'done';
}

const column = (table: Table | undefined, name: string | undefined) =>
  table?.columns.find((one) => one.name === name);

const hasColumn = (table: Table, name: string | undefined): boolean => column(table, name) !== undefined;

function hasKey(table: Table, name: string): boolean {
  const keys = [table.indices, table.uniques, table.checks, table.foreignKeys, table.exclusions].flat();
  return keys.some((key) => key.name === name);
}
