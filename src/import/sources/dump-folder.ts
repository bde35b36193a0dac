import type { Dirent } from 'node:fs';
import { readdir } from 'node:fs/promises';
import path from 'node:path';
import { DbtoolError } from '../../errors/dbtool-error.js';
import { bsonFrames, decoded, idOf, refuseUndecodable } from './bson-file.js';
import { fileFingerprint } from './byte-stream.js';
import { isSystemCollection, SYSTEM_DATABASES } from './dump-names.js';
import { placeAfter, positionOf } from './file-place.js';
import { rawSelector } from './selection.js';
import type { ImportSource, ReadRequest, RawDocument, SourceCollection, SourceDocument } from './source.js';

const BSON_FILE = /^(.+)\.bson(\.gz)?$/;

/** A folder written by mongodump, or one `.bson` file of it. */
export class DumpFolder implements ImportSource {
  readonly identity: string;

  private constructor(
    readonly display: string,
    private readonly files: ReadonlyMap<string, string>,
    database: string,
  ) {
    this.identity = `dump:${database}`;
  }

  /**
   * @param folder the folder of one database, or a dump folder with one database in it
   * @throws DbtoolError `import.source.empty`, `import.source.unreadable`
   */
  static async open(folder: string): Promise<DumpFolder> {
    let database = folder;
    let files = await bsonFiles(folder);
    if (files.size === 0) {
      database = await onlyDatabase(folder);
      files = await bsonFiles(database);
    }
    return new DumpFolder(folder, files, path.basename(path.resolve(database)));
  }

  /** A single `.bson` or `.bson.gz` file. */
  static file(file: string): DumpFolder {
    const name = collectionOf(path.basename(file)) ?? path.basename(file);
    return new DumpFolder(file, new Map([[name, file]]), path.basename(path.dirname(path.resolve(file))));
  }

  collections(): Promise<SourceCollection[]> {
    return Promise.resolve([...this.files.keys()].map((name) => ({ name })));
  }

  /** Walks over every document's frame, which is a small part of what reading costs, and counts. */
  async verify(collections: readonly string[]): Promise<Map<string, number>> {
    const counts = new Map<string, number>();
    for (const name of collections) {
      const file = this.file(name);
      let count = 0;
      for await (const frame of bsonFrames(file)) {
        // Text can pass for a frame by chance; that it also decodes, hardly.
        if (count === 0) refuseUndecodable(file, frame);
        count += 1;
      }
      counts.set(name, count);
    }
    return counts;
  }

  fingerprint(collection: string): Promise<string> {
    return fileFingerprint(this.file(collection));
  }

  /** What cannot be decoded is always given. */
  read(request: ReadRequest): AsyncGenerator<SourceDocument> {
    return decoded(this.readRaw(request));
  }

  async *readRaw(request: ReadRequest): AsyncGenerator<RawDocument> {
    const wanted = await rawSelector(request);
    for await (const frame of bsonFrames(this.file(request.collection), placeAfter(request.after))) {
      const { bytes } = frame;
      const next = { document: frame.document + 1, offset: frame.offset + bytes.length };
      if (wanted(bytes)) yield { bytes, position: positionOf(next) };
    }
  }

  async *ids(collection: string): AsyncGenerator {
    for await (const { bytes } of bsonFrames(this.file(collection))) yield idOf(bytes);
  }

  close(): Promise<void> {
    return Promise.resolve();
  }

  private file(collection: string): string {
    const file = this.files.get(collection);
    if (file === undefined) throw new Error(`the dump holds no collection ${collection}`);
    return file;
  }
}

async function bsonFiles(folder: string): Promise<Map<string, string>> {
  const files = new Map<string, string>();
  for (const entry of await list(folder)) {
    const name = entry.isFile() ? collectionOf(entry.name) : undefined;
    if (name === undefined || isSystemCollection(name)) continue;
    const other = files.get(name);
    if (other !== undefined) throw twice(folder, name, [path.basename(other), entry.name]);
    files.set(name, path.join(folder, entry.name));
  }
  return new Map([...files].sort(([a], [b]) => (a < b ? -1 : 1)));
}

/** mongodump percent-encodes what a file's name cannot hold; a name that is not encoded was given by hand. */
function collectionOf(fileName: string): string | undefined {
  const name = BSON_FILE.exec(fileName)?.[1];
  try {
    return name && decodeURIComponent(name);
  } catch {
    return name;
  }
}

/** Which of the two is the right one only the user can say. */
function twice(folder: string, name: string, files: string[]): DbtoolError {
  return new DbtoolError('import.source.unreadable', {
    message: `${folder} holds the collection ${name} twice`,
    why: `${files.sort().join(' and ')} would hide one another.`,
    fix: 'Keep one of them, or name it with --from.',
  });
}

async function list(folder: string): Promise<Dirent[]> {
  try {
    return await readdir(folder, { withFileTypes: true });
  } catch (error) {
    throw new DbtoolError('import.source.unreadable', {
      message: `The folder ${folder} cannot be read`,
      why: (error as Error).message,
      fix: 'Check its permissions.',
      cause: error,
    });
  }
}

async function onlyDatabase(folder: string): Promise<string> {
  const databases: string[] = [];
  for (const entry of await list(folder)) {
    if (!entry.isDirectory() || SYSTEM_DATABASES.has(entry.name)) continue;
    if ((await bsonFiles(path.join(folder, entry.name))).size > 0) databases.push(entry.name);
  }
  const [only] = databases;
  if (databases.length === 1 && only !== undefined) return path.join(folder, only);
  throw new DbtoolError('import.source.empty', {
    message:
      databases.length === 0 ? `${folder} holds no dump` : `${folder} holds ${databases.length} databases`,
    why:
      databases.length === 0
        ? 'There is no .bson file in it, nor in a folder below it.'
        : `These are ${databases.join(', ')}.`,
    fix:
      databases.length === 0
        ? 'Name the folder that mongodump wrote.'
        : `Name one of them, for example --from ${path.join(folder, databases[0] ?? '')}.`,
  });
}
