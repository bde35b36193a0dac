import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { Table } from 'typeorm';
import type { OpenDatabase } from '../../src/database/data-source.js';
import { withDatabase } from '../../src/database/data-source.js';
import { dropTables } from '../../src/database/model/create-tables.js';
import { type EntityClass, tableOf } from '../../src/database/model/table-model.js';
import { ALL_ENTITIES } from '../../src/entities/all-entities.js';
import { createTestDatabase, forEachDatabase, type TestDatabase } from '../support/databases.js';
import { migrateUp, settingsFor } from '../support/open-database.js';
import { Book, LIBRARY, Loan, Mark, Shelf } from './support/library.js';
import { Sample } from './support/sample.js';
import { createEntityTables, withRunner } from './support/tables.js';

const TABLES: readonly EntityClass[] = [...LIBRARY, Sample];

/** What TypeORM would run to make the database what the entities say. */
async function differences({ dataSource }: OpenDatabase): Promise<string[]> {
  const log = await dataSource.driver.createSchemaBuilder().log();
  return log.upQueries.map(({ query }) => query);
}

forEachDatabase('the schema', (kind) => {
  let database: TestDatabase;

  beforeEach(async () => {
    database = await createTestDatabase(kind);
  });

  afterEach(() => database.drop());

  const open = <T>(
    entities: readonly EntityClass[],
    work: (opened: OpenDatabase) => Promise<T>,
  ): Promise<T> => withDatabase(settingsFor(database), entities, work, { create: true });

  /** The tables as the catalogue has them. */
  const catalogue = (opened: OpenDatabase, entities: readonly EntityClass[]): Promise<Table[]> =>
    withRunner(opened, (runner) =>
      runner.getTables(entities.map((entity) => opened.dialect.identifier(tableOf(entity).name))),
    );

  describe('after migrate up', () => {
    it('has no difference from the entities', async () => {
      await migrateUp(database);
      await open(ALL_ENTITIES, async (opened) => {
        expect(await differences(opened)).toEqual([]);
        // The comparison has something to compare: every table is there with its columns.
        const tables = await catalogue(opened, ALL_ENTITIES);
        expect(tables).toHaveLength(ALL_ENTITIES.length);
        expect(tables.every((table) => table.columns.length > 2)).toBe(true);
      });
    });

    it('shows a difference when it is not what the entities say', async () => {
      await migrateUp(database);
      await open(ALL_ENTITIES, async (opened) => {
        const name = opened.dialect.identifier('ix_traces_status_start_time');
        await withRunner(opened, (runner) => runner.dropIndex(opened.dialect.identifier('traces'), name));
        expect((await differences(opened)).join()).toContain(name);
      });
    });
  });

  describe('of entities', () => {
    it('has no difference from them, of whatever type their columns are', async () => {
      await open(TABLES, async (opened) => {
        await createEntityTables(opened, TABLES);
        expect(await differences(opened)).toEqual([]);
      });
      // Without the tables there is a difference: the comparison sees them.
      await open([...TABLES, ...ALL_ENTITIES], async (opened) => {
        expect((await differences(opened)).length).toBeGreaterThan(ALL_ENTITIES.length);
      });
    });

    it('has every key under its readable name, on its columns', async () => {
      await open(TABLES, async (opened) => {
        await createEntityTables(opened, TABLES);
        const id = opened.dialect.identifier;
        const keys = (await catalogue(opened, TABLES)).flatMap((table) => [
          ...table.uniques.map(({ name, columnNames }) => `${name} ${columnNames.join()}`),
          ...table.indices.map(({ name, columnNames }) => `${name} ${columnNames.join()}`),
          ...table.foreignKeys.map(
            ({ name, columnNames, onDelete }) => `${name} ${columnNames.join()} ${onDelete}`,
          ),
        ]);
        for (const key of [
          `${id('ix_books_title_year')} ${id('title')},${id('year')}`,
          `${id('fk_books_shelf_id')} ${id('shelf_id')} CASCADE`,
          `${id('fk_loans_shelf_id')} ${id('shelf_id')} NO ACTION`,
          `${id('uq_shelves_code')} ${id('code')}`,
        ])
          expect(keys).toContain(key);
      });
    });

    it('has the columns that the entities say: present or absent, their lengths, and no default', async () => {
      await open(TABLES, async (opened) => {
        await createEntityTables(opened, TABLES);
        const tables = await catalogue(opened, TABLES);
        for (const entity of TABLES) {
          const { name, columns } = tableOf(entity);
          const table = tables.find((one) => one.name.split('.').at(-1) === opened.dialect.identifier(name));
          expect(
            table?.columns.map((column) => [
              column.name,
              column.isNullable,
              column.isPrimary,
              column.default as unknown,
            ]),
          ).toEqual(
            columns.map((column) => [
              opened.dialect.identifier(column.name),
              column.nullable,
              column.primary,
              undefined,
            ]),
          );
          for (const { type, name: column } of columns)
            if (type.kind === 'string')
              expect(table?.findColumnByName(opened.dialect.identifier(column))?.length).toBe(
                String(type.length),
              );
        }
      });
    });

    it('is gone after the tables are dropped, and can be made again', async () => {
      await open(TABLES, async (opened) => {
        for (let round = 0; round < 2; round += 1) {
          await createEntityTables(opened, TABLES);
          expect(await catalogue(opened, TABLES)).toHaveLength(TABLES.length);
          const names = [Sample, Mark, Loan, Book, Shelf].map((entity) => tableOf(entity).name);
          await withRunner(opened, (runner) => dropTables(runner, names));
          expect(await catalogue(opened, TABLES)).toEqual([]);
        }
      });
    });
  });
});
