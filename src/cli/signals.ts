import { writeSync } from 'node:fs';
import { DbtoolError } from '../errors/dbtool-error.js';
import { faultDocument, jsonLine } from './failure.js';
import type { Output } from './output.js';
import { onStdoutClosed, PipeClosed } from './stdout.js';

const SIGNALS = {
  SIGINT: { code: 'signal.interrupt', exit: 130 },
  SIGTERM: { code: 'signal.terminate', exit: 143 },
} as const;

const SHOW_CURSOR = '\u001B[?25h';

/** What a command knows of being told to stop. */
export interface StopWatch {
  /** Aborted by the first SIGINT or SIGTERM (reason: a DbtoolError) and by a closed pipe (PipeClosed). */
  readonly signal: AbortSignal;
  /** Stops listening. */
  release(): void;
}

/**
 * Listens for SIGINT, SIGTERM and a closed stdout while a command runs.
 *
 * @param interruptible whether the command looks at the abort signal. If not, the first signal ends the
 *   process at once; if so, only the second does.
 */
export function watchForStop(interruptible: boolean, out: Output): StopWatch {
  const controller = new AbortController();
  const listeners = (['SIGINT', 'SIGTERM'] as const).map((name) => {
    const listener = (): void => {
      const { code, exit } = SIGNALS[name];
      const error = new DbtoolError(code, { message: `Stopped by ${name}` });
      if (!interruptible || controller.signal.aborted) endAtOnce(error, exit, out);
      out.note('Stopping after the current batch; press Ctrl-C again to end at once.');
      controller.abort(error);
    };
    process.on(name, listener);
    return { name, listener };
  });
  const forgetPipe = onStdoutClosed(() => {
    controller.abort(new PipeClosed());
  });
  return {
    signal: controller.signal,
    release: () => {
      for (const { name, listener } of listeners) process.off(name, listener);
      forgetPipe();
    },
  };
}

/** Ends the process with no more waiting; temporary files go in their own exit handlers. */
function endAtOnce(error: DbtoolError, exit: number, out: Output): never {
  restoreCursor();
  if (out.json && process.stdout.bytesWritten === 0) {
    try {
      writeSync(1, jsonLine({ ok: false, error: faultDocument(error) }));
    } catch {
      // A full or closed pipe: there is no time left to wait for it, and the exit code tells all.
    }
  }
  // A second Ctrl-C must not wait for anything, not even for stdout to drain.
  process.exit(exit);
}

/** Spinners hide the cursor; a terminal without one is a nuisance long after we are gone. */
export function restoreCursor(): void {
  if (process.stderr.isTTY) process.stderr.write(SHOW_CURSOR);
}
