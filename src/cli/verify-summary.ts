import type { VerifyResult } from '../import/verify/verifier.js';
import { printable } from './printable.js';
import { type Column, renderTable } from './table.js';

interface Line {
  collection: string;
  result: string;
  read: number;
  unfit: number;
  stored: number;
  missing: number;
  different: number;
  outdated: number;
  extra: number | string;
  time: string;
}

const COLUMNS: readonly Column<Line>[] = [
  { key: 'collection', header: 'COLLECTION' },
  { key: 'result', header: 'RESULT' },
  { key: 'read', header: 'AT THE SOURCE', align: 'right' },
  { key: 'unfit', header: 'DO NOT FIT', align: 'right' },
  { key: 'stored', header: 'IN THE DATABASE', align: 'right' },
  { key: 'missing', header: 'MISSING', align: 'right' },
  { key: 'different', header: 'DIFFERENT', align: 'right' },
  { key: 'outdated', header: 'OUTDATED', align: 'right' },
  { key: 'extra', header: 'ONLY HERE', align: 'right' },
  { key: 'time', header: 'TIME', align: 'right' },
];

interface UnfitLine {
  collection: string;
  field: string;
  reason: string;
  documents: number;
  examples: string;
}

const UNFIT_COLUMNS: readonly Column<UnfitLine>[] = [
  { key: 'collection', header: 'COLLECTION' },
  { key: 'field', header: 'FIELD' },
  { key: 'reason', header: 'REASON' },
  { key: 'documents', header: 'DOCUMENTS', align: 'right' },
  { key: 'examples', header: 'FOR EXAMPLE' },
];

/** Whether the database holds what the source says, for every document that fits. */
export function isEqual({ missing, different, outdated, extra, unexamined }: VerifyResult): boolean {
  return missing + different + outdated + (extra ?? 0) + unexamined === 0;
}

/** A line for each collection; then what was left out, what differs, what does not fit, what refers to nothing. */
export async function verifySummary(results: readonly VerifyResult[]): Promise<string> {
  const lines = results.map((one) => ({
    ...one,
    result: isEqual(one) ? 'equal' : 'differs',
    extra: one.extra ?? '-',
    time: `${(one.durationMs / 1000).toFixed(1)} s`,
  }));
  const width = process.stdout.isTTY ? process.stdout.columns : undefined;
  const unfit = results.flatMap(unfitLines);
  return [
    await renderTable(COLUMNS, lines, { width }),
    section('What was compared', rangeLines(results)),
    section('What differs', results.flatMap(differenceLines)),
    unfit.length > 0
      ? `\nDocuments that do not fit:\n${await renderTable(UNFIT_COLUMNS, unfit, { width })}`
      : '',
    section('Gone at the source', results.flatMap(markedLines)),
    section('Changed while it was compared', results.flatMap(settledLines)),
    section('References that lead nowhere', results.flatMap(danglingLines)),
  ].join('');
}

function section(title: string, lines: readonly string[]): string {
  // Ids and values come from the source: what is in them must not steer the terminal.
  return lines.length > 0 ? `\n${title}:\n${lines.map((line) => `  ${printable(line)}`).join('\n')}\n` : '';
}

/** With `--since last` each collection has a range of its own. */
function rangeLines(results: readonly VerifyResult[]): string[] {
  const byRange = new Map<string, string[]>();
  for (const { since, until, collection } of results) {
    const ends = [
      ...(since ? [`since ${since.toISOString()}`] : []),
      ...(until ? [`before ${until.toISOString()}`] : []),
    ];
    if (ends.length === 0) continue;
    const range = ends.join(' and ');
    byRange.set(range, [...(byRange.get(range) ?? []), collection]);
  }
  return [...byRange].map(
    ([range, collections]) =>
      `${collections.join(', ')}: only documents ${range}, and those without a date; rows that are only in the database were not looked for`,
  );
}

const KINDS = {
  missing: ['is not in the database'],
  extra: ['is not at the source'],
  different: [],
  outdated: ['its document no longer fits'],
} as const;

function differenceLines(result: VerifyResult): string[] {
  const { collection, missing, different, outdated, extra, unexamined, differences } = result;
  const rest = missing + different + outdated + (extra ?? 0) - differences.length;
  return [
    ...differences.map(({ id, sourceId, kind, details }) => {
      const told = [...KINDS[kind], ...(details.length > 0 ? [details.join('; ')] : [])];
      return `${collection} ${sourceId ?? id}: ${told.join(': ')}`;
    }),
    ...(rest > 0 ? [`${collection}: ${rest} more`] : []),
    ...(unexamined > 0
      ? [
          differences.length > 0
            ? `${collection}: ${unexamined} documents more were not looked at one by one`
            : `${collection}: ${unexamined} documents in ranges that differ, and none that was looked at explains it`,
        ]
      : []),
  ];
}

function markedLines({ collection, marked }: VerifyResult): string[] {
  if (marked === null || marked === 0) return [];
  return [
    marked === 1
      ? `${collection}: 1 row is marked so, and its document is`
      : `${collection}: ${marked} rows are marked so, and their documents are`,
  ];
}

function unfitLines({ collection, unfitReasons }: VerifyResult): UnfitLine[] {
  return unfitReasons.map(({ field, reason, documents, examples }) => ({
    collection,
    field: field ?? '-',
    reason,
    documents,
    examples: examples.join(', '),
  }));
}

function settledLines({ collection, settled }: VerifyResult): string[] {
  return settled > 0
    ? [
        `${collection}: ${settled} ${settled === 1 ? 'document' : 'documents'} differed at first, and no longer when read once more`,
      ]
    : [];
}

function danglingLines({ dangling }: VerifyResult): string[] {
  return dangling.map(
    ({ from, to, rows, examples }) =>
      `${rows} × ${from} names no ${to}: ${examples.join(', ')}${examples.length < rows ? ', …' : ''}`,
  );
}
