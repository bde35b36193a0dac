import { expect, it } from '@jest/globals';
import { createTestDatabase, forEachDatabase } from '../support/databases.js';
import { migrateUp, open } from '../support/open-database.js';

forEachDatabase('the schema after migrate up', (kind) => {
  it('has no difference from the entities', async () => {
    const database = await createTestDatabase(kind);
    try {
      await migrateUp(database);
      const { up, tables } = await open(database, async ({ dataSource }) => {
        const log = await dataSource.driver.createSchemaBuilder().log();
        const runner = dataSource.createQueryRunner();
        try {
          const names = dataSource.entityMetadatas.map((metadata) => metadata.tableName);
          return { up: log.upQueries.map(({ query }) => query), tables: await runner.getTables(names) };
        } finally {
          await runner.release();
        }
      });
      expect(up).toEqual([]);
      // The comparison has something to compare: every table is there with its columns.
      expect(tables).toHaveLength(23);
      expect(tables.every((table) => table.columns.length > 2)).toBe(true);
    } finally {
      await database.drop();
    }
  });

  it('shows a difference when the schema is not what the entities say', async () => {
    const database = await createTestDatabase(kind);
    try {
      await migrateUp(database);
      const up = await open(database, async ({ dataSource }) => {
        await dataSource.query(
          'DROP INDEX ix_traces_status_start_time' +
            (kind === 'mariadb' || kind === 'mysql' ? ' ON traces' : ''),
        );
        return (await dataSource.driver.createSchemaBuilder().log()).upQueries.map(({ query }) => query);
      });
      expect(up.join()).toContain('ix_traces_status_start_time');
    } finally {
      await database.drop();
    }
  });
});
