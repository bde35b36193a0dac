import type { QueryRunner } from 'typeorm';
import { dialectOf } from './dialects.js';

/**
 * Where TypeORM keeps how it has made computed columns, and looks whenever it reads a table that has one. A
 * database that it did not make has no such table.
 */
const METADATA = 'typeorm_metadata';

/** The runner, to read tables with: of computed columns it only knows that they are. */
export function withoutMetadata(runner: QueryRunner): QueryRunner {
  const query = (sql: string, parameters?: unknown[]): Promise<unknown> =>
    sql.includes(METADATA) ? Promise.resolve([]) : runner.query(sql, parameters);
  return Object.assign(Object.create(runner) as QueryRunner, { query });
}

/** Whether a statement is TypeORM's question about a computed column, which would fail. */
export async function asksMissingMetadata(runner: QueryRunner, text: string): Promise<boolean> {
  if (!text.includes(METADATA) || !/^\s*SELECT\b/i.test(text)) return false;
  return !(await dialectOf(runner.dataSource).hasTable(runner, METADATA));
}
