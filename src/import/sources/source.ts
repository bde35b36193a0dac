import type { Document } from 'bson';

/** A collection that a source holds. */
export interface SourceCollection {
  name: string;
  /** Number of documents, where it is known without reading them all. */
  documents?: number;
}

/** Which documents are wanted: those whose cursor lies at or after `from`. */
export interface SinceFilter {
  /** Fields in order of preference; the first one that holds a date is the document's cursor. */
  cursors: readonly string[];
  from: Date;
}

/** Where a document stood, opaque to all but the source: JSON text, at most 2,000 characters. */
export type Position = string;

/** What is to be read of a collection. */
export interface ReadRequest {
  collection: string;
  /** A document without a date in any cursor field is always read: it may be new. */
  since?: SinceFilter;
  /** Documents whose cursor lies before it, and those without a date in any cursor field. */
  until?: Date;
  /** The cursor fields that `until` looks at where there is no `since`, in order of preference. */
  cursors?: readonly string[];
  /** A filter of MongoDB. */
  where?: Document;
  /** Go on behind the document that had this position. */
  after?: Position;
}

/** A document, or the bytes of one that cannot be decoded. */
export type Decoded = { document: Document } | { unreadable: string; bytes: Uint8Array };

/** One document as it was read. */
export type SourceDocument = Decoded & { position: Position };

/** One document, not decoded unless the source had to. */
export interface RawDocument {
  /** Its BSON; where the source has none, its canonical Extended JSON, and then `document` is there, too. */
  bytes: Uint8Array;
  position: Position;
  document?: Document;
}

/** The fingerprint of what changes all the time, and where a position stays good all the same. */
export const LIVE = 'live';

/** Where documents come from. */
export interface ImportSource {
  /** The source without credentials and options: under this name checkpoints are kept. */
  readonly identity: string;
  /** The source as it may be shown. */
  readonly display: string;
  collections(): Promise<SourceCollection[]>;
  /**
   * Looks through what is going to be read, before anything is written.
   * @returns number of documents by collection, where this is known now
   * @throws DbtoolError `import.source.*`
   */
  verify(collections: readonly string[]): Promise<Map<string, number>>;
  /** Changes when positions of before are of no use any more (another file of that name); `LIVE` for a server. */
  fingerprint(collection: string): Promise<string>;
  /** In an order that is the same each time, so that `after` works. */
  read(request: ReadRequest): AsyncIterable<SourceDocument>;
  /** As `read`, for those who need not look into every document. */
  readRaw(request: ReadRequest): AsyncIterable<RawDocument>;
  /** The `_id`s alone, for finding what is gone at the source. */
  ids(collection: string): AsyncIterable<unknown>;
  /** What an admin should know before a collection is read: a cursor field without an index, say. Sentences. */
  notices?(request: ReadRequest): Promise<string[]>;
  close(): Promise<void>;
}
