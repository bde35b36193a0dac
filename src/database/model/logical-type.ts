import type { EncodedText } from './encoded-text.js';

/**
 * The column types of dbtool, as entities and migrations name them. What a type becomes on a database,
 * and how its values travel, is the dialect's business (src/database/dialects).
 *
 * Values in *logical form*, which rows have between a mapping and a writer:
 * string, text: string; integer: number; double: number; money: string in canonical decimal form
 * (`"0.00591"`, no exponent, no trailing zeros); flag: boolean; instant: Date; json: JSON text, which a row that
 * is to be written may also hold as bytes.
 * `null` means absent everywhere. Text holds no NUL and no half of a surrogate pair, which one or another
 * database refuses: such a row is refused everywhere, with `database.row.invalid`.
 */
export type LogicalType =
  | { kind: 'string'; length: number }
  | { kind: 'text' }
  | { kind: 'integer' }
  | { kind: 'double' }
  | { kind: 'money' }
  | { kind: 'flag' }
  | { kind: 'instant' }
  | { kind: 'json' };

export type LogicalValue = string | number | boolean | Date | EncodedText | null;

/** The most bytes, in UTF-8, that a string has: what an Oracle as installed keeps in a VARCHAR2. */
export const STRING_BYTES = 4000;

/** Text of at most `length` characters (code points) and 4,000 bytes; can be indexed. */
export const string = (length: number): LogicalType => ({ kind: 'string', length });
/** Text without a limit of its own. */
export const text = (): LogicalType => ({ kind: 'text' });
/** A whole number of 32 bits. */
export const integer = (): LogicalType => ({ kind: 'integer' });
/** A binary floating-point number of 64 bits; no NaN, no infinity, and -0 is 0. */
export const double = (): LogicalType => ({ kind: 'double' });
/** A decimal of 20 digits, 10 of them after the point; never a float on the way, never rounded. */
export const money = (): LogicalType => ({ kind: 'money' });
/** True or false. */
export const flag = (): LogicalType => ({ kind: 'flag' });
/** A point in time of the years 1 (100 on Oracle) to 9999, UTC, to the millisecond. */
export const instant = (): LogicalType => ({ kind: 'instant' });
/**
 * Any JSON value, as JSON.stringify writes it. What comes back is equal as a value: Postgres keeps neither
 * the order of keys nor the form of numbers. JSON's `null` is kept as no value.
 */
export const json = (): LogicalType => ({ kind: 'json' });

export const MONEY_DIGITS = 20;
export const MONEY_SCALE = 10;

/**
 * The canonical form of a decimal: no superfluous zeros, no `-0`.
 * @param decimal plain decimal notation, e.g. `0.0059100000`
 */
export function canonicalDecimal(decimal: string): string {
  const trimmed = decimal.includes('.') ? decimal.replace(/0+$/, '').replace(/\.$/, '') : decimal;
  const leading = trimmed.replace(/^(-?)0*(?=\d)/, '$1').replace(/^(-?)\./, '$10.');
  return /^-?0?$/.test(leading) ? '0' : leading;
}
