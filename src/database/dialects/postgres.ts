import { userInfo } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import type { DataSource, DataSourceOptions, QueryRunner } from 'typeorm';
import type { DatabaseSettings, TlsSettings } from '../../config/settings.js';
import type { DatabaseUrl } from '../database-url.js';
import type Pg from 'pg';
import type { ClientConfig } from 'pg';
import type { PostgresDataSourceOptions } from 'typeorm/driver/postgres/PostgresDataSourceOptions.js';
import type { DbtoolError } from '../../errors/dbtool-error.js';
import type { Dialect, NativeColumn, ServerInfo, Statement } from '../dialect.js';
import type { BrokenRule, RowFault } from '../driver-error.js';
import * as failure from '../driver-error.js';
import type { LogicalType } from '../model/logical-type.js';
import { MONEY_DIGITS, MONEY_SCALE } from '../model/logical-type.js';
import { postgresLocks } from './migration/postgres-locks.js';
import { postgresWaits } from './migration/postgres-waits.js';
import { POSTGRES_SESSION } from './sessions.js';
import { postgresScript } from './migration/scripts.js';
import {
  CANONICAL_MONEY,
  firstColumn,
  inReadOnlyTransaction,
  readValue,
  STREAM_BATCH,
  UNSIGNED_ZERO,
} from './sql.js';
import { postgresChange, readIndexes } from './postgres-schema.js';
import { quote, toDriver } from './postgres-values.js';
import { postgresVectors } from './postgres-vectors.js';
import { upsert, writeRows } from './postgres-write.js';
import { type ChangeSyntax, deleteAndUpdate, nativeTypeText } from './table-changes.js';
import { tlsOptions } from './tls.js';

const CANCEL_AGAIN_MS = 100;

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

const SYNTAX: ChangeSyntax = {
  quote,
  typeText: ({ type }) => nativeTypeText(nativeColumn(type)),
  foreignKeyActions: deleteAndUpdate,
};

interface Client {
  processID: number;
  connection: { stream: { destroy: () => void } };
}

/** Ends what the connection does, through another one: by itself it would go on until it had rows to send. */
async function cancelQueries({ options }: DataSource, client: Client, isOver: () => boolean): Promise<void> {
  const { host, port, username, password, database, ssl, connectTimeoutMS } =
    options as PostgresDataSourceOptions;
  const { default: pg } = await import('pg');
  const other = new pg.Client({
    host,
    port,
    user: username,
    password: password as string | undefined,
    database,
    ssl: ssl as ClientConfig['ssl'],
    connectionTimeoutMillis: connectTimeoutMS,
  });
  try {
    await other.connect();
    // Again, since one that comes between two statements has no effect.
    while (!isOver()) {
      await other.query('SELECT pg_cancel_backend($1)', [client.processID]);
      await sleep(CANCEL_AGAIN_MS);
    }
    await other.end();
  } catch {
    // Without another connection this one is broken off, and the server left to notice.
    client.connection.stream.destroy();
  }
}

/** Through a cursor of the server, since the driver by itself keeps a whole result in memory. */
async function* stream(
  dataSource: DataSource,
  query: string,
  parameters: readonly unknown[],
  signal: AbortSignal,
): AsyncGenerator<Record<string, unknown>, void> {
  const runner = dataSource.createQueryRunner();
  const client = (await runner.connect()) as Client;
  let isOver = false;
  let cancelled: Promise<void> | undefined;
  const breakOff = (): void => {
    cancelled = cancelQueries(dataSource, client, () => isOver);
  };
  signal.addEventListener('abort', breakOff);
  try {
    signal.throwIfAborted();
    await runner.query('START TRANSACTION READ ONLY');
    await runner.query(`DECLARE dbtool_rows NO SCROLL CURSOR FOR ${query}`, [...parameters]);
    for (;;) {
      const rows = (await runner.query(`FETCH ${STREAM_BATCH} FROM dbtool_rows`)) as Record<
        string,
        unknown
      >[];
      yield* rows;
      if (rows.length < STREAM_BATCH) return;
    }
  } finally {
    isOver = true;
    signal.removeEventListener('abort', breakOff);
    // A cancel on its way would hit the next statement.
    await cancelled;
    // A connection that cannot be rolled back is broken; the pool does not keep it.
    await runner.query('ROLLBACK').catch(() => undefined);
    await runner.release();
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
 * To find out whether it runs in a browser's worker the driver looks at `navigator`, and where Node has none at
 * `Response`, for which Node 20 loads its whole HTTP client: 20 ms of every command.
 */
async function loadDriver(): Promise<typeof Pg> {
  const isMissing = !('navigator' in globalThis);
  if (isMissing) Object.assign(globalThis, { navigator: { userAgent: 'Node.js' } });
  try {
    return (await import('pg')).default;
  } finally {
    if (isMissing) Reflect.deleteProperty(globalThis, 'navigator');
  }
}

async function dataSourceOptions(url: DatabaseUrl, settings: DatabaseSettings): Promise<DataSourceOptions> {
  if (url.kind !== 'postgres') throw new Error(`not a Postgres URL: ${url.display}`);
  const pg = await loadDriver();
  // As local time they would lose the seconds that zones were off by before they were made.
  pg.defaults.parseInputDatesAsUTC = true;
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
        await client.query(`${POSTGRES_SESSION}; SET statement_timeout = ${settings.statementTimeout}`);
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

/** SQLSTATEs of rows that broke a rule of the schema. */
const ROW_FAULTS: Record<string, RowFault> = {
  23505: 'unique',
  23503: 'foreign-key',
  23502: 'null',
  22001: 'too-long',
  // A row too large for an index.
  54000: 'too-long',
  22003: 'out-of-range',
  22008: 'out-of-range',
  22007: 'invalid',
  22021: 'invalid',
  '22P02': 'invalid',
  '22P03': 'invalid',
  '22P05': 'invalid',
  23514: 'invalid',
  '23P01': 'invalid',
};

/** What the server tells of a broken rule, besides its text. */
function brokenRule(error: BrokenRule): BrokenRule {
  return { table: error.table, column: error.column, constraint: error.constraint };
}

function explain(error: unknown, where: string): DbtoolError | undefined {
  const cause = failure.driverError(error);
  const state = cause.code ?? '';
  // Without a password to answer the server's challenge with, the driver gives up by itself.
  const isUnanswered = cause.message.includes('client password must be a string');
  if (state === '28P01' || state === '28000' || isUnanswered) return failure.authentication(cause, where);
  if (state === '3D000') return failure.missingDatabase(cause, where);
  if (state === INSUFFICIENT_PRIVILEGE) return failure.privilege(cause, where);
  // Also the victims of a deadlock and of a conflict between transactions: both may try again.
  if (state === '55P03' || state === '40P01' || state === '40001') return failure.locked(cause, where);
  if (state === '57014') return failure.timedOut(cause, where);
  // TypeORM releases a connection that breaks between two statements; nobody else does in the middle of work.
  const isReleased = (cause as { name?: string }).name === 'QueryRunnerAlreadyReleasedError';
  if (isReleased || /^(08|57P0)/.test(state)) return failure.lost(cause, where);
  // The pool's own words, when all its connections stayed in use.
  if (cause.message === 'timeout exceeded when trying to connect') return failure.poolExhausted(cause, where);
  const network = failure.explainNetwork(cause, where);
  if (network) return network;
  const fault = Object.hasOwn(ROW_FAULTS, state) ? ROW_FAULTS[state] : undefined;
  if (fault) return failure.row(fault, cause, brokenRule(cause as BrokenRule));
  return /^[0-9A-Z]{5}$/.test(state) ? failure.failed(cause, where) : undefined;
}

/** What pg_dump writes begins with emptying the search path, and no name of ours would be found after it. */
async function findNamesAgain(runner: QueryRunner, statements: readonly { text: string }[]): Promise<void> {
  if (statements.some(({ text }) => /search_path/i.test(text))) await runner.query('RESET search_path');
}

async function commitLazily(runner: QueryRunner): Promise<() => Promise<void>> {
  const set = (value: string | undefined): Promise<unknown> =>
    runner.query(`SELECT set_config('synchronous_commit', $1, false)`, [value]);
  const [before] = await firstColumn(runner, `SELECT current_setting('synchronous_commit')`);
  await set('off');
  return async () => {
    await set(before);
  };
}

/** A message of several statements has no parameters: the values are written into it. */
async function commitTogether(
  runner: QueryRunner,
  { text, parameters }: Statement,
  begin: boolean,
): Promise<void> {
  const last = text.replace(/\$(\d+)/g, (_, number) => {
    const literal = postgresScript.literal(parameters[Number(number) - 1]);
    // Whether a backslash is one in plain quotes is up to the server's settings.
    return literal.includes('\\') ? `E${literal.replaceAll('\\', '\\\\')}` : literal;
  });
  await runner.query(`${last}; COMMIT${begin ? '; START TRANSACTION' : ''}`);
  // What TypeORM's own methods would have noted.
  Object.assign(runner, { isTransactionActive: begin, transactionDepth: begin ? 1 : 0 });
}

export const postgres: Dialect = {
  name: 'postgres',
  transactionalDdl: true,
  embedded: false,
  checksTypes: true,
  emptyStringIsNull: false,
  firstYear: 1,
  keepsJsonText: false,
  maxInList: 10_000,
  dataSourceOptions,
  nativeColumn,
  identifier: (name) => name,
  placeholder: (position) => `$${position}`,
  toDriver,
  // The driver has parsed jsonb already: a JSON string is no text to parse again.
  fromDriver: (type, value) => (type.kind === 'json' ? (value ?? null) : readValue(type, value)),
  entityTransformer: (type) =>
    type.kind === 'money' ? CANONICAL_MONEY : type.kind === 'double' ? UNSIGNED_ZERO : undefined,
  upsert,
  writeRows,
  hasTable,
  quote,
  changeTable: async (runner, table, changes) => {
    for (const change of changes) await runner.query(postgresChange(SYNTAX, table, change));
  },
  tableNames: (runner) =>
    firstColumn(runner, 'SELECT tablename FROM pg_tables WHERE schemaname = current_schema()'),
  readIndexes,
  vectorColumns: postgresVectors,
  stream,
  brokenIndexes: (runner) =>
    firstColumn(
      runner,
      `SELECT c.relname FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid
       WHERE NOT i.indisvalid AND c.relnamespace = current_schema()::regnamespace`,
    ),
  script: postgresScript,
  readOnly: inReadOnlyTransaction,
  serverInfo,
  beginWrite: (runner) => runner.startTransaction(),
  findNamesAgain,
  commitLazily,
  commitTogether,
  sessionLocks: postgresLocks,
  lockWaits: postgresWaits,
  explain,
};
