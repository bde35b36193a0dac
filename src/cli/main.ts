import { format } from 'node:util';
import { fileURLToPath } from 'node:url';
import { Config } from '@oclif/core/config';
import type { Logger } from '@oclif/core/interfaces';
import { settings } from '@oclif/core/settings';
import { hasFlag } from './base-flags.js';
import { jsonLine, reportError } from './failure.js';
import { Output, printToStderr } from './output.js';
import { resolveRequest } from './resolve.js';
import { restoreCursor } from './signals.js';
import { flushed, guardStreams, stdoutFailure } from './stdout.js';

export interface MainOptions {
  /** The folder of package.json; by default found from where this file lies after the build. */
  root?: string;
}

/**
 * Runs dbtool and ends the process. Everything that goes wrong before, in and after a command is
 * reported here or in the base command, in the same way.
 *
 * @param argv the words of the command line, without node and the script.
 */
export async function main(argv: string[], options: MainOptions = {}): Promise<void> {
  // Spinners, tables and help each decide on colours by themselves; this reaches them all.
  if (hasFlag(argv, '--no-color')) process.env['NO_COLOR'] = '1';
  const out = new Output({ json: hasFlag(argv, '--json'), verbose: hasFlag(argv, '--verbose') });
  guardStreams();
  catchStrays(out);
  try {
    await dispatch(argv, options.root ?? fileURLToPath(new URL('../..', import.meta.url)), out);
  } catch (error) {
    process.exitCode = reportError(error, out);
  }
  await end(out);
}

async function dispatch(argv: string[], root: string, out: Output): Promise<void> {
  // What runs is what was built: oclif must neither look for a tsconfig nor load a transpiler.
  settings.enableAutoTranspile = false;
  const config = await Config.load({ root, logger: debugLogger('oclif') });
  const request = resolveRequest(argv, config);
  if (request.kind === 'command') {
    await config.runCommand(request.id, request.argv);
    return;
  }
  const { renderHelp } = await import('./help.js');
  const help = await renderHelp(config, request.words);
  if (out.json) process.stdout.write(jsonLine({ ok: true, data: { help } }));
  else out.data(help);
}

/**
 * Ends the process once all output has left it, however slow the reader. Waiting for the event loop to
 * run dry instead would hang on any handle that a driver leaves open.
 */
async function end(out: Output): Promise<never> {
  await flushed(process.stdout);
  const failure = stdoutFailure();
  if (failure !== undefined && !process.exitCode) {
    process.exitCode = reportError(failure, new Output({ json: false, verbose: out.verbose }));
  }
  await flushed(process.stderr);
  process.exit();
}

/** Errors that nobody awaited are bugs; they are reported as such and never as a raw stack. */
function catchStrays(out: Output): void {
  const report = (error: unknown): void => {
    restoreCursor();
    process.exitCode = reportError(error, out);
    void end(out);
  };
  process.once('uncaughtException', report);
  process.once('unhandledRejection', report);
}

/** oclif's debug output (DEBUG=oclif*) without the secrets that argv and the environment may hold. */
function debugLogger(namespace: string): Logger {
  const wanted = (process.env['DEBUG'] ?? '').split(/[\s,]+/u);
  const enabled = wanted.some(
    (name) => name === '*' || (name.endsWith('*') && namespace.startsWith(name.slice(0, -1))),
  );
  const write = (formatter: unknown, ...values: unknown[]): void => {
    if (enabled) printToStderr(`${namespace} ${format(formatter, ...values)}`);
  };
  return {
    namespace,
    child: (name, delimiter = ':') => debugLogger(`${namespace}${delimiter}${name}`),
    debug: write,
    error: write,
    info: write,
    trace: write,
    warn: write,
  };
}
