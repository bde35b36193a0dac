import { inspect, types } from 'node:util';
import { redact } from '../config/redact.js';
import { ERROR_CODES, type ErrorCode } from '../errors/codes.js';
import { DbtoolError, type Finding } from '../errors/dbtool-error.js';
import { paint, takesColor } from './colors.js';
import { clean, type Output, printToStderr } from './output.js';

/** The `error` (or a finding) of the `--json` document. */
export interface FaultDocument {
  code: string;
  message: string;
  why: string | null;
  fix: string | null;
  details?: unknown;
}

/** What a command gives back: its result, and what it found that deserves an exit code of its own. */
export interface CommandResult<T = unknown> {
  data: T;
  findings?: Finding[];
}

const BUG_FIX = 'Run it again with DEBUG=1 set and report what it prints.';

/** Turns whatever was thrown into a coded error; what nobody foresaw becomes `internal.bug`. */
export function toDbtoolError(error: unknown): DbtoolError {
  if (error instanceof DbtoolError) return error;
  if (isOclifError(error)) return fromOclif(error);
  return new DbtoolError('internal.bug', {
    message: `dbtool failed unexpectedly: ${messageOf(error)}`,
    why: 'This is a bug in dbtool.',
    fix: BUG_FIX,
    cause: error,
  });
}

/**
 * Reports an error: as text on stderr, under --json also as the one document on stdout. Gives back
 * the exit code, which the caller passes on.
 *
 * @param data what the command had to give in spite of the error.
 */
export function reportError(error: unknown, out: Output, data?: unknown): number {
  const exit = exitRequest(error);
  if (exit === 0) {
    if (out.json) printDocument({ ok: true, data: data ?? null });
    return 0;
  }
  const coded = toDbtoolError(error);
  if (out.json) {
    printDocument({
      ok: false,
      error: faultDocument(coded),
      ...(data === undefined ? {} : { data }),
      ...warningsOf(out),
    });
  } else {
    printToStderr(renderFault(coded, 'Error'), true);
  }
  if (process.env['DEBUG']) printToStderr(stackOf(error));
  return exit ?? coded.exitCode;
}

/** Reports what a command gave back; gives back the exit code: the gravest finding's, or 0. */
export function reportResult(result: CommandResult, out: Output): number {
  const findings = result.findings ?? [];
  const [first] = findings;
  const data = result.data ?? null;
  if (first === undefined) {
    if (out.json) printDocument({ ok: true, data, ...warningsOf(out) });
    return 0;
  }
  if (out.json) {
    printDocument({
      ok: false,
      error: faultDocument(first),
      findings: findings.map(faultDocument),
      data,
      ...warningsOf(out),
    });
  } else {
    for (const finding of findings) printToStderr(renderFault(finding, 'Finding'), true);
  }
  return Math.max(...findings.map((finding) => ERROR_CODES[finding.code].exit));
}

/** An error or a finding as a person reads it, three lines at most when its parts are one line each. */
export function renderFault(fault: Finding, title: 'Error' | 'Finding'): string {
  const color = takesColor(process.stderr);
  const lines = [
    `${paint(title === 'Error' ? 'red' : 'yellow', `${title}:`, color)} ${clean(fault.message)} ` +
      paint('dim', `(${fault.code})`, color),
  ];
  if (fault.why !== undefined) lines.push(`  ${paint('bold', 'Why:', color)} ${hang(clean(fault.why))}`);
  if (fault.fix !== undefined) lines.push(`  ${paint('bold', 'Fix:', color)} ${hang(clean(fault.fix))}`);
  return lines.join('\n');
}

/** An error or a finding as the `--json` document carries it; `why` and `fix` are null when unknown. */
export function faultDocument(fault: Finding & { details?: unknown }): FaultDocument {
  return {
    code: fault.code,
    message: redact(fault.message),
    why: fault.why === undefined ? null : redact(fault.why),
    fix: fault.fix === undefined ? null : redact(fault.fix),
    ...(fault.details === undefined ? {} : { details: redactDeep(fault.details) }),
  };
}

/** A JSON document as dbtool prints it: one line; a bigint becomes a string, for JSON has none. */
export function jsonLine(document: unknown): string {
  return `${JSON.stringify(document, (_key, value: unknown) => (typeof value === 'bigint' ? String(value) : value))}\n`;
}

function printDocument(document: object): void {
  process.stdout.write(jsonLine(document));
}

function warningsOf(out: Output): { warnings?: readonly string[] } {
  return out.warnings.length === 0 ? {} : { warnings: out.warnings };
}

function redactDeep(value: unknown): unknown {
  if (typeof value === 'string') return redact(value);
  if (Array.isArray(value)) return value.map(redactDeep);
  if (typeof value === 'object' && value !== null && !(value instanceof Date)) {
    return Object.fromEntries(Object.entries(value).map(([key, member]) => [key, redactDeep(member)]));
  }
  return value;
}

function hang(text: string): string {
  return text.replaceAll('\n', '\n       ');
}

interface OclifError extends Error {
  code?: string;
  oclif: { exit?: number };
}

function isOclifError(error: unknown): error is OclifError {
  return (
    error instanceof Error && 'oclif' in error && typeof error.oclif === 'object' && error.oclif !== null
  );
}

/** The exit code of oclif's `this.exit(n)`, which is a request and no error; undefined for all else. */
function exitRequest(error: unknown): number | undefined {
  return isOclifError(error) && error.code === 'EEXIT' ? error.oclif.exit : undefined;
}

/** oclif's `this.error('…', { exit, code })` inside a command. */
function fromOclif(error: OclifError): DbtoolError {
  const { exit } = error.oclif;
  if (error.code !== undefined && error.code in ERROR_CODES) {
    return new DbtoolError(error.code as ErrorCode, { message: error.message, cause: error });
  }
  if (exit === 2) return new DbtoolError('usage.invalid', { message: error.message, cause: error });
  return new DbtoolError('internal.bug', {
    message: error.code === 'EEXIT' ? `The command ended with exit code ${String(exit)}` : error.message,
    why: 'The command gave no code for what went wrong, which is a bug in dbtool.',
    fix: BUG_FIX,
    cause: error,
  });
}

function messageOf(error: unknown): string {
  if (error instanceof AggregateError && error.message === '') return error.errors.map(messageOf).join('; ');
  // Not instanceof: an error may come from another realm (a vm context) and is an error all the same.
  if (types.isNativeError(error)) return error.message === '' ? error.name : error.message;
  return inspect(error, { depth: 2, breakLength: Infinity });
}

/** The stacks of an error and its causes. Properties are left out: they may hold argv or a URL. */
function stackOf(error: unknown): string {
  if (!types.isNativeError(error)) return messageOf(error);
  const stack = error.stack ?? `${error.name}: ${error.message}`;
  return error.cause === undefined ? stack : `${stack}\nCaused by: ${stackOf(error.cause)}`;
}
