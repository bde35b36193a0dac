import { BSONValue, type Document, EJSON } from 'bson';
import { isKeepableText } from '../database/model/row-rules.js';

/** What is said of a value whose text was cleaned. */
export const CLEANED = 'characters that no database keeps replaced by U+FFFD';

/** What is wrong with a value that holds a time which JavaScript could not. */
export const LOST = 'must hold no time beyond the calendar (the years -271821 to 275760)';

/**
 * Replaces what no database keeps by U+FFFD, the replacement character: NUL, which Postgres refuses in text, and
 * surrogates without their other half, which are no characters.
 */
export function cleanText(text: string): string {
  return isKeepableText(text) ? text : text.toWellFormed().replaceAll('\0', '\ufffd');
}

/**
 * The JSON text of a value that `plainJson` would leave as it is, at a fraction of the cost; undefined where it
 * would not, or might not.
 */
export function textAsIs(value: unknown): string | undefined {
  if (!isPlain(value)) return undefined;
  const text = JSON.stringify(value);
  // So are NUL and lone surrogates written, and a few characters that may stay.
  return text.includes('\\u') ? undefined : text;
}

/** Whether JSON.stringify writes a value as `plainJson` has it, the characters of its texts aside. */
function isPlain(at: unknown): boolean {
  if (typeof at === 'string' || typeof at === 'boolean' || at === null) return true;
  if (typeof at === 'number') return Number.isFinite(at) && !Object.is(at, -0);
  if (typeof at !== 'object') return false;
  if (Array.isArray(at)) {
    for (const inner of at) if (!isPlain(inner)) return false;
    return true;
  }
  if (Object.getPrototypeOf(at) !== Object.prototype) return false;
  for (const key of Object.keys(at)) if (!isPlain((at as Record<string, unknown>)[key])) return false;
  return true;
}

/**
 * A BSON value as a plain JSON value: what JSON has no word for (ids, times, decimals, binary data,
 * NaN, 64-bit numbers beyond 2^53) in canonical Extended JSON, everything else as itself.
 * @returns `replaced` when a text had to be cleaned; `lost` when there is a time in it that JavaScript could
 * not hold, so that nobody knows any more which it was
 */
export function plainJson(value: unknown): { json: unknown; replaced: boolean; lost: boolean } {
  const told: Told = { replaced: false, lost: false };
  return { json: plain(value, told), ...told };
}

interface Told {
  replaced: boolean;
  lost: boolean;
}

// Functions of the module and no closures: this is called for every value of every document.
function plain(at: unknown, told: Told): unknown {
  if (typeof at === 'string') return plainText(at, told);
  if (typeof at === 'number')
    return Number.isFinite(at) && !Object.is(at, -0) ? at : { $numberDouble: doubleText(at) };
  if (at === undefined) return null;
  if (typeof at !== 'object' || at === null) return at;
  if (Array.isArray(at)) return at.map((inner) => plain(inner, told));
  if (at instanceof Date) {
    if (Number.isNaN(at.getTime())) told.lost = true;
    return { $date: dateForm(at) };
  }
  // Code, symbols and the like hold text too.
  if (at instanceof BSONValue) return plain(EJSON.serialize(at, { relaxed: false }), told);
  return plainObject(at, told);
}

function plainText(raw: string, told: Told): string {
  const clean = cleanText(raw);
  if (clean !== raw) told.replaced = true;
  return clean;
}

function plainObject(at: object, told: Told): unknown {
  let names: Set<string> | undefined;
  return Object.fromEntries(
    Object.entries(at).map(([key, inner]) => {
      let name = plainText(key, told);
      if (name !== key) {
        // Names that are the same once they are clean must not hide one another.
        names ??= new Set(Object.keys(at));
        while (names.has(name)) name += '\ufffd';
        names.add(name);
      }
      return [name, plain(inner, told)];
    }),
  );
}

function doubleText(value: number): string {
  return Object.is(value, -0) ? '-0.0' : String(value);
}

/** Readable within the years that have a form, canonical beyond. */
function dateForm(date: Date): unknown {
  const time = date.getTime();
  if (Number.isNaN(time)) return { $numberLong: 'NaN' };
  const year = date.getUTCFullYear();
  return year >= 1 && year <= 9999 ? date.toISOString() : { $numberLong: String(time) };
}

/**
 * A document in canonical Extended JSON. The library's own serialiser takes any object with a field
 * `_bsontype` for a value of its own and throws; in a document it is a field as any other.
 */
export function canonicalJson(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(canonicalJson);
  if (typeof value !== 'object' || value === null || value instanceof BSONValue || value instanceof Date)
    return (EJSON.serialize({ value }, { relaxed: false }) as { value: unknown }).value;
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, canonicalJson(inner)]));
}

/** A document's canonical Extended JSON as bytes. */
export function canonicalBytes(document: Document): Uint8Array {
  return Buffer.from(JSON.stringify(canonicalJson(document)));
}
