import { DataSource } from 'typeorm';
import type { DatabaseSettings } from '../config/settings.js';
import { registerSecret } from '../config/redact.js';
import { DbtoolError } from '../errors/dbtool-error.js';
import { type DatabaseUrl, parseDatabaseUrl } from './database-url.js';
import type { Dialect, OpenOptions } from './dialect.js';
import { dialectFor } from './dialects.js';
import { EntityRules } from './model/entity-rules.js';
import { entitySchemas } from './model/entity-schema.js';
import type { EntityClass } from './model/table-model.js';
import { Turn } from './turn.js';

/** A database: what every capability works on. */
export interface OpenDatabase {
  dataSource: DataSource;
  dialect: Dialect;
  url: DatabaseUrl;
  /** Where all share one connection: whose transaction it is. */
  turn?: Turn;
}

/**
 * The one factory of DataSources, for every DBMS and every command. What it makes is not connected yet.
 * @param entities the entities the caller works with; none for work on the schema only
 * @throws DbtoolError `config.url.invalid`, `database.missing`, `config.unreadable`
 */
export async function createDatabase(
  settings: DatabaseSettings,
  entities: readonly EntityClass[],
  open: OpenOptions,
): Promise<OpenDatabase> {
  const url = parseDatabaseUrl(settings.url);
  if (url.kind !== 'sqlite' && url.password !== undefined) registerSecret(url.password);
  const dialect = dialectFor(url);
  const options = await dialect.dataSourceOptions(url, settings, open);
  const dataSource = new DataSource({
    ...options,
    entities: entitySchemas(entities, dialect),
    subscribers: [EntityRules],
    // The schema is changed by migrations alone, and these by our own executor.
    synchronize: false,
    migrationsRun: false,
    logging: false,
  });
  dialect.teachDriver?.(dataSource);
  const turn = dialect.embedded ? new Turn(settings.connectTimeout) : undefined;
  return { dataSource, dialect, url, turn };
}

/**
 * Opens the database, hands it to `work` and closes it, whatever happens. Errors of the driver come
 * out as coded ones.
 */
export async function withDatabase<T>(
  settings: DatabaseSettings,
  entities: readonly EntityClass[],
  work: (database: OpenDatabase) => Promise<T>,
  open: OpenOptions = {},
): Promise<T> {
  const database = await createDatabase(settings, entities, open);
  try {
    await database.dataSource.initialize();
  } catch (error) {
    throw neverOpened(explain(error, database), database);
  }
  try {
    return await work(database);
  } catch (error) {
    throw explain(error, database);
  } finally {
    await database.dataSource.destroy();
  }
}

/** A driver's error as a coded one; what is coded already, or unknown, stays as it is. */
export function explain(error: unknown, database: Pick<OpenDatabase, 'dialect' | 'url'>): unknown {
  // By its shape: a driver in native code makes errors of its own kind.
  const isError = typeof (error as { message?: unknown } | null | undefined)?.message === 'string';
  if (error instanceof DbtoolError || !isError) return error;
  return database.dialect.explain(error, database.url.display) ?? error;
}

/** A connection that broke while it was being made: no work was lost, the server cannot be reached. */
function neverOpened(error: unknown, { url }: Pick<OpenDatabase, 'url'>): unknown {
  if (!(error instanceof DbtoolError) || error.code !== 'database.lost') return error;
  return new DbtoolError('database.unreachable', {
    message: `The database at ${url.display} cannot be reached`,
    why: `The connection broke off while it was being made: ${error.why ?? error.message}`,
    fix: 'Check that host and port are those of the database, that it runs, and what lies between: a firewall, a proxy, TLS that the server insists on.',
    cause: error,
  });
}
