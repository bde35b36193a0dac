import path from 'node:path';
import type { Document } from 'bson';
import { DbtoolError } from '../../errors/dbtool-error.js';
import { mappingFor } from '../mappings/all-mappings.js';
import { canonicalBytes } from '../plain-json.js';
import { decodeFrame, decoded, idOf } from './bson-file.js';
import { fileChunks, fileFingerprint } from './byte-stream.js';
import { parseExtendedJson } from './extended-json.js';
import { placeAfter, positionOf } from './file-place.js';
import { type JsonText, jsonTexts } from './json-texts.js';
import { selector } from './selection.js';
import type { ImportSource, RawDocument, ReadRequest, SourceCollection, SourceDocument } from './source.js';

/** A document of a rejects file, mended or not. */
interface Line {
  collection: string;
  bytes: Uint8Array;
  document?: Document;
}

/** The documents that an import rejected, in the file that it wrote (src/import/rejects.ts). */
export class RejectsSource implements ImportSource {
  readonly identity: string;
  readonly display: string;

  private constructor(
    private readonly file: string,
    private readonly counts: ReadonlyMap<string, number>,
  ) {
    this.display = file;
    this.identity = `rejects:${path.basename(file)}`;
  }

  /**
   * Looks through the whole file.
   * @throws DbtoolError `import.rejects.unreadable` with the line, `import.source.unreadable`
   */
  static async open(file: string): Promise<RejectsSource> {
    const counts = new Map<string, number>();
    for await (const { collection } of lines(file)) counts.set(collection, (counts.get(collection) ?? 0) + 1);
    if (counts.size === 0) throw unreadable(file, 1, 'It holds no documents.');
    return new RejectsSource(file, counts);
  }

  collections(): Promise<SourceCollection[]> {
    return Promise.resolve([...this.counts].map(([name, documents]) => ({ name, documents })));
  }

  verify(): Promise<Map<string, number>> {
    return Promise.resolve(new Map(this.counts));
  }

  fingerprint(): Promise<string> {
    return fileFingerprint(this.file);
  }

  read(request: ReadRequest): AsyncGenerator<SourceDocument> {
    return decoded(this.readRaw(request));
  }

  async *readRaw(request: ReadRequest): AsyncGenerator<RawDocument> {
    const wanted = await selector(request);
    const from = placeAfter(request.after).document;
    let number = 0;
    for await (const { collection, bytes, document } of lines(this.file)) {
      number += 1;
      if (number <= from || collection !== request.collection || (document && !wanted(document))) continue;
      yield { bytes, position: positionOf({ document: number, offset: 0 }), ...(document && { document }) };
    }
  }

  async *ids(collection: string): AsyncGenerator {
    for await (const { collection: name, bytes, document } of lines(this.file))
      if (name === collection) yield document ? (document['_id'] as unknown) : idOf(bytes);
  }

  close(): Promise<void> {
    return Promise.resolve();
  }
}

async function* lines(file: string): AsyncGenerator<Line> {
  const texts = jsonTexts(fileChunks(file), (what, at) =>
    unreadable(
      file,
      at.line,
      what === 'truncated'
        ? 'It ends in the middle of a line.'
        : `What stands on line ${at.line} is not JSON in UTF-8.`,
    ),
  );
  for await (const text of texts) yield lineOf(file, text);
}

function lineOf(file: string, { text, members, line }: JsonText): Line {
  let value: unknown;
  try {
    value = parseExtendedJson(text, members);
  } catch (error) {
    throw unreadable(file, line, `Line ${line} cannot be parsed: ${(error as Error).message}.`, error);
  }
  if (!isObject(value)) throw unreadable(file, line, `What stands on line ${line} is no object.`);
  const { collection, document } = value;
  if (typeof collection !== 'string' || !mappingFor(collection))
    throw unreadable(file, line, `Line ${line} names no \`collection\` that dbtool imports.`);
  if (!isObject(document)) throw unreadable(file, line, `Line ${line} holds no \`document\`.`);
  const bytes = undecodable(document);
  if (!bytes) return { collection, document, bytes: canonicalBytes(document) };
  const read = decodeFrame(bytes);
  return { collection, bytes, ...('document' in read && { document: read.document }) };
}

/** The bytes of a document that could not be decoded, as `RejectsFile` writes them. */
function undecodable(document: Document): Uint8Array | undefined {
  const base64: unknown = document['$bson'];
  return typeof base64 === 'string' && Object.keys(document).length === 1
    ? Buffer.from(base64, 'base64')
    : undefined;
}

function isObject(value: unknown): value is Document {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function unreadable(file: string, line: number, why: string, cause?: unknown): DbtoolError {
  return new DbtoolError('import.rejects.unreadable', {
    message: `${file} is no rejects file of dbtool`,
    why,
    fix: 'Name the file that `dbtool import mongo` wrote. Each line is {"collection": …, "document": …}. Nothing was written.',
    details: { file, line },
    cause,
  });
}
