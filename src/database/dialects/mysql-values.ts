import type { LogicalType, LogicalValue } from '../model/logical-type.js';
import { keptForm, utcText } from './sql.js';

export const quote = (name: string): string => `\`${name.replaceAll('`', '``')}\``;

/** A value as the driver takes it in a statement of ours. */
export function toDriver(type: LogicalType, given: LogicalValue): unknown {
  const value = keptForm(type, given);
  return value instanceof Date ? utcText(value) : value;
}

/** A value in the form in which it is kept, as the server reads it from text for a column of its type. */
export function textForm(value: LogicalValue): string | null {
  if (typeof value === 'string' || value === null) return value;
  return value instanceof Date ? utcText(value) : String(Number(value));
}
