import { createReadStream } from 'node:fs';
import { pipeline } from 'node:stream';
import { createGunzip } from 'node:zlib';
import { deserialize } from 'bson';
import { DbtoolError } from '../../errors/dbtool-error.js';
import type { SourceDocument } from './source.js';

const CHUNK_BYTES = 1024 * 1024;
/** MongoDB's limit is 16 MB; the server allows itself 16 KB more for internal documents. */
const MAX_DOCUMENT_BYTES = 16 * 1024 * 1024 + 16 * 1024;
const MIN_DOCUMENT_BYTES = 5;

/** Bytes of a file, decompressed when its name ends in `.gz`. */
export async function* fileChunks(file: string): AsyncGenerator<Buffer> {
  const raw = createReadStream(file, { highWaterMark: CHUNK_BYTES });
  try {
    if (!file.endsWith('.gz')) {
      yield* raw as AsyncIterable<Buffer>;
      return;
    }
    // The reader below sees any error of the pipeline; the callback is what Node asks for.
    const plain = pipeline(raw, createGunzip({ chunkSize: CHUNK_BYTES }), () => undefined);
    yield* plain as AsyncIterable<Buffer>;
  } catch (error) {
    throw unreadable(file, error as NodeJS.ErrnoException);
  } finally {
    raw.destroy();
  }
}

/**
 * The documents of a mongodump file, as bytes. The views are valid until the next one is asked for.
 * @throws DbtoolError `import.source.truncated`, `import.source.not-bson`, `import.source.unreadable`
 */
export async function* bsonFrames(file: string): AsyncGenerator<Buffer> {
  let rest: Buffer = Buffer.alloc(0);
  let offset = 0;
  for await (const chunk of fileChunks(file)) {
    rest = rest.length === 0 ? chunk : Buffer.concat([rest, chunk]);
    let at = 0;
    while (rest.length - at >= 4) {
      const length = rest.readInt32LE(at);
      if (length < MIN_DOCUMENT_BYTES || length > MAX_DOCUMENT_BYTES) throw notBson(file, offset + at);
      if (rest.length - at < length) break;
      if (rest[at + length - 1] !== 0) throw notBson(file, offset + at);
      yield rest.subarray(at, at + length);
      at += length;
    }
    rest = rest.subarray(at);
    offset += at;
  }
  if (rest.length > 0) throw truncated(file, offset, rest);
}

/** Reads documents; one that cannot be decoded (invalid UTF-8, say) does not end the reading. */
export async function* bsonDocuments(file: string): AsyncGenerator<SourceDocument> {
  for await (const frame of bsonFrames(file)) yield decode(frame);
}

/** Options that keep what JavaScript would lose: a 64-bit number beyond 2^53 stays a Long. */
export const BSON_OPTIONS = { promoteLongs: true, promoteBuffers: false, bsonRegExp: true } as const;

function decode(frame: Uint8Array): SourceDocument {
  try {
    return { document: deserialize(frame, BSON_OPTIONS) };
  } catch (error) {
    return { unreadable: (error as Error).message, bytes: Uint8Array.from(frame) };
  }
}

function truncated(file: string, offset: number, rest: Buffer): DbtoolError {
  return new DbtoolError('import.source.truncated', {
    message: `${file} ends in the middle of a document`,
    why:
      rest.length < 4
        ? `${rest.length} bytes stand at offset ${offset}, too few for a document.`
        : `The document at offset ${offset} should be ${rest.readInt32LE(0)} bytes long, and ${rest.length} are there.`,
    fix: 'Copy or dump the collection again; nothing was written.',
  });
}

function notBson(file: string, offset: number): DbtoolError {
  return new DbtoolError('import.source.not-bson', {
    message: `${file} is not BSON`,
    why: `What stands at offset ${offset} is no document.`,
    fix: 'Name a dump made by mongodump; for exports made by mongoexport name the .json file.',
  });
}

function unreadable(file: string, error: NodeJS.ErrnoException): DbtoolError {
  if (error instanceof DbtoolError) return error;
  if (error.code === 'Z_BUF_ERROR') {
    return new DbtoolError('import.source.truncated', {
      message: `${file} ends too early`,
      why: 'The compressed data breaks off.',
      fix: 'Copy or dump the collection again; nothing was written.',
      cause: error,
    });
  }
  return new DbtoolError('import.source.unreadable', {
    message: `${file} cannot be read`,
    why: error.code?.startsWith('Z_') ? `It is not valid gzip: ${error.message}.` : error.message,
    fix: 'Check the file and its permissions.',
    cause: error,
  });
}
