import { redact } from '../../config/redact.js';
import { DbtoolError } from '../../errors/dbtool-error.js';
import type { Dialect } from '../dialect.js';
import type { BrokenRule, DriverError, RowFault } from '../driver-error.js';
import * as failure from '../driver-error.js';

export const UNIQUE_VIOLATED = 1;

/** Number of the server's error, 0 when it is none; the driver gives those of single rows in the text only. */
export function oracleNumber({ errorNum, message }: DriverError): number {
  return errorNum ?? Number(/^ORA-(\d{5})/.exec(message)?.[1] ?? 0);
}

/** Numbers of the errors of rows that broke a rule of the schema. */
const ROW_FAULTS: Record<number, RowFault> = {
  [UNIQUE_VIOLATED]: 'unique',
  2291: 'foreign-key',
  2292: 'foreign-key',
  1400: 'null',
  1407: 'null',
  1461: 'too-long',
  12899: 'too-long',
  1426: 'out-of-range',
  1438: 'out-of-range',
  1841: 'out-of-range',
  1722: 'invalid',
  1858: 'invalid',
  2290: 'invalid',
};

/** `unique constraint (GENAI.UQ_TAGS_NAME) violated`, `cannot insert NULL into ("GENAI"."TAGS"."NAME")`. */
function brokenRule(message: string): BrokenRule {
  const constraint = /constraint \([^.)]+\.([^)]+)\)/.exec(message)?.[1];
  const [, table, column] = /"[^"]+"\."([^"]+)"\."([^"]+)"/.exec(message) ?? [];
  return { table, column, constraint };
}

/** Node's code, which the driver tells in its text at best. */
function networkCode(message: string): string {
  if (message.startsWith('NJS-530')) return 'ENOTFOUND';
  if (message.startsWith('NJS-511')) return 'ECONNREFUSED';
  return /\b(?:ECONNREFUSED|EHOSTUNREACH|ENETUNREACH|EAI_AGAIN)\b/.exec(message)?.[0] ?? 'ETIMEDOUT';
}

/** The driver reads host, port and service by rules of its own, such as no service of one letter. */
function unreadable(cause: DriverError, where: string): DbtoolError {
  return new DbtoolError('config.url.invalid', {
    message: `Oracle's driver cannot read the address in ${where}`,
    why: redact(cause.message),
    fix: 'Check host, port and service in the URL; a service may have another, longer name.',
    cause,
  });
}

export function explain(error: unknown, where: string): ReturnType<Dialect['explain']> {
  const cause = failure.driverError(error);
  const number = oracleNumber(cause);
  if (number === 1017 || number === 28000) return failure.authentication(cause, where);
  // Without a number where the driver puts the listener's answer in its own words.
  if (number === 12514 || number === 12505 || /^NJS-51[89]/.test(cause.message))
    return failure.missingDatabase(cause, where);
  // A package that the user may not execute is no identifier to the PL/SQL compiler.
  const isHidden = number === 6550 && cause.message.includes('PLS-00201');
  if ([1031, 1045, 942, 1950].includes(number) || isHidden) return failure.privilege(cause, where);
  // Also the victims of a deadlock and of a conflict between transactions: both may try again.
  if ([54, 60, 8177, 30006].includes(number)) return failure.locked(cause, where);
  if ([28, 3113, 3114, 3135].includes(number)) return failure.lost(cause, where);
  if (cause.message.startsWith('NJS-040')) return failure.poolExhausted(cause, where);
  if (number === 1013 || cause.message.startsWith('NJS-123')) return failure.timedOut(cause, where);
  const fault = ROW_FAULTS[number];
  if (fault) return failure.row(fault, cause, brokenRule(cause.message));
  const network = failure.explainNetwork(cause, where);
  if (network) return network;
  // Closed, broken off, terminated; the numbers around them say that it never was.
  if (/^NJS-(003|500|501|521)/.test(cause.message)) return failure.lost(cause, where);
  // Of the address itself, before anything is connected to.
  if (/^NJS-51[24-7]/.test(cause.message)) return unreadable(cause, where);
  if (/^NJS-(50[0-9]|51[0-9]|530)/.test(cause.message))
    return failure.explainNetwork({ ...cause, code: networkCode(cause.message) }, where);
  return number > 0 || cause.code?.startsWith('NJS-') ? failure.failed(cause, where) : undefined;
}
