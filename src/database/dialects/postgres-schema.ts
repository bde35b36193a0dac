import type { QueryRunner } from 'typeorm';
import type { CatalogueIndex } from '../dialect.js';
import type { LogicalType } from '../model/logical-type.js';
import { isSameType, type TableChange } from '../model/table-change.js';
import { type ChangeSyntax, commonStatement, indexesOf } from './table-changes.js';

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

interface IndexRow {
  table: string;
  name: string;
  unique: boolean;
  plain: boolean;
  column: string | null;
  definition: string;
}

export async function readIndexes(runner: QueryRunner, tables: readonly string[]): Promise<CatalogueIndex[]> {
  const rows = (await runner.query(
    `SELECT t.relname AS "table", i.relname AS name, ix.indisunique AS "unique", a.attname AS "column",
       pg_get_indexdef(i.oid) AS definition,
       ix.indpred IS NULL AND ix.indexprs IS NULL AND am.amname = 'btree' AND ix.indnatts = ix.indnkeyatts
         AND NOT EXISTS (SELECT 1 FROM unnest(ix.indoption) AS o WHERE o <> 0) AS plain
     FROM pg_index ix JOIN pg_class i ON i.oid = ix.indexrelid JOIN pg_class t ON t.oid = ix.indrelid
       JOIN pg_namespace ns ON ns.oid = t.relnamespace JOIN pg_am am ON am.oid = i.relam
       CROSS JOIN LATERAL unnest(ix.indkey) WITH ORDINALITY AS k(attnum, place)
       LEFT JOIN pg_attribute a ON a.attrelid = t.oid AND a.attnum = k.attnum AND k.attnum > 0
     WHERE ns.nspname = current_schema() AND t.relname = ANY($1)
       AND NOT EXISTS (SELECT 1 FROM pg_constraint c WHERE c.conindid = i.oid AND c.contype IN ('p', 'u', 'x'))
     ORDER BY t.relname, i.relname, k.place`,
    [tables],
  )) as IndexRow[];
  return indexesOf(rows, (group) => ({
    isKey: false,
    columns: group.map(({ column }) => column),
    plain: group[0].plain && !group[0].unique,
    definition: group[0].definition,
  }));
}
