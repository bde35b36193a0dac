import type { QueryRunner } from 'typeorm';
import type { LogicalRow } from '../dialect.js';
import { EncodedText } from '../model/encoded-text.js';
import type { LogicalType, LogicalValue } from '../model/logical-type.js';
import { canonicalDecimal } from '../model/logical-type.js';
import type { ColumnModel, TableModel } from '../model/table-model.js';
import { refuseUnkeepable } from '../model/row-rules.js';

/** Rows that are fetched at a time when many are read: few enough for long ones, enough for short ones. */
export const STREAM_BATCH = 200;

/** Splits rows so that no statement has more than `max` of them. */
export function chunks<T>(items: readonly T[], max: number): T[][] {
  const parts: T[][] = [];
  for (let start = 0; start < items.length; start += max) parts.push(items.slice(start, start + max));
  return parts;
}

export function primaryColumns(table: TableModel): ColumnModel[] {
  return table.columns.filter((column) => column.primary);
}

export function valueColumns(table: TableModel): ColumnModel[] {
  return table.columns.filter((column) => !column.primary);
}

/** `2025-08-07 11:54:39.327`, UTC: the form in which SQLite and MySQL keep points in time. */
export function utcText(date: Date): string {
  return date.toISOString().replace('T', ' ').replace('Z', '');
}

/**
 * A value in the one form in which it is kept everywhere: no -0 (most databases have none), decimals
 * canonical (some keep them as text), texts as strings, and JSON's `null` as no value.
 */
export function keptForm(type: LogicalType, given: LogicalValue): LogicalValue {
  if (given === 0) return 0;
  const value = given instanceof EncodedText ? given.toString() : given;
  if (type.kind === 'money' && typeof value === 'string') return canonicalDecimal(value);
  return type.kind === 'json' && value === 'null' ? null : value;
}

/**
 * A column's value of a row, in the form in which it is kept.
 * @throws DbtoolError `database.row.*` when no database could keep it
 */
export function rowValue(
  table: TableModel,
  column: ColumnModel,
  row: LogicalRow,
  firstYear = 1,
): LogicalValue {
  const value = keptForm(column.type, row[column.property] ?? null);
  refuseUnkeepable(table, column, value, firstYear);
  return value;
}

/** Entity values of types that a database keeps as text: json and, on SQLite, money. */
export const JSON_AS_TEXT = {
  to: (value: unknown): unknown => (value === null || value === undefined ? value : JSON.stringify(value)),
  from: (value: unknown): unknown => (typeof value === 'string' ? (JSON.parse(value) as unknown) : value),
};

export const CANONICAL_MONEY = {
  to: (value: unknown): unknown => (typeof value === 'string' ? canonicalDecimal(value) : value),
  from: (value: unknown): unknown =>
    value === null || value === undefined ? value : canonicalDecimal(plainDecimal(value)),
};

/** Entity values of doubles: most databases have no -0. */
export const UNSIGNED_ZERO = {
  to: (value: unknown): unknown => (value === 0 ? 0 : value),
  from: (value: unknown): unknown => value,
};

function plainDecimal(value: unknown): string {
  if (typeof value === 'string') return value;
  if (typeof value === 'number') return value.toFixed(10);
  throw new TypeError(`A money column returned a ${typeof value}`);
}

/** What is common to all: how a value read by a statement of ours becomes an entity's value. */
export function readValue(type: LogicalType, value: unknown): unknown {
  if (value === null || value === undefined) return null;
  switch (type.kind) {
    case 'money':
      return CANONICAL_MONEY.from(value);
    case 'double':
    case 'integer':
      return Number(value);
    case 'flag':
      return value === true || value === 1 || value === '1';
    case 'json':
      return JSON_AS_TEXT.from(value);
    case 'instant':
      return value instanceof Date ? value : new Date(`${(value as string).replace(' ', 'T')}Z`);
    default:
      return value;
  }
}

/** Bytes that a value takes in a statement, roughly: to keep statements under a server's packet limit. */
export function roughSize(value: LogicalValue): number {
  if (value instanceof EncodedText) return value.byteLength * 2 + 2;
  return typeof value === 'string' ? value.length * 2 + 2 : 24;
}

/** Runs `work` in a transaction that may only read, and ends it. TypeORM is not told of it. */
export async function inReadOnlyTransaction<T>(runner: QueryRunner, work: () => Promise<T>): Promise<T> {
  await runner.query('START TRANSACTION READ ONLY');
  try {
    return await work();
  } finally {
    await runner.query('ROLLBACK');
  }
}

/** The first column of a query's rows, as text. */
export async function firstColumn(
  runner: QueryRunner,
  query: string,
  parameters: unknown[] = [],
): Promise<string[]> {
  const rows = (await runner.query(query, parameters)) as Record<string, unknown>[];
  return rows.map((row) => String(Object.values(row)[0]));
}
