import { Binary, BSONRegExp, Code, DBRef, Decimal128, Long } from 'bson';
import { MaxKey, MinKey, ObjectId, Timestamp, UUID } from 'bson';

const ISO_DATE = /^[+-]?\d{4,6}-\d{2}-\d{2}T\d{2}:\d{2}(:\d{2}(\.\d+)?)?(Z|[+-]\d{2}:?\d{2})$/;
const BASE64 = /^[A-Za-z0-9+/]*={0,2}$/;
const LONG = /^[+-]?\d{1,19}$/;
const DIGITS_BEYOND_DOUBLE = /\d{16}/;
/** A string, or a number as it stands in JSON. */
const TOKEN = /"(?:[^"\\]|\\.)*"|-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?/g;

/** Up to here the BSON reader makes a number of a 64-bit one. */
const MOST_EXACT = 2n ** 53n;

type Fields = Record<string, unknown>;
/** Makes the value that an object stands for; undefined when it only looks alike. */
type Form = (value: Fields) => { is: unknown } | undefined;

/**
 * Parses a document of Extended JSON, version 1 or 2, canonical or relaxed. Numbers come out as the BSON
 * reader gives them: JavaScript's own, but for whole ones beyond 2^53, which stay a Long. What only looks
 * like a value of MongoDB, `{"$date": "tomorrow"}`, is a field like any other and stays as it is.
 * @param members how many times a name and a value stand in the text
 * @throws Error without a word of the text, which may hold secrets
 */
export function parseExtendedJson(text: string, members: number): unknown {
  const long = DIGITS_BEYOND_DOUBLE.test(text) ? keepLongNumbers(text) : { text, added: 0 };
  let json: unknown;
  try {
    json = JSON.parse(long.text);
  } catch {
    throw new Error('it is not JSON');
  }
  const seen = { members: 0 };
  const value = revive(json, seen);
  // JSON.parse keeps the last of two of the same name.
  if (seen.members !== members + long.added) throw new Error('a field is there twice');
  // In an `_id` MongoDB allows no such names, so this was meant to be a value.
  if (isFields(value) && isFields(value['_id']) && Object.keys(value['_id'])[0]?.startsWith('$'))
    throw new Error('its _id is no value of MongoDB');
  return value;
}

/** JSON.parse would round them. */
function keepLongNumbers(text: string): { text: string; added: number } {
  let added = 0;
  const kept = text.replace(TOKEN, (token) => {
    if (token.startsWith('"') || !/^-?\d+$/.test(token) || Number.isSafeInteger(Number(token))) return token;
    const exact = BigInt(token);
    if (isExact(exact)) return token;
    const isLong = BigInt.asIntN(64, exact) === exact;
    if (!isLong && BigInt(Number(token)) === exact) return token;
    if (!isLong && token.replace('-', '').length > 34)
      throw new Error('a number has more digits than MongoDB keeps');
    added += 1;
    return isLong ? `{"$numberLong":"${token}"}` : `{"$numberDecimal":"${token}"}`;
  });
  return { text: kept, added };
}

function revive(value: unknown, seen: { members: number }): unknown {
  if (Array.isArray(value)) return value.map((inner) => revive(inner, seen));
  if (typeof value === 'number' && !Number.isFinite(value)) throw new Error('a number is too large');
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value);
  seen.members += entries.length;
  const fields = Object.fromEntries(entries.map(([key, inner]) => [key, revive(inner, seen)]));
  const [first] = entries;
  if (!first?.[0].startsWith('$')) return fields;
  const form =
    FORMS[
      entries
        .map(([key]) => key)
        .sort()
        .join(' ')
    ];
  const made = form?.(fields);
  if (made) return made.is;
  return reference(fields) ?? fields;
}

const FORMS: Readonly<Record<string, Form>> = {
  $oid: ({ $oid }) => (isHex($oid, 24) ? { is: new ObjectId($oid) } : undefined),
  // The BSON reader gives a text, too.
  $symbol: ({ $symbol }) => (typeof $symbol === 'string' ? { is: $symbol } : undefined),
  $numberInt: ({ $numberInt }) => whole($numberInt),
  $numberLong: ({ $numberLong }) => whole($numberLong),
  $numberDouble: ({ $numberDouble }) => double($numberDouble),
  $numberDecimal: ({ $numberDecimal }) => attempt(() => Decimal128.fromString(textOf($numberDecimal))),
  $uuid: ({ $uuid }) => attempt(() => new UUID(textOf($uuid))),
  $binary: ({ $binary }) => {
    const { base64, subType } = isFields($binary) ? $binary : {};
    return binary(base64, subType);
  },
  '$binary $type': ({ $binary, $type }) =>
    binary($binary, typeof $type === 'number' ? $type.toString(16) : $type),
  $code: ({ $code }) => (typeof $code === 'string' ? { is: new Code($code) } : undefined),
  '$code $scope': ({ $code, $scope }) =>
    typeof $code === 'string' && isFields($scope) ? { is: new Code($code, $scope) } : undefined,
  $timestamp: ({ $timestamp }) => {
    const { t, i } = isFields($timestamp) ? $timestamp : {};
    return isUnsigned(t) && isUnsigned(i) ? { is: new Timestamp({ t, i }) } : undefined;
  },
  $regularExpression: ({ $regularExpression }) => {
    const { pattern, options } = isFields($regularExpression) ? $regularExpression : {};
    return regExp(pattern, options);
  },
  '$options $regex': ({ $regex, $options }) => regExp($regex, $options),
  $date: ({ $date }) => date($date),
  $undefined: ({ $undefined }) => ($undefined === true ? { is: undefined } : undefined),
  $minKey: ({ $minKey }) => ($minKey === 1 ? { is: new MinKey() } : undefined),
  $maxKey: ({ $maxKey }) => ($maxKey === 1 ? { is: new MaxKey() } : undefined),
  $dbPointer: ({ $dbPointer }) => {
    // The reference inside has been made already.
    return $dbPointer instanceof DBRef ? { is: $dbPointer } : undefined;
  },
};

/** `$ref`, `$id` and, if need be, `$db`, with whatever other fields, as the BSON reader takes it. */
function reference(fields: Fields): DBRef | undefined {
  const { $ref, $id, $db, ...others } = fields;
  if (typeof $ref !== 'string' || $id === undefined || $id === null) return undefined;
  if (!('$db' in fields ? typeof $db === 'string' : true)) return undefined;
  if (Object.keys(others).some((key) => key.startsWith('$'))) return undefined;
  // eslint-disable-next-line @typescript-eslint/no-unsafe-class-instance-assignment -- an id of any type will do
  return new DBRef($ref, $id as ObjectId, $db as string | undefined, others);
}

function whole(value: unknown): { is: unknown } | undefined {
  if (typeof value === 'number' && Number.isInteger(value) && isExact(BigInt(value))) return { is: value };
  if (value instanceof Long) return { is: value };
  if (typeof value !== 'string' || !LONG.test(value)) return undefined;
  const exact = BigInt(value);
  if (BigInt.asIntN(64, exact) !== exact) return undefined;
  return { is: isExact(exact) ? Number(exact) : Long.fromBigInt(exact) };
}

function isExact(whole: bigint): boolean {
  return whole <= MOST_EXACT && whole >= -MOST_EXACT;
}

function double(value: unknown): { is: number } | undefined {
  if (typeof value === 'number') return { is: value };
  if (typeof value !== 'string' || value.trim() !== value || value === '') return undefined;
  const number = Number(value);
  if (Number.isNaN(number) && value !== 'NaN') return undefined;
  if (!Number.isFinite(number) && !/^(NaN|[+-]?Infinity)$/.test(value)) return undefined;
  return { is: number };
}

function date(value: unknown): { is: Date } | undefined {
  const isTime = typeof value === 'number' || (typeof value === 'string' && ISO_DATE.test(value));
  const made = isTime ? new Date(value) : undefined;
  return made && !Number.isNaN(made.getTime()) ? { is: made } : undefined;
}

function binary(base64: unknown, subType: unknown): { is: unknown } | undefined {
  if (typeof base64 !== 'string' || !BASE64.test(base64)) return undefined;
  if (typeof subType !== 'string' || !/^[0-9a-f]{1,2}$/i.test(subType)) return undefined;
  const made = new Binary(Buffer.from(base64, 'base64'), parseInt(subType, 16));
  return { is: made.sub_type === Binary.SUBTYPE_UUID && made.position === 16 ? made.toUUID() : made };
}

function regExp(pattern: unknown, options: unknown): { is: BSONRegExp } | undefined {
  if (typeof pattern !== 'string' || typeof options !== 'string') return undefined;
  return attempt(() => new BSONRegExp(pattern, options));
}

/** The library throws for what it cannot make; then it is a field like any other. */
function attempt<T>(make: () => T): { is: T } | undefined {
  try {
    return { is: make() };
  } catch {
    return undefined;
  }
}

function textOf(value: unknown): string {
  if (typeof value !== 'string') throw new TypeError('no text');
  return value;
}

function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && Object.getPrototypeOf(value) === Object.prototype;
}

function isHex(value: unknown, length: number): value is string {
  return typeof value === 'string' && value.length === length && /^[0-9a-f]+$/i.test(value);
}

function isUnsigned(value: unknown): value is number {
  return typeof value === 'number' && Number.isInteger(value) && value >= 0 && value <= 0xffffffff;
}
