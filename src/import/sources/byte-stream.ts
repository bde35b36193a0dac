import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { pipeline } from 'node:stream';
import { createGunzip } from 'node:zlib';
import { DbtoolError } from '../../errors/dbtool-error.js';

const CHUNK_BYTES = 1024 * 1024;
/** How gzip begins: two bytes of its own, and the method, of which there is one. */
const GZIP = Buffer.from([0x1f, 0x8b, 0x08]);
const FINGERPRINT_BYTES = 64 * 1024;

/** Whether a file is compressed: its first bytes say so, its name only where there are too few of them. */
async function isGzip(file: string): Promise<boolean> {
  const head = await withFile(file, (handle) => bytesAt(handle, 0, GZIP.length));
  return head.equals(GZIP.subarray(0, head.length)) && (head.length === GZIP.length || file.endsWith('.gz'));
}

/**
 * Bytes of a file, decompressed where it is gzip.
 * @param from how many (decompressed) bytes to leave out at the beginning
 * @param display the file as errors name it
 * @throws DbtoolError `import.source.truncated`, `import.source.unreadable`
 */
export async function* fileChunks(file: string, from = 0, display = file): AsyncGenerator<Buffer> {
  if (!(await isGzip(file))) {
    yield* plainChunks(file, from, display);
    return;
  }
  let left = from;
  for await (const chunk of unzippedChunks(file, display)) {
    if (left >= chunk.length) {
      left -= chunk.length;
      continue;
    }
    yield left === 0 ? chunk : chunk.subarray(left);
    left = 0;
  }
}

/**
 * The first decompressed bytes of a file, fewer where it is shorter.
 * @throws DbtoolError as `fileChunks`
 */
export async function firstBytes(file: string, count: number, display = file): Promise<Buffer> {
  let head: Buffer = Buffer.alloc(0);
  for await (const chunk of fileChunks(file, 0, display)) {
    head = Buffer.concat([head, chunk.subarray(0, count - head.length)]);
    if (head.length >= count) break;
  }
  return head;
}

/** Tells what a file holds from anything else, whatever its time. */
export async function contentFingerprint(file: string): Promise<string> {
  const hash = createHash('sha256');
  for await (const chunk of plainChunks(file, 0, file)) hash.update(chunk);
  return hash.digest('hex');
}

/** Tells a file from another one that takes its name: its size, time, beginning and end. */
export async function fileFingerprint(file: string): Promise<string> {
  return withFile(file, async (handle) => {
    const { size, mtimeMs } = await handle.stat();
    const hash = createHash('sha256');
    hash.update(await bytesAt(handle, 0, FINGERPRINT_BYTES));
    hash.update(await bytesAt(handle, Math.max(0, size - FINGERPRINT_BYTES), FINGERPRINT_BYTES));
    return `${size}:${Math.round(mtimeMs)}:${hash.digest('hex').slice(0, 32)}`;
  });
}

async function* plainChunks(file: string, start: number, display: string): AsyncGenerator<Buffer> {
  const raw = createReadStream(file, { highWaterMark: CHUNK_BYTES, start });
  try {
    yield* raw as AsyncIterable<Buffer>;
  } catch (error) {
    throw unreadable(display, error as NodeJS.ErrnoException, start + raw.bytesRead);
  } finally {
    raw.destroy();
  }
}

async function* unzippedChunks(file: string, display: string): AsyncGenerator<Buffer> {
  const raw = createReadStream(file, { highWaterMark: CHUNK_BYTES });
  let unzipped = 0;
  try {
    // The reader below sees any error of the pipeline; the callback is what Node asks for.
    const plain = pipeline(raw, createGunzip({ chunkSize: CHUNK_BYTES }), () => undefined);
    for await (const chunk of plain as AsyncIterable<Buffer>) {
      unzipped += chunk.length;
      yield chunk;
    }
  } catch (error) {
    throw unreadable(display, error as NodeJS.ErrnoException, unzipped);
  } finally {
    raw.destroy();
  }
}

async function withFile<T>(file: string, work: (handle: FileHandle) => Promise<T>): Promise<T> {
  let handle: FileHandle | undefined;
  try {
    handle = await open(file, 'r');
    return await work(handle);
  } catch (error) {
    throw unreadable(file, error as NodeJS.ErrnoException, 0);
  } finally {
    await handle?.close();
  }
}

async function bytesAt(handle: FileHandle, position: number, count: number): Promise<Buffer> {
  const buffer = Buffer.alloc(count);
  const { bytesRead } = await handle.read(buffer, 0, count, position);
  return buffer.subarray(0, bytesRead);
}

/** @param offset how many bytes came, decompressed ones where the file is compressed */
function unreadable(file: string, error: NodeJS.ErrnoException, offset: number): DbtoolError {
  if (error instanceof DbtoolError) return error;
  if (error.code === 'Z_BUF_ERROR') {
    return new DbtoolError('import.source.truncated', {
      message: `${file} ends too early`,
      why: `The compressed data breaks off after ${offset} bytes (decompressed).`,
      fix: 'Copy or dump the collection again; nothing was written.',
      details: { file, offset },
      cause: error,
    });
  }
  return new DbtoolError('import.source.unreadable', {
    message: `${file} cannot be read`,
    why: error.code?.startsWith('Z_')
      ? `Its compressed data is damaged behind byte ${offset} (decompressed): ${error.message}.`
      : error.message,
    fix: 'Check the file and its permissions.',
    details: { file, offset },
    cause: error,
  });
}
