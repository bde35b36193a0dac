import type { DataSource, QueryRunner } from 'typeorm';
import type { CatalogueIndex } from '../dialect.js';
import type { TableChange } from '../model/table-change.js';
import { type ChangeSyntax, columnList, columnText, commonStatement, indexesOf } from './table-changes.js';

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

interface IndexRow {
  table: string;
  name: string;
  non_unique: number | string;
  column: string | null;
  part: number | null;
  direction: string | null;
  type: string;
}

export async function readIndexes(
  { quote }: ChangeSyntax,
  runner: QueryRunner,
  tables: readonly string[],
): Promise<CatalogueIndex[]> {
  if (tables.length === 0) return [];
  const rows = (await runner.query(
    `SELECT s.table_name AS \`table\`, s.index_name AS name, s.non_unique AS non_unique, s.column_name AS \`column\`,
       s.sub_part AS part, s.collation AS direction, s.index_type AS type
     FROM information_schema.statistics s
     WHERE s.table_schema = DATABASE() AND s.table_name IN (${tables.map(() => '?').join(', ')})
       AND s.index_name <> 'PRIMARY'
       AND NOT EXISTS (SELECT 1 FROM information_schema.referential_constraints r
         WHERE r.constraint_schema = s.table_schema AND r.table_name = s.table_name
           AND r.constraint_name = s.index_name)
     ORDER BY s.table_name, s.index_name, s.seq_in_index`,
    [...tables],
  )) as IndexRow[];
  return indexesOf(rows, (group) => {
    const [{ table, name, type, non_unique: nonUnique }] = group;
    const isUnique = Number(nonUnique) === 0;
    const isTree = type === 'BTREE';
    const kind = isUnique ? 'UNIQUE ' : isTree ? '' : `${type} `;
    const isSimple = isTree && group.every(({ part, direction }) => part === null && direction !== 'D');
    const parts = group.map(({ column, part, direction }) =>
      column === null
        ? undefined
        : `${quote(column)}${part === null || !isTree ? '' : `(${part})`}${direction === 'D' ? ' DESC' : ''}`,
    );
    return {
      isKey: isUnique && isSimple,
      columns: group.map(({ column }) => column),
      plain: !isUnique && isSimple,
      definition: parts.includes(undefined)
        ? undefined
        : `CREATE ${kind}INDEX ${quote(name)} ON ${quote(table)} (${parts.join(', ')})`,
    };
  });
}
