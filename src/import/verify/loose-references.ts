import type { OpenDatabase } from '../../database/data-source.js';
import { streamRows } from '../../database/row-stream.js';
import { tableOf } from '../../database/model/table-model.js';
import type { Mapping } from '../mapping.js';

/** Rows that refer to one that is not there. */
export interface DanglingReference {
  /** `table.column` that refers. */
  from: string;
  /** `table.column` that is referred to. */
  to: string;
  rows: number;
  /** The first values in byte order that lead nowhere. */
  examples: string[];
}

const EXAMPLES = 3;

/** What of a mapping's references without a foreign key leads nowhere. */
export async function danglingReferences(
  database: OpenDatabase,
  mapping: Mapping,
): Promise<DanglingReference[]> {
  const found: DanglingReference[] = [];
  for (const { property, child, to, toProperty } of mapping.references ?? []) {
    const [from, target] = [tableOf(child ?? mapping.entity), tableOf(to)];
    const name = (table: typeof from, of: string): string => {
      const column = table.columns.find((one) => one.property === of);
      if (!column) throw new Error(`${table.name} has no ${of}`);
      return column.name;
    };
    const [column, key] = [name(from, property), name(target, toProperty)];
    const reference: DanglingReference = {
      from: `${from.name}.${column}`,
      to: `${target.name}.${key}`,
      rows: 0,
      examples: [],
    };
    const query = `SELECT a.${column} AS value, COUNT(*) AS n FROM ${from.name} a
      WHERE a.${column} IS NOT NULL AND NOT EXISTS (SELECT 1 FROM ${target.name} b WHERE b.${key} = a.${column})
      GROUP BY a.${column} ORDER BY a.${column}`;
    for await (const row of streamRows(database, query)) {
      reference.rows += Number(row['n']);
      if (reference.examples.length < EXAMPLES) reference.examples.push(String(row['value']));
    }
    if (reference.rows > 0) found.push(reference);
  }
  return found;
}
