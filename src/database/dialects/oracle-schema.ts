import type { LogicalType } from '../model/logical-type.js';
import { isSameType, type TableChange } from '../model/table-change.js';
import { type ChangeSyntax, commonStatement } from './table-changes.js';

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
