import { isUtf8 } from 'node:buffer';

/** Bytes of values of a fixed length, by BSON type. */
const FIXED: Readonly<Record<number, number>> = {
  0x01: 8,
  0x06: 0,
  0x07: 12,
  0x08: 1,
  0x09: 8,
  0x0a: 0,
  0x10: 4,
  0x11: 8,
  0x12: 8,
  0x13: 16,
  0x7f: 0,
  0xff: 0,
};
const DOCUMENT = 0x03;
const ARRAY = 0x04;
/** From so many fields on a set finds those of the same name; below, looking at each is faster. */
const MANY_FIELDS = 24;

/** One field as it stands in a document's bytes. */
interface Element {
  type: number;
  /** Where it begins, with its type. */
  start: number;
  nameStart: number;
  nameEnd: number;
  /** Where its value begins, and the next field. */
  valueStart: number;
  end: number;
}

/**
 * Looks for what decoding would change without a word: a field that is there twice (the later one would
 * win), and text that is not UTF-8 in names, patterns, symbols and code.
 * @returns what is wrong; undefined for a document that can be decoded as it is
 * @throws RangeError when the bytes are no document
 */
export function examine(bytes: Uint8Array): string | undefined {
  return examineDocument(viewOf(bytes), 0, false);
}

/**
 * Some top-level fields of a document as a document of their own, as bytes; of a field that is there twice
 * both.
 * @throws RangeError when the bytes are no document
 */
export function cutOut(bytes: Uint8Array, fields: ReadonlySet<string>): Buffer {
  const view = viewOf(bytes);
  const parts: Buffer[] = [];
  for (const { start, nameStart, nameEnd, end } of elements(view, 0))
    if (fields.has(view.toString('latin1', nameStart, nameEnd))) parts.push(view.subarray(start, end));
  const size = parts.reduce((sum, part) => sum + part.length, 5);
  const head = Buffer.alloc(4);
  head.writeInt32LE(size);
  return Buffer.concat([head, ...parts, Buffer.alloc(1)], size);
}

function viewOf(bytes: Uint8Array): Buffer {
  return Buffer.isBuffer(bytes) ? bytes : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

function examineDocument(view: Buffer, offset: number, isArray: boolean): string | undefined {
  const names: Element[] = [];
  const hashes: number[] = [];
  for (const element of elements(view, offset)) {
    const { type, nameStart, nameEnd, valueStart, end } = element;
    if (!isArray) {
      if (!isUtf8(view.subarray(nameStart, nameEnd))) return "a field's name is not valid UTF-8";
      names.push(element);
      hashes.push(hashOf(view, nameStart, nameEnd));
    }
    const inner = examineValue(view, type, valueStart, end);
    if (inner !== undefined) return inner;
  }
  return twice(view, names, hashes);
}

function examineValue(view: Buffer, type: number, start: number, end: number): string | undefined {
  if (type === DOCUMENT || type === ARRAY) return examineDocument(view, start, type === ARRAY);
  if (type === 0x0b && !isUtf8(view.subarray(start, end))) return 'a regular expression is not valid UTF-8';
  if (type === 0x0d || type === 0x0e) {
    if (!isUtf8(view.subarray(start + 4, end))) return 'a symbol or code is not valid UTF-8';
  }
  if (type === 0x0c && !isUtf8(view.subarray(start + 4, end - 12))) return 'a reference is not valid UTF-8';
  if (type === 0x0f) {
    const scope = start + 8 + view.readInt32LE(start + 4);
    if (!isUtf8(view.subarray(start + 8, scope))) return 'code is not valid UTF-8';
    return examineDocument(view, scope, false);
  }
  return undefined;
}

function twice(view: Buffer, names: readonly Element[], hashes: readonly number[]): string | undefined {
  const nameOf = ({ nameStart, nameEnd }: Element): string => view.toString('utf8', nameStart, nameEnd);
  const said = (name: string): string => `the field ${JSON.stringify(name)} is there twice`;
  if (names.length > MANY_FIELDS) {
    const seen = new Set<string>();
    for (const element of names) {
      const name = nameOf(element);
      if (seen.has(name)) return said(name);
      seen.add(name);
    }
    return undefined;
  }
  for (const [index, hash] of hashes.entries()) {
    // Other names may have the same hash.
    for (let other = hashes.indexOf(hash, index + 1); other > 0; other = hashes.indexOf(hash, other + 1)) {
      const [a, b] = [names[index], names[other]];
      if (a && b && nameOf(a) === nameOf(b)) return said(nameOf(a));
    }
  }
  return undefined;
}

function hashOf(view: Buffer, start: number, end: number): number {
  let hash = 17;
  for (let at = start; at < end; at += 1) hash = (Math.imul(hash, 31) + (view[at] ?? 0)) | 0;
  return hash;
}

/** The fields of the document at an offset, in their order. */
function* elements(view: Buffer, offset: number): Generator<Element> {
  const last = offset + view.readInt32LE(offset) - 1;
  if (last < offset + 4 || last >= view.length || view[last] !== 0) throw new RangeError('no document');
  let at = offset + 4;
  while (at < last) {
    const type = view[at] ?? 0;
    const nameEnd = view.indexOf(0, at + 1);
    const valueStart = nameEnd + 1;
    const end = nameEnd < 0 ? -1 : valueStart + lengthOf(view, type, valueStart);
    if (end < valueStart || end > last) throw new RangeError('a field is longer than its document');
    yield { type, start: at, nameStart: at + 1, nameEnd, valueStart, end };
    at = end;
  }
  if (at !== last) throw new RangeError('a document is longer than its fields');
}

function lengthOf(view: Buffer, type: number, at: number): number {
  const fixed = FIXED[type];
  if (fixed !== undefined) return fixed;
  if (type === 0x0b) {
    const pattern = view.indexOf(0, at);
    const options = pattern < 0 ? -1 : view.indexOf(0, pattern + 1);
    return options < 0 ? -1 : options + 1 - at;
  }
  const length = view.readInt32LE(at);
  if (length < 0) return -1;
  if (type === DOCUMENT || type === ARRAY || type === 0x0f) return length;
  if (type === 0x02 || type === 0x0d || type === 0x0e) return 4 + length;
  if (type === 0x05) return 5 + length;
  if (type === 0x0c) return 4 + length + 12;
  throw new RangeError(`no type of BSON is 0x${type.toString(16).padStart(2, '0')}`);
}
