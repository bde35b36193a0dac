import { expect } from '@jest/globals';
import { hashesOf } from './content-hash.js';

type Tables = Readonly<Record<string, readonly string[]>>;
type Row = Readonly<Record<string, unknown>>;

/** Most rows of each table that a failure shows. */
const MOST_SHOWN = 5;

/** Expects the same rows in the same tables, and shows column by column what differs where they are not. */
export function expectSameContent(actual: Tables, expected: Tables): void {
  const differences = Object.keys({ ...expected, ...actual }).flatMap((table) =>
    differencesOf(actual[table] ?? [], expected[table] ?? []).map((one) => `${table} ${one}`),
  );
  expect(differences).toEqual([]);
  expect(hashesOf(actual)).toEqual(hashesOf(expected));
}

function differencesOf(actual: readonly string[], expected: readonly string[]): string[] {
  const [extra, missing] = [without(actual, expected), without(expected, actual)];
  const told: string[] = [];
  for (const row of missing.values()) {
    const other = extra.get(keyOf(row));
    if (other === undefined) told.push(`${keyOf(row)} is missing`);
    else
      for (const [column, value] of Object.entries(row))
        if (JSON.stringify(value) !== JSON.stringify(other[column]))
          told.push(`${keyOf(row)} ${column}: ${JSON.stringify(other[column])} for ${JSON.stringify(value)}`);
    extra.delete(keyOf(row));
  }
  told.push(...[...extra.keys()].map((key) => `${key} is one too many`));
  return told.slice(0, MOST_SHOWN);
}

function without(lines: readonly string[], others: readonly string[]): Map<string, Row> {
  const known = new Set(others);
  const rows = lines.filter((line) => !known.has(line)).map((line) => JSON.parse(line) as Row);
  return new Map(rows.map((row) => [keyOf(row), row]));
}

/** Rows of lists have ids that are one of a kind in their list only. */
function keyOf(row: Row): string {
  const parents = ['traceId', 'evaluationId', 'conversationId'].flatMap((name) => row[name] ?? []);
  return [row['id'], ...('position' in row ? parents : [])].join(' of ');
}
