import { afterAll, beforeAll } from '@jest/globals';
import type { DatabaseSettings } from '../../../src/config/settings.js';
import { type OpenDatabase, withDatabase } from '../../../src/database/data-source.js';
import type { EntityClass } from '../../../src/database/model/table-model.js';
import { createTestDatabase, type DatabaseKind, type TestDatabase } from '../../support/databases.js';
import { settingsFor } from '../../support/open-database.js';
import { createEntityTables } from './tables.js';

/** A database with the tables of some entities, for the tests of one describe block. */
export interface Bench {
  /** Filled when the first test begins. */
  readonly database: TestDatabase;
  open<T>(work: (opened: OpenDatabase) => Promise<T>, settings?: Partial<DatabaseSettings>): Promise<T>;
}

/** Registers the hooks that create the database with the entities' tables, and drop it. */
export function useTables(kind: DatabaseKind, entities: readonly EntityClass[]): Bench {
  let database: TestDatabase | undefined;
  const bench: Bench = {
    get database() {
      if (!database) throw new Error('the test database is made when the first test begins');
      return database;
    },
    open: (work, settings = {}) =>
      withDatabase(settingsFor(bench.database, settings), entities, work, { create: true }),
  };
  beforeAll(async () => {
    database = await createTestDatabase(kind);
    await bench.open((opened) => createEntityTables(opened, entities));
  });
  afterAll(() => database?.drop());
  return bench;
}
