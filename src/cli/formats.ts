import * as Flags from '@oclif/core/flags';
import { type Column, plainText, renderTable } from './table.js';

const FORMATS = ['table', 'csv', 'json', 'ndjson'] as const;

/** How rows are written: a table for people, the others for programs. */
export type Format = (typeof FORMATS)[number];

/** `--format`, for commands that put out rows. */
export const formatFlag = Flags.option({
  char: 'f',
  options: FORMATS,
  default: 'table' as const,
  summary: 'Write the rows in this format.',
})();

/** `--output`, for commands that put out rows; goes to `openOutput`. */
export const outputFlag = Flags.string({
  char: 'o',
  summary: 'Write to this file instead of stdout; it appears when it is complete.',
  helpValue: 'FILE',
});

/** Where written rows go. `openOutput` makes one for stdout or a file. */
export interface Sink {
  write(chunk: string): Promise<void>;
  /** The width of the terminal that shows it, in columns; undefined when no terminal does. */
  readonly width?: number | undefined;
}

/** Writes rows in one format, as they come. */
export interface RowWriter<Row> {
  write(row: Row): Promise<void>;
  /** Writes what is still held back, and what closes the format; it does not close the sink. */
  end(): Promise<void>;
}

/** Text is gathered up to this many characters before it goes to the sink. */
const CHUNK = 64 * 1024;

/**
 * Makes a writer of rows. All formats but `table` stream: they hold no more than 64 K characters. A
 * table has to see all rows before it knows its widths, and holds them.
 */
export function createRowWriter<Row extends object>(
  format: Format,
  columns: readonly Column<Row>[],
  sink: Sink,
): RowWriter<Row> {
  if (format === 'table') return new TableWriter(columns, sink);
  return new TextWriter(SYNTAX[format](columns.map((column) => column.key)), sink);
}

class TableWriter<Row extends object> implements RowWriter<Row> {
  readonly #rows: Row[] = [];

  constructor(
    private readonly columns: readonly Column<Row>[],
    private readonly sink: Sink,
  ) {}

  write(row: Row): Promise<void> {
    this.#rows.push(row);
    return Promise.resolve();
  }

  async end(): Promise<void> {
    await this.sink.write(await renderTable(this.columns, this.#rows, { width: this.sink.width }));
  }
}

/** What a format puts before, between and after its rows. */
interface Syntax {
  head: string;
  row: (row: Record<string, unknown>, first: boolean) => string;
  tail: (empty: boolean) => string;
}

class TextWriter<Row extends object> implements RowWriter<Row> {
  #held: string;
  #empty = true;

  constructor(
    private readonly syntax: Syntax,
    private readonly sink: Sink,
  ) {
    this.#held = syntax.head;
  }

  async write(row: Row): Promise<void> {
    this.#held += this.syntax.row(row as Record<string, unknown>, this.#empty);
    this.#empty = false;
    if (this.#held.length >= CHUNK) await this.#flush();
  }

  async end(): Promise<void> {
    this.#held += this.syntax.tail(this.#empty);
    await this.#flush();
  }

  async #flush(): Promise<void> {
    const chunk = this.#held;
    this.#held = '';
    if (chunk !== '') await this.sink.write(chunk);
  }
}

const SYNTAX: Readonly<Record<Exclude<Format, 'table'>, (keys: readonly string[]) => Syntax>> = {
  csv: (keys) => ({
    head: `${keys.map(csvText).join(',')}\n`,
    // Readers skip empty lines, which a row of one empty cell would be.
    row: (row) => `${keys.map((key) => csvCell(row[key])).join(',') || '""'}\n`,
    tail: () => '',
  }),
  ndjson: (keys) => ({
    head: '',
    row: (row) => `${jsonObject(row, keys)}\n`,
    tail: () => '',
  }),
  json: (keys) => ({
    head: '[',
    row: (row, first) => `${first ? '' : ','}\n  ${jsonObject(row, keys)}`,
    tail: (empty) => (empty ? ']\n' : '\n]\n'),
  }),
};

/**
 * A CSV cell by RFC 4180 (line ends are \n). Null and the empty string are both nothing: Oracle cannot
 * tell them apart, and a report is the same bytes on every database. Cells that a spreadsheet would take for a formula (`=1+1`) are left as they
 * are: a quote or an apostrophe in front would change the data for every other reader, and what is
 * exported here is meant to be read back by programs.
 */
function csvCell(value: unknown): string {
  if (value === null || value === undefined) return '';
  if (typeof value === 'number' || typeof value === 'bigint' || typeof value === 'boolean')
    return String(value);
  return csvText(plainText(value));
}

function csvText(text: string): string {
  return /[",\r\n]/u.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

/** A row as one line of JSON with its keys in column order; what is missing becomes null. */
function jsonObject(row: Record<string, unknown>, keys: readonly string[]): string {
  const ordered = Object.fromEntries(keys.map((key) => [key, row[key] ?? null]));
  return JSON.stringify(ordered, (_key, value: unknown) =>
    typeof value === 'bigint' ? String(value) : value,
  );
}
