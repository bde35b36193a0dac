import { ERROR_CODES, type ErrorCode } from './codes.js';

/** What a person needs to know of a failure: what happened, why, and what to do next. */
export interface ErrorParts {
  /** What happened, one sentence without a closing full stop needed. Must hold no secret. */
  message: string;
  /** Why it happened, as far as is known. */
  why?: string;
  /** What to do next, as a command or a sentence. */
  fix?: string;
  /** Facts for `--json` readers; plain JSON values only. */
  details?: Record<string, unknown>;
  cause?: unknown;
}

/**
 * The one error class of dbtool for everything that is foreseen. Any other error that reaches the
 * command line is a bug and is shown as one.
 */
export class DbtoolError extends Error {
  readonly code: ErrorCode;
  readonly why: string | undefined;
  readonly fix: string | undefined;
  readonly details: Record<string, unknown> | undefined;

  constructor(code: ErrorCode, parts: ErrorParts) {
    super(parts.message, parts.cause === undefined ? undefined : { cause: parts.cause });
    this.name = 'DbtoolError';
    this.code = code;
    this.why = parts.why;
    this.fix = parts.fix;
    this.details = parts.details;
  }

  /** The process's exit code, 1 to 143. */
  get exitCode(): number {
    return ERROR_CODES[this.code].exit;
  }
}

/**
 * A finding: the command did its work and what it found deserves a non-zero exit code (rejected
 * documents, pending migrations). It travels with the command's result, it is not thrown.
 */
export interface Finding {
  code: ErrorCode;
  message: string;
  why?: string;
  fix?: string;
}
