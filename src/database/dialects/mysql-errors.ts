import type { Dialect } from '../dialect.js';
import type { BrokenRule, RowFault } from '../driver-error.js';
import * as failure from '../driver-error.js';

/** Code of the error that is made here when the pool's connections stay in use: the driver has none. */
export const POOL_EXHAUSTED = 'DBTOOL_POOL_EXHAUSTED';

/** Numbers of the errors of rows that broke a rule of the schema. */
const ROW_FAULTS: Record<number, RowFault> = {
  1022: 'unique',
  1062: 'unique',
  1586: 'unique',
  1216: 'foreign-key',
  1217: 'foreign-key',
  1451: 'foreign-key',
  1452: 'foreign-key',
  1048: 'null',
  1364: 'null',
  // A packet, a row and a value too large.
  1153: 'too-long',
  1118: 'too-long',
  1406: 'too-long',
  1264: 'out-of-range',
  1292: 'invalid',
  1366: 'invalid',
  3819: 'invalid',
  4025: 'invalid',
};

/** Whether a row broke a rule of the schema. */
export const isRowFault = (number: number): boolean => ROW_FAULTS[number] !== undefined;

/** The server names things in its text only, such as `Duplicate entry 'x' for key 'uq_tags_name'`. */
function brokenRule(message: string): BrokenRule {
  const key = /for key '(?:[^'.]+\.)?([^']+)'/.exec(message)?.[1];
  const [, table, foreignKey] = /fails \(`[^`]+`\.`([^`]+)`, CONSTRAINT `([^`]+)`/.exec(message) ?? [];
  const column = /(?:Column|for column|Field) [`'](?:[^'`]+`\.`)*([^'`]+)[`']/.exec(message)?.[1];
  return { table, column, constraint: key ?? foreignKey };
}

export function explain(error: unknown, where: string): ReturnType<Dialect['explain']> {
  const cause = failure.driverError(error);
  const number = cause.errno ?? 0;
  if (number === 1045 || number === 1698) return failure.authentication(cause, where);
  if (number === 1049) return failure.missingDatabase(cause, where);
  if ([1044, 1142, 1143, 1227, 1370].includes(number)) return failure.privilege(cause, where);
  // Also the victims of a deadlock and of a conflict between transactions: both may try again.
  if ([1020, 1205, 1213].includes(number)) return failure.locked(cause, where);
  if (number === 1969 || number === 3024) return failure.timedOut(cause, where);
  if ([1053, 1927, 2006, 2013].includes(number)) return failure.lost(cause, where);
  if (cause.code === POOL_EXHAUSTED) return failure.poolExhausted(cause, where);
  const fault = ROW_FAULTS[number];
  if (fault) return failure.row(fault, cause, brokenRule(cause.message));
  return failure.explainNetwork(cause, where) ?? (number >= 1000 ? failure.failed(cause, where) : undefined);
}
