import { type Document, deserialize } from 'bson';
import { DbtoolError } from '../../errors/dbtool-error.js';
import { cutOut, examine } from '../bson/frame.js';
import { fileChunks } from './byte-stream.js';
import type { FilePlace } from './file-place.js';
import type { Decoded, RawDocument, SourceDocument } from './source.js';

/** MongoDB's limit is 16 MB; the server allows itself 16 KB more for internal documents. */
export const MAX_DOCUMENT_BYTES = 16 * 1024 * 1024 + 16 * 1024;
export const MIN_DOCUMENT_BYTES = 5;

/** A document's bytes, and where they stand. */
export interface Frame extends FilePlace {
  bytes: Buffer;
}

/**
 * The documents of a mongodump file, as views of what was read.
 * @param from where to begin
 * @throws DbtoolError `import.source.truncated`, `import.source.not-bson`, `import.source.unreadable`
 */
export async function* bsonFrames(
  file: string,
  from: FilePlace = { document: 0, offset: 0 },
): AsyncGenerator<Frame> {
  let rest: Buffer = Buffer.alloc(0);
  let { document, offset } = from;
  for await (const chunk of fileChunks(file, offset)) {
    for (const part of joined(rest, chunk)) {
      rest = part;
      let at = 0;
      while (rest.length - at >= 4) {
        const length = rest.readInt32LE(at);
        if (length < MIN_DOCUMENT_BYTES || length > MAX_DOCUMENT_BYTES)
          throw notBson(file, offset + at, `What stands at offset ${offset + at} is no document.`);
        if (rest.length - at < length) break;
        if (rest[at + length - 1] !== 0)
          throw notBson(file, offset + at, `What stands at offset ${offset + at} is no document.`);
        yield { bytes: rest.subarray(at, at + length), document, offset: offset + at };
        document += 1;
        at += length;
      }
      rest = rest.subarray(at);
      offset += at;
    }
  }
  if (rest.length > 0) throw truncated(file, offset, rest);
}

/**
 * What is left of one chunk and the next one: the document between them as a whole, and what follows it as it
 * is, since copying all would cost as much as reading it.
 */
function joined(rest: Buffer, chunk: Buffer): Buffer[] {
  if (rest.length === 0) return [chunk];
  const missing = rest.length < 4 ? -1 : rest.readInt32LE(0) - rest.length;
  if (missing < 0 || missing > chunk.length) return [Buffer.concat([rest, chunk])];
  return [Buffer.concat([rest, chunk.subarray(0, missing)]), chunk.subarray(missing)];
}

/** Options that keep what JavaScript would lose: a 64-bit number beyond 2^53 stays a Long. */
export const BSON_OPTIONS = { promoteLongs: true, promoteBuffers: false, bsonRegExp: true } as const;

/**
 * Decodes a document. One whose text is not UTF-8, or in which a field is there twice, is given as its
 * bytes: decoded, it would no longer be what it was.
 */
export function decodeFrame(bytes: Uint8Array): Decoded {
  try {
    const fault = examine(bytes);
    if (fault !== undefined) return { unreadable: fault, bytes: Uint8Array.from(bytes) };
    return { document: deserialize(bytes, BSON_OPTIONS) };
  } catch (error) {
    return { unreadable: (error as Error).message, bytes: Uint8Array.from(bytes) };
  }
}

/** Some top-level fields of a document, without decoding the rest; undefined when it cannot be decoded. */
export function fieldsOf(bytes: Uint8Array, fields: ReadonlySet<string>): Document | undefined {
  try {
    return deserialize(cutOut(bytes, fields), BSON_OPTIONS);
  } catch {
    // Who wants the document as a whole is told why.
    return undefined;
  }
}

const ID = new Set(['_id']);

/** The `_id` of a document, without decoding the rest; undefined when it has none that can be decoded. */
export function idOf(bytes: Uint8Array): unknown {
  return fieldsOf(bytes, ID)?.['_id'] as unknown;
}

/** Decodes what was read, but for what is decoded already. */
export async function* decoded(documents: AsyncIterable<RawDocument>): AsyncGenerator<SourceDocument> {
  for await (const { bytes, document, position } of documents)
    yield { ...(document ? { document } : decodeFrame(bytes)), position };
}

/** @throws DbtoolError `import.source.not-bson` when the first document of a file is none after all */
export function refuseUndecodable(file: string, { bytes, offset }: Frame): void {
  try {
    deserialize(bytes, { ...BSON_OPTIONS, validation: { utf8: false } });
  } catch (error) {
    const reason = `Its first document, at offset ${offset}, cannot be decoded: ${(error as Error).message}.`;
    throw notBson(file, offset, reason, error);
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
    details: { file, offset },
  });
}

function notBson(file: string, offset: number, why: string, cause?: unknown): DbtoolError {
  return new DbtoolError('import.source.not-bson', {
    message: `${file} is not BSON`,
    why,
    fix: 'Name a dump made by mongodump; for exports made by mongoexport name the .json file.',
    details: { file, offset },
    cause,
  });
}
