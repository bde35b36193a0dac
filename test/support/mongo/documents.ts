import { deserialize, onDemand, serialize, type Document } from 'bson';
import { FAITHFUL, MISSING, type PlainObject } from './values.js';

/** One element of a BSON document: its type byte, its name, and its value's bytes. */
interface RawElement {
  type: number;
  name: string;
  value: Uint8Array;
}

/** Bytes to be put into a document as they are: a document (3) or an array (4). */
export class RawValue {
  readonly type: number;
  readonly bytes: Uint8Array;

  constructor(type: number, bytes: Uint8Array) {
    this.type = type;
    this.bytes = bytes;
  }
}

const TYPE_DOCUMENT = 3;
const TYPE_ARRAY = 4;

/** The elements of a document, or of an array (names are then the indexes), without parsing values. */
export function elementsOf(raw: Uint8Array): RawElement[] {
  return Array.from(onDemand.parseToElements(raw), ([type, nameOffset, nameLength, offset, length]) => ({
    type,
    name: Buffer.from(raw.buffer, raw.byteOffset + nameOffset, nameLength).toString('utf8'),
    value: raw.subarray(offset, offset + length),
  }));
}

/** Puts a document together from elements, byte for byte. */
export function joinElements(elements: readonly RawElement[]): Uint8Array {
  const parts = elements.flatMap(({ type, name, value }) => [
    Buffer.from([type]),
    Buffer.from(`${name}\0`, 'utf8'),
    value,
  ]);
  const length = parts.reduce((sum, part) => sum + part.length, 5);
  const head = Buffer.alloc(4);
  head.writeInt32LE(length);
  return Buffer.concat([head, ...parts, Buffer.alloc(1)], length);
}

/** Serialises an object whose top-level values may be `RawValue`s. */
export function buildDocument(fields: PlainObject): Uint8Array {
  return joinElements(
    Object.entries(fields).flatMap(([name, value]) =>
      value instanceof RawValue
        ? [{ type: value.type, name, value: value.bytes }]
        : elementsOf(toBson({ [name]: value })),
    ),
  );
}

/** An array of raw documents as one value. */
export function rawArray(documents: readonly Uint8Array[]): RawValue {
  return new RawValue(
    TYPE_ARRAY,
    joinElements(documents.map((value, index) => ({ type: TYPE_DOCUMENT, name: String(index), value }))),
  );
}

/** The documents in a raw array, as their bytes; null if anything else is in it. */
export function documentsInArray(raw: Uint8Array): Uint8Array[] | null {
  const elements = elementsOf(raw);
  return elements.every(({ type }) => type === TYPE_DOCUMENT) ? elements.map(({ value }) => value) : null;
}

export function toBson(document: Document): Uint8Array {
  return serialize(document, { ignoreUndefined: false });
}

/**
 * A document as it lies in a collection: its bytes are kept as they came, and a field is parsed when
 * a filter or sort asks for it. A trace of 16 MB costs its bytes and no more.
 */
export class StoredDocument {
  readonly raw: Uint8Array;
  readonly #fields = new Map<string, unknown>();

  constructor(raw: Uint8Array) {
    this.raw = raw;
  }

  static of(document: Document): StoredDocument {
    return new StoredDocument(toBson(document));
  }

  /** The top-level field, parsed without promotion; `MISSING` when there is none. */
  field(name: string): unknown {
    if (this.#fields.has(name)) return this.#fields.get(name);
    const element = elementsOf(this.raw).find((candidate) => candidate.name === name);
    const value: unknown = element ? deserialize(joinElements([element]), FAITHFUL)[name] : MISSING;
    this.#fields.set(name, value);
    return value;
  }

  get id(): unknown {
    return this.field('_id');
  }

  /** The whole document, parsed without promotion; a new object at every call. */
  faithful(): PlainObject {
    return deserialize(this.raw, FAITHFUL);
  }

  /** The whole document with numbers as JavaScript numbers, which is what mingo understands. */
  promoted(): PlainObject {
    return deserialize(this.raw);
  }
}
