import type { SqlFlavour } from './sql/flavours.js';
import { readStatement } from './sql/read-statement.js';

const KINDS = new Set(['insert', 'update', 'delete', 'merge', 'select']);

/**
 * Whether a statement changes rows and nothing of the schema: then it can share a transaction with its entry in
 * the history, so that both are there or none.
 */
export function changesRowsOnly(text: string, flavour: SqlFlavour): boolean {
  return readStatement(text, flavour).every(({ kind }) => KINDS.has(kind));
}
