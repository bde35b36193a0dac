import path from 'node:path';
import { type Document, Double, EJSON, Int32, Long, Timestamp } from 'bson';
import { DbtoolError } from '../../errors/dbtool-error.js';
import { cursorOf } from '../document-path.js';
import { fileChunks } from './bson-file.js';
import { jsonTexts } from './json-texts.js';
import type { ImportSource, SinceFilter, SourceCollection, SourceDocument } from './source.js';

/** A file written by mongoexport: Extended JSON, one document a line or one array. */
export class ExtendedJsonFile implements ImportSource {
  readonly identity: string;

  constructor(
    private readonly file: string,
    /** The collection its documents belong to. */
    private readonly collection: string,
  ) {
    this.identity = `file:${path.basename(file)}`;
  }

  /** `traces.json`, `traces.ndjson.gz`, … to `traces`. */
  static collectionName(file: string): string {
    return path.basename(file).replace(/\.(json|jsonl|ndjson)(\.gz)?$/, '');
  }

  get display(): string {
    return this.file;
  }

  collections(): Promise<SourceCollection[]> {
    return Promise.resolve([{ name: this.collection }]);
  }

  async verify(): Promise<Map<string, number>> {
    let count = 0;
    for await (const { text, line } of this.texts()) {
      this.parse(text, line);
      count += 1;
    }
    return new Map([[this.collection, count]]);
  }

  async *read(_collection: string, since?: SinceFilter): AsyncGenerator<SourceDocument> {
    for await (const { text, line } of this.texts()) {
      const document = this.parse(text, line);
      const cursor = since && cursorOf(document, since.cursors);
      if (since && cursor && cursor < since.from) continue;
      yield { document };
    }
  }

  close(): Promise<void> {
    return Promise.resolve();
  }

  private texts(): AsyncGenerator<{ text: string; line: number }> {
    return jsonTexts(fileChunks(this.file), (line) =>
      this.notJson(line, 'It ends in the middle of a document.'),
    );
  }

  private parse(text: string, line: number): Document {
    let value: unknown;
    try {
      value = parseDocument(text);
    } catch (error) {
      // The parser's own words quote the text, which may hold secrets.
      throw this.notJson(line, `A document that starts on line ${line} cannot be parsed.`, error);
    }
    if (typeof value !== 'object' || value === null || Array.isArray(value))
      throw this.notJson(line, `What stands on line ${line} is no object.`);
    return value;
  }

  private notJson(line: number, why: string, cause?: unknown): DbtoolError {
    return new DbtoolError('import.source.not-json', {
      message: `${this.file} is not Extended JSON`,
      why,
      fix: 'Name a file made by mongoexport: one document a line, or one array of documents. Nothing was written.',
      details: { line },
      cause,
    });
  }
}

/**
 * Numbers come out as the BSON reader gives them: JavaScript's own, but for 64-bit ones beyond 2^53,
 * which stay a Long. The library's relaxed parser would round these.
 */
function parseDocument(text: string): unknown {
  return text.includes('$numberLong')
    ? withNumbers(EJSON.parse(text, { relaxed: false }))
    : (EJSON.parse(text, { relaxed: true }) as unknown);
}

function withNumbers(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withNumbers);
  if (value instanceof Int32 || value instanceof Double) return value.value;
  if (value instanceof Long && !(value instanceof Timestamp)) {
    const number = value.toNumber();
    return Number.isSafeInteger(number) ? number : value;
  }
  if (typeof value !== 'object' || value === null || Object.getPrototypeOf(value) !== Object.prototype)
    return value;
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, withNumbers(inner)]));
}
