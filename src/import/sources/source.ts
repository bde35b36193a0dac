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

/** One document as it was read, or the bytes of one that cannot be decoded. */
export type SourceDocument = { document: Document } | { unreadable: string; bytes: Uint8Array };

/** Where documents come from. A document without a date in any cursor field is always read: it may be new. */
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
  read(collection: string, since?: SinceFilter): AsyncIterable<SourceDocument>;
  close(): Promise<void>;
}
