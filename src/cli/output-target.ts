import { randomBytes } from 'node:crypto';
import { unlinkSync } from 'node:fs';
import { type FileHandle, open, realpath, rename, stat, unlink } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { DbtoolError } from '../errors/dbtool-error.js';
import type { Sink } from './formats.js';
import type { Output } from './output.js';

/** A sink that has to be ended: only then a file appears under its name. */
export interface OutputTarget extends Sink {
  /** Completes the output. @throws DbtoolError output.failed */
  end(): Promise<void>;
  /** Gives the output up: a file that was begun goes, one that was there before stays as it was. */
  abort(): Promise<void>;
}

/**
 * Opens where rows go: stdout when `path` is undefined or `-`, else a file. Call it before the work
 * starts, so that an output that cannot be written costs nobody an hour.
 *
 * A file is written under a temporary name beside its place and renamed when it is complete; devices
 * and pipes are written to as they are.
 *
 * @throws DbtoolError output.unwritable
 */
export async function openOutput(path: string | undefined, out: Output): Promise<OutputTarget> {
  if (path === undefined || path === '-') return new StdoutTarget(out);
  try {
    const place = await realpath(path).catch(() => path);
    const existing = await stat(place).catch(() => undefined);
    if (existing?.isDirectory() === true) throw new Error('It is a folder.');
    if (existing !== undefined && !existing.isFile()) return new FileTarget(path, await open(place, 'w'));
    // A file that may not be written may all the same be replaced; its protection is meant, so ask it.
    if (existing !== undefined) await (await open(place, 'r+')).close();
    const temporary = join(dirname(place), `.${basename(place)}.${randomBytes(6).toString('hex')}.tmp`);
    const mode = existing === undefined ? 0o666 : existing.mode & 0o777;
    return new FileTarget(path, await open(temporary, 'wx', mode), { temporary, place });
  } catch (error) {
    throw unwritable(path, error);
  }
}

class StdoutTarget implements OutputTarget {
  constructor(private readonly out: Output) {}

  get width(): number | undefined {
    // 0 columns is what a terminal says that does not know.
    return process.stdout.isTTY && process.stdout.columns > 0 ? process.stdout.columns : undefined;
  }

  write(chunk: string): Promise<void> {
    return this.out.write(chunk);
  }

  end(): Promise<void> {
    return Promise.resolve();
  }

  abort(): Promise<void> {
    return Promise.resolve();
  }
}

class FileTarget implements OutputTarget {
  #open = true;

  constructor(
    private readonly path: string,
    private readonly file: FileHandle,
    private readonly swap?: { temporary: string; place: string },
  ) {
    if (swap !== undefined) process.once('exit', this.#removeNow);
  }

  async write(chunk: string): Promise<void> {
    await this.#guard(() => this.file.writeFile(chunk));
  }

  async end(): Promise<void> {
    const { swap } = this;
    await this.#guard(async () => {
      if (swap !== undefined) await this.file.sync();
      await this.#close();
      if (swap !== undefined) await rename(swap.temporary, swap.place);
    });
    process.off('exit', this.#removeNow);
  }

  async abort(): Promise<void> {
    await this.#close();
    process.off('exit', this.#removeNow);
    // It may be gone already: renamed by end(), or removed by an earlier abort.
    if (this.swap !== undefined) await unlink(this.swap.temporary).catch(() => undefined);
  }

  /** For a process that ends at once, where nothing can be awaited any more. */
  readonly #removeNow = (): void => {
    if (this.swap === undefined) return;
    try {
      unlinkSync(this.swap.temporary);
    } catch {
      // Nothing to remove is what is wanted.
    }
  };

  async #close(): Promise<void> {
    if (!this.#open) return;
    this.#open = false;
    await this.file.close();
  }

  async #guard(work: () => Promise<void>): Promise<void> {
    try {
      await work();
    } catch (error) {
      await this.abort();
      throw failed(this.path, error);
    }
  }
}

function unwritable(path: string, error: unknown): DbtoolError {
  return new DbtoolError('output.unwritable', {
    message: `The output file ${path} cannot be written`,
    why: reasonOf(error),
    fix: 'Name a file in a folder that exists and that you may write to.',
    cause: error,
  });
}

function failed(path: string, error: unknown): DbtoolError {
  return new DbtoolError('output.failed', {
    message: `Writing ${path} failed half-way; no incomplete file is left behind`,
    why: reasonOf(error),
    fix: 'Make room on that disk, or write elsewhere, and run the command again.',
    cause: error,
  });
}

const REASONS: Readonly<Record<string, string>> = {
  ENOENT: 'Its folder does not exist.',
  ENOTDIR: 'Its folder is no folder but a file.',
  EACCES: 'You have no permission to write there.',
  EPERM: 'You have no permission to write there.',
  EROFS: 'It lies on a file system that is read-only.',
  ENOSPC: 'The disk is full.',
};

function reasonOf(error: unknown): string {
  const { code, message } = error as NodeJS.ErrnoException;
  return REASONS[code ?? ''] ?? message;
}
