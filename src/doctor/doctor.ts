import type { Settings } from '../config/settings.js';
import type { OpenDatabase } from '../database/data-source.js';
import { tableOf } from '../database/model/table-model.js';
import { tryCreateTable } from '../database/try-create-table.js';
import { vectorColumnsOf } from '../database/vector-columns.js';
import { ALL_ENTITIES } from '../entities/all-entities.js';
import type { DbtoolError } from '../errors/dbtool-error.js';
import { type MigrationState, Migrator, type MigratorOptions } from '../migrate/migrator.js';

/** One thing that the doctor looked at. */
export interface Check {
  name: string;
  /** `warn` deserves attention; only `fail` makes a finding. */
  status: 'ok' | 'warn' | 'fail' | 'skipped';
  message: string;
  fix?: string;
}

/** What differs from here: the clock of the database may not be that of this host. */
const MAX_SKEW_MS = 2000;
const OLDEST_NODE = [20, 19, 0] as const;
type Version = readonly [major: number, minor: number, patch: number];
/** Oldest server versions that are supported, by product. */
export const OLDEST_SERVER: Record<string, Version> = {
  PostgreSQL: [13, 0, 0],
  // The first with the collation utf8mb4_0900_bin.
  MySQL: [8, 0, 17],
  MariaDB: [10, 6, 0],
  SQLite: [3, 40, 0],
  Oracle: [19, 0, 0],
};

/** Node itself, before anything is opened. */
export function checkNode(version: string): Check {
  const ok = atLeast(version, OLDEST_NODE);
  return {
    name: 'node',
    status: ok ? 'ok' : 'fail',
    message: `Node ${version}`,
    fix: ok ? undefined : `Install Node ${OLDEST_NODE.join('.')} or newer.`,
  };
}

/** That the settings could be read says that they have no faults. */
export function checkConfig(settings: Settings): Check {
  return {
    name: 'config',
    status: 'ok',
    message:
      settings.files.length === 0 ? 'No config file; defaults and variables.' : settings.files.join(', '),
  };
}

/** An error that kept the doctor from going on, as a check that failed. */
export function failedCheck(name: string, error: DbtoolError): Check {
  return {
    name,
    status: 'fail',
    message: `${error.message} (${error.code})${error.why === undefined ? '' : `. ${error.why}`}`,
    fix: error.fix,
  };
}

/** Everything that an open database can tell. */
export async function checkDatabase(
  database: OpenDatabase,
  settings: Settings,
  migratorOptions: MigratorOptions,
): Promise<Check[]> {
  const before = Date.now();
  const server = await database.dialect.serverInfo(database.dataSource);
  const middle = (before + Date.now()) / 2;
  const migrations = await checkMigrations(database, migratorOptions);
  return [
    {
      name: 'connection',
      status: 'ok',
      message: `${database.url.display}${server.user ? ` as ${server.user}` : ''}`,
    },
    checkVersion(server.product, server.version),
    checkTls(database, settings),
    checkTimeZone(server.timeZone),
    checkClock(server.now.getTime() - middle),
    await checkPrivileges(database),
    migrations,
    await checkVectors(database, migrations),
  ];
}

function checkVersion(product: string, version: string): Check {
  const oldest = OLDEST_SERVER[product];
  const ok = oldest === undefined || atLeast(version, oldest);
  return {
    name: 'server',
    status: ok ? 'ok' : 'fail',
    message: `${product} ${version}`,
    fix: ok ? undefined : `dbtool is made for ${product} ${oldest.join('.')} or newer.`,
  };
}

function checkTls({ url }: OpenDatabase, settings: Settings): Check {
  const name = 'encryption';
  if (url.kind === 'sqlite') return { name, status: 'skipped', message: 'SQLite is a file.' };
  const local = /^(localhost|127\.|::1$|\/)/.test(url.host);
  const urlMode = url.parameters['sslmode'];
  const mode = settings.database.tls.mode === 'disable' && urlMode ? urlMode : settings.database.tls.mode;
  if (mode === 'verify' || mode.startsWith('verify-'))
    return { name, status: 'ok', message: 'TLS, certificate verified.' };
  if (local) return { name, status: 'ok', message: mode === 'disable' ? 'None, on this host.' : 'TLS.' };
  return {
    name,
    status: 'warn',
    message:
      mode === 'disable'
        ? `None: data and password cross the network to ${url.host} in the clear.`
        : 'TLS, but any certificate is trusted.',
    fix: 'Set database.tls.mode to verify and database.tls.ca to the authority of the server.',
  };
}

/** Every session is set to UTC when it is opened; a pooler that swaps sessions may undo that. */
function checkTimeZone(zone: string | null): Check {
  const name = 'time zone';
  if (zone === null) return { name, status: 'skipped', message: 'SQLite has none; times are kept in UTC.' };
  const isUtc = ['UTC', 'Etc/UTC', '+00:00'].includes(zone);
  return isUtc
    ? { name, status: 'ok', message: `The session speaks UTC (${zone}).` }
    : {
        name,
        status: 'fail',
        message: `The session speaks ${zone} although it was set to UTC.`,
        fix: 'Use a connection pooler in session mode, or none.',
      };
}

function checkClock(skewMs: number): Check {
  const skew = Math.abs(skewMs);
  const message = `The database's clock is ${skew < 1000 ? `${Math.round(skew)} ms` : `${(skew / 1000).toFixed(1)} s`} ${skewMs < 0 ? 'behind' : 'ahead of'} this host's.`;
  return skew <= MAX_SKEW_MS
    ? { name: 'clock', status: 'ok', message }
    : { name: 'clock', status: 'warn', message, fix: 'Synchronise both hosts by NTP.' };
}

async function checkPrivileges(database: OpenDatabase): Promise<Check> {
  const name = 'privileges';
  const runner = database.dataSource.createQueryRunner();
  try {
    await tryCreateTable(runner);
    return { name, status: 'ok', message: 'May create and drop tables.' };
  } catch (error) {
    const coded = database.dialect.explain(error, database.url.display);
    if (!coded) throw error;
    return {
      name,
      status: 'warn',
      message: `May not create tables: ${coded.why ?? coded.message}`,
      fix: 'Migrations need CREATE; reports and imports do not. docs/databases.md lists the privileges.',
    };
  } finally {
    await runner.release();
  }
}

async function checkMigrations(database: OpenDatabase, options: MigratorOptions): Promise<Check> {
  let states: MigrationState[];
  try {
    states = await new Migrator(database, options).status();
  } catch (error) {
    const coded = database.dialect.explain(error, database.url.display);
    if (coded?.code !== 'database.privilege') throw error;
    return failedCheck('migrations', coded);
  }
  const open = states.filter(({ status }) => status !== 'applied' && status !== 'other-database');
  if (open.length === 0)
    return { name: 'migrations', status: 'ok', message: `All ${states.length} applied.` };
  const stuck = open.some((state) => state.status !== 'pending');
  return {
    name: 'migrations',
    status: 'fail',
    message: open.map((state) => `${state.name} is ${state.status}`).join(', '),
    fix: stuck ? 'See `dbtool migrate check`.' : 'Run `dbtool migrate up`.',
  };
}

/** A migration leaves the columns out where the extension is not installed, which may be done later. */
async function checkVectors({ dataSource, dialect }: OpenDatabase, migrations: Check): Promise<Check> {
  const name = 'vectors';
  const skipped = (message: string): Check => ({ name, status: 'skipped', message });
  const { vectorColumns } = dialect;
  if (!vectorColumns) return skipped('The database has no type for them.');
  if (migrations.status !== 'ok') return skipped('Migrations come first.');
  const runner = dataSource.createQueryRunner();
  const existing: string[] = [];
  const statements: string[] = [];
  try {
    for (const column of vectorColumnsOf(ALL_ENTITIES.map(tableOf))) {
      const { type, exists } = await vectorColumns.state(runner, column);
      if (exists) existing.push(`${column.table}.${column.name}`);
      else if (type === undefined)
        return skipped(
          `${vectorColumns.extension} is not installed in this database, or its schema is closed to this user.`,
        );
      else if (await dialect.hasTable(runner, column.table))
        statements.push(`${vectorColumns.addition(column, type)};`);
    }
  } finally {
    await runner.release();
  }
  if (statements.length > 0)
    return {
      name,
      status: 'warn',
      message: `${vectorColumns.extension} is installed, but embeddings cannot be searched by similarity.`,
      fix: `Have the owner of the table run this; nobody can use the table meanwhile, since it is written anew:\n${statements.join('\n')}`,
    };
  return existing.length > 0
    ? { name, status: 'ok', message: existing.join(', ') }
    : skipped('The tables for them are not there.');
}

function atLeast(version: string, oldest: Version): boolean {
  const found = (/\d+(\.\d+)*/.exec(version)?.[0] ?? '').split('.').map(Number);
  const differing = oldest.findIndex((part, index) => part !== (found[index] ?? 0));
  return differing === -1 || (found[differing] ?? 0) > (oldest[differing] ?? 0);
}
