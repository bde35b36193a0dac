import { createInterface } from 'node:readline';
import { registerSecret } from '../config/redact.js';
import type { ErrorCode } from '../errors/codes.js';
import { DbtoolError } from '../errors/dbtool-error.js';
import { clean } from './output.js';

/** Whether somebody sits in front of stdin and stderr and can be asked. */
export function canAsk(): boolean {
  return process.stdin.isTTY && process.stderr.isTTY;
}

/**
 * Asks a yes-or-no question on stderr; anything but y or yes is a no, and so is the end of the input.
 *
 * @throws the reason of `signal` when that is aborted while the question stands.
 */
export async function askYesNo(question: string, signal: AbortSignal): Promise<boolean> {
  // Not in terminal mode: that one swallows Ctrl-C, and the signal must reach the process.
  const lines = createInterface({ input: process.stdin, terminal: false });
  try {
    process.stderr.write(`${clean(question)} [y/N] `);
    const answer = await new Promise<string>((resolve, reject) => {
      lines.once('line', resolve);
      lines.once('close', () => {
        resolve('');
      });
      signal.addEventListener(
        'abort',
        () => {
          reject(signal.reason as Error);
        },
        { once: true },
      );
    });
    return /^\s*y(?:es)?\s*$/iu.test(answer);
  } finally {
    lines.close();
    process.stdin.pause();
  }
}

const ENTER = /[\r\n]/u;
const CTRL_C = '\u0003';
const CTRL_D = '\u0004';
const ERASE = /[\b\u007F]/u;

/** Asks for a secret on stderr without showing what is typed. Ctrl-C and Ctrl-D end the process as SIGINT does. */
export async function askSecret(question: string): Promise<string> {
  const { stdin } = process;
  stdin.setEncoding('utf8');
  // Before the question: what is typed as soon as that is seen must not be echoed.
  stdin.setRawMode(true);
  process.stderr.write(clean(question));
  try {
    return await new Promise<string>((resolve, reject) => {
      let typed: string[] = [];
      const onData = (text: string): void => {
        for (const char of text) {
          if (ENTER.test(char)) {
            stdin.off('data', onData);
            resolve(typed.join(''));
            return;
          }
          if (char === CTRL_C || char === CTRL_D) {
            stdin.off('data', onData);
            reject(new DbtoolError('signal.interrupt', { message: 'Stopped while asking for the password' }));
            return;
          }
          typed = ERASE.test(char) ? typed.slice(0, -1) : [...typed, char];
        }
      };
      stdin.on('data', onData);
    });
  } finally {
    stdin.setRawMode(false);
    stdin.pause();
    process.stderr.write('\n');
  }
}

/**
 * Does the work, and once more with a password that the user types, when the first try was refused for
 * want of one and somebody sits in front of the terminal.
 * @param refused the code by which the work says so
 * @param hasPassword a password was given, so that asking for another would hide that it is wrong
 */
export async function withPasswordAsked<T>(
  { refused, hasPassword, question }: { refused: ErrorCode; hasPassword: boolean; question: string },
  work: (password?: string) => Promise<T>,
): Promise<T> {
  try {
    return await work();
  } catch (error) {
    const isRefusal = error instanceof DbtoolError && error.code === refused;
    if (!isRefusal || hasPassword || !canAsk()) throw error;
    const password = await askSecret(question);
    registerSecret(password);
    return work(password);
  }
}

/** The error of a destructive command that nobody confirmed and nobody can be asked about. */
export function confirmationNeeded(destroys: string): DbtoolError {
  return new DbtoolError('usage.confirmation.needed', {
    message: `This destroys ${destroys}, and nobody can be asked whether that is meant`,
    why: 'dbtool asks on a terminal only, and this is none.',
    fix: 'Run it again with --yes if it is meant.',
  });
}

/** The error of a question that was answered with no. */
export function declined(destroys: string): DbtoolError {
  return new DbtoolError('prompt.declined', {
    message: `Declined; nothing was done to ${destroys}`,
    fix: 'Answer y, or run it with --yes.',
  });
}
