import { isIP } from 'node:net';
import type { Readable } from 'node:stream';
import type { Connection, PoolOptions, SslOptions, TypeCastField, TypeCastNext } from 'mysql2';
import type { MysqlDataSourceOptions } from 'typeorm/driver/mysql/MysqlDataSourceOptions.js';
import type { DataSource, DataSourceOptions, QueryRunner } from 'typeorm';
import type { DatabaseSettings } from '../../config/settings.js';
import { DbtoolError } from '../../errors/dbtool-error.js';
import type { DatabaseUrl } from '../database-url.js';
import type { Dialect, NativeColumn, ServerInfo } from '../dialect.js';
import { driverError } from '../driver-error.js';
import { instant, type LogicalType, MONEY_DIGITS, MONEY_SCALE } from '../model/logical-type.js';
import { explain, POOL_EXHAUSTED } from './mysql-errors.js';
import { mysqlChange, readIndexes, tableOptions } from './mysql-schema.js';
import { quote, toDriver } from './mysql-values.js';
import { upsert, writeRows } from './mysql-write.js';
import { mysqlLocks } from './migration/mysql-locks.js';
import { mysqlWaits } from './migration/mysql-waits.js';
import { MYSQL_SESSION } from './sessions.js';
import { mysqlScript } from './migration/scripts.js';
import {
  CANONICAL_MONEY,
  firstColumn,
  inReadOnlyTransaction,
  JSON_AS_TEXT,
  readValue,
  STREAM_BATCH,
  UNSIGNED_ZERO,
} from './sql.js';
import { type ChangeSyntax, deleteAndUpdate, nativeTypeText } from './table-changes.js';
import { tlsOptions } from './tls.js';

function nativeColumn(type: LogicalType): NativeColumn {
  switch (type.kind) {
    case 'string':
      return { type: 'varchar', length: type.length };
    // MySQL's own JSON type reorders keys and MariaDB's is LONGTEXT anyway: text keeps what was written,
    // and the JSON functions of both take it.
    case 'json':
    case 'text':
      return { type: 'longtext' };
    case 'integer':
      return { type: 'int' };
    case 'double':
      return { type: 'double' };
    case 'money':
      return { type: 'decimal', precision: MONEY_DIGITS, scale: MONEY_SCALE };
    case 'flag':
      return { type: 'boolean' };
    case 'instant':
      return { type: 'datetime', precision: 3 };
  }
}

const SYNTAX: ChangeSyntax = {
  quote,
  typeText: ({ type }) => nativeTypeText(nativeColumn(type)),
  foreignKeyActions: deleteAndUpdate,
};

function entityTransformer(type: LogicalType): ReturnType<Dialect['entityTransformer']> {
  if (type.kind === 'money') return CANONICAL_MONEY;
  if (type.kind === 'double') return UNSIGNED_ZERO;
  return type.kind === 'json' ? JSON_AS_TEXT : undefined;
}

type Login = Omit<MysqlDataSourceOptions, 'ssl' | 'password'> & { ssl?: SslOptions; password?: string };

/** Ends the connection on the server too, through another one: its query would go on until it had rows to send. */
async function killConnection({ options }: DataSource, { threadId }: Connection): Promise<void> {
  const { host, port, username, password, socketPath, ssl, connectTimeout } = options as Login;
  const { default: mysql } = await import('mysql2/promise');
  const place = { host, port, socketPath, ssl, connectTimeout };
  const other = await mysql.createConnection({ ...place, user: username, password });
  await other.query(`KILL ${threadId}`);
  await other.end();
}

async function* stream(
  dataSource: DataSource,
  query: string,
  parameters: readonly unknown[],
  signal: AbortSignal,
): AsyncGenerator<Record<string, unknown>, void> {
  const runner = dataSource.createQueryRunner();
  const connection = (await runner.connect()) as Connection;
  let isWhole = false;
  let rows: Readable | undefined;
  let killed: Promise<void> | undefined;
  const breakOff = (): void => {
    // Without another connection the server is left to notice that this one is gone.
    killed = killConnection(dataSource, connection).catch(() => undefined);
    rows?.destroy(new Error('the query was broken off'));
  };
  signal.addEventListener('abort', breakOff);
  try {
    signal.throwIfAborted();
    rows = connection.query(query, [...parameters]).stream({ highWaterMark: STREAM_BATCH });
    for await (const row of rows) yield row as Record<string, unknown>;
    isWhole = true;
  } finally {
    signal.removeEventListener('abort', breakOff);
    await killed;
    // The server would send the rest of the rows before it heard of anything else.
    if (!isWhole) connection.destroy();
    await runner.release();
  }
}

interface PoolConnection {
  release: () => void;
  query: (sql: string, done: (error: Error | null) => void) => void;
  destroy: () => void;
}

/** Queued on a new connection before anybody else can use it. */
function sessionStatements(timeoutMs: number): (isMariaDb: boolean) => string[] {
  return (isMariaDb) => [
    MYSQL_SESSION,
    ...(timeoutMs === 0
      ? []
      : [
          isMariaDb
            ? `SET SESSION max_statement_time = ${timeoutMs / 1000}`
            : `SET SESSION max_execution_time = ${timeoutMs}`,
        ]),
  ];
}

function mysqlDialect(name: 'mysql' | 'mariadb'): Dialect {
  return {
    name,
    transactionalDdl: false,
    embedded: false,
    checksTypes: true,
    emptyStringIsNull: false,
    firstYear: 1,
    keepsJsonText: true,
    maxInList: 10_000,
    nativeColumn,
    identifier: (identifier) => identifier,
    placeholder: () => '?',
    tableOptions,
    teachDriver,
    toDriver,
    fromDriver: readValue,
    entityTransformer,
    upsert,
    writeRows,
    hasTable,
    quote,
    changeTable: async (runner, table, changes) => {
      for (const change of changes) await mysqlChange(SYNTAX, runner, table, change);
    },
    tableNames: (runner) => firstColumn(runner, 'SHOW TABLES'),
    readIndexes: (runner, tables) => readIndexes(SYNTAX, runner, tables),
    stream,
    script: mysqlScript,
    readOnly: inReadOnlyTransaction,
    serverInfo,
    beginWrite: (runner) => runner.startTransaction(),
    sessionLocks: mysqlLocks,
    lockWaits: mysqlWaits,
    explain,
    dataSourceOptions: (url, settings) => dataSourceOptions(name, url, settings),
  };
}

type Taken = (error: Error | null, connection?: PoolConnection) => void;
/** What is used of a pool of the driver. */
interface Pool {
  getConnection: (taken: Taken) => void;
  once: (event: 'enqueue', listener: () => void) => void;
  off: (event: 'enqueue', listener: () => void) => void;
}

/** The driver lets a caller wait for a free connection for ever; here it waits as long as elsewhere. */
function limitWaiting(pool: Pool, timeoutMs: number): void {
  const take = pool.getConnection.bind(pool);
  pool.getConnection = (taken) => {
    let timer: NodeJS.Timeout | undefined;
    let isLate = false;
    const wait = (): void => {
      timer = setTimeout(() => {
        isLate = true;
        const text = `all connections of the pool were in use for ${timeoutMs} ms`;
        taken(Object.assign(new Error(text), { code: POOL_EXHAUSTED }));
      }, timeoutMs);
    };
    if (timeoutMs > 0) pool.once('enqueue', wait);
    take((error, connection) => {
      clearTimeout(timer);
      // Nobody waits for it any more: it goes to the next in the queue.
      if (isLate) connection?.release();
      else taken(error, connection);
    });
    pool.off('enqueue', wait);
  };
}

async function dataSourceOptions(
  name: 'mysql' | 'mariadb',
  url: DatabaseUrl,
  settings: DatabaseSettings,
): Promise<DataSourceOptions> {
  if (url.kind !== 'mysql' && url.kind !== 'mariadb') throw new Error(`not a MySQL URL: ${url.display}`);
  const { default: mysql } = await import('mysql2');
  if (settings.tls.mode === 'verify' && isIP(url.host) !== 0) throw nameless(url.host);
  const ssl = await tlsOptions(settings.tls);
  const statements = sessionStatements(settings.statementTimeout)(name === 'mariadb');
  const createPool = (options: PoolOptions): unknown => {
    const pool = mysql.createPool(options);
    pool.on('connection', (connection: unknown) => {
      const session = connection as PoolConnection;
      for (const statement of statements) {
        session.query(statement, (error) => {
          // A session with wrong settings would write wrong times: rather none.
          if (error) session.destroy();
        });
      }
    });
    limitWaiting(pool, settings.connectTimeout);
    return pool;
  };
  return {
    type: name,
    driver: { ...mysql, createPool },
    host: url.host,
    port: url.port,
    username: url.user ?? 'root',
    password: settings.password ?? url.password,
    database: url.database,
    socketPath: url.parameters['socket'],
    charset: 'utf8mb4',
    timezone: 'Z',
    // The driver's own reading takes the years 1 to 99 for those of the last century.
    dateStrings: ['DATETIME'],
    // Unlike Node's tls, mysql2 checks the host name only when it is told to.
    ssl: ssl && { ...ssl, verifyIdentity: settings.tls.mode === 'verify' },
    poolSize: settings.poolSize,
    connectTimeout: settings.connectTimeout,
    extra: { typeCast: exactDoubles },
  };
}

/** The driver's own reading of a double adds digit by digit, and may be off in the last place. */
function exactDoubles(field: TypeCastField, next: TypeCastNext): unknown {
  if (field.type !== 'DOUBLE' && field.type !== 'FLOAT') return next();
  const text = field.string();
  return text === null ? null : Number(text);
}

/** TypeORM would read the driver's text as local time. */
function teachDriver({ driver }: DataSource): void {
  const hydrate = driver.prepareHydratedValue.bind(driver);
  driver.prepareHydratedValue = (value: unknown, column) =>
    hydrate(column.type === 'datetime' ? readValue(instant(), value) : value, column) as unknown;
}

/** The driver would check the certificate for `localhost`, whatever the address is. */
function nameless(host: string): DbtoolError {
  return new DbtoolError('config.invalid', {
    message: `A certificate cannot be checked for the address ${host}`,
    why: 'The driver of MySQL and MariaDB checks names only.',
    fix: 'Write the name of the host, as the certificate has it, in the URL.',
  });
}

const NO_SUCH_TABLE = 1146;

/** The catalogue hides tables that the user has no privilege on; a query tells them from missing ones. */
async function hasTable(runner: QueryRunner, name: string): Promise<boolean> {
  try {
    await runner.query(`SELECT 1 FROM ${quote(name)} WHERE 1 = 0`);
    return true;
  } catch (error) {
    if (driverError(error).errno === NO_SUCH_TABLE) return false;
    throw error;
  }
}

async function serverInfo(dataSource: DataSource): Promise<ServerInfo> {
  const [row] = await dataSource.query<{ version: string; user: string; now: string; zone: string }[]>(
    'SELECT VERSION() AS version, CURRENT_USER() AS user, UTC_TIMESTAMP(3) AS now, @@session.time_zone AS zone',
  );
  if (!row) throw new Error('the server returned nothing about itself');
  return {
    product: /mariadb/i.test(row.version) ? 'MariaDB' : 'MySQL',
    version: row.version,
    user: row.user,
    now: readValue(instant(), row.now) as Date,
    timeZone: row.zone,
  };
}

export const mysql = mysqlDialect('mysql');
export const mariadb = mysqlDialect('mariadb');
