import type { ImportResult } from '../import/importer.js';
import { type Column, renderTable } from './table.js';

interface Line {
  collection: string;
  read: number;
  imported: number;
  rejected: number;
  rows: string;
  changed: number;
  time: string;
}

const COLUMNS: readonly Column<Line>[] = [
  { key: 'collection', header: 'COLLECTION' },
  { key: 'read', header: 'READ', align: 'right' },
  { key: 'imported', header: 'IMPORTED', align: 'right' },
  { key: 'rejected', header: 'REJECTED', align: 'right' },
  { key: 'rows', header: 'ROWS' },
  { key: 'changed', header: 'VALUES CHANGED', align: 'right' },
  { key: 'time', header: 'TIME', align: 'right' },
];

/** What an import did, a line a collection, and below it which values had to be changed. */
export async function importSummary(result: ImportResult, dryRun: boolean): Promise<string> {
  const lines = result.collections.map((one) => ({
    collection: one.complete ? one.collection : `${one.collection} (stopped)`,
    read: one.read,
    imported: one.imported,
    rejected: one.rejected,
    rows: Object.entries({ [one.table]: one.imported, ...one.children })
      .map(([table, rows]) => `${rows} ${table}`)
      .join(', '),
    changed: Object.values(one.coerced).reduce((sum, count) => sum + count, 0),
    time: `${(one.durationMs / 1000).toFixed(1)} s`,
  }));
  const changes = result.collections.flatMap((one) =>
    Object.entries(one.coerced).map(([what, count]) => `  ${count} × ${what}`),
  );
  const table = await renderTable(COLUMNS, lines, {
    width: process.stdout.isTTY ? process.stdout.columns : undefined,
  });
  return [
    dryRun ? 'Dry run: nothing was written.\n' : '',
    table,
    changes.length > 0 ? `\nValues that were changed to fit:\n${changes.join('\n')}\n` : '',
  ].join('');
}
