import type { QueryRunner } from 'typeorm';
import { dialectOf } from '../../database/dialects.js';
import { withoutMetadata } from '../../database/typeorm-metadata.js';
import type { LintColumn, LintDatabase } from './danger.js';

/**
 * A server's tables for the linter. It only reads.
 * @param runner not within a transaction, which a refused SELECT would break on Postgres
 */
export function lintDatabase(runner: QueryRunner): LintDatabase {
  const { dataSource } = runner;
  const dialect = dialectOf(dataSource);
  const pathOf = (table: string, schema?: string): string =>
    schema === undefined ? table : `${schema}.${table}`;
  const exists = (table: string, schema?: string): Promise<boolean> =>
    schema === undefined ? dialect.hasTable(runner, table) : runner.hasTable(pathOf(table, schema));
  return {
    flavour: dialect.name,
    async rows(table, schema) {
      if (!(await exists(table, schema))) return undefined;
      const path = [schema, table].filter((part) => part !== undefined);
      const quoted = path.map((part) => dataSource.driver.escape(part)).join('.');
      // As a subquery, so that no entity's own conditions come in.
      const query = runner.manager
        .createQueryBuilder()
        .select('1', 'one')
        .from(`(SELECT 1 AS one FROM ${quoted})`, 'r');
      try {
        return (await query.limit(1).getRawMany()).length > 0 ? 'some' : 'none';
      } catch (error) {
        // Who may not look must take the worst for true.
        if (dialect.explain(error, '')?.code === 'database.privilege') return 'some';
        throw error;
      }
    },
    async columns(table, schema) {
      const found = await withoutMetadata(runner).getTable(pathOf(table, schema));
      return found?.columns.map((column): LintColumn => ({
        name: column.name,
        type: dataSource.driver.createFullType(column),
        nullable: column.isNullable,
      }));
    },
  };
}
