import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { mkdtempSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { PRELOAD } from './oracle/driver/paths.js';

const PROGRAM = fileURLToPath(new URL('../../bin/dbtool.js', import.meta.url));

export interface CliOptions {
  /** Added to a clean environment: PATH, a temporary HOME, and TZ=UTC. */
  env?: Record<string, string | undefined>;
  /** Default: a new empty folder that is removed afterwards. */
  cwd?: string;
  /** Written to standard input, which is then closed. */
  input?: string;
  /** The process is killed, and the call fails, after this time. Default 30 s. */
  timeoutMs?: number;
  /** Sends a signal as soon as the output so far, stdout and stderr together, matches; or a while later. */
  killAfterOutput?: { match: RegExp; signal: NodeJS.Signals; delayMs?: number };
}

export interface CliResult {
  /** null when a signal ended the process. */
  code: number | null;
  signal: NodeJS.Signals | null;
  stdout: string;
  stderr: string;
}

export interface RunningCli {
  child: ChildProcessWithoutNullStreams;
  /** Resolves when the process has ended and its output is read to the end. */
  result: Promise<CliResult>;
}

/** Runs the real program to its end. Resolves whatever the exit code. */
export async function runCli(args: string[], options: CliOptions = {}): Promise<CliResult> {
  const { child, result } = startCli(args, options);
  // A program that ends without reading its input breaks the pipe; its exit code tells the tale.
  child.stdin.on('error', () => undefined);
  child.stdin.end(options.input ?? '');
  return result;
}

/** Starts the real program and leaves its standard input open, for tests of prompts and signals. */
export function startCli(args: string[], options: Omit<CliOptions, 'input'> = {}): RunningCli {
  const home = mkdtempSync(join(tmpdir(), 'dbtool-cli-'));
  const child = spawn(process.execPath, [PROGRAM, ...args], {
    cwd: options.cwd ?? home,
    env: { ...cleanEnvironment(home), ...options.env },
    stdio: 'pipe',
  });
  const result = collect(child, args, options).finally(() => rm(home, { recursive: true, force: true }));
  return { child, result };
}

/** Nothing of the developer's own settings (DBTOOL_*, NO_COLOR, CI, …) may decide over a test. */
function cleanEnvironment(home: string): Record<string, string | undefined> {
  const { PATH, TMPDIR } = process.env;
  // Teaches the program's Oracle driver to speak to the tests' stand-in.
  const NODE_OPTIONS = `--require="${PRELOAD}"`;
  return { PATH, TMPDIR, NODE_OPTIONS, HOME: home, XDG_CONFIG_HOME: join(home, '.config'), TZ: 'UTC' };
}

function collect(
  child: ChildProcessWithoutNullStreams,
  args: string[],
  { timeoutMs = 30_000, killAfterOutput }: CliOptions,
): Promise<CliResult> {
  return new Promise((resolve, reject) => {
    const output = { stdout: '', stderr: '' };
    let waitingForMatch = killAfterOutput !== undefined;
    for (const name of ['stdout', 'stderr'] as const) {
      child[name].setEncoding('utf8').on('data', (chunk: string) => {
        output[name] += chunk;
        if (!waitingForMatch || killAfterOutput?.match.test(output.stdout + output.stderr) !== true) return;
        waitingForMatch = false;
        setTimeout(() => child.kill(killAfterOutput.signal), killAfterOutput.delayMs ?? 0);
      });
    }
    let timedOut = false;
    const timer = setTimeout(() => {
      timedOut = true;
      child.kill('SIGKILL');
    }, timeoutMs);
    child.on('error', reject);
    child.on('close', (code, signal) => {
      clearTimeout(timer);
      const shown = `stdout: ${output.stdout}\nstderr: ${output.stderr}`;
      const command = `dbtool ${args.join(' ')}`;
      if (timedOut) reject(new Error(`${command} did not end within ${timeoutMs} ms\n${shown}`));
      else if (waitingForMatch) reject(new Error(`${command} ended before its output matched\n${shown}`));
      else resolve({ code, signal, ...output });
    });
  });
}
