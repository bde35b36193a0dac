import { BSONRegExp, BSONSymbol, Decimal128, Double, Int32, Long, Timestamp } from 'bson';
import type { Document } from 'bson';
import type { Query } from 'mingo';
import { DbtoolError } from '../../errors/dbtool-error.js';
import { cursorOf } from '../document-path.js';
import { decodeFrame, fieldsOf } from './bson-file.js';
import type { ReadRequest } from './source.js';

/** What a file cannot tell: its numbers are JavaScript's own, whose type in MongoDB is not known. */
const NEEDS_SERVER = /^\$(type|where|text|near|geo|jsonSchema|expr)/;
/** Equal to itself, and neither less nor greater than any number: the library sorts NaN below them all. */
const NOT_A_NUMBER = Decimal128.fromString('NaN');

/** The fields that tell a document's date, in order of preference. */
export function cursorsOf({ since, until, cursors }: ReadRequest): readonly string[] {
  const found = cursors ?? since?.cursors;
  if (until && !found) throw new Error('a request with `until` has to name the cursor fields');
  return found ?? [];
}

/**
 * Whether a document of a file is among those that a request wants: what a server's `find` does.
 * @throws DbtoolError `import.where.unsupported` for a filter that cannot be applied to a file
 */
export async function selector(request: ReadRequest): Promise<(document: Document) => boolean> {
  const { since, until, where } = request;
  const cursors = cursorsOf(request);
  const query = where && (await compile(where));
  return (document) => {
    const cursor = cursorOf(document, cursors);
    if (cursor && since && cursor < since.from) return false;
    if (cursor && until && cursor >= until) return false;
    return !query || query.test(plain(document) as Document);
  };
}

/**
 * As `selector`, of documents as BSON; no more of one is decoded than has to be looked at. One that cannot be
 * decoded is wanted always.
 */
export async function rawSelector(request: ReadRequest): Promise<(bytes: Uint8Array) => boolean> {
  const { since, until, where } = request;
  if (!since && !until && !where) return () => true;
  const wanted = await selector(request);
  const fields = where ? undefined : new Set(cursorsOf(request).map((path) => path.split('.', 1)[0] ?? path));
  return (bytes) => {
    if (fields) {
      const some = fieldsOf(bytes, fields);
      return !some || wanted(some);
    }
    const read = decodeFrame(bytes);
    return !('document' in read) || wanted(read.document);
  };
}

async function compile(where: Document): Promise<Query> {
  refuseUnsupported(where);
  const { Query } = await import('mingo');
  try {
    const query = new Query(plain(where) as Document);
    // Operators are looked up when the first document is tested, some of them.
    query.test({});
    return query;
  } catch (error) {
    throw unsupported((error as Error).message, error);
  }
}

/** Where the library's answer would be another one than the server's, there is none. */
function refuseUnsupported(filter: unknown): void {
  if (Array.isArray(filter)) {
    filter.forEach(refuseUnsupported);
    return;
  }
  if (isBeyondDouble(filter)) throw unsupported('Numbers beyond 2^53 are not compared exactly.');
  if (!isPlain(filter)) return;
  for (const [key, value] of Object.entries(filter)) {
    if (NEEDS_SERVER.test(key)) throw unsupported(`${key} needs a server.`);
    refuseUnsupported(value);
  }
}

function isBeyondDouble(value: unknown): boolean {
  if (value instanceof Long && !(value instanceof Timestamp)) return !Number.isSafeInteger(value.toNumber());
  return typeof value === 'number' && Number.isFinite(value) && Math.abs(value) > Number.MAX_SAFE_INTEGER;
}

/** Numbers and regular expressions as JavaScript's own, which is what the library compares. */
function plain(value: unknown): unknown {
  if (typeof value === 'number') return Number.isNaN(value) ? NOT_A_NUMBER : value;
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return value.map(plain);
  if (value instanceof Int32 || value instanceof Double) return plain(value.value);
  if (value instanceof Timestamp) return value;
  if (value instanceof Long) return value.toNumber();
  if (value instanceof Decimal128) return plain(Number(value.toString()));
  if (value instanceof BSONSymbol) return value.value;
  if (value instanceof BSONRegExp) return regExp(value);
  if (!isPlain(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, plain(inner)]));
}

/** One that JavaScript does not know stays as it is, and is equal to itself only. */
function regExp(value: BSONRegExp): RegExp | BSONRegExp {
  try {
    return new RegExp(value.pattern, value.options);
  } catch {
    return value;
  }
}

function isPlain(value: unknown): value is Record<string, unknown> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}

function unsupported(why: string, cause?: unknown): DbtoolError {
  return new DbtoolError('import.where.unsupported', {
    message: 'This filter cannot be applied to a file',
    why,
    fix: 'Write it with $eq, $ne, $gt, $gte, $lt, $lte, $in, $nin, $exists, $regex, $and, $or, $nor, $not, $elemMatch, $size or $all, or import from a live server.',
    cause,
  });
}
