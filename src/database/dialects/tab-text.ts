import type { LogicalRow } from '../dialect.js';
import { FourBytes, fourTimes, mayHave, mayHaveLess } from '../model/four-bytes.js';
import type { LogicalValue } from '../model/logical-type.js';
import { EncodedText } from '../model/encoded-text.js';
import type { ColumnModel, TableModel } from '../model/table-model.js';
import { rowValue } from './sql.js';

/** Bytes that are sent at a time: the server reads one part while the next one is made. */
const PART_BYTES = 128 * 1024;
/** From this length on a text is cheaper to be written by Node. */
const LONG = 64;
/** Bytes of a text that is looked at as a string. */
const SHORTEST = 4;
/** Most bytes that a unit of UTF-16 takes: characters that are escaped have one byte each, and become two. */
const BYTES_PER_UNIT = 3;

const TAB = 0x09;
const NEW_LINE = 0x0a;
const LETTER_N = 0x4e;
const BACKSLASH = 0x5c;
const FIRST_BEYOND_ASCII = 0x80;
const FOUR_BACKSLASHES = fourTimes(BACKSLASH);
/** All other characters that are escaped are below. */
const FOUR_LIMITS = fourTimes(0x0e);
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
      part.put(TAB);
      addValue(part, table, column, row, textOf);
    }
    part.put(NEW_LINE);
    if (part.isFull) {
      yield part.bytes;
      part = new Part();
    }
  }
  yield part.bytes;
}

function addValue(
  part: Part,
  table: TableModel,
  column: ColumnModel,
  row: LogicalRow,
  textOf: (value: LogicalValue) => string | null,
): void {
  const value = row[column.property] ?? null;
  // Short ones may be JSON's null, or the empty text.
  if (value === null) part.add(null);
  else if (value instanceof EncodedText && value.byteLength > SHORTEST) part.addEncoded(value);
  else part.add(textOf(rowValue(table, column, row)));
}

/** Text in the making. */
class Part {
  private buffer = Buffer.allocUnsafe(PART_BYTES * 2);
  private end = 0;
  private readonly words = new FourBytes();
  private readonly givenWords = new FourBytes();

  get isFull(): boolean {
    return this.end >= PART_BYTES;
  }

  get bytes(): Buffer {
    return this.buffer.subarray(0, this.end);
  }

  /** What stands between values, as a byte. */
  put(byte: number): void {
    this.makeRoom(1);
    this.buffer[this.end] = byte;
    this.end += 1;
  }

  /** A field's value. */
  add(text: string | null): void {
    if (text === null) {
      this.put(BACKSLASH);
      this.put(LETTER_N);
    } else if (text.length >= LONG || !this.addAscii(text)) this.addAny(text);
  }

  /** A value that is there as bytes already. */
  addEncoded({ buffer: from, start, end }: EncodedText): void {
    this.makeRoom(end - start);
    const { buffer } = this;
    const given = this.givenWords.of(from);
    const words = this.words.of(buffer);
    let to = this.end;
    for (let at = start; at < end;) {
      for (; at + 4 <= end; at += 4, to += 4) {
        const four = given.getInt32(at, true);
        if (mayHaveLess(four, FOUR_LIMITS) || mayHave(four, FOUR_BACKSLASHES)) break;
        words.setInt32(to, four, true);
      }
      for (const stop = Math.min(end, at + 4); at < stop; at += 1) {
        const byte = from[at] ?? 0;
        const letter = LETTERS[byte] ?? 0;
        if (letter !== 0) buffer[to++] = BACKSLASH;
        buffer[to++] = letter === 0 ? byte : letter;
      }
    }
    this.end = to;
  }

  /** Writes a short text where it is ASCII, as nearly all are: asking Node to do it costs more than doing it. */
  private addAscii(text: string): boolean {
    const { length } = text;
    this.makeRoom(length);
    const { buffer } = this;
    let to = this.end;
    for (let at = 0; at < length; at += 1) {
      const code = text.charCodeAt(at);
      if (code >= FIRST_BEYOND_ASCII) return false;
      const letter = LETTERS[code] ?? 0;
      if (letter !== 0) buffer[to++] = BACKSLASH;
      buffer[to++] = letter === 0 ? code : letter;
    }
    this.end = to;
    return true;
  }

  private addAny(text: string): void {
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
