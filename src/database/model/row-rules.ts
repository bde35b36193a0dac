import { isKeepableInstant } from '../../time/calendar.js';
import { row as rowError, type RowFault } from '../driver-error.js';
import { type LogicalType, MONEY_DIGITS, MONEY_SCALE, STRING_BYTES } from './logical-type.js';
import type { ColumnModel, TableModel } from './table-model.js';

/** Decimal in plain notation, within the money type's digits. */
export const MONEY = new RegExp(`^-?\\d{1,${MONEY_DIGITS - MONEY_SCALE}}(\\.\\d{1,${MONEY_SCALE}})?$`);
export const INT_MAX = 2_147_483_647;

/** What a value is short of for its type: a sentence's end, `holds NUL …`, and the fault's kind. */
interface Fault {
  fault: RowFault;
  why: string;
}

/** Whether the text has at most `length` characters (code points) and the bytes that a string may have. */
export function fitsString(text: string, length: number): boolean {
  // A code point takes one or two units, which settles all but long texts.
  const isShort = text.length <= length || (text.length <= 2 * length && Array.from(text).length <= length);
  return isShort && (length * 4 <= STRING_BYTES || Buffer.byteLength(text) <= STRING_BYTES);
}

/** Whether every database keeps the text: no NUL, no half of a surrogate pair. */
export function isKeepableText(text: string): boolean {
  return text.isWellFormed() && !text.includes('\0');
}

/** The same of a JSON text, where such characters may be escaped; a backslash may be escaped too. */
function isKeepableJson(json: string): boolean {
  if (!isKeepableText(json)) return false;
  if (!json.includes('\\u')) return true;
  // Paired escapes of surrogates are one character; JSON.stringify never writes them so, others do.
  const PAIR = String.raw`\\u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}`;
  const escapes = new RegExp(String.raw`\\\\|${PAIR}|\\u(0000|[dD][89a-fA-F][0-9a-fA-F]{2})`, 'g');
  for (const match of json.matchAll(escapes)) if (match[1] !== undefined) return false;
  return true;
}

/**
 * What one or another database would refuse, cut, round or change in silence is refused for all of
 * them, before it is sent.
 * @param firstYear the first whose times are kept (`Dialect.firstYear`)
 * @throws DbtoolError `database.row.null`, `database.row.too-long`, `database.row.out-of-range`, `database.row.invalid`
 */
export function refuseUnkeepable(
  table: TableModel,
  column: ColumnModel,
  value: unknown,
  firstYear: number,
): void {
  if (value === null || value === undefined) return;
  const fault = value === '' && !column.nullable ? EMPTY : faultOf(column.type, value, firstYear);
  if (!fault) return;
  const error = new Error(`${table.name}.${column.name} ${fault.why}`);
  throw rowError(fault.fault, error, { table: table.name, column: column.name });
}

/** Oracle keeps the empty text as NULL: what one database refuses, all do. */
const EMPTY: Fault = { fault: 'null', why: 'must not be empty' };

function faultOf(type: LogicalType, value: unknown, firstYear: number): Fault | undefined {
  switch (type.kind) {
    case 'string':
    case 'text':
    case 'json':
      return textFault(type, value);
    case 'integer':
      return integerFault(value);
    case 'double':
      if (typeof value !== 'number') return wrongType('a number', value);
      return Number.isFinite(value) ? undefined : { fault: 'out-of-range', why: `cannot be ${value}` };
    case 'money':
      if (typeof value !== 'string' || !/^-?\d+(\.\d+)?$/.test(value)) return wrongType('a decimal', value);
      return MONEY.test(value) ? undefined : { fault: 'out-of-range', why: moneyRange() };
    case 'flag':
      return typeof value === 'boolean' ? undefined : wrongType('true or false', value);
    case 'instant':
      if (!(value instanceof Date)) return wrongType('a time', value);
      if (isKeepableInstant(value) && value.getUTCFullYear() >= firstYear) return undefined;
      return { fault: 'out-of-range', why: `must be a time in the years ${firstYear} to 9999` };
  }
}

function textFault(type: LogicalType, value: unknown): Fault | undefined {
  if (typeof value !== 'string') return wrongType('a text', value);
  if (type.kind === 'string' && !fitsString(value, type.length))
    return {
      fault: 'too-long',
      why: `must have at most ${type.length} characters and ${STRING_BYTES} bytes`,
    };
  const isKeepable = type.kind === 'json' ? isKeepableJson(value) : isKeepableText(value);
  return isKeepable
    ? undefined
    : { fault: 'invalid', why: 'holds NUL or half of a surrogate pair, which not every database keeps' };
}

function integerFault(value: unknown): Fault | undefined {
  if (typeof value !== 'number' || Number.isNaN(value)) return wrongType('a number', value);
  if (value < -INT_MAX - 1 || value > INT_MAX)
    return { fault: 'out-of-range', why: `must be from ${-INT_MAX - 1} to ${INT_MAX}, not ${value}` };
  return Number.isInteger(value) ? undefined : wrongType('a whole number', value);
}

const moneyRange = (): string =>
  `must have at most ${MONEY_DIGITS - MONEY_SCALE} digits before and ${MONEY_SCALE} after the point`;

function wrongType(wanted: string, value: unknown): Fault {
  const found = typeof value === 'number' ? String(value) : typeof value;
  return { fault: 'invalid', why: `must be ${wanted}, not ${found}` };
}
