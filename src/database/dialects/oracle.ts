import type { BindDefinition, BindParameters, Connection, ExecuteManyOptions } from 'oracledb';
import type { DataSource, DataSourceOptions, QueryRunner } from 'typeorm';
import type { DatabaseSettings } from '../../config/settings.js';
import { DbtoolError } from '../../errors/dbtool-error.js';
import type { DatabaseUrl } from '../database-url.js';
import type { Dialect, LogicalRow, NativeColumn, ServerInfo } from '../dialect.js';
import { type LogicalType, type LogicalValue, MONEY_DIGITS, MONEY_SCALE } from '../model/logical-type.js';
import type { ColumnModel, TableModel } from '../model/table-model.js';
import { oracleLocks } from './migration/oracle-locks.js';
import { oracleWaits } from './migration/oracle-waits.js';
import { ORACLE_SESSION } from './sessions.js';
import { oracleScript } from './migration/scripts.js';
import { explain, oracleNumber, UNIQUE_VIOLATED } from './oracle-errors.js';
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
  valueColumns,
} from './sql.js';
import { oracleChange, readIndexes } from './oracle-schema.js';
import { type ChangeSyntax, nativeTypeText } from './table-changes.js';
import { tlsOptions } from './tls.js';

/** Catalogue names are upper case, so that a DBA can type them without quotes. */
const identifier = (name: string): string => name.toUpperCase();
const quote = (name: string): string => `"${identifier(name).replaceAll('"', '""')}"`;

/** DBMS_LOCK ids are 0 to 1,073,741,823; any constant, the same in every release. */
const MAX_IN_LIST = 1000;
/** The driver reads the years 1 to 99 as those of the last century. */
const FIRST_YEAR = 100;
/** Oracle's 64-bit floating-point type, which TypeORM does not know. */
const BINARY_DOUBLE = 'binary_double';

function nativeColumn(type: LogicalType): NativeColumn {
  switch (type.kind) {
    case 'string':
      return { type: 'varchar2', length: type.length };
    case 'text':
    case 'json':
      return { type: 'clob' };
    case 'integer':
      return { type: 'number', precision: 10, scale: 0 };
    case 'double':
      return { type: BINARY_DOUBLE };
    case 'money':
      return { type: 'number', precision: MONEY_DIGITS, scale: MONEY_SCALE };
    case 'flag':
      return { type: 'number', precision: 1, scale: 0 };
    case 'instant':
      // With the session's zone set to UTC this is UTC on both ways, whatever the process's zone is;
      // a plain TIMESTAMP would take the process's local wall time.
      return { type: 'timestamp with local time zone', precision: 3 };
  }
}

const SYNTAX: ChangeSyntax = {
  quote,
  typeText: ({ type }) => nativeTypeText(nativeColumn(type)),
  foreignKeyActions: ({ references: { onDelete } }) => (onDelete === 'CASCADE' ? ' ON DELETE CASCADE' : ''),
};

const FLAG_AS_NUMBER = {
  to: (value: unknown): unknown => (typeof value === 'boolean' ? Number(value) : value),
  from: (value: unknown): unknown => (value === null || value === undefined ? value : Number(value) === 1),
};

function entityTransformer(type: LogicalType): ReturnType<Dialect['entityTransformer']> {
  if (type.kind === 'money') return CANONICAL_MONEY;
  if (type.kind === 'double') return UNSIGNED_ZERO;
  if (type.kind === 'json') return JSON_AS_TEXT;
  return type.kind === 'flag' ? FLAG_AS_NUMBER : undefined;
}

/** The empty string is NULL on Oracle; a column that must not be null refuses it. */
function toDriver(type: LogicalType, given: LogicalValue): unknown {
  const value = keptForm(type, given);
  return typeof value === 'boolean' ? Number(value) : value;
}

/** Bind types are stated, since the driver would guess them from the first row, which may hold nulls. */
async function bindDefinition(column: ColumnModel, rows: readonly LogicalRow[]): Promise<BindDefinition> {
  const { default: oracledb } = await import('oracledb');
  switch (column.type.kind) {
    case 'integer':
    case 'flag':
      return { type: oracledb.NUMBER };
    case 'double':
      return { type: oracledb.DB_TYPE_BINARY_DOUBLE };
    case 'instant':
      return { type: oracledb.DB_TYPE_TIMESTAMP_LTZ };
    default: {
      // Long strings are bound as strings: temporary CLOBs are some forty times slower.
      const longest = rows.reduce(
        (max, row) => Math.max(max, Buffer.byteLength(String(row[column.property] ?? ''))),
        1,
      );
      return { type: oracledb.STRING, maxSize: longest };
    }
  }
}

/**
 * Array INSERT; the rows whose key is there already come back as errors and are updated by array
 * UPDATE. MERGE would need a staging table, since long strings cannot pass through SELECT … FROM dual.
 */
async function upsert(runner: QueryRunner, table: TableModel, rows: readonly LogicalRow[]): Promise<void> {
  if (rows.length === 0) return;
  const connection = (await runner.connect()) as Connection;
  const places = table.columns.map((_, index) => `:${index + 1}`);
  const insert = `INSERT INTO ${quote(table.name)} (${table.columns.map((column) => quote(column.name)).join(', ')}) VALUES (${places.join(', ')})`;
  const { batchErrors = [] } = await connection.executeMany(insert, binds(table, table.columns, rows), {
    ...(await options(table.columns, rows)),
    batchErrors: true,
  });
  const other = batchErrors.find((error) => oracleNumber(error) !== UNIQUE_VIOLATED);
  if (other) throw other;
  const taken = batchErrors.flatMap((error) => {
    const row = rows[error.offset ?? -1];
    return row ? [{ row, error }] : [];
  });
  if (taken.length > 0) await updateByKey(connection, table, taken);
}

async function updateByKey(
  connection: Connection,
  table: TableModel,
  taken: readonly { row: LogicalRow; error: Error }[],
): Promise<void> {
  const rows = taken.map(({ row }) => row);
  const keys = primaryColumns(table);
  // Of a table of keys only there is nothing to update.
  if (keys.length === table.columns.length) return;
  // Binds go by order of appearance: values first, keys last.
  const order = [...valueColumns(table), ...keys];
  const place = (column: ColumnModel): string => `${quote(column.name)} = :${order.indexOf(column) + 1}`;
  const sql = `UPDATE ${quote(table.name)} SET ${valueColumns(table).map(place).join(', ')} WHERE ${keys.map(place).join(' AND ')}`;
  const { dmlRowCounts = [] } = await connection.executeMany(sql, binds(table, order, rows), {
    ...(await options(order, rows)),
    dmlRowCounts: true,
  });
  // No row has that primary key, so it was another unique key that the row broke.
  const stranger = taken[dmlRowCounts.indexOf(0)];
  if (stranger) throw stranger.error;
}

function binds(table: TableModel, columns: readonly ColumnModel[], rows: readonly LogicalRow[]): unknown[][] {
  return rows.map((row) =>
    columns.map((column) => toDriver(column.type, rowValue(table, column, row, FIRST_YEAR))),
  );
}

async function options(
  columns: readonly ColumnModel[],
  rows: readonly LogicalRow[],
): Promise<ExecuteManyOptions> {
  return {
    bindDefs: await Promise.all(columns.map((column) => bindDefinition(column, rows))),
    autoCommit: false,
  };
}

async function* stream(
  dataSource: DataSource,
  query: string,
  parameters: readonly unknown[],
  signal: AbortSignal,
): AsyncGenerator<Record<string, unknown>, void> {
  const { default: oracledb } = await import('oracledb');
  const runner = dataSource.createQueryRunner();
  const connection = (await runner.connect()) as Connection;
  const typed = parameters.map((value) => withType(oracledb, value)) as BindParameters;
  let isBusy = false;
  const call = async <T>(work: () => Promise<T>): Promise<T> => {
    signal.throwIfAborted();
    isBusy = true;
    return work().finally(() => (isBusy = false));
  };
  const breakOff = (): void => {
    // Of a connection that does nothing it would hit the next statement.
    if (isBusy) connection.break().catch(() => undefined);
  };
  signal.addEventListener('abort', breakOff);
  try {
    const { resultSet } = await call(() =>
      connection.execute<Record<string, unknown>>(query, typed, {
        resultSet: true,
        fetchArraySize: STREAM_BATCH,
        outFormat: oracledb.OUT_FORMAT_OBJECT,
      }),
    );
    if (!resultSet) throw new Error('a statement that is no query cannot be streamed');
    try {
      for (;;) {
        const rows = await call(() => resultSet.getRows(STREAM_BATCH));
        yield* rows;
        if (rows.length < STREAM_BATCH) return;
      }
    } finally {
      await resultSet.close();
    }
  } finally {
    signal.removeEventListener('abort', breakOff);
    await runner.release();
  }
}

async function dataSourceOptions(url: DatabaseUrl, settings: DatabaseSettings): Promise<DataSourceOptions> {
  if (url.kind !== 'oracle') throw new Error(`not an Oracle URL: ${url.display}`);
  const { default: oracledb } = await import('oracledb');
  const { mode } = settings.tls;
  const fetchTypeHandler = (column: { dbType?: unknown }): FetchAs | undefined => {
    // CLOBs as strings instead of streams.
    if (column.dbType === oracledb.DB_TYPE_CLOB) return { type: oracledb.STRING };
    if (column.dbType === oracledb.DB_TYPE_NUMBER)
      return { type: oracledb.STRING, converter: numberOrDecimal };
    return undefined;
  };
  Object.assign(oracledb, { fetchTypeHandler });
  return {
    type: 'oracle',
    driver: oracledb,
    connectString: `${mode === 'disable' ? 'tcp' : 'tcps'}://${url.host}:${url.port}/${url.database}`,
    username: url.user ?? '',
    password: settings.password ?? url.password ?? '',
    poolSize: settings.poolSize,
    extra: {
      queueTimeout: settings.connectTimeout,
      connectTimeout: Math.ceil(settings.connectTimeout / 1000),
      sslServerDNMatch: mode === 'verify',
      walletContent: await wallet(settings),
      sessionCallback: (connection: Connection, _tag: string, done: (error?: Error) => void) => {
        connection.callTimeout = settings.statementTimeout;
        connection.execute(ORACLE_SESSION).then(() => {
          done();
        }, done);
      },
    },
  };
}

interface FetchAs {
  type: unknown;
  converter?: (value: string | null) => number | string | null;
}

/** A JavaScript number holds whole numbers of 15 digits; more digits, and fractions, stay decimal text. */
function numberOrDecimal(value: string | null): number | string | null {
  return value !== null && /^-?\d{1,15}$/.test(value) ? Number(value) : value;
}

/**
 * The certificates in the one text that the driver takes. It wants the client's key in it too; without
 * one there is no place for an authority but Node's own list.
 * @throws DbtoolError `config.invalid`, `config.unreadable`
 */
async function wallet(settings: DatabaseSettings): Promise<string | undefined> {
  const { ca, cert, key } = (await tlsOptions(settings.tls)) ?? {};
  if (cert !== undefined && key !== undefined) {
    // What is given here takes the place of the authorities that Node trusts by itself.
    const { rootCertificates } = await import('node:tls');
    return [key, cert, ...(ca === undefined ? rootCertificates : [ca])].join('\n');
  }
  if (ca === undefined && cert === undefined && key === undefined) return undefined;
  throw new DbtoolError('config.invalid', {
    message: "Oracle's driver takes an authority's certificate only together with a client's",
    why: 'database.tls.ca, database.tls.cert and database.tls.key were not all given.',
    fix: "Set NODE_EXTRA_CA_CERTS to the authority's file and leave database.tls.ca out, or set all three.",
  });
}

/**
 * Types that TypeORM does not know or that the driver would guess wrongly. Doubles: `double precision`
 * would be a NUMBER, which ends at 1e126, and so would be a number bound without its type. Times: a Date
 * bound without its type is sent as the process's local wall time.
 */
function teachDriver({ driver }: DataSource): void {
  const { supportedDataTypes, oracle: oracledb } = driver as unknown as OracleDriver;
  if (!supportedDataTypes.includes(BINARY_DOUBLE)) supportedDataTypes.push(BINARY_DOUBLE);
  const prepare = driver.preparePersistentValue.bind(driver);
  driver.preparePersistentValue = (value: unknown, column) => {
    const prepared: unknown = prepare(value, column);
    return (column.type as string) === BINARY_DOUBLE && typeof prepared === 'number'
      ? { type: oracledb.DB_TYPE_BINARY_DOUBLE, val: prepared }
      : prepared;
  };
  const createQueryRunner = driver.createQueryRunner.bind(driver);
  driver.createQueryRunner = (mode) => {
    const runner = createQueryRunner(mode);
    const query = runner.query.bind(runner) as Query;
    const typed: Query = (sql, parameters, isStructured) =>
      query(
        sql,
        parameters?.map((value) => withType(oracledb, value)),
        isStructured,
      );
    return Object.assign(runner, { query: typed });
  };
}

function withType(oracledb: OracleDriver['oracle'], value: unknown): unknown {
  return value instanceof Date ? { type: oracledb.DB_TYPE_TIMESTAMP_LTZ, val: value } : value;
}

type Query = (sql: string, parameters?: unknown[], isStructured?: boolean) => Promise<unknown>;

/** What is used of TypeORM's driver. */
interface OracleDriver {
  supportedDataTypes: string[];
  oracle: { DB_TYPE_BINARY_DOUBLE: unknown; DB_TYPE_TIMESTAMP_LTZ: unknown };
}

async function serverInfo(dataSource: DataSource): Promise<ServerInfo> {
  const [row] = await dataSource.query<{ VERSION: string; DBUSER: string; NOW: Date; ZONE: string }[]>(
    'SELECT (SELECT MAX(version) FROM product_component_version) AS version, USER AS dbuser, SYSTIMESTAMP AS now, SESSIONTIMEZONE AS zone FROM dual',
  );
  if (!row) throw new Error('the server returned nothing about itself');
  return { product: 'Oracle', version: row.VERSION, user: row.DBUSER, now: row.NOW, timeZone: row.ZONE };
}

export const oracle: Dialect = {
  name: 'oracle',
  transactionalDdl: false,
  embedded: false,
  checksTypes: true,
  emptyStringIsNull: true,
  firstYear: FIRST_YEAR,
  keepsJsonText: true,
  maxInList: MAX_IN_LIST,
  dataSourceOptions,
  teachDriver,
  nativeColumn,
  identifier,
  placeholder: (position) => `:${position}`,
  toDriver,
  fromDriver: readValue,
  entityTransformer,
  upsert,
  hasTable: (runner, name) => runner.hasTable(identifier(name)),
  quote,
  changeTable: async (runner, table, changes) => {
    for (const change of changes)
      for (const statement of oracleChange(SYNTAX, table, change)) await runner.query(statement);
  },
  tableNames: (runner) => firstColumn(runner, 'SELECT table_name FROM user_tables'),
  readIndexes: (runner, tables) => readIndexes(SYNTAX, runner, tables),
  stream,
  script: oracleScript,
  // DDL would end a transaction that may only read; there is none to protect.
  readOnly: (_runner, work) => work(),
  serverInfo,
  beginWrite: (runner) => runner.startTransaction(),
  sessionLocks: oracleLocks,
  lockWaits: oracleWaits,
  explain,
};
