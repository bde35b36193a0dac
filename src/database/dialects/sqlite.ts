import { existsSync } from 'node:fs';
import path from 'node:path';
import type { Database } from 'better-sqlite3';
import type { DataSource, DataSourceOptions, QueryRunner } from 'typeorm';
import { DbtoolError } from '../../errors/dbtool-error.js';
import type { DatabaseSettings } from '../../config/settings.js';
import type { DatabaseUrl } from '../database-url.js';
import type { Dialect, LogicalRow, NativeColumn, OpenOptions, ServerInfo } from '../dialect.js';
import * as failure from '../driver-error.js';
import type { LogicalType, LogicalValue } from '../model/logical-type.js';
import type { TableModel } from '../model/table-model.js';
import { CANONICAL_MONEY, JSON_AS_TEXT, primaryColumns, readValue, utcText, valueColumns } from './sql.js';

const quote = (name: string): string => `"${name.replaceAll('"', '""')}"`;
const BUSY_TIMEOUT_MS = 10_000;

function nativeColumn(type: LogicalType): NativeColumn {
  switch (type.kind) {
    case 'string':
      return { type: 'varchar', length: type.length };
    // SQLite has no decimals: text keeps every digit, a REAL would not.
    case 'money':
    case 'text':
    case 'json':
      return { type: 'text' };
    case 'integer':
      return { type: 'integer' };
    case 'double':
      return { type: 'double' };
    case 'flag':
      return { type: 'boolean' };
    case 'instant':
      return { type: 'datetime' };
  }
}

function toDriver(_type: LogicalType, value: LogicalValue): unknown {
  if (value instanceof Date) return utcText(value);
  return typeof value === 'boolean' ? Number(value) : value;
}

async function handle(runner: QueryRunner): Promise<Database> {
  return (await runner.connect()) as Database;
}

/** One prepared statement, run once a row: the fastest there is for an embedded database. */
async function upsert(runner: QueryRunner, table: TableModel, rows: readonly LogicalRow[]): Promise<void> {
  const names = table.columns.map((column) => quote(column.name));
  const values = valueColumns(table).map((column) => quote(column.name));
  const assignments = values.map((name) => `${name} = excluded.${name}`).join(', ');
  // Rows that would not change are left alone: nothing is written for them.
  const changed = `(${values.map((name) => `${quote(table.name)}.${name}`).join(', ')}) IS NOT (${values.map((name) => `excluded.${name}`).join(', ')})`;
  const database = await handle(runner);
  const statement = database.prepare(
    `INSERT INTO ${quote(table.name)} (${names.join(', ')}) VALUES (${names.map(() => '?').join(', ')}) ` +
      `ON CONFLICT (${primaryColumns(table)
        .map((column) => quote(column.name))
        .join(', ')}) DO UPDATE SET ${assignments} ` +
      `WHERE ${changed}`,
  );
  for (const row of rows)
    statement.run(table.columns.map((column) => toDriver(column.type, row[column.property] ?? null)));
}

async function dataSourceOptions(
  url: DatabaseUrl,
  _settings: DatabaseSettings,
  open: OpenOptions,
): Promise<DataSourceOptions> {
  if (url.kind !== 'sqlite') throw new Error(`not an SQLite URL: ${url.display}`);
  const file = url.path === ':memory:' ? url.path : path.resolve(url.path);
  if (file !== ':memory:') refuseUnusable(file, open);
  const { default: driver } = await import('better-sqlite3');
  return {
    type: 'better-sqlite3',
    driver,
    database: file,
    timeout: BUSY_TIMEOUT_MS,
    // Readers do not block the writer, and a reader never sees half a batch.
    enableWAL: file !== ':memory:',
  };
}

function refuseUnusable(file: string, open: OpenOptions): void {
  const folder = path.dirname(file);
  if (!existsSync(folder)) {
    throw new DbtoolError('database.missing', {
      message: `The database file ${file} cannot be there: its folder does not exist`,
      fix: `Create ${folder}, or name another file.`,
    });
  }
  if (open.create || existsSync(file)) return;
  throw new DbtoolError('database.missing', {
    message: `The database file ${file} does not exist`,
    why: 'Nothing has been written to it yet, or the command runs in another folder than before.',
    fix: 'Run `dbtool migrate up` to create it, or name another with --database or DBTOOL_DATABASE_URL.',
  });
}

async function serverInfo(dataSource: DataSource): Promise<ServerInfo> {
  const [row] = await dataSource.query<{ version: string }[]>('SELECT sqlite_version() AS version');
  if (!row) throw new Error('SQLite returned nothing about itself');
  return { product: 'SQLite', version: row.version, user: null, now: new Date(), timeZone: null };
}

/**
 * TypeORM sends a deferred BEGIN, under which a transaction that reads and then writes fails when
 * somebody else wrote in between. The runner is told of the transaction that was begun for it.
 */
async function beginWrite(runner: QueryRunner): Promise<void> {
  await runner.query('BEGIN IMMEDIATE');
  Object.assign(runner, { isTransactionActive: true, transactionDepth: 1 });
}

export const sqlite: Dialect = {
  name: 'sqlite',
  transactionalDdl: true,
  maxInList: 500,
  dataSourceOptions,
  nativeColumn,
  identifier: (name) => name,
  placeholder: () => '?',
  toDriver,
  fromDriver: readValue,
  entityTransformer: (type) =>
    type.kind === 'money' ? CANONICAL_MONEY : type.kind === 'json' ? JSON_AS_TEXT : undefined,
  upsert,
  hasTable: (runner, name) => runner.hasTable(name),
  serverInfo,
  beginWrite,
  // Every migration runs in a BEGIN IMMEDIATE and looks again at what is applied: the file's own lock serves.
  withMigrationLock: (_runner, work) => work(),
  explain(error, where) {
    const cause = failure.driverError(error);
    const code = cause.code ?? '';
    if (/^SQLITE_(BUSY|LOCKED)/.test(code)) return failure.locked(cause, where);
    if (/^SQLITE_(CANTOPEN|READONLY|PERM|AUTH)/.test(code)) return failure.privilege(cause, where);
    if (code === 'SQLITE_NOTADB') {
      return new DbtoolError('database.missing', {
        message: `${where} is no SQLite database`,
        why: 'The file holds something else, or it is encrypted or damaged.',
        fix: 'Name another file.',
        cause,
      });
    }
    return code.startsWith('SQLITE_') ? failure.failed(cause, where) : undefined;
  },
  isRowError: (error) => /^SQLITE_(CONSTRAINT|TOOBIG|MISMATCH)/.test(failure.driverError(error).code ?? ''),
};
