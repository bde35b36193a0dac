import { Binary, Decimal128, Long, ObjectId, Timestamp } from 'bson';
import {
  canonicalDecimal,
  type LogicalType,
  type LogicalValue,
  MONEY_SCALE,
} from '../database/model/logical-type.js';
import { isKeepableText } from '../database/model/row-rules.js';
import { calendarDateExists, isKeepableInstant } from '../time/calendar.js';
import { decimalText } from './decimal.js';
import { CLEANED, cleanText, LOST, plainJson } from './plain-json.js';

/**
 * A source value in the form that its column takes (json as a plain JSON value, not yet as text).
 * `coerced` says what was done to it where it was not of the column's type.
 */
export type Converted = { value: unknown; coerced?: string } | Misfit;

/** Why a value does not fit: `must be a number, not a list`. */
interface Misfit {
  problem: string;
  rule: 'invalid' | 'out-of-range';
}

const ISO_TIME = /^\d{4}-\d{2}-\d{2}([T ]\d{2}:\d{2}(:\d{2}(\.\d+)?)?(Z|[+-]\d{2}:?\d{2})?)?$/;

/**
 * The value where it is in the form of a column's type already, as nearly all are; undefined where `convert` has
 * to look at it. Gives what `convert` gives, and allocates nothing. Not for JSON.
 */
export function asIs(type: LogicalType, value: unknown): LogicalValue | undefined {
  switch (type.kind) {
    case 'string':
    case 'text':
      return typeof value === 'string' && isKeepableText(value) ? value : undefined;
    case 'integer':
      return Number.isInteger(value) && !Object.is(value, -0) ? (value as number) : undefined;
    case 'double':
      return typeof value === 'number' && !Object.is(value, -0) ? value : undefined;
    case 'money':
      return typeof value === 'number' ? plainAmount(value) : undefined;
    case 'flag':
      return typeof value === 'boolean' ? value : undefined;
    case 'instant':
      return value instanceof Date && isKeepableInstant(value) ? value : undefined;
    case 'json':
      return undefined;
  }
}

/** JavaScript prints a number without superfluous zeros; only very large and very small ones with an exponent. */
function plainAmount(value: number): string | undefined {
  const text = String(value);
  if (!Number.isFinite(value) || text.includes('e')) return undefined;
  const point = text.indexOf('.');
  return point < 0 || text.length - point - 1 <= MONEY_SCALE ? text : undefined;
}

/** Converts a value of MongoDB to a column's type, or says why it does not fit. */
export function convert(type: LogicalType, value: unknown): Converted {
  if (value === null || value === undefined) return { value: null };
  switch (type.kind) {
    case 'string':
    case 'text':
      return toText(value);
    case 'integer':
      return toInteger(value);
    case 'double':
      return toDouble(value);
    case 'money':
      return toMoney(value);
    case 'flag':
      return toFlag(value);
    case 'instant':
      return toInstant(value);
    case 'json':
      return toJson(value);
  }
}

/** Strings stay strings; ids of other types have one textual form each. Numbers are not turned into text. */
function toText(value: unknown): Converted {
  if (typeof value === 'string') {
    const clean = cleanText(value);
    return clean === value ? { value } : { value: clean, coerced: CLEANED };
  }
  if (value instanceof ObjectId) return { value: value.toHexString(), coerced: 'ObjectId to text' };
  if (value instanceof Binary && value.sub_type === Binary.SUBTYPE_UUID)
    return { value: value.toUUID().toHexString(), coerced: 'UUID to text' };
  return invalid(`must be a string, not ${describe(value)}`);
}

function toInteger(value: unknown): Converted {
  const number = numberOf(value);
  if (number === undefined || !Number.isInteger(number))
    return invalid(`must be a whole number, not ${describe(value)}`);
  return withChanges(number, [textToNumber(value), minusZero(number)]);
}

function toDouble(value: unknown): Converted {
  const number = numberOf(value);
  if (number === undefined) return invalid(`must be a number, not ${describe(value)}`);
  return withChanges(number, [
    textToNumber(value),
    minusZero(number),
    isWritten(value, number) ? undefined : 'rounded to 64 bits',
  ]);
}

const textToNumber = (value: unknown): string | undefined =>
  typeof value === 'string' ? 'text to number' : undefined;

/** Databases do not tell it from 0. */
const minusZero = (number: number): string | undefined => (Object.is(number, -0) ? '-0 to 0' : undefined);

/** Whether a number in decimal digits is, to the last of them, the double that it became. */
function isWritten(value: unknown, number: number): boolean {
  if (typeof value === 'number' || !Number.isFinite(number)) return true;
  const [before, after] = [String(value), String(number)].map((one) => decimalText(one) ?? one);
  return canonicalDecimal(before ?? '') === canonicalDecimal(after ?? '');
}

function withChanges(number: number, changes: (string | undefined)[]): Converted {
  const coerced = changes.filter((change) => change !== undefined).join(', ');
  // What is no longer -0 is said to be so, and the same everywhere.
  return coerced === '' ? { value: number } : { value: number + 0, coerced };
}

function numberOf(value: unknown): number | undefined {
  if (typeof value === 'number') return value;
  if (isBigNumber(value)) return Number(value.toString());
  if (typeof value === 'string' && decimalText(value) !== undefined) return Number(value);
  return undefined;
}

/** BSON's timestamp, MongoDB's internal counter of operations, is a Long to the library, but no number. */
function isBigNumber(value: unknown): value is Long | Decimal128 {
  return (value instanceof Long && !(value instanceof Timestamp)) || value instanceof Decimal128;
}

/** Money never becomes a float on the way; what JavaScript printed of a double is taken as it stands. */
function toMoney(value: unknown): Converted {
  // An empty price means that there is none, which is not the price 0.
  if (value === '') return { value: null, coerced: 'empty text to no amount' };
  const isAmount = typeof value === 'number' || typeof value === 'string' || isBigNumber(value);
  const exact = isAmount ? decimalText(String(value)) : undefined;
  if (exact === undefined) return invalid(`must be an amount of money, not ${describe(value)}`);
  const rounded = decimalText(exact, MONEY_SCALE) ?? exact;
  const canonical = canonicalDecimal(rounded);
  return canonical === canonicalDecimal(exact)
    ? { value: canonical }
    : { value: canonical, coerced: `rounded to ${MONEY_SCALE} places` };
}

function toFlag(value: unknown): Converted {
  if (typeof value === 'boolean') return { value };
  if (value === 0 || value === 1) return { value: value === 1, coerced: 'number to boolean' };
  if (value === 'true' || value === 'false') return { value: value === 'true', coerced: 'text to boolean' };
  return invalid(`must be true or false, not ${describe(value)}`);
}

function toInstant(value: unknown): Converted {
  if (value instanceof Date) return inRange(value);
  if (typeof value === 'string' && ISO_TIME.test(value) && calendarDateExists(value)) {
    // Without a zone it is UTC, which is what the platform writes.
    const iso = value.replace(' ', 'T');
    const zoned = iso.length > 10 && !/(Z|[+-]\d{2}:?\d{2})$/.test(iso) ? `${iso}Z` : iso;
    const parsed = inRange(new Date(zoned));
    return 'problem' in parsed
      ? invalid(`must be a time, not ${describe(value)}`)
      : {
          ...parsed,
          coerced: `text to time${/\.\d{3}0*[1-9]/.test(value) ? ', cut to the millisecond' : ''}`,
        };
  }
  if (value === '') return { value: null, coerced: 'empty text to no time' };
  return invalid(`must be a time, not ${describe(value)}`);
}

function inRange(date: Date): Converted {
  return isKeepableInstant(date)
    ? { value: date }
    : { problem: 'must be a time in the years 1 to 9999', rule: 'out-of-range' };
}

function toJson(value: unknown): Converted {
  const { json, replaced, lost } = plainJson(value);
  if (lost) return { problem: LOST, rule: 'out-of-range' };
  return replaced ? { value: json, coerced: CLEANED } : { value: json };
}

const invalid = (problem: string): Misfit => ({ problem, rule: 'invalid' });

/** Names a value in a message: its type, and the value itself where it is short and plain. */
function describe(value: unknown): string {
  if (typeof value === 'string')
    return value.length <= 40 ? `the text ${JSON.stringify(value)}` : 'a long text';
  if (typeof value === 'number' || typeof value === 'boolean') return `the ${typeof value} ${String(value)}`;
  if (Array.isArray(value)) return 'a list';
  const bson = (value as { _bsontype?: string })._bsontype;
  return bson === undefined
    ? value instanceof Date
      ? 'a time'
      : 'an object'
    : `a value of the type ${bson}`;
}
