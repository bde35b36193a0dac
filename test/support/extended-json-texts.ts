import { DBRef, Decimal128, type Document, Double, EJSON, Long, ObjectId, Timestamp } from 'bson';

/** The forms of Extended JSON, as MongoDB's own library for JavaScript writes them. */
export const EXTENDED_JSON = {
  'canonical, version 2': { relaxed: false },
  'relaxed, version 2': { relaxed: true },
  'version 1': { relaxed: false, legacy: true },
} as const;
export type ExtendedJsonForm = keyof typeof EXTENDED_JSON;

export function extendedJson(document: Document, form: ExtendedJsonForm): string {
  return EJSON.stringify(document, EXTENDED_JSON[form]);
}

/**
 * What is left of a document once it was written in that form by the library, whoever reads it:
 * - Relaxed and version 1 write -0 as 0, and a whole double as its digits, in which a 64-bit number (or, if longer, a
 *   decimal) cannot be told from it.
 * - Relaxed rounds 64-bit numbers beyond 2^53 to doubles (mongoexport does not).
 * - Version 1 has no word for NaN and infinity and writes null, and leaves out a reference's database and other fields.
 * @param document with BSON's kinds of numbers told apart
 */
export function carriedBy(document: Document, form: ExtendedJsonForm): Document {
  return form === 'canonical, version 2' ? document : (carried(document, form) as Document);
}

function carried(value: unknown, form: ExtendedJsonForm): unknown {
  const isV1 = form === 'version 1';
  if (Array.isArray(value)) return value.map((inner) => carried(inner, form));
  if (value instanceof Double) {
    if (!Number.isFinite(value.value)) return isV1 ? null : value;
    return read(value.value) ?? value;
  }
  if (value instanceof Long && !(value instanceof Timestamp))
    return isV1 ? value : (read(value.toNumber()) ?? value);
  if (value instanceof DBRef && isV1)
    return new DBRef(
      value.collection,
      value.oid instanceof ObjectId ? value.oid : (carried(value.oid, form) as ObjectId),
    );
  const isPlain =
    typeof value === 'object' && value !== null && Object.getPrototypeOf(value) === Object.prototype;
  if (!isPlain) return value;
  return Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, carried(inner, form)]));
}

/** A number by its digits alone, where these say another thing than the double. */
function read(number: number): unknown {
  if (Object.is(number, -0)) return new Double(0);
  const digits = String(number);
  if (Number.isSafeInteger(number) || !/^-?\d+$/.test(digits)) return undefined;
  const exact = BigInt(digits);
  if (BigInt.asIntN(64, exact) === exact) return Long.fromBigInt(exact);
  return exact === BigInt(number) ? new Double(number) : Decimal128.fromString(digits);
}
