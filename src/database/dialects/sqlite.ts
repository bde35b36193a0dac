import { existsSync } from 'node:fs';
import path from 'node:path';
import { setImmediate, setTimeout as sleep } from 'node:timers/promises';
import type { Database } from 'better-sqlite3';
import type { DataSource, DataSourceOptions, QueryRunner } from 'typeorm';
import { DbtoolError } from '../../errors/dbtool-error.js';
import type { DatabaseSettings } from '../../config/settings.js';
import type { DatabaseUrl } from '../database-url.js';
import type { Dialect, LogicalRow, NativeColumn, OpenOptions, ServerInfo } from '../dialect.js';
import type { BrokenRule, RowFault } from '../driver-error.js';
import * as failure from '../driver-error.js';
import type { LogicalType, LogicalValue } from '../model/logical-type.js';
import type { TableModel } from '../model/table-model.js';
import { sqliteLocks } from './migration/sqlite-locks.js';
import { sqliteWaits } from './migration/sqlite-waits.js';
import { sqliteScript } from './migration/scripts.js';
import {
  CANONICAL_MONEY,
  firstColumn,
  JSON_AS_TEXT,
  keptForm,
  primaryColumns,
  readValue,
  rowValue,
  STREAM_BATCH,
  UNSIGNED_ZERO,
  utcText,
  valueColumns,
} from './sql.js';
import { changeTable, readIndexes } from './sqlite-schema.js';
import { type ChangeSyntax, deleteAndUpdate, nativeTypeText } from './table-changes.js';

const quote = (name: string): string => `"${name.replaceAll('"', '""')}"`;
const BUSY_TIMEOUT_MS = 10_000;
const SWITCH_POLL_MS = 20;

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

const SYNTAX: ChangeSyntax = {
  quote,
  typeText: ({ type }) => nativeTypeText(nativeColumn(type)),
  foreignKeyActions: deleteAndUpdate,
};

function toDriver(type: LogicalType, given: LogicalValue): unknown {
  const value = keptForm(type, given);
  if (value instanceof Date) return utcText(value);
  return typeof value === 'boolean' ? Number(value) : value;
}

function entityTransformer(type: LogicalType): ReturnType<Dialect['entityTransformer']> {
  if (type.kind === 'money') return CANONICAL_MONEY;
  if (type.kind === 'double') return UNSIGNED_ZERO;
  return type.kind === 'json' ? JSON_AS_TEXT : undefined;
}

async function handle(runner: QueryRunner): Promise<Database> {
  return (await runner.connect()) as Database;
}

/** Rows that would not change are left alone: nothing is written for them. */
function onConflict(table: TableModel): string {
  const values = valueColumns(table).map((column) => quote(column.name));
  if (values.length === 0) return 'DO NOTHING';
  const assignments = values.map((name) => `${name} = excluded.${name}`).join(', ');
  const before = values.map((name) => `${quote(table.name)}.${name}`).join(', ');
  const after = values.map((name) => `excluded.${name}`).join(', ');
  return `DO UPDATE SET ${assignments} WHERE (${before}) IS NOT (${after})`;
}

/** One prepared statement, run once a row: the fastest there is for an embedded database. */
async function upsert(runner: QueryRunner, table: TableModel, rows: readonly LogicalRow[]): Promise<void> {
  const names = table.columns.map((column) => quote(column.name));
  const database = await handle(runner);
  const statement = database.prepare(
    `INSERT INTO ${quote(table.name)} (${names.join(', ')}) VALUES (${names.map(() => '?').join(', ')}) ` +
      `ON CONFLICT (${primaryColumns(table)
        .map((column) => quote(column.name))
        .join(', ')}) ${onConflict(table)}`,
  );
  for (const row of rows)
    statement.run(table.columns.map((column) => toDriver(column.type, rowValue(table, column, row))));
}

async function dataSourceOptions(
  url: DatabaseUrl,
  _settings: DatabaseSettings,
  open: OpenOptions,
): Promise<DataSourceOptions> {
  if (url.kind !== 'sqlite') throw new Error(`not an SQLite URL: ${url.display}`);
  const named = url.path === ':memory:' ? url.path : path.resolve(url.path);
  const file = open.emptyIfMissing && !existsSync(named) ? ':memory:' : named;
  if (file !== ':memory:') refuseUnusable(file, open);
  const { default: driver } = await import('better-sqlite3');
  return {
    type: 'better-sqlite3',
    driver,
    database: file,
    timeout: BUSY_TIMEOUT_MS,
    prepareDatabase: (database: Database) => (file === ':memory:' ? undefined : switchToWal(database)),
  };
}

/**
 * With a write-ahead log readers do not block the writer, and a reader never sees half a batch. Of two
 * processes that make the switch at once SQLite refuses one without letting it wait.
 * @throws the driver's SQLITE_BUSY when the file is in use for longer than `waitMs`
 */
export async function switchToWal(database: Database, waitMs = BUSY_TIMEOUT_MS): Promise<void> {
  const deadline = performance.now() + waitMs;
  for (;;) {
    try {
      database.pragma('journal_mode = WAL');
      return;
    } catch (error) {
      const isBusy = (error as { code?: unknown }).code === 'SQLITE_BUSY';
      if (!isBusy || performance.now() > deadline) throw error;
      await sleep(SWITCH_POLL_MS);
    }
  }
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

/**
 * On a handle of its own: one that is being read cannot do anything else. A database in memory has one
 * handle only, and its rows are in memory anyway.
 */
async function* stream(
  dataSource: DataSource,
  query: string,
  parameters: readonly unknown[],
  signal: AbortSignal,
): AsyncGenerator<Record<string, unknown>, void> {
  const { database: file, timeout } = dataSource.options as { database: string; timeout: number };
  if (file === ':memory:') {
    yield* await dataSource.query<Record<string, unknown>[]>(query, [...parameters]);
    return;
  }
  const { default: driver } = await import('better-sqlite3');
  const database = new driver(file, { readonly: true, timeout });
  try {
    let count = 0;
    for (const row of database.prepare(query).iterate(...parameters)) {
      yield row as Record<string, unknown>;
      count += 1;
      // Rows come without waiting: others, a signal's handler too, want to run as well.
      if (count % STREAM_BATCH === 0) await setImmediate();
      signal.throwIfAborted();
    }
  } finally {
    database.close();
  }
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

/** What SQLite refuses then is told like any other fault. */
async function readOnly<T>(runner: QueryRunner, work: () => Promise<T>): Promise<T> {
  await runner.query('PRAGMA query_only = ON');
  try {
    return await work();
  } finally {
    await runner.query('PRAGMA query_only = OFF');
  }
}

async function brokenReferences(runner: QueryRunner): Promise<string[]> {
  const rows = (await runner.query('PRAGMA foreign_key_check')) as { table: string; parent: string }[];
  return rows.map(({ table, parent }) => `${table} to ${parent}`);
}

/** Extended result codes of rows that broke a rule of the schema. */
const ROW_FAULTS: Record<string, RowFault> = {
  SQLITE_CONSTRAINT_UNIQUE: 'unique',
  SQLITE_CONSTRAINT_PRIMARYKEY: 'unique',
  SQLITE_CONSTRAINT_ROWID: 'unique',
  SQLITE_CONSTRAINT_FOREIGNKEY: 'foreign-key',
  SQLITE_CONSTRAINT_NOTNULL: 'null',
  SQLITE_CONSTRAINT_CHECK: 'invalid',
  SQLITE_MISMATCH: 'invalid',
  SQLITE_TOOBIG: 'too-long',
};

/** `UNIQUE constraint failed: tags.owner, tags.name`; of a foreign key SQLite tells nothing. */
function brokenRule(message: string): BrokenRule {
  const columns = /constraint failed: (.+)$/.exec(message)?.[1]?.split(', ') ?? [];
  const [, table, column] = /^([^.]+)\.(.+)$/.exec(columns[0] ?? '') ?? [];
  return { table, column: columns.length === 1 ? column : undefined };
}

function explain(error: unknown, where: string): DbtoolError | undefined {
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
  const fault = Object.hasOwn(ROW_FAULTS, code) ? ROW_FAULTS[code] : undefined;
  if (fault) return failure.row(fault, cause, brokenRule(cause.message));
  return code.startsWith('SQLITE_') ? failure.failed(cause, where) : undefined;
}

export const sqlite: Dialect = {
  name: 'sqlite',
  transactionalDdl: true,
  embedded: true,
  checksTypes: false,
  emptyStringIsNull: false,
  firstYear: 1,
  keepsJsonText: true,
  maxInList: 500,
  dataSourceOptions,
  nativeColumn,
  identifier: (name) => name,
  placeholder: () => '?',
  toDriver,
  fromDriver: readValue,
  entityTransformer,
  upsert,
  hasTable: (runner, name) => runner.hasTable(name),
  quote,
  changeTable: (runner, table, changes) => changeTable(SYNTAX, runner, table, changes),
  tableNames: (runner) => firstColumn(runner, "SELECT name FROM sqlite_master WHERE type = 'table'"),
  brokenReferences,
  readIndexes,
  stream,
  script: sqliteScript,
  readOnly,
  serverInfo,
  beginWrite,
  sessionLocks: sqliteLocks,
  lockWaits: sqliteWaits,

  explain,
};
