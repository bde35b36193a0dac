import { isUtf8 } from 'node:buffer';
import { ARRAY, DOCUMENT, EMPTY_DOCUMENT, endOf, INSTANT, lastOf, viewOf } from './structure.js';

/** From so many fields on a set finds those of the same name; below, looking at each is faster. */
const MANY_FIELDS = 24;
/** The times that JavaScript has, in milliseconds from 1970 on either side. */
const LAST_TIME = 8.64e15;

/**
 * The names of a document's fields: where each begins, and its hash; those of the documents around it stand
 * before them. One for all documents, since making lists for each is most of what the looking would cost.
 */
class Names {
  private starts = new Int32Array(256);
  private hashes = new Int32Array(256);

  set(index: number, start: number, hash: number): void {
    if (index >= this.starts.length) this.grow();
    this.starts[index] = start;
    this.hashes[index] = hash;
  }

  /** A name that is there twice among those from `first` up to `end`. */
  twice(view: Buffer, first: number, end: number): string | undefined {
    if (end - first > MANY_FIELDS) return this.twiceAmongMany(view, first, end);
    for (let index = first; index < end; index += 1) {
      const hash = this.hashes[index];
      for (let other = index + 1; other < end; other += 1) {
        // Other names may have the same hash.
        if (this.hashes[other] !== hash) continue;
        const name = this.name(view, index);
        if (name === this.name(view, other)) return name;
      }
    }
    return undefined;
  }

  private twiceAmongMany(view: Buffer, first: number, end: number): string | undefined {
    const seen = new Set<string>();
    for (let index = first; index < end; index += 1) {
      const name = this.name(view, index);
      if (seen.has(name)) return name;
      seen.add(name);
    }
    return undefined;
  }

  private name(view: Buffer, index: number): string {
    return nameAt(view, this.starts[index] ?? 0);
  }

  private grow(): void {
    for (const key of ['starts', 'hashes'] as const) {
      const longer = new Int32Array(this[key].length * 2);
      longer.set(this[key]);
      this[key] = longer;
    }
  }
}

const NAMES = new Names();

/**
 * Looks for what decoding would change without a word: a field that is there twice (the later one would
 * win), a time that JavaScript cannot hold, and text that is not UTF-8 in names, patterns, symbols and code.
 * @returns what is wrong; undefined for a document that can be decoded as it is
 * @throws RangeError when the bytes are no document
 */
export function examine(bytes: Uint8Array): string | undefined {
  return examineDocument(viewOf(bytes), 0, false, 0);
}

/**
 * Some top-level fields of a document as a document of their own, as bytes; of a field that is there twice
 * both.
 * @throws RangeError when the bytes are no document
 */
export function cutOut(bytes: Uint8Array, fields: ReadonlySet<string>): Buffer {
  const view = viewOf(bytes);
  const last = lastOf(view, 0);
  const found: number[] = [];
  let size = EMPTY_DOCUMENT;
  for (let at = 4; at < last;) {
    const nameEnd = view.indexOf(0, at + 1);
    const end = endOf(view, view[at] ?? 0, nameEnd + 1, last);
    if (fields.has(view.toString('latin1', at + 1, nameEnd))) {
      found.push(at, end);
      size += end - at;
    }
    at = end;
  }
  const cut = Buffer.alloc(size);
  let to = cut.writeInt32LE(size);
  for (let index = 0; index < found.length; index += 2)
    to += view.copy(cut, to, found[index], found[index + 1]);
  return cut;
}

/** @param first how many names the documents around it have so far */
function examineDocument(view: Buffer, offset: number, isArray: boolean, first: number): string | undefined {
  const last = lastOf(view, offset);
  let count = first;
  let at = offset + 4;
  while (at < last) {
    const type = view[at] ?? 0;
    const nameStart = at + 1;
    let nameEnd = nameStart;
    let hash = 17;
    let allBits = 0;
    // The document's own last byte is zero, which ends every name.
    for (let byte = view[nameEnd] ?? 0; byte !== 0; byte = view[nameEnd] ?? 0) {
      hash = (Math.imul(hash, 31) + byte) | 0;
      allBits |= byte;
      nameEnd += 1;
    }
    const valueStart = nameEnd + 1;
    at = endOf(view, type, valueStart, last);
    if (!isArray) {
      if (allBits > 0x7f && !isUtf8(view.subarray(nameStart, nameEnd)))
        return "a field's name is not valid UTF-8";
      NAMES.set(count, nameStart, hash);
      count += 1;
    }
    const fault =
      type === INSTANT
        ? examineInstant(view, nameStart, valueStart)
        : examineValue(view, type, valueStart, at, count);
    if (fault !== undefined) return fault;
  }
  const name = NAMES.twice(view, first, count);
  return name === undefined ? undefined : `the field ${JSON.stringify(name)} is there twice`;
}

function examineValue(
  view: Buffer,
  type: number,
  start: number,
  end: number,
  names: number,
): string | undefined {
  switch (type) {
    case DOCUMENT:
    case ARRAY:
      return examineDocument(view, start, type === ARRAY, names);
    case 0x0b:
      return isUtf8(view.subarray(start, end)) ? undefined : 'a regular expression is not valid UTF-8';
    case 0x0c:
      return isUtf8(view.subarray(start + 4, end - 12)) ? undefined : 'a reference is not valid UTF-8';
    case 0x0d:
    case 0x0e:
      return isUtf8(view.subarray(start + 4, end)) ? undefined : 'a symbol or code is not valid UTF-8';
    case 0x0f: {
      const scope = start + 8 + view.readInt32LE(start + 4);
      if (!isUtf8(view.subarray(start + 8, scope))) return 'code is not valid UTF-8';
      return examineDocument(view, scope, false, names);
    }
    default:
      return undefined;
  }
}

/** A time beyond JavaScript's would be decoded as an invalid one, and nobody could say any more which it was. */
function examineInstant(view: Buffer, nameStart: number, start: number): string | undefined {
  const time = view.readInt32LE(start + 4) * 2 ** 32 + view.readUInt32LE(start);
  if (Math.abs(time) <= LAST_TIME) return undefined;
  const exact = view.readBigInt64LE(start);
  return `the field ${JSON.stringify(nameAt(view, nameStart))} holds a time beyond the calendar (the years -271821 to 275760): ${exact} milliseconds from 1970`;
}

function nameAt(view: Buffer, start: number): string {
  return view.toString('utf8', start, view.indexOf(0, start));
}
