import { DbtoolError } from '../errors/dbtool-error.js';

/** Whoever read our stdout has gone (`| head`). Not a failure: the work ends quietly. */
export class PipeClosed extends Error {
  constructor() {
    super('The reader of the output has gone.');
    this.name = 'PipeClosed';
  }
}

/** How long rows may be written before the event loop gets a turn, so that signals are heard. */
const TURN_MS = 20;

let guarded = false;
let lastTurn = 0;
const closeListeners = new Set<() => void>();

/**
 * Takes over the errors of stdout and stderr. oclif's own listener turns everything but EPIPE into an
 * uncaught exception, and Node's default does that with EPIPE too.
 */
export function guardStreams(): void {
  if (guarded) return;
  guarded = true;
  process.stdout.removeAllListeners('error');
  process.stdout.on('error', () => {
    if (stdoutClosed()) for (const listener of closeListeners) listener();
  });
  // There is nowhere left to complain to when stderr is gone.
  process.stderr.on('error', () => undefined);
}

/** Calls `listener` when the reader of stdout goes away. Gives back how to stop listening. */
export function onStdoutClosed(listener: () => void): () => void {
  closeListeners.add(listener);
  return () => closeListeners.delete(listener);
}

/** Whether the reader of stdout has gone. */
export function stdoutClosed(): boolean {
  return isClosedPipe(process.stdout.errored);
}

/** Why stdout could not be written to (a full disk), or undefined. A closed pipe is no such failure. */
export function stdoutFailure(): DbtoolError | undefined {
  const error = process.stdout.errored;
  return error === null || isClosedPipe(error) ? undefined : asOutputFailure(error);
}

/**
 * Writes to stdout and waits until there is room for more.
 *
 * @throws PipeClosed when the reader has gone; DbtoolError output.failed when the write failed.
 */
export async function writeStdout(chunk: string | Uint8Array): Promise<void> {
  const { stdout } = process;
  throwIfBroken();
  if (!stdout.write(chunk) && stdout.errored === null) await drained();
  // The stream knows of a failed write at once, its error event comes a turn later.
  throwIfBroken();
  const now = performance.now();
  if (now - lastTurn > TURN_MS) {
    await new Promise<void>((resolve) => setImmediate(resolve));
    lastTurn = performance.now();
    throwIfBroken();
  }
}

function throwIfBroken(): void {
  const error = process.stdout.errored;
  if (error !== null) throw isClosedPipe(error) ? new PipeClosed() : asOutputFailure(error);
}

function drained(): Promise<void> {
  const { stdout } = process;
  return new Promise((resolve) => {
    const done = (): void => {
      stdout.off('drain', done);
      stdout.off('error', done);
      stdout.off('close', done);
      resolve();
    };
    stdout.on('drain', done);
    stdout.on('error', done);
    stdout.on('close', done);
  });
}

/** Waits until everything written to a stream so far has left the process or the stream is broken. */
export function flushed(stream: NodeJS.WriteStream): Promise<void> {
  return new Promise((resolve) => {
    if (stream.errored !== null || stream.destroyed) resolve();
    else {
      stream.write('', () => {
        resolve();
      });
    }
  });
}

function isClosedPipe(error: Error | null): boolean {
  return (
    error !== null && 'code' in error && (error.code === 'EPIPE' || error.code === 'ERR_STREAM_DESTROYED')
  );
}

function asOutputFailure(error: Error): DbtoolError {
  return new DbtoolError('output.failed', {
    message: 'The output could not be written to the end',
    why: error.message,
    fix: 'Make room where the output goes, and run the command again.',
    cause: error,
  });
}
