import type { QueryRunner } from 'typeorm';
import { chunks } from './dialects/sql.js';
import { dialectOf } from './dialects.js';
import type { LogicalValue } from './model/logical-type.js';
import type { ColumnModel, TableModel } from './model/table-model.js';

/**
 * The given columns of the rows whose first column is among `values`, in as many statements as the
 * database's longest IN list asks for.
 */
export async function selectWhereIn(
  runner: QueryRunner,
  table: TableModel,
  columns: readonly [ColumnModel, ...ColumnModel[]],
  values: readonly LogicalValue[],
): Promise<LogicalValue[][]> {
  const dialect = dialectOf(runner.dataSource);
  const quote = (name: string): string => quoted(runner, name);
  const found: LogicalValue[][] = [];
  for (const part of chunks(values, dialect.maxInList)) {
    const places = part.map((_, index) => dialect.placeholder(index + 1)).join(', ');
    const rows = (await runner.query(
      `SELECT ${columns.map((column, index) => `${quote(column.name)} AS c${index}`).join(', ')} FROM ${quote(table.name)} WHERE ${quote(columns[0].name)} IN (${places})`,
      part.map((value) => dialect.toDriver(columns[0].type, value)),
    )) as Record<string, unknown>[];
    for (const row of rows)
      found.push(
        columns.map(
          (column, index) =>
            dialect.fromDriver(column.type, row[`c${index}`] ?? row[`C${index}`]) as LogicalValue,
        ),
      );
  }
  return found;
}

/** Keys of several columns in one statement: every database reads so many alternatives at once, and some no more than a few hundred. */
const KEYS_PER_STATEMENT = 100;

/** Deletes the rows whose `columns` have the values of one of the keys. */
export async function deleteByKeys(
  runner: QueryRunner,
  table: TableModel,
  columns: readonly ColumnModel[],
  keys: readonly (readonly LogicalValue[])[],
): Promise<void> {
  const dialect = dialectOf(runner.dataSource);
  const names = columns.map((column) => quoted(runner, column.name));
  for (const part of chunks(keys, KEYS_PER_STATEMENT)) {
    const alternatives = part.map((_, row) => {
      const first = row * columns.length + 1;
      return `(${names.map((name, index) => `${name} = ${dialect.placeholder(first + index)}`).join(' AND ')})`;
    });
    await runner.query(
      `DELETE FROM ${quoted(runner, table.name)} WHERE ${alternatives.join(' OR ')}`,
      part.flatMap((key) =>
        columns.map((column, index) => dialect.toDriver(column.type, key[index] ?? null)),
      ),
    );
  }
}

/** Deletes the rows whose `key` is among `values`. */
export async function deleteWhereIn(
  runner: QueryRunner,
  table: TableModel,
  key: ColumnModel,
  values: readonly LogicalValue[],
): Promise<void> {
  await changeWhereIn(runner, `DELETE FROM ${quoted(runner, table.name)}`, [], key, values);
}

/** Sets a column of the rows whose `key` is among `values`. */
export async function updateWhereIn(
  runner: QueryRunner,
  table: TableModel,
  set: { column: ColumnModel; value: LogicalValue },
  key: ColumnModel,
  values: readonly LogicalValue[],
): Promise<void> {
  const dialect = dialectOf(runner.dataSource);
  const assignment = `${quoted(runner, set.column.name)} = ${dialect.placeholder(1)}`;
  const statement = `UPDATE ${quoted(runner, table.name)} SET ${assignment}`;
  await changeWhereIn(runner, statement, [dialect.toDriver(set.column.type, set.value)], key, values);
}

async function changeWhereIn(
  runner: QueryRunner,
  statement: string,
  parameters: readonly unknown[],
  key: ColumnModel,
  values: readonly LogicalValue[],
): Promise<void> {
  const dialect = dialectOf(runner.dataSource);
  for (const part of chunks(values, dialect.maxInList)) {
    const places = part.map((_, index) => dialect.placeholder(parameters.length + index + 1)).join(', ');
    await runner.query(`${statement} WHERE ${quoted(runner, key.name)} IN (${places})`, [
      ...parameters,
      ...part.map((value) => dialect.toDriver(key.type, value)),
    ]);
  }
}

function quoted(runner: QueryRunner, name: string): string {
  return runner.dataSource.driver.escape(dialectOf(runner.dataSource).identifier(name));
}
