import path from 'node:path';
import type { Document } from 'bson';
import { DbtoolError } from '../../errors/dbtool-error.js';
import { canonicalBytes } from '../plain-json.js';
import { fileChunks, fileFingerprint } from './byte-stream.js';
import { parseExtendedJson } from './extended-json.js';
import { placeAfter, positionOf } from './file-place.js';
import { type JsonPlace, type JsonText, jsonTexts } from './json-texts.js';
import { selector } from './selection.js';
import type { ImportSource, Position, RawDocument, ReadRequest, SourceCollection } from './source.js';

/** A file written by mongoexport: Extended JSON, one document a line or one array. */
export class ExtendedJsonFile implements ImportSource {
  readonly identity: string;
  readonly display: string;

  constructor(
    private readonly file: string,
    /** The collection its documents belong to. */
    private readonly collection: string,
    /** What it is called, where that is not its name: a copy of standard input. */
    display = file,
  ) {
    this.display = display;
    this.identity = `file:${path.basename(display)}`;
  }

  /** `traces.json`, `traces.ndjson.gz`, … to `traces`. */
  static collectionName(file: string): string {
    return path.basename(file).replace(/\.(json|jsonl|ndjson)(\.gz)?$/, '');
  }

  collections(): Promise<SourceCollection[]> {
    return Promise.resolve([{ name: this.collection }]);
  }

  async verify(): Promise<Map<string, number>> {
    let count = 0;
    for await (const text of this.texts()) {
      this.parse(text);
      count += 1;
    }
    return new Map([[this.collection, count]]);
  }

  fingerprint(): Promise<string> {
    return fileFingerprint(this.file);
  }

  async *read(request: ReadRequest): AsyncGenerator<{ document: Document; position: Position }> {
    const wanted = await selector(request);
    const from = placeAfter(request.after).document;
    let number = 0;
    for await (const text of this.texts()) {
      number += 1;
      if (number <= from) continue;
      const document = this.parse(text);
      if (wanted(document)) yield { document, position: positionOf({ document: number, offset: 0 }) };
    }
  }

  async *readRaw(request: ReadRequest): AsyncGenerator<RawDocument> {
    for await (const read of this.read(request)) yield { ...read, bytes: canonicalBytes(read.document) };
  }

  async *ids(): AsyncGenerator {
    for await (const text of this.texts()) yield this.parse(text)['_id'] as unknown;
  }

  close(): Promise<void> {
    return Promise.resolve();
  }

  private texts(): AsyncGenerator<JsonText> {
    return jsonTexts(fileChunks(this.file, 0, this.display), (what, at) =>
      this.notJson(
        at,
        what === 'truncated'
          ? 'It ends in the middle of a document.'
          : `A document that starts on line ${at.line} is not JSON in UTF-8.`,
      ),
    );
  }

  private parse({ text, members, line, offset }: JsonText): Document {
    let value: unknown;
    try {
      value = parseExtendedJson(text, members);
    } catch (error) {
      const reason = (error as Error).message;
      throw this.notJson(
        { line, offset },
        `A document that starts on line ${line} cannot be parsed: ${reason}.`,
        error,
      );
    }
    if (typeof value !== 'object' || value === null || Array.isArray(value))
      throw this.notJson({ line, offset }, `What stands on line ${line} is no object.`);
    return value;
  }

  private notJson(at: JsonPlace, why: string, cause?: unknown): DbtoolError {
    return new DbtoolError('import.source.not-json', {
      message: `${this.display} is not Extended JSON`,
      why,
      fix: 'Name a file made by mongoexport: one document a line, or one array of documents. Nothing was written.',
      details: { file: this.display, line: at.line, offset: at.offset },
      cause,
    });
  }
}
