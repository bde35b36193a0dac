import type { QueryRunner } from 'typeorm';
import type { OpenDatabase } from './data-source.js';
import { createTables } from './model/create-tables.js';
import { string } from './model/logical-type.js';
import { bind, statements } from './statement.js';

/** What a database is for. The mark lies in the database itself, so that every host knows it. */
export type Purpose = 'production' | 'development';

const TABLE = 'dbtool_properties';
const PURPOSE = 'purpose';
const KEY = string(100);
const VALUE = string(255);

/** @returns undefined when the database was never marked */
export async function readPurpose(database: OpenDatabase): Promise<Purpose | undefined> {
  return withRunner(database, async (runner) => {
    if (!(await hasTable(database, runner))) return undefined;
    const [row] = await statements(
      runner,
    )`SELECT value FROM dbtool_properties WHERE name = ${bind(KEY, PURPOSE)}`;
    return row?.['value'] as Purpose | undefined;
  });
}

export async function writePurpose(database: OpenDatabase, purpose: Purpose): Promise<void> {
  await withRunner(database, async (runner) => {
    if (!(await hasTable(database, runner))) {
      await createTables(runner, [
        { name: TABLE, columns: { name: { type: KEY }, value: { type: VALUE } }, primaryKey: ['name'] },
      ]);
    }
    const sql = statements(runner);
    await sql`DELETE FROM dbtool_properties WHERE name = ${bind(KEY, PURPOSE)}`;
    await sql`INSERT INTO dbtool_properties (name, value) VALUES (${bind(KEY, PURPOSE)}, ${bind(VALUE, purpose)})`;
  });
}

function hasTable(database: OpenDatabase, runner: QueryRunner): Promise<boolean> {
  return database.dialect.hasTable(runner, TABLE);
}

async function withRunner<T>(database: OpenDatabase, work: (runner: QueryRunner) => Promise<T>): Promise<T> {
  const runner = database.dataSource.createQueryRunner();
  try {
    return await work(runner);
  } finally {
    await runner.release();
  }
}
