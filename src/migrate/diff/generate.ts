import type { OpenDatabase } from '../../database/data-source.js';
import type { TableModel } from '../../database/model/table-model.js';
import { nameIn, writeMigration } from '../create/write-migration.js';
import { type Difference, schemaDifferences } from './differences.js';
import { planDifferences } from './plan-differences.js';
import { renderSql } from './render-sql.js';
import { renderTypeScript } from './render-typescript.js';

export interface GenerateOptions {
  /** Words for its name. */
  name: string;
  folder: string;
  /** Whether the folder is that of dbtool's own migrations. */
  isOwn: boolean;
  /** In this database's SQL instead of for every database. */
  sql: boolean;
}

/** What was found, and the file that was written; none without a difference. */
export interface Generated {
  differences: Difference[];
  path: string | undefined;
}

/**
 * Writes a migration that makes the database what the entities say, and whose `down` undoes it. The
 * database itself is left as it is.
 * @throws DbtoolError `usage.argument.invalid`, `migrate.name.taken`, `migrate.generate.irreversible`, `output.unwritable`
 */
export async function generateMigration(
  { dataSource, dialect }: OpenDatabase,
  entities: readonly TableModel[],
  options: GenerateOptions,
): Promise<Generated> {
  const { name, className } = await nameIn(options.folder, options.name, new Date());
  const runner = dataSource.createQueryRunner();
  try {
    const differences = await schemaDifferences(runner, entities);
    if (differences.length === 0) return { differences, path: undefined };
    const plan = planDifferences(dialect, differences);
    const [file, content] = options.sql
      ? [`${name}.${dialect.name}.sql`, await renderSql(runner, dialect, plan, differences)]
      : [`${name}.ts`, renderTypeScript(plan, differences, { className, isOwn: options.isOwn })];
    return { differences, path: await writeMigration(options.folder, file, content) };
  } finally {
    await runner.release();
  }
}
