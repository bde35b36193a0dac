import type { QueryRunner } from 'typeorm';
import type { LogicalRow } from '../dialect.js';
import type { TableModel } from '../model/table-model.js';
import { loadRows } from './mysql-load.js';
import { refuseTooLong } from './mysql-packet.js';
import { quote, toDriver } from './mysql-values.js';
import { primaryColumns, roughSize, rowValue, valueColumns } from './sql.js';

/** Bytes of one statement: well under max_allowed_packet, which is 16 MB on a MariaDB as installed. */
const STATEMENT_BYTES = 4 * 1024 * 1024;
const ROWS_PER_STATEMENT = 500;

function insertStatement(table: TableModel, rows: number): string {
  const names = table.columns.map((column) => quote(column.name));
  const row = `(${names.map(() => '?').join(', ')})`;
  return `INSERT INTO ${quote(table.name)} (${names.join(', ')}) VALUES ${Array.from({ length: rows }, () => row).join(', ')}`;
}

/**
 * ON DUPLICATE KEY UPDATE fires on any unique key, not only the primary one: a provider with another
 * id but the same system name would overwrite a stranger. Tables that have such keys are small, and
 * are written row by row.
 */
export async function upsert(
  runner: QueryRunner,
  table: TableModel,
  rows: readonly LogicalRow[],
): Promise<void> {
  if (table.uniques.length > 0) for (const row of rows) await upsertOne(runner, table, row);
  else await upsertTogether(runner, table, rows);
}

/**
 * Sends what is said to be new as a file. Which rows are is not asked: the answer would be of the moment in which
 * the transaction sees all tables from then on, and others may write to them until it has its locks.
 */
export async function writeRows(
  runner: QueryRunner,
  table: TableModel,
  rows: readonly LogicalRow[],
  areNew: boolean,
): Promise<readonly LogicalRow[]> {
  if (areNew && (await loadRows(runner, table, rows))) return rows;
  if (table.uniques.length === 0) return upsertTogether(runner, table, rows);
  await upsert(runner, table, rows);
  return [];
}

/** `Records: 2  Duplicates: 0  Warnings: 0`, in the server's language. */
const NO_DUPLICATES = /^\D*\d+\D+0\D/;

/** @returns the rows of statements that found nothing to update */
async function upsertTogether(
  runner: QueryRunner,
  table: TableModel,
  rows: readonly LogicalRow[],
): Promise<readonly LogicalRow[]> {
  // VALUES() rather than a row alias, which MariaDB does not have. Of a table of keys only, the keys.
  const values = valueColumns(table);
  const update = (values.length > 0 ? values : primaryColumns(table)).map(
    (column) => `${quote(column.name)} = VALUES(${quote(column.name)})`,
  );
  const fresh: LogicalRow[] = [];
  for (const part of bySize(table, rows)) {
    const values = parameters(table, part);
    await refuseTooLong(runner, values);
    const { info } = (await runner.query(
      `${insertStatement(table, part.length)} ON DUPLICATE KEY UPDATE ${update.join(', ')}`,
      values,
    )) as { info: string };
    // Told of several rows only, and with those that stayed as they were.
    if (NO_DUPLICATES.test(info)) fresh.push(...part);
  }
  return fresh;
}

async function upsertOne(runner: QueryRunner, table: TableModel, row: LogicalRow): Promise<void> {
  await refuseTooLong(runner, parameters(table, [row]));
  const keys = primaryColumns(table);
  const where = keys.map((column) => `${quote(column.name)} = ?`).join(' AND ');
  const keyValues = keys.map((column) => toDriver(column.type, rowValue(table, column, row)));
  const there = (await runner.query(
    `SELECT 1 AS there FROM ${quote(table.name)} WHERE ${where} FOR UPDATE`,
    keyValues,
  )) as unknown[];
  if (there.length === 0) {
    await runner.query(insertStatement(table, 1), parameters(table, [row]));
    return;
  }
  const values = valueColumns(table);
  const assignments = values.map((column) => `${quote(column.name)} = ?`).join(', ');
  await runner.query(`UPDATE ${quote(table.name)} SET ${assignments} WHERE ${where}`, [
    ...values.map((column) => toDriver(column.type, rowValue(table, column, row))),
    ...keyValues,
  ]);
}

function parameters(table: TableModel, rows: readonly LogicalRow[]): unknown[] {
  return rows.flatMap((row) =>
    table.columns.map((column) => toDriver(column.type, rowValue(table, column, row))),
  );
}

function* bySize(table: TableModel, rows: readonly LogicalRow[]): Generator<LogicalRow[]> {
  let part: LogicalRow[] = [];
  let bytes = 0;
  for (const row of rows) {
    const size = table.columns.reduce((sum, column) => sum + roughSize(row[column.property] ?? null), 0);
    if (part.length > 0 && (bytes + size > STATEMENT_BYTES || part.length >= ROWS_PER_STATEMENT)) {
      yield part;
      part = [];
      bytes = 0;
    }
    part.push(row);
    bytes += size;
  }
  if (part.length > 0) yield part;
}
