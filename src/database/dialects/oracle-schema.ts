import type { QueryRunner } from 'typeorm';
import type { CatalogueIndex } from '../dialect.js';
import type { LogicalType } from '../model/logical-type.js';
import { isSameType, type TableChange } from '../model/table-change.js';
import { type ChangeSyntax, commonStatement, indexesOf } from './table-changes.js';

/** Kinds that are kept as CLOB, which MODIFY neither makes nor unmakes. */
const LOBS: readonly LogicalType['kind'][] = ['text', 'json'];

type ColumnChange = Extract<TableChange, { change: 'change-column' }>;

export function oracleChange(syntax: ChangeSyntax, table: string, change: TableChange): string[] {
  if (change.change !== 'change-column') return [commonStatement(syntax, table, change)];
  const { from, to } = change;
  const isLob = LOBS.includes(to.type.kind);
  if (isLob !== LOBS.includes(from.type.kind)) return throughNewColumn(syntax, table, change);
  // Saying NULL or NOT NULL of a column that is so already is an error.
  const parts = [
    ...(isLob || isSameType(from.type, to.type) ? [] : [syntax.typeText(to)]),
    ...(from.nullable === to.nullable ? [] : [to.nullable ? 'NULL' : 'NOT NULL']),
  ];
  if (parts.length === 0) return [];
  return [`ALTER TABLE ${syntax.quote(table)} MODIFY ${syntax.quote(change.column)} ${parts.join(' ')}`];
}

/** The values are copied; a text too long for its new column fails the copy, and nothing is lost. */
function throughNewColumn(syntax: ChangeSyntax, table: string, { column, to }: ColumnChange): string[] {
  const alter = `ALTER TABLE ${syntax.quote(table)}`;
  const name = syntax.quote(column);
  const added = syntax.quote(`new_${column}`);
  return [
    `${alter} ADD ${added} ${syntax.typeText(to)}`,
    `UPDATE ${syntax.quote(table)} SET ${added} = ${name}`,
    ...(to.nullable ? [] : [`${alter} MODIFY ${added} NOT NULL`]),
    `${alter} DROP COLUMN ${name}`,
    `${alter} RENAME COLUMN ${added} TO ${name}`,
  ];
}

interface IndexRow {
  table: string;
  name: string;
  uniqueness: string;
  type: string;
  column: string;
  direction: 'ASC' | 'DESC';
}

export async function readIndexes(
  { quote }: ChangeSyntax,
  runner: QueryRunner,
  tables: readonly string[],
): Promise<CatalogueIndex[]> {
  const rows = (await runner.query(
    `SELECT i.table_name AS "table", i.index_name AS "name", i.uniqueness AS "uniqueness",
       i.index_type AS "type", c.column_name AS "column", c.descend AS "direction"
     FROM user_indexes i JOIN user_ind_columns c ON c.index_name = i.index_name
     WHERE i.index_type <> 'LOB'
       AND NOT EXISTS (SELECT 1 FROM user_constraints k
         WHERE k.table_name = i.table_name AND i.index_name IN (k.index_name, k.constraint_name)
           AND k.constraint_type IN ('P', 'U'))
     ORDER BY i.table_name, i.index_name, c.column_position`,
  )) as IndexRow[];
  const wanted = rows.filter(({ table }) => tables.includes(table));
  return indexesOf(wanted, (group) => {
    const [{ table, name, type, uniqueness }] = group;
    const isUnique = uniqueness === 'UNIQUE';
    // Of others the columns have names that the database made up.
    const isNormal = type === 'NORMAL' && group.every(({ direction }) => direction === 'ASC');
    const columns = group.map(({ column }) => quote(column)).join(', ');
    return {
      isKey: false,
      columns: group.map(({ column }) => (isNormal ? column : null)),
      plain: isNormal && !isUnique,
      definition: isNormal
        ? `CREATE ${isUnique ? 'UNIQUE ' : ''}INDEX ${quote(name)} ON ${quote(table)} (${columns})`
        : undefined,
    };
  });
}
