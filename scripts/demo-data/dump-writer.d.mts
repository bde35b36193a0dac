import type { Document } from 'bson';

/** What was written for one collection; `fileBytes` is the size of its data file on disk. */
export interface WrittenCollection {
  collection: string;
  documents: number;
  bsonBytes: number;
  fileBytes: number;
}

/**
 * Writes the folder of one database as mongodump does. `dir` is the database's own folder
 * (`<out>/<database>`); it is made if missing. `gzip` defaults to true.
 */
export function writeDump(
  dir: string,
  collections: Readonly<Record<string, readonly Document[]>>,
  options?: { gzip?: boolean },
): Promise<WrittenCollection[]>;
