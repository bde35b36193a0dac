import { userInfo } from 'node:os';
import type { DataSource, DataSourceOptions, QueryRunner } from 'typeorm';
import type { DatabaseSettings, TlsSettings } from '../../config/settings.js';
import type { DatabaseUrl } from '../database-url.js';
import type { Dialect, LogicalRow, NativeColumn, ServerInfo } from '../dialect.js';
import * as failure from '../driver-error.js';
import type { LogicalType, LogicalValue } from '../model/logical-type.js';
import { MONEY_DIGITS, MONEY_SCALE } from '../model/logical-type.js';
import type { TableModel } from '../model/table-model.js';
import { migrationLockHeld } from './migration-lock.js';
import { CANONICAL_MONEY, chunks, primaryColumns, readValue, valueColumns } from './sql.js';
import { tlsOptions } from './tls.js';

const ROWS_PER_STATEMENT = 1000;
/** Key of the advisory lock around migrations: any constant, the same in every release. */
const MIGRATION_LOCK = 5_204_071_311;

const quote = (name: string): string => `"${name.replaceAll('"', '""')}"`;

function nativeColumn(type: LogicalType): NativeColumn {
  // Byte order everywhere: the same equality, order and grouping as on the other databases, whatever
  // the database's own collation is.
  switch (type.kind) {
    case 'string':
      return { type: 'character varying', length: type.length, collation: 'C' };
    case 'text':
      return { type: 'text', collation: 'C' };
    case 'integer':
      return { type: 'integer' };
    case 'double':
      return { type: 'double precision' };
    case 'money':
      return { type: 'numeric', precision: MONEY_DIGITS, scale: MONEY_SCALE };
    case 'flag':
      return { type: 'boolean' };
    case 'instant':
      return { type: 'timestamp with time zone', precision: 3 };
    case 'json':
      return { type: 'jsonb' };
  }
}

/** Type of an array parameter that carries a column's values, and the cast to the column's type. */
const ARRAY_TYPE: Record<LogicalType['kind'], { array: string; cast: string }> = {
  string: { array: 'text[]', cast: '' },
  text: { array: 'text[]', cast: '' },
  integer: { array: 'integer[]', cast: '' },
  double: { array: 'double precision[]', cast: '' },
  money: { array: 'numeric[]', cast: '' },
  flag: { array: 'boolean[]', cast: '' },
  instant: { array: 'timestamptz[]', cast: '' },
  json: { array: 'text[]', cast: '::jsonb' },
};

function toDriver(_type: LogicalType, value: LogicalValue): unknown {
  return value instanceof Date ? value.toISOString() : value;
}

/**
 * One statement for any number of rows: a parameter per column, each an array, so that the limit of
 * 65,535 parameters does not matter and the statement's text stays the same. Rows that would not
 * change are left alone, which spares the table dead versions on a repeated import.
 */
function upsertStatement(table: TableModel): string {
  const names = table.columns.map((column) => quote(column.name));
  const values = valueColumns(table).map((column) => quote(column.name));
  const select = table.columns.map((column) => `s.${quote(column.name)}${ARRAY_TYPE[column.type.kind].cast}`);
  const unnest = table.columns.map((column, index) => `$${index + 1}::${ARRAY_TYPE[column.type.kind].array}`);
  const assignments = values.map((name) => `${name} = EXCLUDED.${name}`);
  return [
    `INSERT INTO ${quote(table.name)} AS t (${names.join(', ')})`,
    `SELECT ${select.join(', ')} FROM unnest(${unnest.join(', ')}) AS s(${names.join(', ')})`,
    `ON CONFLICT (${primaryColumns(table)
      .map((column) => quote(column.name))
      .join(', ')}) DO UPDATE SET ${assignments.join(', ')}`,
    `WHERE (${values.map((name) => `t.${name}`).join(', ')}) IS DISTINCT FROM (${values.map((name) => `EXCLUDED.${name}`).join(', ')})`,
  ].join('\n');
}

async function upsert(runner: QueryRunner, table: TableModel, rows: readonly LogicalRow[]): Promise<void> {
  const statement = upsertStatement(table);
  for (const part of chunks(rows, ROWS_PER_STATEMENT)) {
    const parameters = table.columns.map((column) =>
      part.map((row) => toDriver(column.type, row[column.property] ?? null)),
    );
    await runner.query(statement, parameters);
  }
}

/** `sslmode` in the URL is how Postgres users write TLS; a database.tls.mode that is set has the last word. */
function tlsFromUrl(url: Extract<DatabaseUrl, { host: string }>, tls: TlsSettings): TlsSettings {
  const mode = url.parameters['sslmode'];
  if (mode === undefined || tls.mode !== 'disable') return tls;
  if (mode === 'require' || mode === 'verify-ca' || mode === 'verify-full')
    return { ...tls, mode: mode === 'require' ? 'require' : 'verify' };
  return tls;
}

/**
 * What a session must be, whatever the defaults of database and user are: the driver reads ISO dates only,
 * and without extra digits doubles come back rounded.
 */
const SESSION = `SET TIME ZONE 'UTC'; SET datestyle = 'ISO'; SET extra_float_digits = 1`;

async function dataSourceOptions(url: DatabaseUrl, settings: DatabaseSettings): Promise<DataSourceOptions> {
  if (url.kind !== 'postgres') throw new Error(`not a Postgres URL: ${url.display}`);
  const { default: pg } = await import('pg');
  const ssl = await tlsOptions(tlsFromUrl(url, settings.tls));
  return {
    type: 'postgres',
    driver: pg,
    host: url.host,
    port: url.port,
    username: url.user ?? userInfo().username,
    password: settings.password ?? url.password,
    database: url.database,
    ssl: ssl ?? false,
    poolSize: settings.poolSize,
    connectTimeoutMS: settings.connectTimeout,
    applicationName: 'dbtool',
    installExtensions: false,
    extra: {
      // Plain SET statements rather than start-up parameters, which connection poolers refuse.
      onConnect: async (client: { query: (sql: string) => Promise<unknown> }) => {
        await client.query(`${SESSION}; SET statement_timeout = ${settings.statementTimeout}`);
      },
    },
  };
}

const INSUFFICIENT_PRIVILEGE = '42501';

/**
 * information_schema, which TypeORM asks, hides tables that the user has no privilege on. The name is
 * looked up as in any other statement instead; without USAGE on a schema nothing is found in it.
 */
async function hasTable(runner: QueryRunner, name: string): Promise<boolean> {
  const [row] = (await runner.query(
    'SELECT to_regclass($1) IS NOT NULL AS there, current_schema() AS schema',
    [quote(name)],
  )) as [{ there: boolean; schema: string | null }];
  if (row.there || row.schema !== null) return row.there;
  throw Object.assign(new Error('permission denied for all schemas of the search_path'), {
    code: INSUFFICIENT_PRIVILEGE,
  });
}

async function serverInfo(dataSource: DataSource): Promise<ServerInfo> {
  const [row] = await dataSource.query<{ version: string; user: string; now: Date; zone: string }[]>(
    `SELECT current_setting('server_version') AS version, current_user AS "user", clock_timestamp() AS now, current_setting('TimeZone') AS zone`,
  );
  if (!row) throw new Error('the server returned nothing about itself');
  return { product: 'PostgreSQL', version: row.version, user: row.user, now: row.now, timeZone: row.zone };
}

/** The lock belongs to the session, so a crash of this process or its host frees it. */
async function withMigrationLock<T>(runner: QueryRunner, work: () => Promise<T>): Promise<T> {
  const [row] = (await runner.query(`SELECT pg_try_advisory_lock(${MIGRATION_LOCK}) AS taken`)) as [
    { taken: boolean },
  ];
  if (!row.taken) throw migrationLockHeld();
  try {
    return await work();
  } finally {
    await runner.query(`SELECT pg_advisory_unlock(${MIGRATION_LOCK})`);
  }
}

export const postgres: Dialect = {
  name: 'postgres',
  transactionalDdl: true,
  maxInList: 10_000,
  dataSourceOptions,
  nativeColumn,
  identifier: (name) => name,
  placeholder: (position) => `$${position}`,
  toDriver,
  fromDriver: readValue,
  entityTransformer: (type) => (type.kind === 'money' ? CANONICAL_MONEY : undefined),
  upsert,
  hasTable,
  serverInfo,
  beginWrite: (runner) => runner.startTransaction(),
  withMigrationLock,
  explain(error, where) {
    const cause = failure.driverError(error);
    const state = cause.code ?? '';
    // Without a password to answer the server's challenge with, the driver gives up by itself.
    const isUnanswered = cause.message.includes('client password must be a string');
    if (state === '28P01' || state === '28000' || isUnanswered) return failure.authentication(cause, where);
    if (state === '3D000') return failure.missingDatabase(cause, where);
    if (state === INSUFFICIENT_PRIVILEGE) return failure.privilege(cause, where);
    if (state === '55P03') return failure.locked(cause, where);
    if (/^(08|57P0)/.test(state)) return failure.lost(cause, where);
    const network = failure.explainNetwork(cause, where);
    if (network) return network;
    return /^[0-9A-Z]{5}$/.test(state) ? failure.failed(cause, where) : undefined;
  },
  // 22: a value its column cannot hold; 23: a constraint; 54000: a row too large for an index.
  isRowError: (error) => /^(22|23|54)/.test(failure.driverError(error).code ?? ''),
};
