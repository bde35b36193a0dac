import type { QueryRunner } from 'typeorm';
import { explain, type OpenDatabase } from '../../../src/database/data-source.js';
import type { LogicalRow } from '../../../src/database/dialect.js';
import { createTables, type TableDefinition } from '../../../src/database/model/create-tables.js';
import { type EntityClass, tableOf } from '../../../src/database/model/table-model.js';
import { DbtoolError } from '../../../src/errors/dbtool-error.js';
import { BulkRepository } from '../../../src/repositories/bulk-repository.js';

/** Creates the tables of the entities, in the order given, as a migration would. */
export function createEntityTables(opened: OpenDatabase, entities: readonly EntityClass[]): Promise<void> {
  return withRunner(opened, (runner) => createTables(runner, entities.map(definitionOf)));
}

/** Runs statements on a connection of their own. */
export async function withRunner<T>(
  { dataSource }: OpenDatabase,
  work: (runner: QueryRunner) => Promise<T>,
): Promise<T> {
  const runner = dataSource.createQueryRunner();
  try {
    return await work(runner);
  } finally {
    await runner.release();
  }
}

function definitionOf(entity: EntityClass): TableDefinition {
  const table = tableOf(entity);
  return {
    name: table.name,
    columns: Object.fromEntries(
      table.columns.map(({ name, type, nullable, references }) => [name, { type, nullable, references }]),
    ),
    primaryKey: table.columns.filter((column) => column.primary).map((column) => column.name),
    uniques: table.uniques.map((key) => key.columns),
    indexes: table.indexes.map((key) => key.columns),
  };
}

/** A whole row of the entity's table in logical form: what is not given is absent. */
export function rowOf(entity: EntityClass, values: Record<string, unknown>): LogicalRow {
  const properties = tableOf(entity).columns.map((column) => column.property);
  const unknown = Object.keys(values).filter((name) => !properties.includes(name));
  if (unknown.length > 0) throw new Error(`${entity.name} has no ${unknown.join()}`);
  return Object.fromEntries(properties.map((name) => [name, values[name] ?? null])) as LogicalRow;
}

/** Writes rows in bulk, in one transaction. */
export function writeRows(
  opened: OpenDatabase,
  entity: EntityClass,
  rows: readonly Record<string, unknown>[],
): Promise<void> {
  const bulk = new BulkRepository(opened);
  const table = tableOf(entity);
  return bulk.transaction((runner) =>
    bulk.write(runner, { table, rows: rows.map((values) => rowOf(entity, values)), children: [] }),
  );
}

/** Saves an entity as TypeORM does. */
export async function saveEntity<T extends object>(
  { dataSource }: OpenDatabase,
  entity: EntityClass<T>,
  values: Partial<T>,
): Promise<void> {
  await dataSource.getRepository(entity).save(Object.assign(new entity(), values));
}

/** The error that `work` ends with, explained as commands show it; success or a bug fails the test. */
export async function refusal(opened: OpenDatabase, work: Promise<unknown>): Promise<DbtoolError> {
  const error: unknown = await work.then(
    (value) => new Error(`there was no error, but ${JSON.stringify(value)}`),
    (reason: unknown) => explain(reason, opened),
  );
  if (error instanceof DbtoolError) return error;
  throw error;
}
