import type { DataSource, QueryRunner } from 'typeorm';
import type { TableChange } from '../model/table-change.js';
import { type ChangeSyntax, columnList, columnText, commonStatement } from './table-changes.js';

/** Which of the two serves, whatever the URL says. TypeORM asked for the version when it connected. */
function isMariaDb({ driver }: DataSource): boolean {
  const FIRST_OF_MARIADB = 10;
  return Number.parseInt(driver.version ?? '', 10) >= FIRST_OF_MARIADB;
}

/** Byte order without padding, so that `a` and `a ` differ and order is the same on every database. */
export function tableOptions(runner: QueryRunner): string {
  const collation = isMariaDb(runner.dataSource) ? 'utf8mb4_nopad_bin' : 'utf8mb4_0900_bin';
  return `InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE ${collation}`;
}

export async function mysqlChange(
  syntax: ChangeSyntax,
  runner: QueryRunner,
  table: string,
  change: TableChange,
): Promise<void> {
  const { quote } = syntax;
  const alter = `ALTER TABLE ${quote(table)}`;
  switch (change.change) {
    case 'change-column':
      await runner.query(`${alter} MODIFY ${columnText(syntax, change.column, change.to)}`);
      return;
    // Unique keys and indexes are one thing here.
    case 'add-unique':
      await runner.query(
        `CREATE UNIQUE INDEX ${quote(change.key.name)} ON ${quote(table)} (${columnList(syntax, change.key.columns)})`,
      );
      return;
    case 'drop-index':
    case 'drop-unique':
      await runner.query(`DROP INDEX ${quote(change.key.name)} ON ${quote(table)}`);
      return;
    case 'drop-primary-key':
      await runner.query(`${alter} DROP PRIMARY KEY`);
      return;
    case 'drop-foreign-key':
      await runner.query(`${alter} DROP FOREIGN KEY ${quote(change.key.name)}`);
      await dropIndexOfForeignKey(syntax, runner, table, change.key.name);
      return;
    default:
      await runner.query(commonStatement(syntax, table, change));
  }
}

/** With a foreign key comes an index of its name where no other serves it, and stays when the key goes. */
async function dropIndexOfForeignKey(
  { quote }: ChangeSyntax,
  runner: QueryRunner,
  table: string,
  name: string,
): Promise<void> {
  if (isMariaDb(runner.dataSource)) {
    await runner.query(`DROP INDEX IF EXISTS ${quote(name)} ON ${quote(table)}`);
    return;
  }
  const rows = (await runner.query(
    'SELECT 1 FROM information_schema.statistics WHERE table_schema = DATABASE() AND table_name = ? AND index_name = ?',
    [table, name],
  )) as unknown[];
  if (rows.length > 0) await runner.query(`DROP INDEX ${quote(name)} ON ${quote(table)}`);
}
