import type { Binary, BSONRegExp } from 'bson';
import { DBRef, Decimal128, Long, type ObjectId, type Timestamp } from 'bson';

/**
 * BSON values as the stand-in holds them: parsed without promotion, so that Int32, Double and Long
 * stay what they were, and the ordering rules of MongoDB over them.
 *
 * mingo compares BSON classes by their `toString` ("10" before "9") and sorts types it does not know
 * by name; the order here is the server's own (canonical types, then value).
 */

/** Stands for a field that is not there; `undefined` is a BSON type of its own. */
export const MISSING = Symbol('missing');

/** How documents are parsed: nothing is promoted, so nothing is lost. */
export const FAITHFUL = {
  promoteValues: false,
  promoteLongs: false,
  promoteBuffers: false,
  bsonRegExp: true,
} as const;

interface BsonClass {
  _bsontype: string;
}

export type PlainObject = Record<string, unknown>;

const TYPES: Record<string, [code: number, rank: number]> = {
  minKey: [-1, -1],
  undefined: [6, 0],
  null: [10, 5],
  double: [1, 10],
  int: [16, 10],
  long: [18, 10],
  decimal: [19, 10],
  string: [2, 15],
  symbol: [14, 15],
  object: [3, 20],
  array: [4, 25],
  binData: [5, 30],
  objectId: [7, 35],
  bool: [8, 40],
  date: [9, 45],
  timestamp: [17, 47],
  regex: [11, 50],
  dbPointer: [12, 55],
  javascript: [13, 60],
  javascriptWithScope: [15, 65],
  maxKey: [127, 127],
};

const OBJECT_RANK = 20;

const CLASS_ALIASES: Record<string, string> = {
  ObjectId: 'objectId',
  Int32: 'int',
  Double: 'double',
  Long: 'long',
  Decimal128: 'decimal',
  Binary: 'binData',
  Timestamp: 'timestamp',
  BSONRegExp: 'regex',
  BSONSymbol: 'symbol',
  MinKey: 'minKey',
  MaxKey: 'maxKey',
  // On the wire a DBRef is an ordinary object.
  DBRef: 'object',
};

/** The `$type` alias of a value: `objectId`, `int`, `date`, … */
export function typeAlias(value: unknown): string {
  if (value === null) return 'null';
  if (value === undefined || value === MISSING) return 'undefined';
  switch (typeof value) {
    case 'string':
      return 'string';
    case 'boolean':
      return 'bool';
    case 'number':
      return Number.isInteger(value) && Math.abs(value) < 2 ** 31 ? 'int' : 'double';
    case 'bigint':
      return 'long';
    default:
  }
  if (Array.isArray(value)) return 'array';
  if (value instanceof Date) return 'date';
  const bsonType = (value as Partial<BsonClass>)._bsontype;
  if (bsonType === undefined) return 'object';
  if (bsonType === 'Code') {
    return (value as { scope?: unknown }).scope ? 'javascriptWithScope' : 'javascript';
  }
  return CLASS_ALIASES[bsonType] ?? 'object';
}

/** The aliases that `$type` takes for one of its arguments (`number` is four), or null if unknown. */
export function aliasesOfType(spec: unknown): string[] | null {
  if (spec === 'number') return ['double', 'int', 'long', 'decimal'];
  if (typeof spec === 'string') return spec in TYPES ? [spec] : null;
  if (!isNumber(spec)) return null;
  const found = Object.entries(TYPES).find(([, [code]]) => code === toNumber(spec));
  return found ? [found[0]] : null;
}

/** MongoDB's canonical type: only values of one rank are comparable by `$gt` and its kin. */
export function typeRank(value: unknown): number {
  return TYPES[typeAlias(value)]?.[1] ?? OBJECT_RANK;
}

export function isNumber(value: unknown): boolean {
  return typeRank(value) === 10;
}

export function isPlainObject(value: unknown): value is PlainObject {
  return typeof value === 'object' && value !== null && typeAlias(value) === 'object';
}

/** An object's fields in order; a DBRef's as they stand on the wire. */
export function entriesOf(value: PlainObject): [string, unknown][] {
  return Object.entries(value instanceof DBRef ? (value.toJSON() as unknown as PlainObject) : value);
}

/** A BSON number as a JavaScript number; a Long above 2^53 loses digits. */
export function toNumber(value: unknown): number {
  if (typeof value === 'number') return value;
  return Number(String(value));
}

/** For option values (`limit`, `batchSize`, flags): the number, or the fallback when absent. */
export function optionNumber(value: unknown, fallback: number): number {
  return isNumber(value) ? toNumber(value) : fallback;
}

/** The exact value of a finite BSON number as a fraction. */
function fraction(value: unknown): [bigint, bigint] {
  if (value instanceof Decimal128) {
    const match = /^(-?)(\d+)(?:\.(\d+))?(?:E([+-]?\d+))?$/.exec(value.toString());
    if (!match) throw new RangeError(`not a finite decimal: ${value.toString()}`);
    const decimals = match[3] ?? '';
    const digits = BigInt(`${match[1] ?? ''}${match[2] ?? ''}${decimals}`);
    const exponent = Number(match[4] ?? 0) - decimals.length;
    return exponent >= 0 ? [digits * 10n ** BigInt(exponent), 1n] : [digits, 10n ** BigInt(-exponent)];
  }
  if (value instanceof Long) return [value.toBigInt(), 1n];
  let number = toNumber(value);
  let denominator = 1n;
  // A double is a dyadic fraction: doubling it ends at an integer, and is exact.
  while (!Number.isInteger(number)) {
    number *= 2;
    denominator *= 2n;
  }
  return [BigInt(number), denominator];
}

function compareNumbers(a: unknown, b: unknown): number {
  const [x, y] = [toNumber(a), toNumber(b)];
  if (Number.isNaN(x) || Number.isNaN(y)) return Number(Number.isNaN(y)) - Number(Number.isNaN(x));
  // Rounding to a double keeps the order, so only a tie of the rounded values needs the exact ones.
  const isRounded = (v: unknown): boolean => v instanceof Long || v instanceof Decimal128;
  if (x !== y || !Number.isFinite(x) || (!isRounded(a) && !isRounded(b))) return sign(x, y);
  const [n, d] = fraction(a);
  const [m, e] = fraction(b);
  return sign(n * e, m * d);
}

function sign<T extends number | bigint | string>(a: T, b: T): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

/** The server compares UTF-8 bytes, in which surrogate pairs come after U+E000..U+FFFF. */
function compareStrings(a: string, b: string): number {
  const utf8Weight = (unit: number): number =>
    unit >= 0xe000 ? unit - 0x800 : unit >= 0xd800 ? unit + 0x2000 : unit;
  const length = Math.min(a.length, b.length);
  for (let i = 0; i < length; i++) {
    const [x, y] = [a.charCodeAt(i), b.charCodeAt(i)];
    if (x !== y) return utf8Weight(x) - utf8Weight(y);
  }
  return a.length - b.length;
}

function compareBinary(a: Binary, b: Binary): number {
  const [x, y] = [a.value(), b.value()];
  return sign(x.length, y.length) || sign(a.sub_type, b.sub_type) || Buffer.compare(x, y);
}

function compareObjects(a: [string, unknown][], b: [string, unknown][]): number {
  for (let i = 0; i < Math.min(a.length, b.length); i++) {
    const [[nameA, x], [nameB, y]] = [a[i] ?? ['', null], b[i] ?? ['', null]];
    const order = sign(typeRank(x), typeRank(y)) || compareStrings(nameA, nameB) || compareValues(x, y);
    if (order !== 0) return order;
  }
  return a.length - b.length;
}

function compareArrays(a: unknown[], b: unknown[]): number {
  for (let i = 0; i < Math.min(a.length, b.length); i++) {
    const order = compareValues(a[i], b[i]);
    if (order !== 0) return order;
  }
  return a.length - b.length;
}

/**
 * MongoDB's total order over all BSON values: MinKey, undefined, null, numbers, strings, objects,
 * arrays, binary data, ObjectIds, booleans, dates, timestamps, regular expressions, code, MaxKey.
 * Negative when `a` comes first, 0 when the server counts both as equal (int 1 and double 1.0).
 */
export function compareValues(a: unknown, b: unknown): number {
  const rank = typeRank(a);
  const order = sign(rank, typeRank(b));
  if (order !== 0) return order;
  switch (rank) {
    case 10:
      return compareNumbers(a, b);
    case 15:
      return compareStrings(String(a), String(b));
    case 20:
      return compareObjects(entriesOf(a as PlainObject), entriesOf(b as PlainObject));
    case 25:
      return compareArrays(a as unknown[], b as unknown[]);
    case 30:
      return compareBinary(a as Binary, b as Binary);
    case 35:
      return Buffer.compare((a as ObjectId).id, (b as ObjectId).id);
    case 40:
      return Number(a) - Number(b);
    case 45:
      return sign((a as Date).getTime(), (b as Date).getTime());
    case 47:
      return sign((a as Timestamp).toBigInt(), (b as Timestamp).toBigInt());
    case 50: {
      const [x, y] = [a as BSONRegExp, b as BSONRegExp];
      return compareStrings(x.pattern, y.pattern) || compareStrings(x.options, y.options);
    }
    case 60:
    case 65: {
      const [x, y] = [a as { code: string; scope?: PlainObject }, b as { code: string; scope?: PlainObject }];
      return (
        compareStrings(x.code, y.code) || compareObjects(entriesOf(x.scope ?? {}), entriesOf(y.scope ?? {}))
      );
    }
    default:
      return 0;
  }
}

/** A text that is the same for values the server counts as equal and different for all others. */
export function equalityKey(value: unknown): string {
  const rank = typeRank(value);
  switch (rank) {
    case 10: {
      const number = toNumber(value);
      if (!Number.isFinite(number)) return `n${number}`;
      const [numerator, denominator] = fraction(value);
      return `n${reduced(numerator, denominator)}`;
    }
    case 20:
      return `{${entriesOf(value as PlainObject)
        .map(([name, field]) => `${JSON.stringify(name)}:${equalityKey(field)}`)
        .join(',')}}`;
    case 25:
      return `[${(value as unknown[]).map(equalityKey).join(',')}]`;
    case 30:
      return `b${(value as Binary).sub_type}:${Buffer.from((value as Binary).value()).toString('hex')}`;
    case 45:
      return `d${(value as Date).getTime()}`;
    case 50:
      return `r${JSON.stringify([(value as BSONRegExp).pattern, (value as BSONRegExp).options])}`;
    case 60:
    case 65: {
      const { code, scope } = value as { code: string; scope?: PlainObject };
      return `c${JSON.stringify(code)}${equalityKey(scope ?? null)}`;
    }
    default:
      return `${rank}:${JSON.stringify(String(value))}`;
  }
}

function reduced(numerator: bigint, denominator: bigint): string {
  let [a, b] = [numerator < 0n ? -numerator : numerator, denominator];
  while (b !== 0n) [a, b] = [b, a % b];
  return a === 0n ? '0' : `${numerator / a}/${denominator / a}`;
}
