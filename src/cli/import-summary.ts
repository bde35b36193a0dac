import type { CollectionResult } from '../import/collection-result.js';
import type { DeletesResult } from '../import/deletes.js';
import type { ImportResult } from '../import/importer.js';
import { type Column, renderTable } from './table.js';

interface Line {
  collection: string;
  read: number;
  written: number;
  unchanged: number;
  rejected: number;
  rows: string;
  changed: number;
  time: string;
}

const COLUMNS: readonly Column<Line>[] = [
  { key: 'collection', header: 'COLLECTION' },
  { key: 'read', header: 'READ', align: 'right' },
  { key: 'written', header: 'WRITTEN', align: 'right' },
  { key: 'unchanged', header: 'UNCHANGED', align: 'right' },
  { key: 'rejected', header: 'REJECTED', align: 'right' },
  { key: 'rows', header: 'ROWS WRITTEN' },
  { key: 'changed', header: 'VALUES CHANGED', align: 'right' },
  { key: 'time', header: 'TIME', align: 'right' },
];

/** Most kinds of faults that are shown; the rejects file has all. */
const MOST_PROBLEMS = 20;

/** What an import did, a line a collection, and below it what was changed to fit, did not fit, or is gone. */
export async function importSummary(result: ImportResult, dryRun: boolean): Promise<string> {
  const read = result.collections.filter(({ sameSource }) => !sameSource);
  const table = await renderTable(COLUMNS, read.map(lineOf), {
    width: process.stdout.isTTY ? process.stdout.columns : undefined,
  });
  const changes = read.flatMap(({ coerced }) => Object.entries(coerced));
  const problems = read.flatMap((one) => Object.entries(one.problems));
  const deletes = read.flatMap(({ table, deletes }) =>
    deletes && deletes.gone > 0 ? [{ table, ...deletes }] : [],
  );
  return [
    dryRun ? 'Dry run: nothing was written.\n' : '',
    read.length > 0 ? table : '',
    section(
      'Values that were changed to fit:',
      changes.map(([what, count]) => `${count} × ${what}`),
    ),
    section('What does not fit:', mostFrequent(problems)),
    section('Gone at the source:', deletes.map(describeDeletes)),
  ].join('');
}

function lineOf(one: CollectionResult): Line {
  const written = one.imported - one.unchanged;
  return {
    collection: one.complete ? one.collection : `${one.collection} (stopped)`,
    read: one.read,
    written,
    unchanged: one.unchanged,
    rejected: one.rejected,
    rows: Object.entries({ [one.table]: written, ...one.children })
      .map(([table, rows]) => `${rows} ${table}`)
      .join(', '),
    changed: Object.values(one.coerced).reduce((sum, count) => sum + count, 0),
    time: `${(one.durationMs / 1000).toFixed(1)} s`,
  };
}

function section(title: string, lines: readonly string[]): string {
  return lines.length === 0 ? '' : `\n${title}\n${lines.map((line) => `  ${line}\n`).join('')}`;
}

function mostFrequent(problems: readonly [string, number][]): string[] {
  const sorted = problems.toSorted(([, one], [, other]) => other - one);
  const shown = sorted.slice(0, MOST_PROBLEMS).map(([what, count]) => `${count} × ${what}`);
  const left = sorted.length - shown.length;
  return left > 0 ? [...shown, `and ${left} other kinds, which the rejects file has`] : shown;
}

function describeDeletes({
  table,
  gone,
  marked,
  removed,
  examples,
}: DeletesResult & { table: string }): string {
  const done = removed > 0 ? 'removed' : marked > 0 ? `${marked} of them newly marked` : 'left as they are';
  const more = gone > examples.length ? ', …' : '';
  return `${gone} ${table}, ${done}: ${examples.join(', ')}${more}`;
}
