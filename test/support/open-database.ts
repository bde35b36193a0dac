import { fileURLToPath } from 'node:url';
import type { DatabaseSettings } from '../../src/config/settings.js';
import { type OpenDatabase, withDatabase } from '../../src/database/data-source.js';
import { ALL_ENTITIES } from '../../src/entities/all-entities.js';
import { Migrator } from '../../src/migrate/migrator.js';
import type { TestDatabase } from './databases.js';

export const MIGRATIONS = fileURLToPath(new URL('../../migrations', import.meta.url));

/** Settings to open the test database with; `more` goes over the usual ones. */
export function settingsFor(database: TestDatabase, more: Partial<DatabaseSettings> = {}): DatabaseSettings {
  return {
    url: database.url,
    poolSize: 4,
    connectTimeout: 10_000,
    statementTimeout: 0,
    tls: { mode: 'disable' },
    ...more,
  };
}

/** Opens the test database with all entities, as commands do. */
export function open<T>(database: TestDatabase, work: (open: OpenDatabase) => Promise<T>): Promise<T> {
  return withDatabase(settingsFor(database), ALL_ENTITIES, work, { create: true });
}

export async function migrateUp(database: TestDatabase): Promise<void> {
  await open(database, (opened) => new Migrator(opened, { folders: [MIGRATIONS], toolVersion: 'test' }).up());
}
