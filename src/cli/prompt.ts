import { createInterface } from 'node:readline';
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
