import path from 'node:path';
import { DbtoolError } from '../../errors/dbtool-error.js';
import { ArchiveReader, type Namespace } from './archive-blocks.js';
import { decoded, idOf } from './bson-file.js';
import { fileFingerprint } from './byte-stream.js';
import { Crc64 } from './crc64.js';
import { isSystemCollection, SYSTEM_DATABASES } from './dump-names.js';
import { type FilePlace, placeAfter, positionOf } from './file-place.js';
import { rawSelector } from './selection.js';
import type { ImportSource, ReadRequest, RawDocument, SourceCollection, SourceDocument } from './source.js';

/** An archive that `mongodump --archive` wrote, compressed or not. Each collection is a reading of the file. */
export class DumpArchive implements ImportSource {
  readonly identity: string;
  private counts: Map<string, number> | undefined;

  private constructor(
    readonly display: string,
    private readonly file: string,
    private readonly database: string,
    private readonly names: readonly string[],
  ) {
    this.identity = `dump:${database}`;
  }

  /**
   * @param display the file as it may be shown
   * @throws DbtoolError `import.source.empty`, `import.source.not-archive`, `import.source.truncated`
   */
  static async open(file: string, display = file): Promise<DumpArchive> {
    const reader = new ArchiveReader(file, display);
    try {
      const { namespaces } = await reader.head();
      const wanted = namespaces.filter(isImportable);
      const database = onlyDatabase(display, wanted);
      return new DumpArchive(display, file, database, wanted.map(({ collection }) => collection).sort());
    } finally {
      await reader.close();
    }
  }

  collections(): Promise<SourceCollection[]> {
    return Promise.resolve(this.names.map((name) => ({ name })));
  }

  /** Reads the archive once, whatever is asked for: its parts are good only as a whole. */
  async verify(collections: readonly string[]): Promise<Map<string, number>> {
    this.counts ??= await this.countAll();
    const counts = this.counts;
    return new Map(collections.map((name) => [name, counts.get(name) ?? 0]));
  }

  fingerprint(): Promise<string> {
    return fileFingerprint(this.file);
  }

  /** What cannot be decoded is always given. */
  read(request: ReadRequest): AsyncGenerator<SourceDocument> {
    return decoded(this.readRaw(request));
  }

  async *readRaw(request: ReadRequest): AsyncGenerator<RawDocument> {
    const wanted = await rawSelector(request);
    const from = request.after === undefined ? undefined : placeAfter(request.after);
    for await (const { bytes, document, offset } of this.frames(request.collection, from)) {
      const next = { document: document + 1, offset: offset + bytes.length };
      if (wanted(bytes)) yield { bytes, position: positionOf(next) };
    }
  }

  async *ids(collection: string): AsyncGenerator {
    for await (const { bytes } of this.frames(collection)) yield idOf(bytes);
  }

  close(): Promise<void> {
    return Promise.resolve();
  }

  /** The documents of one collection, as bytes; the reading ends where the collection does. */
  private async *frames(collection: string, from?: FilePlace): AsyncGenerator<FilePlace & { bytes: Buffer }> {
    const reader = new ArchiveReader(this.file, this.display, from?.offset);
    try {
      if (!from) await reader.head();
      let document = from?.document ?? 0;
      for await (const part of reader.parts(from && { database: this.database, collection })) {
        if (part.database !== this.database || part.collection !== collection) continue;
        if (part.kind === 'end') return;
        yield { bytes: part.bytes, document, offset: part.offset };
        document += 1;
      }
    } finally {
      await reader.close();
    }
  }

  private async countAll(): Promise<Map<string, number>> {
    const reader = new ArchiveReader(this.file, this.display);
    const open = new Map(this.names.map((name) => [name, { count: 0, crc: new Crc64() }]));
    const counts = new Map<string, number>();
    try {
      await reader.head();
      for await (const part of reader.parts()) {
        const { collection, offset } = part;
        if (part.database !== this.database || isSystemCollection(collection)) continue;
        const one = open.get(collection);
        if (!one)
          throw reader.broken(
            offset,
            `What offset ${offset} holds of ${collection} is not foreseen by its head.`,
          );
        if (part.kind === 'document') {
          one.count += 1;
          one.crc.update(part.bytes);
          continue;
        }
        if (part.crc !== undefined && part.crc !== one.crc.value())
          throw this.wrongChecksum(collection, offset);
        open.delete(collection);
        counts.set(collection, one.count);
      }
    } finally {
      await reader.close();
    }
    const [unfinished] = open.keys();
    if (unfinished !== undefined) throw this.unfinished([...open.keys()], reader.position);
    return counts;
  }

  private wrongChecksum(collection: string, offset: number): DbtoolError {
    return new DbtoolError('import.source.checksum', {
      message: `${this.display} is damaged`,
      why: `The documents of ${collection} do not have the checksum that stands at offset ${offset}.`,
      fix: 'Copy or dump it again; nothing was written.',
      details: { file: this.display, offset },
    });
  }

  private unfinished(names: readonly string[], offset: number): DbtoolError {
    return new DbtoolError('import.source.truncated', {
      message: `${this.display} ends too early`,
      why: `It ends at offset ${offset}, before ${names.join(', ')} ${names.length === 1 ? 'does' : 'do'}.`,
      fix: 'Copy or dump it again; nothing was written.',
      details: { file: this.display, offset },
    });
  }
}

function isImportable({ database, collection, isEmptyKind }: Namespace): boolean {
  return (
    !isEmptyKind && database !== '' && !SYSTEM_DATABASES.has(database) && !isSystemCollection(collection)
  );
}

function onlyDatabase(file: string, namespaces: readonly Namespace[]): string {
  const databases = [...new Set(namespaces.map(({ database }) => database))].sort();
  const [only] = databases;
  if (databases.length === 1 && only !== undefined) return only;
  throw new DbtoolError('import.source.empty', {
    message:
      databases.length === 0
        ? `${path.basename(file)} holds no collections`
        : `${path.basename(file)} holds ${databases.length} databases`,
    why:
      databases.length === 0
        ? 'Its head lists none that dbtool could import.'
        : `These are ${databases.join(', ')}.`,
    fix: 'Name an archive of one database: mongodump --db DATABASE --archive=FILE.',
  });
}
