/** The server error codes that the stand-in uses, with the names the real server gives them. */
const CODE_NAMES = {
  1: 'InternalError',
  2: 'BadValue',
  9: 'FailedToParse',
  11: 'UserNotFound',
  13: 'Unauthorized',
  14: 'TypeMismatch',
  18: 'AuthenticationFailed',
  20: 'IllegalOperation',
  26: 'NamespaceNotFound',
  27: 'IndexNotFound',
  43: 'CursorNotFound',
  48: 'NamespaceExists',
  50: 'MaxTimeMSExpired',
  53: 'InvalidIdField',
  59: 'CommandNotFound',
  66: 'ImmutableField',
  73: 'InvalidNamespace',
  91: 'ShutdownInProgress',
  175: 'QueryPlanKilled',
  238: 'NotImplemented',
  334: 'MechanismUnavailable',
  10334: 'BSONObjectTooLarge',
  11000: 'DuplicateKey',
  11600: 'InterruptedAtShutdown',
} as const;

/** A command's failure: becomes `{ok: 0, errmsg, code, codeName}` on the wire. */
export class CommandError extends Error {
  readonly code: number;

  constructor(code: number, message: string) {
    super(message);
    this.name = 'CommandError';
    this.code = code;
  }

  get codeName(): string {
    // Newer server errors have no name of their own but the location of the check.
    return (CODE_NAMES as Record<number, string>)[this.code] ?? `Location${this.code}`;
  }
}

/**
 * What a real server does and the stand-in does not. Refusing beats answering wrongly: a test that
 * meets this needs a real server, or the stand-in needs the feature.
 */
export function notImplemented(what: string): CommandError {
  return new CommandError(238, `The MongoDB stand-in of the tests does not do ${what}`);
}
