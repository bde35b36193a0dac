import type { DataSource } from 'typeorm';
import type { DatabaseUrl } from './database-url.js';
import type { Dialect } from './dialect.js';
import { mariadb, mysql } from './dialects/mysql.js';
import { oracle } from './dialects/oracle.js';
import { postgres } from './dialects/postgres.js';
import { sqlite } from './dialects/sqlite.js';

const DIALECTS: Record<DatabaseUrl['kind'], Dialect> = { postgres, mysql, mariadb, sqlite, oracle };

export function dialectFor(url: DatabaseUrl): Dialect {
  return DIALECTS[url.kind];
}

/** The dialect of an open DataSource. */
export function dialectOf(dataSource: DataSource): Dialect {
  const type = dataSource.options.type === 'better-sqlite3' ? 'sqlite' : dataSource.options.type;
  const dialect = Object.hasOwn(DIALECTS, type) ? DIALECTS[type as DatabaseUrl['kind']] : undefined;
  if (!dialect) throw new Error(`dbtool made no DataSource of type ${type}`);
  return dialect;
}
