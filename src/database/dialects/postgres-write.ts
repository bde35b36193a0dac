import type { QueryRunner } from 'typeorm';
import type { LogicalRow } from '../dialect.js';
import type { LogicalType, LogicalValue } from '../model/logical-type.js';
import type { TableModel } from '../model/table-model.js';
import { copyRows } from './postgres-copy.js';
import { quote, textForm } from './postgres-values.js';
import { chunks, firstColumn, primaryColumns, rowValue, valueColumns } from './sql.js';

/** Few enough for the server to keep them in memory between reading and inserting them. */
const ROWS_PER_STATEMENT = 1000;

/** What turns the text of a value into the column's type, where the server does not by itself. */
const CAST: Record<LogicalType['kind'], string> = {
  string: '',
  text: '',
  integer: '::integer',
  double: '::double precision',
  money: '::numeric',
  flag: '::boolean',
  instant: '::timestamptz',
  json: '::jsonb',
};

/**
 * One statement for any number of rows: a parameter per column, each an array, so that the limit of
 * 65,535 parameters does not matter and the statement's text stays the same. Rows that would not
 * change are left alone, which spares the table dead versions on a repeated import.
 */
function upsertStatement(table: TableModel): string {
  const names = table.columns.map((column) => quote(column.name));
  const select = table.columns.map((column) => `s.${quote(column.name)}${CAST[column.type.kind]}`);
  const unnest = table.columns.map((_, index) => `$${index + 1}::text[]`);
  return [
    `INSERT INTO ${quote(table.name)} AS t (${names.join(', ')})`,
    `SELECT ${select.join(', ')} FROM unnest(${unnest.join(', ')}) AS s(${names.join(', ')})`,
    `ON CONFLICT (${primaryColumns(table)
      .map((column) => quote(column.name))
      .join(', ')}) ${onConflict(table)}`,
  ].join('\n');
}

function onConflict(table: TableModel): string {
  const values = valueColumns(table).map((column) => quote(column.name));
  if (values.length === 0) return 'DO NOTHING';
  const assignments = values.map((name) => `${name} = EXCLUDED.${name}`).join(', ');
  const before = values.map((name) => `t.${name}`).join(', ');
  const after = values.map((name) => `EXCLUDED.${name}`).join(', ');
  return `DO UPDATE SET ${assignments}\nWHERE (${before}) IS DISTINCT FROM (${after})`;
}

export async function upsert(
  runner: QueryRunner,
  table: TableModel,
  rows: readonly LogicalRow[],
): Promise<void> {
  const statement = upsertStatement(table);
  for (const part of chunks(rows, ROWS_PER_STATEMENT)) {
    const parameters = table.columns.map((column) =>
      textArray(part.map((row) => rowValue(table, column, row))),
    );
    await runner.query(statement, parameters);
  }
}

/** Copies what is new and upserts the rest, which the key's index tells apart for little. */
export async function writeRows(
  runner: QueryRunner,
  table: TableModel,
  rows: readonly LogicalRow[],
  areNew: boolean,
): Promise<readonly LogicalRow[]> {
  if (rows.length === 0) return [];
  const fresh = areNew ? rows : await newAmong(runner, table, rows);
  if (fresh.length < rows.length) {
    const isFresh = new Set(fresh);
    await upsert(
      runner,
      table,
      rows.filter((row) => !isFresh.has(row)),
    );
  }
  if (await copyRows(runner, table, fresh)) return fresh;
  await upsert(runner, table, fresh);
  return [];
}

/** The rows whose key is not there; none where it takes more than one column, since nobody asks for these. */
async function newAmong(
  runner: QueryRunner,
  table: TableModel,
  rows: readonly LogicalRow[],
): Promise<readonly LogicalRow[]> {
  const [key, ...more] = primaryColumns(table);
  if (!key || more.length > 0) return [];
  const name = quote(key.name);
  const texts = rows.map((row) => textForm(rowValue(table, key, row)));
  const known = new Set(
    await firstColumn(runner, `SELECT ${name}::text FROM ${quote(table.name)} WHERE ${name} = ANY($1)`, [
      texts,
    ]),
  );
  return rows.filter((_, index) => !known.has(texts[index] ?? ''));
}

const TEXT_OID = 25;
const HEADER_BYTES = 20;
const LENGTH_BYTES = 4;

/**
 * The values as an array of texts in the server's binary form, which holds them as they are: as a literal every
 * quote and backslash of a JSON text would have to be escaped here and read again there.
 */
function textArray(values: readonly LogicalValue[]): Buffer {
  const texts = values.map(textForm);
  const lengths = texts.map((text) => (text === null ? 0 : Buffer.byteLength(text)));
  const bytes = lengths.reduce((sum, length) => sum + LENGTH_BYTES + length, HEADER_BYTES);
  const array = Buffer.allocUnsafe(bytes);
  // One dimension, whether there are NULLs, the type, how many, counted from 1.
  let at = 0;
  for (const field of [1, texts.includes(null) ? 1 : 0, TEXT_OID, texts.length, 1])
    at = array.writeInt32BE(field, at);
  for (const [index, text] of texts.entries()) {
    const length = lengths[index] ?? 0;
    at = array.writeInt32BE(text === null ? -1 : length, at);
    if (text !== null) at += array.write(text, at);
  }
  return array;
}
