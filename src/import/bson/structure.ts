/** Types of BSON's values, as its specification (bsonspec.org) numbers them. */
export const DOUBLE = 0x01;
export const STRING = 0x02;
export const DOCUMENT = 0x03;
export const ARRAY = 0x04;
export const UNDEFINED = 0x06;
export const BOOLEAN = 0x08;
export const INSTANT = 0x09;
export const NULL = 0x0a;
export const INT32 = 0x10;
export const INT64 = 0x12;
export const DECIMAL = 0x13;

const BINARY = 0x05;
const REGEX = 0x0b;
const REFERENCE = 0x0c;
const CODE = 0x0d;
const SYMBOL = 0x0e;
const CODE_WITH_SCOPE = 0x0f;

/** Bytes of a document without fields. */
export const EMPTY_DOCUMENT = 5;
/** Bytes before a string's own: its length. */
export const LENGTH_BYTES = 4;

/** Bytes of values of a fixed length, by BSON type; -1 for all other types. */
const FIXED = new Int8Array(256).fill(-1);
for (const [type, length] of [
  [DOUBLE, 8],
  [UNDEFINED, 0],
  [0x07, 12],
  [BOOLEAN, 1],
  [INSTANT, 8],
  [NULL, 0],
  [INT32, 4],
  [0x11, 8],
  [INT64, 8],
  [DECIMAL, 16],
  [0x7f, 0],
  [0xff, 0],
] as const)
  FIXED[type] = length;

export function viewOf(bytes: Uint8Array): Buffer {
  return Buffer.isBuffer(bytes) ? bytes : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

/**
 * Where the last byte of the document at an offset stands, which is zero.
 * @throws RangeError when there is no document
 */
export function lastOf(view: Buffer, offset: number): number {
  const last = offset + view.readInt32LE(offset) - 1;
  if (last < offset + 4 || last >= view.length || view[last] !== 0) throw new RangeError('no document');
  return last;
}

/**
 * Where the value of a field ends, which is within its document.
 * @throws RangeError when it is not, or is of no type of BSON
 */
export function endOf(view: Buffer, type: number, start: number, last: number): number {
  const end = start + lengthOf(view, type, start);
  if (end < start || end > last) throw new RangeError('a field is longer than its document');
  return end;
}

function lengthOf(view: Buffer, type: number, at: number): number {
  const fixed = FIXED[type] ?? -1;
  if (fixed >= 0) return fixed;
  if (type === REGEX) {
    const pattern = view.indexOf(0, at);
    const options = pattern < 0 ? -1 : view.indexOf(0, pattern + 1);
    return options < 0 ? -1 : options + 1 - at;
  }
  const length = view.readInt32LE(at);
  if (length < 0) return -1;
  if (type === DOCUMENT || type === ARRAY || type === CODE_WITH_SCOPE) return length;
  if (type === STRING || type === CODE || type === SYMBOL) return LENGTH_BYTES + length;
  if (type === BINARY) return 5 + length;
  if (type === REFERENCE) return 4 + length + 12;
  throw new RangeError(`no type of BSON is 0x${type.toString(16).padStart(2, '0')}`);
}

/** Where the name that begins at an offset ends: at its zero byte. */
export function endOfName(view: Buffer, start: number): number {
  let end = start;
  while (view[end] !== 0) {
    if (end >= view.length) throw new RangeError('a name has no end');
    end += 1;
  }
  return end;
}

/** Whether a string's value has what one ends with: a zero byte, which its length counts. */
export function isString(view: Buffer, start: number, end: number): boolean {
  return end - start > LENGTH_BYTES && view[end - 1] === 0;
}
