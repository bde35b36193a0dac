import type { LogicalRow } from '../dialect.js';
import type { LogicalValue } from '../model/logical-type.js';
import { EncodedText } from '../model/encoded-text.js';
import type { ColumnModel, TableModel } from '../model/table-model.js';
import { rowValue } from './sql.js';

/** Bytes that are sent at a time: the server reads one part while the next one is made. */
const PART_BYTES = 128 * 1024;
/** From this length on a text is cheaper to write into the buffer than to join to its neighbours. */
const LONG = 64;
/** Bytes of a text that is looked at as a string. */
const SHORTEST = 4;
/** Most bytes that a unit of UTF-16 takes: characters that are escaped have one byte each, and become two. */
const BYTES_PER_UNIT = 3;

const BACKSLASH = 0x5c;
/** By byte, the letter that stands behind a backslash for it; 0 for one that stands for itself. */
const LETTERS = new Uint8Array(256);
for (const [byte, letter] of [BACKSLASH, 0x09, 0x0a, 0x0d].map(
  (code, index) => [code, '\\tnr'.charCodeAt(index)] as const,
))
  LETTERS[byte] = letter;

/**
 * Rows as Postgres's COPY and MySQL's LOAD DATA read them: a line each, tabs between the values, `\N` for NULL.
 * @param textOf a value as the database reads it; text is escaped here
 * @returns parts that are whole rows
 * @throws DbtoolError `database.row.*` for a value that no database could keep
 */
export function* tabText(
  table: TableModel,
  rows: readonly LogicalRow[],
  textOf: (value: LogicalValue) => string | null,
): Generator<Buffer, void> {
  const [first, ...others] = table.columns;
  if (!first) throw new Error(`${table.name} has no columns`);
  let part = new Part();
  for (const row of rows) {
    addValue(part, table, first, row, textOf);
    for (const column of others) {
      part.short += '\t';
      addValue(part, table, column, row, textOf);
    }
    part.short += '\n';
    if (part.isFull) {
      yield part.bytes();
      part = new Part();
    }
  }
  yield part.bytes();
}

function addValue(
  part: Part,
  table: TableModel,
  column: ColumnModel,
  row: LogicalRow,
  textOf: (value: LogicalValue) => string | null,
): void {
  const value = row[column.property];
  // Short ones may be JSON's null, or the empty text.
  if (value instanceof EncodedText && value.byteLength > SHORTEST) part.addEncoded(value);
  else part.add(textOf(rowValue(table, column, row)));
}

/** Text in the making: long values as bytes, what stands between them as a string until the next long one. */
class Part {
  short = '';
  private buffer = Buffer.allocUnsafe(PART_BYTES * 2);
  private end = 0;

  get isFull(): boolean {
    return this.end + this.short.length >= PART_BYTES;
  }

  /** A field's value. */
  add(text: string | null): void {
    if (text === null) this.short += String.raw`\N`;
    else if (text.length < LONG) this.short += escaped(text);
    else this.addLong(text);
  }

  /** A value that is there as bytes already. */
  addEncoded({ buffer, start, end }: EncodedText): void {
    this.flush();
    this.makeRoom(end - start);
    const { buffer: to } = this;
    let at = this.end;
    for (let from = start; from < end; from += 1) {
      const byte = buffer[from] ?? 0;
      const letter = LETTERS[byte] ?? 0;
      if (letter === 0) to[at++] = byte;
      else {
        to[at++] = BACKSLASH;
        to[at++] = letter;
      }
    }
    this.end = at;
  }

  bytes(): Buffer {
    this.flush();
    return this.buffer.subarray(0, this.end);
  }

  private flush(): void {
    this.makeRoom(this.short.length);
    this.end += this.buffer.write(this.short, this.end);
    this.short = '';
  }

  private addLong(text: string): void {
    this.flush();
    this.makeRoom(text.length);
    const end = this.end + this.buffer.write(text, this.end);
    this.end = escapeBytes(this.buffer, this.end, end);
  }

  private makeRoom(units: number): void {
    const needed = this.end + units * BYTES_PER_UNIT;
    if (needed <= this.buffer.length) return;
    const larger = Buffer.allocUnsafe(Math.max(needed, this.buffer.length * 2));
    this.buffer.copy(larger, 0, 0, this.end);
    this.buffer = larger;
  }
}

const SPECIAL = /[\\\t\n\r]/;
const ALL_SPECIAL = new RegExp(SPECIAL, 'g');

function escaped(text: string): string {
  return SPECIAL.test(text) ? text.replace(ALL_SPECIAL, escapedCharacter) : text;
}

function escapedCharacter(character: string): string {
  return `\\${String.fromCharCode(LETTERS[character.charCodeAt(0)] ?? 0)}`;
}

/**
 * Escapes what is between two places of the buffer, which has room for it: backwards, in place.
 * @returns where it ends then
 */
function escapeBytes(buffer: Buffer, start: number, end: number): number {
  let escapes = 0;
  for (let at = start; at < end; at += 1) if (LETTERS[buffer[at] ?? 0] !== 0) escapes += 1;
  let to = end + escapes;
  // Before the first of them nothing moves.
  for (let at = end - 1; to > at + 1; at -= 1) {
    const byte = buffer[at] ?? 0;
    const letter = LETTERS[byte] ?? 0;
    to -= 1;
    buffer[to] = letter === 0 ? byte : letter;
    if (letter !== 0) {
      to -= 1;
      buffer[to] = BACKSLASH;
    }
  }
  return end + escapes;
}
