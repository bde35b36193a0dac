import { isUtf8 } from 'node:buffer';
import { EncodedText } from '../../database/model/encoded-text.js';
import { FourBytes, fourTimes, mayHave, mayHaveLess } from '../../database/model/four-bytes.js';
import {
  ARRAY,
  BOOLEAN,
  DOCUMENT,
  DOUBLE,
  endOf,
  endOfName,
  INT32,
  INT64,
  isString,
  lastOf,
  LENGTH_BYTES,
  NULL,
  STRING,
} from './structure.js';
import { int64At } from './scalar.js';

/** What texts are written into, one behind the other: few large pieces of memory instead of one for each text. */
const CHUNK_BYTES = 256 * 1024;
/** Most bytes that a byte of a string takes: of a control character `\u001f`. */
const BYTES_PER_BYTE = 6;
/** From this length on looking how many bytes a string takes is better than making room for the most. */
const LONG = 16 * 1024;
/** Most bytes that a number takes, with what stands around it. */
const NUMBER_BYTES = 32;
/** Deeper ones are not written: each level takes some of the stack. */
const MOST_LEVELS = 100;

const QUOTE = 0x22;
const COMMA = 0x2c;
const COLON = 0x3a;
const BACKSLASH = 0x5c;
const DOLLAR = 0x24;
const DIGIT_0 = 0x30;
const DIGIT_9 = 0x39;
const LETTER_U = 0x75;
const FOUR_SPACES = fourTimes(0x20);
const FOUR_QUOTES = fourTimes(QUOTE);
const FOUR_BACKSLASHES = fourTimes(BACKSLASH);
const HIGH_BITS = fourTimes(0x80);
const HEX = Buffer.from('0123456789abcdef');

/** By byte of a string: 0 for one that stands for itself, else the letter behind a backslash, as JSON.stringify. */
const ESCAPES = new Uint8Array(256);
ESCAPES.fill(LETTER_U, 0, 0x20);
for (const [byte, letter] of [
  [QUOTE, '"'],
  [BACKSLASH, '\\'],
  [0x08, 'b'],
  [0x09, 't'],
  [0x0a, 'n'],
  [0x0c, 'f'],
  [0x0d, 'r'],
] as const)
  ESCAPES[byte] = letter.charCodeAt(0);

/**
 * Writes values of BSON as JSON text, byte for byte as JSON.stringify writes what they decode to, without
 * decoding them. It knows the types that JSON has too, and gives up on all that wants a closer look.
 */
export class JsonWriter {
  private chunk = Buffer.allocUnsafeSlow(CHUNK_BYTES);
  private readonly chunkWords = new FourBytes();
  private readonly viewWords = new FourBytes();
  /** Where the text at hand begins, and how far it has come. */
  private start = 0;
  private at = 0;
  private level = 0;

  /**
   * @param view a document that has been examined
   * @param start where the value's bytes are in it
   * @returns undefined when it gives up
   */
  value(view: Buffer, type: number, start: number, end: number): EncodedText | undefined {
    this.begin();
    return this.write(view, type, start, end) ? this.finished() : undefined;
  }

  /**
   * An object of some fields of a document.
   * @param places of each field: of its type's byte, its value, and that value's end
   */
  object(view: Buffer, places: readonly number[]): EncodedText | undefined {
    this.begin();
    this.put(0x7b);
    for (let index = 0; index < places.length; index += 3) {
      const [at = 0, start = 0, end = 0] = places.slice(index, index + 3);
      if (index > 0) this.put(COMMA);
      if (!this.writeName(view, at + 1, start - 1)) return undefined;
      if (!this.write(view, view[at] ?? 0, start, end)) return undefined;
    }
    this.put(0x7d);
    return this.finished();
  }

  private begin(): void {
    this.level = 0;
    this.at = this.start;
    this.makeRoom(NUMBER_BYTES);
  }

  private finished(): EncodedText {
    const text = new EncodedText(this.chunk, this.start, this.at);
    this.start = this.at;
    return text;
  }

  private write(view: Buffer, type: number, start: number, end: number): boolean {
    switch (type) {
      case STRING:
        return isString(view, start, end) && this.writeString(view, start + LENGTH_BYTES, end - 1);
      case DOCUMENT:
      case ARRAY:
        return this.writeInner(view, start, type === ARRAY);
      case DOUBLE:
        return this.writeDouble(view.readDoubleLE(start));
      case INT32:
        return this.writeAscii(String(view.readInt32LE(start)));
      case INT64: {
        const value = int64At(view, start);
        return value !== undefined && this.writeAscii(String(value));
      }
      case BOOLEAN:
        return (view[start] ?? 2) < 2 && this.writeAscii(view[start] === 1 ? 'true' : 'false');
      case NULL:
        return this.writeAscii('null');
      default:
        return false;
    }
  }

  /** A document or an array. */
  private writeInner(view: Buffer, offset: number, isArray: boolean): boolean {
    if (this.level >= MOST_LEVELS) return false;
    this.level += 1;
    this.makeRoom(NUMBER_BYTES);
    this.put(isArray ? 0x5b : 0x7b);
    const last = lastOf(view, offset);
    let isFirst = true;
    for (let at = offset + 4; at < last;) {
      const type = view[at] ?? 0;
      const nameEnd = endOfName(view, at + 1);
      if (!isFirst) this.put(COMMA);
      isFirst = false;
      if (!isArray && !this.writeName(view, at + 1, nameEnd)) return false;
      const end = endOf(view, type, nameEnd + 1, last);
      if (!this.write(view, type, nameEnd + 1, end)) return false;
      at = end;
      this.makeRoom(NUMBER_BYTES);
    }
    this.put(isArray ? 0x5d : 0x7d);
    this.level -= 1;
    return true;
  }

  private writeName(view: Buffer, start: number, end: number): boolean {
    const first = view[start] ?? 0;
    // An object puts names that are whole numbers first; names with a dollar make a reference to a document.
    if (first === DOLLAR || (first >= DIGIT_0 && first <= DIGIT_9)) return false;
    if (!this.writeString(view, start, end)) return false;
    this.put(COLON);
    return true;
  }

  private writeDouble(value: number): boolean {
    return Number.isFinite(value) && !Object.is(value, -0) && this.writeAscii(String(value));
  }

  private writeAscii(text: string): boolean {
    this.makeRoom(NUMBER_BYTES);
    const { chunk } = this;
    for (let index = 0; index < text.length; index += 1) chunk[this.at + index] = text.charCodeAt(index);
    this.at += text.length;
    return true;
  }

  private writeString(view: Buffer, start: number, end: number): boolean {
    this.makeRoom(bytesOf(view, start, end) + NUMBER_BYTES);
    const { chunk } = this;
    const words = this.chunkWords.of(chunk);
    const given = this.viewWords.of(view);
    let to = this.at;
    let allBits = 0;
    chunk[to++] = QUOTE;
    for (let from = start; from < end;) {
      for (; from + 4 <= end; from += 4, to += 4) {
        const four = given.getInt32(from, true);
        if (mayHaveLess(four, FOUR_SPACES) || mayHave(four, FOUR_QUOTES) || mayHave(four, FOUR_BACKSLASHES))
          break;
        words.setInt32(to, four, true);
        allBits |= four;
      }
      for (const stop = Math.min(end, from + 4); from < stop; from += 1) {
        const byte = view[from] ?? 0;
        const letter = ESCAPES[byte] ?? 0;
        allBits |= byte;
        if (letter === 0) chunk[to++] = byte;
        else if (byte === 0) return false;
        else to = this.putEscape(byte, letter, to);
      }
    }
    chunk[to++] = QUOTE;
    this.at = to;
    return (allBits & HIGH_BITS) === 0 || isUtf8(view.subarray(start, end));
  }

  private putEscape(byte: number, letter: number, at: number): number {
    const { chunk } = this;
    chunk[at] = BACKSLASH;
    chunk[at + 1] = letter;
    if (letter !== LETTER_U) return at + 2;
    chunk[at + 2] = DIGIT_0;
    chunk[at + 3] = DIGIT_0;
    chunk[at + 4] = HEX[byte >> 4] ?? 0;
    chunk[at + 5] = HEX[byte & 15] ?? 0;
    return at + 6;
  }

  private put(byte: number): void {
    this.chunk[this.at] = byte;
    this.at += 1;
  }

  /** What was written of the text at hand moves along where it must; texts before it stay where they are. */
  private makeRoom(bytes: number): void {
    if (this.at + bytes <= this.chunk.length) return;
    const written = this.at - this.start;
    const larger = Buffer.allocUnsafeSlow(Math.max(CHUNK_BYTES, written * 2 + bytes));
    this.chunk.copy(larger, 0, this.start, this.at);
    this.chunk = larger;
    this.start = 0;
    this.at = written;
  }
}

/** Most bytes that a string takes. */
function bytesOf(view: Buffer, start: number, end: number): number {
  if (end - start < LONG) return (end - start) * BYTES_PER_BYTE;
  let bytes = end - start;
  for (let at = start; at < end; at += 1) {
    const letter = ESCAPES[view[at] ?? 0] ?? 0;
    if (letter !== 0) bytes += letter === LETTER_U ? BYTES_PER_BYTE - 1 : 1;
  }
  return bytes;
}
