/**
 * The column types of dbtool, as entities and migrations name them. What a type becomes on a database,
 * and how its values travel, is the dialect's business (src/database/dialects).
 *
 * Values in *logical form*, which rows have between a mapping and a writer:
 * string, text: string; integer: number; double: number; money: string in canonical decimal form
 * (`"0.00591"`, no exponent, no trailing zeros); flag: boolean; instant: Date; json: JSON text.
 * `null` means absent everywhere.
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

export type LogicalValue = string | number | boolean | Date | null;

/** Text of at most `length` characters (code points); can be indexed. */
export const string = (length: number): LogicalType => ({ kind: 'string', length });
/** Text without a limit. */
export const text = (): LogicalType => ({ kind: 'text' });
/** A whole number of 32 bits. */
export const integer = (): LogicalType => ({ kind: 'integer' });
/** A binary floating-point number of 64 bits. */
export const double = (): LogicalType => ({ kind: 'double' });
/** A decimal of 20 digits, 10 of them after the point; never a float on the way. */
export const money = (): LogicalType => ({ kind: 'money' });
/** True or false. */
export const flag = (): LogicalType => ({ kind: 'flag' });
/** A point in time, UTC, to the millisecond. */
export const instant = (): LogicalType => ({ kind: 'instant' });
/** Any JSON value. */
export const json = (): LogicalType => ({ kind: 'json' });

export const MONEY_DIGITS = 20;
export const MONEY_SCALE = 10;

/**
 * The canonical form of a decimal that a database printed: no trailing zeros, no `-0`.
 * @param decimal plain decimal notation, e.g. `0.0059100000`
 */
export function canonicalDecimal(decimal: string): string {
  const trimmed = decimal.includes('.') ? decimal.replace(/0+$/, '').replace(/\.$/, '') : decimal;
  const leading = trimmed.replace(/^(-?)\./, '$10.');
  return /^-?0?$/.test(leading) ? '0' : leading;
}
