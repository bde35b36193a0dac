import type { VerifyResult } from '../import/verify/verifier.js';
import { type Column, renderTable } from './table.js';

interface Line {
  collection: string;
  result: string;
  read: number;
  unfit: number;
  stored: number;
  missing: number;
  different: number;
  extra: number;
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
  { key: 'extra', header: 'ONLY HERE', align: 'right' },
  { key: 'time', header: 'TIME', align: 'right' },
];

/** Whether the database holds what the source says, for every document that fits. */
export function isEqual({ missing, different, extra, unexamined }: VerifyResult): boolean {
  return missing + different + extra + unexamined === 0;
}

/** A line for each collection, then what differs and what refers to nothing. */
export async function verifySummary(results: readonly VerifyResult[]): Promise<string> {
  const lines = results.map((one) => ({
    ...one,
    result: isEqual(one) ? 'equal' : 'differs',
    time: `${(one.durationMs / 1000).toFixed(1)} s`,
  }));
  const table = await renderTable(COLUMNS, lines, {
    width: process.stdout.isTTY ? process.stdout.columns : undefined,
  });
  const differences = results.flatMap((result) => [
    ...result.differences.map(
      ({ id, sourceId, kind, details }) =>
        `  ${result.collection} ${sourceId ?? id}: ${[KINDS[kind], ...details].filter(Boolean).join('; ')}`,
    ),
    ...more(result),
  ]);
  const dangling = results.flatMap((result) =>
    result.dangling.map(
      ({ from, to, rows, examples }) =>
        `  ${rows} × ${from} names no ${to}: ${examples.join(', ')}${examples.length < rows ? ', …' : ''}`,
    ),
  );
  return [
    table,
    differences.length > 0 ? `\nWhat differs:\n${differences.join('\n')}\n` : '',
    dangling.length > 0 ? `\nReferences that lead nowhere:\n${dangling.join('\n')}\n` : '',
  ].join('');
}

const KINDS = { missing: 'is not in the database', extra: 'is not at the source', different: '' } as const;

function more(result: VerifyResult): string[] {
  const rest = result.missing + result.different + result.extra - result.differences.length;
  return [
    ...(rest > 0 ? [`  ${result.collection}: ${rest} more`] : []),
    ...(result.unexamined > 0
      ? [
          `  ${result.collection}: ${result.unexamined} documents in ranges that differ, and none that was looked at explains it`,
        ]
      : []),
  ];
}
