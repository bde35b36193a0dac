import {
  Binary,
  BSONRegExp,
  BSONSymbol,
  Code,
  DBRef,
  Decimal128,
  Double,
  Int32,
  Long,
  MaxKey,
  MinKey,
  ObjectId,
  Timestamp,
  UUID,
} from 'bson';
import fc from 'fast-check';

const bytes = fc.uint8Array({ maxLength: 20 });
const int64 = fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n });

/** One value of every type that BSON has and JSON has not, by the name of the type. */
export const BSON_SAMPLES = {
  objectId: new ObjectId('65cd6db93a8d335865cd6db9'),
  uuid: new UUID('0f8fad5b-d9cb-469f-a165-70867728950e'),
  uuidAsBinary: new Binary(Buffer.from('0f8fad5bd9cb469fa16570867728950e', 'hex'), Binary.SUBTYPE_UUID),
  binary: new Binary(Buffer.from([0, 1, 255])),
  long: Long.fromString('9007199254740993'),
  decimal: Decimal128.fromString('0.10'),
  date: new Date('2025-08-07T11:54:39.327Z'),
  timestamp: new Timestamp({ t: 1_754_567_679, i: 3 }),
  regexp: new BSONRegExp('^a', 'i'),
  code: new Code('return x', { x: 1 }),
  dbRef: new DBRef('things', new ObjectId('65cd6db93a8d335865cd6db9')),
  symbol: new BSONSymbol('s'),
  minKey: new MinKey(),
  maxKey: new MaxKey(),
  int32: new Int32(5),
  double: new Double(0.5),
} as const;

/** What a document of MongoDB may hold below its fields, but lists and documents. */
export const bsonScalar: fc.Arbitrary<unknown> = fc.oneof(
  fc.string({ unit: 'grapheme' }),
  fc.boolean(),
  fc.constant(null),
  fc.integer(),
  // Whole doubles beyond 2^53 are what they are in JSON; the library would read them as 64-bit integers.
  fc.double().filter((double) => !Number.isInteger(double) || Number.isSafeInteger(double)),
  fc.constantFrom(-0, Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, 2 ** 53, 1e300, 5e-324),
  // The driver leaves what is beyond 2^53 as it is.
  int64.filter((value) => value > 2n ** 53n || value < -(2n ** 53n)).map((value) => Long.fromBigInt(value)),
  fc
    .tuple(
      fc.bigInt({ min: -(10n ** 34n) + 1n, max: 10n ** 34n - 1n }),
      fc.integer({ min: -6176, max: 6111 }),
    )
    .map(([digits, exponent]) => Decimal128.fromString(`${digits}E${exponent}`)),
  fc.constantFrom('NaN', 'Infinity', '-Infinity', '-0', '0.10').map((text) => Decimal128.fromString(text)),
  fc.date({ noInvalidDate: true }),
  fc.date({ noInvalidDate: true, min: new Date('1960-01-01'), max: new Date('2100-01-01') }),
  bytes.map((value) => new Binary(value)),
  fc.tuple(bytes, fc.constantFrom(5, 6, 128)).map(([value, subType]) => new Binary(value, subType)),
  fc.uuid({ version: [4, 5, 7] }).map((text) => new UUID(text)),
  fc.uint8Array({ minLength: 12, maxLength: 12 }).map((value) => new ObjectId(value)),
  fc
    .record({ t: fc.integer({ min: 0, max: 2 ** 32 - 1 }), i: fc.integer({ min: 0, max: 2 ** 32 - 1 }) })
    .map((parts) => new Timestamp(parts)),
  fc.constantFrom(BSON_SAMPLES.minKey, BSON_SAMPLES.maxKey, BSON_SAMPLES.regexp, BSON_SAMPLES.code),
);

/** Names of fields; with the words of Extended JSON among them only where they have another shape there. */
const fieldName = fc.oneof(
  fc.string({ unit: 'grapheme', minLength: 1, maxLength: 8 }),
  fc.constantFrom('a', 'name', 'x.y', '$match', '$set', '$', 'toString', 'constructor'),
);

/** Any value of a document, nested at will. */
export const bsonValue: fc.Arbitrary<unknown> = fc.letrec((tie) => ({
  value: fc.oneof(
    { maxDepth: 3, withCrossShrink: true },
    bsonScalar,
    fc.array(tie('value'), { maxLength: 4 }),
    fc.dictionary(fieldName, tie('value'), { maxKeys: 4, noNullPrototype: true }),
  ),
})).value;

/** Canonical Extended JSON in which all kinds of numbers of the same size are one, but for the largest. */
export function anyNumbers(canonical: string): string {
  return canonical.replaceAll(
    /\{"\$number(?:Int|Double|Long)":"([^"]*)"\}/g,
    (text: string, number: string) =>
      text.includes('Long') && Math.abs(Number(number)) > Number.MAX_SAFE_INTEGER
        ? text
        : `<${Object.is(Number(number), -0) ? '-0' : Number(number)}>`,
  );
}
