import { DbtoolError } from '../errors/dbtool-error.js';
import type { ErrorCode } from '../errors/codes.js';
import { redact } from '../config/redact.js';

/** The fields that database drivers put on their errors. */
export interface DriverError {
  message: string;
  code?: string;
  errno?: number;
  errorNum?: number;
  syscall?: string;
}

/** In what way a row broke a rule of the schema; the last part of its error code. */
export type RowFault = 'unique' | 'foreign-key' | 'null' | 'too-long' | 'out-of-range' | 'invalid';

/** What a driver tells of the rule that was broken, in the case of the catalogue. */
export interface BrokenRule {
  table?: string;
  column?: string;
  constraint?: string;
}

/** Whether the error says that a row broke a rule of the schema: the row is at fault, and others may do. */
export function isRowError(error: unknown): error is DbtoolError {
  return error instanceof DbtoolError && error.code.startsWith('database.row.');
}

/** The driver's own error: TypeORM wraps it, Node groups several addresses' errors into one. */
export function driverError(error: unknown): DriverError {
  let at = error as { driverError?: unknown; errors?: unknown[]; message?: string; code?: string };
  while (at.driverError && at.driverError !== at) at = at.driverError;
  if (Array.isArray(at.errors) && at.errors.length > 0) {
    const first = at.errors[0] as DriverError;
    return { ...first, message: first.message, code: at.code ?? first.code };
  }
  return at as DriverError;
}

const NETWORK: Record<string, string> = {
  ECONNREFUSED: 'Nothing listens on that host and port.',
  ENOTFOUND: 'The host name cannot be resolved.',
  EAI_AGAIN: 'The host name cannot be resolved just now.',
  ETIMEDOUT: 'The host did not answer in time.',
  EHOSTUNREACH: 'There is no route to the host.',
  ENETUNREACH: 'There is no route to the network.',
  ENOENT: 'There is no such socket.',
};
const LOST = new Set(['ECONNRESET', 'EPIPE', 'PROTOCOL_CONNECTION_LOST']);

function networkCause({ code, syscall }: DriverError): string | undefined {
  // Any file may be missing; a socket is one that was connected to.
  if (code === undefined || (code === 'ENOENT' && syscall !== 'connect')) return undefined;
  return NETWORK[code];
}

/** The server answered a statement (SQLSTATE, MySQL's numbers): whatever it quotes, the network is well. */
function isStatementError({ code, errno }: DriverError): boolean {
  return /^(?=.*\d)[0-9A-Z]{5}$/.test(code ?? '') || (errno ?? 0) >= 1000;
}

/** Errors of the network, which look the same on every database; undefined for all others. */
export function explainNetwork(error: DriverError, where: string): DbtoolError | undefined {
  if (isStatementError(error)) return undefined;
  const why = networkCause(error);
  if (why !== undefined || /timeout expired|terminated due to connection timeout/i.test(error.message)) {
    return coded('database.unreachable', error, {
      message: `The database at ${where} cannot be reached`,
      why: why ?? 'The host did not answer in time.',
      fix: 'Check host and port in the URL, that the server runs, and that a firewall lets you through; `dbtool doctor` tests the connection.',
    });
  }
  if (
    (error.code !== undefined && LOST.has(error.code)) ||
    /connection terminated|connection is closed|closed state|not queryable/i.test(error.message)
  )
    return lost(error, where);
  if (/certificate|SSL|TLS|secure connection/i.test(error.message)) {
    return coded('database.tls', error, {
      message: `The encrypted connection to ${where} could not be set up`,
      why: redact(error.message),
      fix: 'Check database.tls.mode and database.tls.ca; `require` encrypts without checking the certificate.',
    });
  }
  return undefined;
}

export function lost(error: DriverError, where: string): DbtoolError {
  return coded('database.lost', error, {
    message: `The connection to ${where} broke`,
    why: redact(error.message),
    fix: 'Whole batches that were committed are kept; run the command again.',
  });
}

export function authentication(error: DriverError, where: string): DbtoolError {
  return coded('database.authentication', error, {
    message: `The database at ${where} refused the user or the password`,
    why: redact(error.message),
    fix: 'Check the user in the URL, and DBTOOL_DATABASE_PASSWORD or database.passwordFile.',
  });
}

export function missingDatabase(error: DriverError, where: string): DbtoolError {
  return coded('database.missing', error, {
    message: `The server has no database as named in ${where}`,
    why: redact(error.message),
    fix: 'Check the name in the URL, or have a DBA create the database; dbtool never creates one on a server.',
  });
}

export function privilege(error: DriverError, where: string): DbtoolError {
  return coded('database.privilege', error, {
    message: `The database user may not do this on ${where}`,
    why: redact(error.message),
    fix: 'Have a DBA grant the privileges that docs/databases.md lists.',
  });
}

export function locked(error: DriverError, where: string): DbtoolError {
  return coded('database.locked', error, {
    message: `Another process holds a lock on ${where}`,
    why: redact(error.message),
    fix: 'Wait for it to end and run the command again.',
  });
}

export function timedOut(error: DriverError, where: string): DbtoolError {
  return coded('database.timeout', error, {
    message: `A statement took too long on ${where}`,
    why: redact(error.message),
    fix: 'Ask for less, for example a shorter range of time, or raise database.statementTimeout.',
  });
}

export function poolExhausted(error: DriverError, where: string): DbtoolError {
  return coded('database.pool.exhausted', error, {
    message: `No connection to ${where} became free in time`,
    why: redact(error.message),
    fix: 'Raise database.poolSize or database.connectTimeout.',
  });
}

const ROW_FAULTS: Record<RowFault, { code: ErrorCode; message: string; fix: string }> = {
  unique: {
    code: 'database.row.unique',
    message: 'A row has a key that another row has already',
    fix: 'Change the key, or change or delete the other row.',
  },
  'foreign-key': {
    code: 'database.row.foreign-key',
    message: 'A row refers to one that is not there, or others refer to it',
    fix: 'Write first what is referred to; delete first what refers to it.',
  },
  null: {
    code: 'database.row.null',
    message: 'A row lacks a value that must be there',
    fix: 'Give the value.',
  },
  'too-long': {
    code: 'database.row.too-long',
    message: 'A row has a text longer than its column holds',
    fix: 'Shorten it.',
  },
  'out-of-range': {
    code: 'database.row.out-of-range',
    message: 'A row has a number or a time beyond what its column holds',
    fix: 'Correct the value.',
  },
  invalid: {
    code: 'database.row.invalid',
    message: 'A row has a value that its column does not take',
    fix: 'Correct the value.',
  },
};

/** A row that broke a rule; `rule` goes into the details as far as it is known. */
export function row(fault: RowFault, error: DriverError, rule: BrokenRule): DbtoolError {
  const { code, message, fix } = ROW_FAULTS[fault];
  const place = rule.table === undefined ? '' : ` (table ${rule.table})`;
  const details = Object.fromEntries(Object.entries(rule).filter(([, name]) => name !== undefined));
  return new DbtoolError(code, {
    message: `${message}${place}`,
    why: redact(error.message),
    fix,
    details: Object.keys(details).length > 0 ? details : undefined,
    cause: error,
  });
}

/** Anything else that a database says: not foreseen, but no bug of dbtool's that could be shown either. */
export function failed(error: DriverError, where: string): DbtoolError {
  return coded('database.failed', error, {
    message: `A statement failed on ${where}`,
    why: redact(error.message),
    fix: 'Run again with --verbose or DEBUG=1 for the statement.',
  });
}

function coded(
  code: ErrorCode,
  cause: DriverError,
  parts: { message: string; why: string; fix: string },
): DbtoolError {
  return new DbtoolError(code, { ...parts, cause });
}
