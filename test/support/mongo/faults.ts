import { CommandError } from './errors.js';

/**
 * A fault that a test orders for a command to come.
 * - `close`: the connection is broken off without an answer;
 * - `error`: the answer is a command error with `code` (8000 if none is given);
 * - `silence`: no answer ever comes, the connection stays open.
 */
export interface Fault {
  command: string;
  how: 'close' | 'error' | 'silence';
  /** How many of these commands to let pass first; 0 if not given. */
  after?: number;
  /** How many to fail from then on; 1 if not given. The driver tries a read once more by itself. */
  times?: number;
  code?: number;
  message?: string;
}

/** The faults ordered and not yet spent. */
export class Faults {
  #pending: { fault: Fault; pass: number; left: number }[] = [];

  add(fault: Fault): void {
    this.#pending.push({ fault, pass: fault.after ?? 0, left: fault.times ?? 1 });
  }

  /** What is to befall this command, if anything. An `error` is thrown. */
  take(command: string): 'close' | 'silence' | undefined {
    const due = this.#pending.find(({ fault }) => fault.command === command);
    if (!due) return undefined;
    if (due.pass > 0) {
      due.pass -= 1;
      return undefined;
    }
    due.left -= 1;
    if (due.left <= 0) this.#pending = this.#pending.filter((entry) => entry !== due);
    const { how, code = 8000, message = `${command} was made to fail by the test` } = due.fault;
    if (how === 'error') throw new CommandError(code, message);
    return how;
  }
}
