import { type Document, Long, serialize } from 'bson';
import { Crc64 } from '../../src/import/sources/crc64.js';

const TERMINATOR = Buffer.from([0xff, 0xff, 0xff, 0xff]);

/** What else than ordinary collections an archive is to hold, or is to hold otherwise. */
export interface ArchiveOptions {
  database?: string;
  /** Documents a segment: the segments of the collections take turns. */
  segment?: number;
  /** More entries of the head, such as views. */
  metadata?: readonly Document[];
  /** Bytes that come behind the head. */
  afterHead?: Buffer;
  /** Makes a checksum another one. */
  crc?: (right: bigint) => bigint;
}

/** The bytes of an archive as `mongodump --archive` writes it, of documents or of their BSON. */
export function archiveOf(
  collections: Readonly<Record<string, readonly (Document | Buffer)[]>>,
  { database = 'genai', segment = 2, metadata = [], afterHead, crc = (right) => right }: ArchiveOptions = {},
): Buffer {
  const parts: Uint8Array[] = [Buffer.from('6de29981', 'hex')];
  parts.push(
    serialize({
      concurrent_collections: 4,
      version: '0.1',
      server_version: '8.0.4',
      tool_version: '100.10.0',
    }),
  );
  for (const name of Object.keys(collections))
    parts.push(
      serialize({
        db: database,
        collection: name,
        metadata: JSON.stringify({ options: {}, indexes: [], collectionName: name, type: 'collection' }),
        size: 0,
        type: 'collection',
      }),
    );
  parts.push(...metadata.map((one) => serialize(one)), TERMINATOR, ...(afterHead ? [afterHead] : []));
  const header = (collection: string, EOF: boolean, checksum: bigint): Uint8Array =>
    serialize({ db: database, collection, EOF, CRC: Long.fromBigInt(BigInt.asIntN(64, checksum)) });
  const left = Object.entries(collections).map(([name, documents]) => ({
    name,
    crc: new Crc64(),
    frames: documents.map((one) => (Buffer.isBuffer(one) ? one : serialize(one))),
  }));
  while (left.length > 0) {
    const one = left.shift();
    if (!one) break;
    const frames = one.frames.splice(0, segment);
    for (const frame of frames) one.crc.update(frame);
    if (frames.length > 0) parts.push(header(one.name, false, 0n), ...frames, TERMINATOR);
    if (one.frames.length > 0) left.push(one);
    else parts.push(header(one.name, true, crc(one.crc.value())), TERMINATOR);
  }
  return Buffer.concat(parts);
}
