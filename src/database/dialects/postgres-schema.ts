import type { LogicalType } from '../model/logical-type.js';
import { isSameType, type TableChange } from '../model/table-change.js';
import { type ChangeSyntax, commonStatement } from './table-changes.js';

/** Kinds that any other is turned into as if it was assigned: what does not fit is refused, not cut off. */
const TEXTS: readonly LogicalType['kind'][] = ['string', 'text'];

export function postgresChange(syntax: ChangeSyntax, table: string, change: TableChange): string {
  if (change.change !== 'change-column') return commonStatement(syntax, table, change);
  const { from, to } = change;
  const column = syntax.quote(change.column);
  const parts: string[] = [];
  if (!isSameType(from.type, to.type)) {
    const type = syntax.typeText(to);
    const using = TEXTS.includes(to.type.kind) ? '' : ` USING ${column}::${type}`;
    parts.push(`ALTER COLUMN ${column} TYPE ${type}${using}`);
  }
  if (from.nullable !== to.nullable)
    parts.push(`ALTER COLUMN ${column} ${to.nullable ? 'DROP' : 'SET'} NOT NULL`);
  return `ALTER TABLE ${syntax.quote(table)} ${parts.join(', ')}`;
}
