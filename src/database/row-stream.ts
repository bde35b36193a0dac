import type { OpenDatabase } from './data-source.js';
import { explain } from './data-source.js';
import type { LogicalValue } from './model/logical-type.js';
import type { ColumnModel, TableModel } from './model/table-model.js';

/**
 * Reads any number of rows in memory that does not grow with it. The connection is free again when the
 * loop ends, by its end, by `break` or by an error.
 * @param parameters values as the driver takes them (`Dialect.toDriver`)
 * @param signal ends the reading: the loop throws the signal's reason
 * @returns rows with lower-case column names and values as the driver gives them
 * @throws DbtoolError `database.*`
 */
export async function* streamRows(
  database: OpenDatabase,
  query: string,
  parameters: readonly unknown[] = [],
  signal: AbortSignal = new AbortController().signal,
): AsyncGenerator<Record<string, unknown>, void> {
  const { dialect, dataSource } = database;
  let names: [string, string][] | undefined;
  try {
    signal.throwIfAborted();
    for await (const row of dialect.stream(dataSource, query, parameters, signal)) {
      names ??= Object.keys(row).map((name) => [name, name.toLowerCase()]);
      yield Object.fromEntries(names.map(([name, lower]) => [lower, row[name]]));
      signal.throwIfAborted();
    }
  } catch (error) {
    // However the driver puts it that its query was broken off.
    signal.throwIfAborted();
    throw explain(error, database);
  }
}

/**
 * All rows of a table, in no order, as `streamRows`: by property, with values as entities have them.
 * @param where only the rows that have this value in this column
 */
export async function* streamTable(
  database: OpenDatabase,
  table: TableModel,
  signal?: AbortSignal,
  where?: { column: ColumnModel; value: LogicalValue },
): AsyncGenerator<Record<string, unknown>, void> {
  const { dialect, dataSource } = database;
  const quote = (name: string): string => dataSource.driver.escape(dialect.identifier(name));
  const names = table.columns.map((column) => quote(column.name)).join(', ');
  const read = (column: ColumnModel, row: Record<string, unknown>): [string, unknown] => [
    column.property,
    dialect.fromDriver(column.type, row[column.name]),
  ];
  const condition = where ? ` WHERE ${quote(where.column.name)} = ${dialect.placeholder(1)}` : '';
  const values = where ? [dialect.toDriver(where.column.type, where.value)] : [];
  const query = `SELECT ${names} FROM ${quote(table.name)}${condition}`;
  for await (const row of streamRows(database, query, values, signal))
    yield Object.fromEntries(table.columns.map((column) => read(column, row)));
}
