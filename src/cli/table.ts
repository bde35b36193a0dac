import { printable } from './printable.js';

/** One column of a table or of rows that are written out. */
export interface Column<Row = Record<string, unknown>> {
  /** The member of the row; also the name in CSV and JSON. */
  key: string;
  /** The heading in tables. */
  header: string;
  /** Default: right when all values of the column are numbers, else left. */
  align?: 'left' | 'right';
  /** How a value looks in a table; CSV and JSON carry the value itself. */
  render?: (value: unknown, row: Row) => string;
}

export interface TableOptions {
  /** The width to keep within, in terminal columns; cells that do not fit end in an ellipsis. */
  width?: number | undefined;
}

const GAP = 2;
const NARROWEST = 4;
const ELLIPSIS = '…';

type Measure = (text: string) => number;

/**
 * Draws a table of a few rows, with a line end after each line. Control characters in the data are
 * shown as escapes; numbers stand at the right.
 */
export async function renderTable<Row extends object>(
  columns: readonly Column<Row>[],
  rows: readonly Row[],
  options: TableOptions = {},
): Promise<string> {
  // Late, because most commands draw no table: both cost more than the rest of the command line.
  const [{ default: Table }, { default: stringWidth }] = await Promise.all([
    import('cli-table3'),
    import('string-width'),
  ]);
  const cells = rows.map((row) => columns.map((column) => cellText(column, row)));
  const headers = columns.map((column) => printable(column.header));
  const natural = columns.map((_, i) =>
    Math.max(stringWidth(headers[i] ?? ''), ...maxima(cells, i, stringWidth)),
  );
  const widths = options.width === undefined ? natural : shrink(natural, options.width);
  const aligns = columns.map((column) => column.align ?? (isNumeric(column, rows) ? 'right' : 'left'));
  const rule = widths.map((width) => '─'.repeat(width));

  // cli-table3 measures by older Unicode tables than terminals do. It gets stand-ins of the right width,
  // one line each, and the texts take their places afterwards, in the same order.
  const texts: string[] = [];
  const standIn = (text: string, column: number): string => {
    const fitted = fit(text, widths[column] ?? 0, stringWidth);
    const width = stringWidth(fitted);
    if (width === 0) return '';
    texts.push(fitted);
    return STAND_IN.repeat(width);
  };
  const table = new Table({
    chars: NO_BORDERS,
    style: { head: [], border: [], 'padding-left': 0, 'padding-right': GAP },
    colAligns: aligns,
    colWidths: widths.map((width) => width + GAP),
  });
  for (const line of [headers, rule, ...cells]) table.push(line.map(standIn));
  let next = 0;
  const drawn = table.toString().replaceAll(STAND_IN_RUN, () => texts[next++] ?? '');
  return `${drawn
    .split('\n')
    .map((line) => line.trimEnd())
    .join('\n')}\n`;
}

/** A character of width one for private use; texts that hold it themselves come in after the search. */
const STAND_IN = '\uE000';
const STAND_IN_RUN = /\uE000+/gu;

const NO_BORDERS = {
  top: '',
  'top-mid': '',
  'top-left': '',
  'top-right': '',
  bottom: '',
  'bottom-mid': '',
  'bottom-left': '',
  'bottom-right': '',
  left: '',
  'left-mid': '',
  mid: '',
  'mid-mid': '',
  right: '',
  'right-mid': '',
  middle: '',
};

/** A value as a table shows it; null and undefined as nothing. */
function cellText<Row extends object>(column: Column<Row>, row: Row): string {
  const value = (row as Record<string, unknown>)[column.key];
  if (column.render !== undefined) return printable(column.render(value, row));
  return printable(plainText(value));
}

/** A value as text, without quotes: ISO time for dates, JSON for objects, nothing for null. */
export function plainText(value: unknown): string {
  if (value === null || value === undefined) return '';
  if (typeof value === 'string') return value;
  if (typeof value === 'object' && !(value instanceof Date)) {
    return JSON.stringify(value, (_key, member: unknown) =>
      typeof member === 'bigint' ? String(member) : member,
    );
  }
  if (value instanceof Date) return value.toISOString();
  return `${value as number | boolean}`;
}

function isNumeric<Row extends object>(column: Column<Row>, rows: readonly Row[]): boolean {
  const values = rows
    .map((row) => (row as Record<string, unknown>)[column.key])
    .filter((value) => value !== null && value !== undefined);
  return values.length > 0 && values.every((value) => typeof value === 'number' || typeof value === 'bigint');
}

function* maxima(cells: readonly string[][], column: number, measure: Measure): Generator<number> {
  // In slices: spreading a million widths into one Math.max call overflows the stack.
  let widest = 0;
  for (const line of cells) widest = Math.max(widest, measure(line[column] ?? ''));
  yield widest;
}

/** Takes width from the widest columns until the table fits; no column gets narrower than four. */
function shrink(natural: readonly number[], total: number): number[] {
  const widths = [...natural];
  let excess = widths.reduce((sum, width) => sum + width, 0) + GAP * (widths.length - 1) - total;
  while (excess > 0) {
    const widest = Math.max(...widths);
    if (widest <= NARROWEST) break;
    widths[widths.indexOf(widest)] = widest - 1;
    excess--;
  }
  return widths;
}

/** Cuts a text to a width, between the characters that a person sees, and marks the cut. */
function fit(text: string, width: number, measure: Measure): string {
  if (measure(text) <= width) return text;
  let kept = '';
  let used = 0;
  for (const { segment } of new Intl.Segmenter().segment(text)) {
    const next = measure(segment);
    if (used + next > width - 1) break;
    kept += segment;
    used += next;
  }
  return kept + ELLIPSIS;
}
