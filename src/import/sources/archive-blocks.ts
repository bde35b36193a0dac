import { deserialize, type Document } from 'bson';
import { DbtoolError } from '../../errors/dbtool-error.js';
import { MAX_DOCUMENT_BYTES, MIN_DOCUMENT_BYTES } from './bson-file.js';
import { fileChunks } from './byte-stream.js';

/** How an archive of mongodump begins: 0x8199e26d, the least byte first. */
export const ARCHIVE_MAGIC = Buffer.from([0x6d, 0xe2, 0x99, 0x81]);
/** Stands where a document's length would, and ends the head and each segment. */
const TERMINATOR = -1;

/** What the head of an archive says. */
export interface ArchiveHead {
  namespaces: Namespace[];
}

export interface Namespace {
  database: string;
  collection: string;
  /** A view or the like, of which an archive has no documents. */
  isEmptyKind: boolean;
}

/** One thing of an archive's body, with where it begins in the (decompressed) file. */
export type ArchivePart = { database: string; collection: string; offset: number } & (
  { kind: 'document'; bytes: Buffer } | { kind: 'end'; crc: bigint | undefined }
);

/**
 * Reads an archive of mongodump: its head, and the parts of the body one after the other, as the
 * segments of the collections stand interleaved in it.
 */
export class ArchiveReader {
  private rest: Buffer = Buffer.alloc(0);
  private readonly chunks: AsyncGenerator<Buffer>;

  /**
   * @param display the file as errors name it
   * @param offset where to begin: at 0 or behind a document
   */
  constructor(
    file: string,
    private readonly display: string,
    private offset = 0,
  ) {
    this.chunks = fileChunks(file, offset, display);
  }

  /** Bytes that were read, from the beginning of the (decompressed) file. */
  get position(): number {
    return this.offset;
  }

  /** @throws DbtoolError `import.source.not-archive`, `import.source.truncated` */
  async head(): Promise<ArchiveHead> {
    const magic = await this.take(4);
    if (!magic.equals(ARCHIVE_MAGIC))
      throw this.broken(0, 'It does not begin as an archive of mongodump does.');
    const header = await this.document();
    const version: unknown = header && this.decode(header)['version'];
    if (typeof version !== 'string' || !/^0\.\d+$/.test(version))
      throw this.broken(4, 'Its head tells no version that dbtool knows (0.1 is the only one so far).');
    const namespaces: Namespace[] = [];
    for (;;) {
      const at = this.offset;
      const bytes = await this.document();
      if (!bytes) return { namespaces };
      namespaces.push(this.namespace(this.decode(bytes), at));
    }
  }

  /**
   * The parts that follow. The bytes of a document are valid until the next part is asked for.
   * @param inside the collection whose segment the reading begins in the middle of
   * @throws DbtoolError `import.source.not-archive`, `import.source.truncated`
   */
  async *parts(inside?: { database: string; collection: string }): AsyncGenerator<ArchivePart> {
    if (inside) yield* this.segment(inside);
    while (await this.has(1)) {
      const offset = this.offset;
      const bytes = await this.document();
      if (!bytes) throw this.broken(offset, `A segment at offset ${offset} has no head.`);
      const header = this.decode(bytes);
      const { database, collection } = this.namespace(header, offset);
      if (header['EOF'] !== true) {
        yield* this.segment({ database, collection });
        continue;
      }
      if (await this.document()) throw this.broken(offset, `Documents follow the end of ${collection}.`);
      const crc = header['CRC'] as bigint | number | undefined;
      yield {
        kind: 'end',
        database,
        collection,
        offset,
        crc: crc === undefined ? undefined : BigInt.asUintN(64, BigInt(crc)),
      };
    }
  }

  async close(): Promise<void> {
    await this.chunks.return(undefined);
  }

  broken(offset: number, why: string, cause?: unknown): DbtoolError {
    return new DbtoolError('import.source.not-archive', {
      message: `${this.display} is not an intact archive of mongodump`,
      why,
      fix: 'Copy or dump it again; nothing was written.',
      details: { file: this.display, offset },
      cause,
    });
  }

  private async *segment(inside: { database: string; collection: string }): AsyncGenerator<ArchivePart> {
    const { database, collection } = inside;
    for (;;) {
      const offset = this.offset;
      const bytes = await this.document();
      if (!bytes) return;
      yield { kind: 'document', database, collection, offset, bytes };
    }
  }

  private namespace(document: Document, offset: number): Namespace {
    const { db, collection, metadata, type } = document as Record<string, unknown>;
    if (typeof db !== 'string' || typeof collection !== 'string' || collection === '')
      throw this.broken(offset, `What stands at offset ${offset} names no collection.`);
    return { database: db, collection, isEmptyKind: isEmptyKind(metadata, type) };
  }

  /** The next document; undefined when a terminator stands there. */
  private async document(): Promise<Buffer | undefined> {
    const offset = this.offset;
    if (!(await this.has(4))) throw this.truncated(offset);
    const length = this.rest.readInt32LE(0);
    if (length === TERMINATOR) {
      await this.take(4);
      return undefined;
    }
    if (length < MIN_DOCUMENT_BYTES || length > MAX_DOCUMENT_BYTES)
      throw this.broken(offset, `What stands at offset ${offset} is no document.`);
    const bytes = await this.take(length);
    if (bytes[length - 1] !== 0) throw this.broken(offset, `What stands at offset ${offset} is no document.`);
    return bytes;
  }

  private decode(bytes: Buffer): Document {
    try {
      return deserialize(bytes, { useBigInt64: true });
    } catch (error) {
      const offset = this.offset - bytes.length;
      throw this.broken(offset, `What stands at offset ${offset} cannot be decoded.`, error);
    }
  }

  private async take(count: number): Promise<Buffer> {
    if (!(await this.has(count))) throw this.truncated(this.offset);
    const bytes = this.rest.subarray(0, count);
    this.rest = this.rest.subarray(count);
    this.offset += count;
    return bytes;
  }

  private async has(count: number): Promise<boolean> {
    if (this.rest.length >= count) return true;
    const parts = [this.rest];
    let length = this.rest.length;
    while (length < count) {
      const next = await this.chunks.next();
      if (next.done === true) break;
      parts.push(next.value);
      length += next.value.length;
    }
    this.rest = Buffer.concat(parts);
    return length >= count;
  }

  private truncated(offset: number): DbtoolError {
    return new DbtoolError('import.source.truncated', {
      message: `${this.display} ends too early`,
      why: `What begins at offset ${offset} is not there in full.`,
      fix: 'Copy or dump it again; nothing was written.',
      details: { file: this.display, offset },
    });
  }
}

/** Of views there is only the definition; the documents of time series lie under another name. */
function isEmptyKind(metadata: unknown, type: unknown): boolean {
  if (type === 'view' || type === 'timeseries') return true;
  if (typeof metadata !== 'string' || metadata === '') return false;
  try {
    const parsed: unknown = JSON.parse(metadata);
    const { options } = parsed as { options?: { viewOn?: unknown; timeseries?: unknown } };
    return options?.viewOn !== undefined || options?.timeseries !== undefined;
  } catch {
    // What mongorestore would make of it is nothing to us: the documents count.
    return false;
  }
}
