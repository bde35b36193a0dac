import type { Document } from 'bson';
import { explain, type OpenDatabase } from '../database/data-source.js';
import { isRowError } from '../database/driver-error.js';
import type { LogicalRow } from '../database/dialect.js';
import { tableOf } from '../database/model/table-model.js';
import { type Batch, BulkRepository } from '../repositories/bulk-repository.js';
import { isKeepableInstant } from '../time/calendar.js';
import { cursorOf } from './document-path.js';
import { createMapper, type MappedDocument } from './mapper.js';
import type { Mapping } from './mapping.js';
import type { RejectsFile } from './rejects.js';
import type { ImportSource, SinceFilter } from './sources/source.js';

/** What became of one collection's documents. `read` = `imported` + `rejected` once it is through. */
export interface CollectionResult {
  collection: string;
  table: string;
  read: number;
  imported: number;
  rejected: number;
  /** Rows written to child tables, by table. */
  children: Record<string, number>;
  /** How many values had to be changed, by field and change: `traces.latency: text to number`. */
  coerced: Record<string, number>;
  /**
   * Where `--since last` goes on: the greatest cursor value read, or that of the first document which was
   * not finished yet; null when no document had one.
   */
  watermark: Date | null;
  durationMs: number;
  /** False when the import was stopped half-way. */
  complete: boolean;
}

export interface CollectionImportOptions {
  batchSize: number;
  since?: SinceFilter;
  until?: Date;
  where?: Document;
  /** Only map and validate. */
  dryRun: boolean;
  signal: AbortSignal;
  onProgress: (result: CollectionResult) => void;
}

/** Documents of a batch, with what they became. */
interface Pending {
  document: Document;
  mapped: MappedDocument;
}

/** What has not finished within a day will not: it must not hold back the watermark for ever. */
const GIVEN_UP_MS = 24 * 3_600_000;

/** A batch of long documents is written before it has all its documents. */
const BATCH_BYTES = 8 * 1024 * 1024;

/** Imports one collection: reads, maps and validates one batch while the one before is written. */
export class CollectionImport {
  private readonly result: CollectionResult;
  private readonly bulk: BulkRepository;
  private writing: Promise<void> = Promise.resolve();
  private batch: Pending[] = [];
  private batchBytes = 0;
  private firstUnfinished: Date | undefined;
  private readonly started = performance.now();

  constructor(
    private readonly mapping: Mapping,
    private readonly source: ImportSource,
    private readonly database: OpenDatabase,
    private readonly rejects: RejectsFile,
    private readonly options: CollectionImportOptions,
  ) {
    this.bulk = new BulkRepository(database);
    this.result = {
      collection: mapping.collection,
      table: tableOf(mapping.entity).name,
      read: 0,
      imported: 0,
      rejected: 0,
      children: {},
      coerced: {},
      watermark: null,
      durationMs: 0,
      complete: false,
    };
  }

  /** Stops after the batch at hand when the signal is aborted; the result says whether it was complete. */
  async run(): Promise<CollectionResult> {
    const { signal } = this.options;
    const { collection, fixed } = this.mapping;
    const map = createMapper(this.mapping, await fixed?.(collection, this.database));
    const onCoerced = (field: string, what: string): void => {
      const key = `${field}: ${what}`;
      this.result.coerced[key] = (this.result.coerced[key] ?? 0) + 1;
    };
    try {
      const { collection } = this.mapping;
      const { since, until, where } = this.options;
      const request = { collection, since, until, where, cursors: this.mapping.cursor };
      for await (const read of this.source.read(request)) {
        if (signal.aborted) break;
        this.result.read += 1;
        if ('unreadable' in read) await this.rejectUnreadable(read.bytes, read.unreadable);
        else {
          this.noteCursor(read.document);
          const mapped = map(read.document, onCoerced);
          if ('problems' in mapped) await this.reject(read.document, mapped.problems);
          else await this.add({ document: read.document, mapped: mapped.mapped });
        }
      }
      if (!signal.aborted) await this.flush();
    } finally {
      // Also when reading failed: a batch that is being written is finished, not abandoned.
      await this.writing;
    }
    this.result.complete = !signal.aborted;
    const { watermark } = this.result;
    if (this.firstUnfinished && watermark && this.firstUnfinished < watermark)
      this.result.watermark = this.firstUnfinished;
    return this.progress();
  }

  private noteCursor(document: Document): void {
    const cursor = cursorOf(document, this.mapping.cursor);
    if (cursor && this.mapping.unfinished?.(document) && cursor.getTime() > Date.now() - GIVEN_UP_MS) {
      if (!this.firstUnfinished || cursor < this.firstUnfinished) this.firstUnfinished = cursor;
    }
    const { watermark } = this.result;
    // A time that cannot be kept is that of a document which is rejected.
    const { firstYear } = this.database.dialect;
    const isKeepable = cursor && isKeepableInstant(cursor) && cursor.getUTCFullYear() >= firstYear;
    if (isKeepable && (!watermark || cursor > watermark)) this.result.watermark = cursor;
  }

  private async add(pending: Pending): Promise<void> {
    this.batch.push(pending);
    this.batchBytes += sizeOf(pending.mapped);
    if (this.batch.length >= this.options.batchSize || this.batchBytes >= BATCH_BYTES) await this.flush();
  }

  private async flush(): Promise<void> {
    await this.writing;
    const batch = this.batch;
    this.batch = [];
    this.batchBytes = 0;
    if (batch.length === 0) return;
    this.writing = this.write(batch).then(() => {
      this.progress();
    });
    // Its failure is thrown by whoever awaits it next; until then it is not unhandled.
    this.writing.catch(() => undefined);
  }

  /** A batch that the database refuses is halved until the documents that it refuses stand alone. */
  private async write(batch: Pending[]): Promise<void> {
    if (this.options.dryRun) {
      this.count(batch);
      return;
    }
    try {
      await this.bulk.transaction((runner) => this.bulk.write(runner, rowsOf(this.mapping, batch)));
      this.count(batch);
    } catch (error) {
      const refusal = explain(error, this.database);
      if (!isRowError(refusal)) throw error;
      const [only] = batch;
      if (batch.length === 1 && only) {
        await this.reject(only.document, [`the database refuses it: ${refusal.why ?? refusal.message}`]);
        return;
      }
      const middle = Math.ceil(batch.length / 2);
      await this.write(batch.slice(0, middle));
      await this.write(batch.slice(middle));
    }
  }

  private count(batch: Pending[]): void {
    this.result.imported += batch.length;
    for (const { mapped } of batch)
      for (const { table, rows } of mapped.children)
        this.result.children[table.name] = (this.result.children[table.name] ?? 0) + rows.length;
  }

  private async reject(document: Document, reasons: string[]): Promise<void> {
    this.result.rejected += 1;
    await this.rejects.add(this.mapping.collection, document, reasons);
  }

  private async rejectUnreadable(bytes: Uint8Array, reason: string): Promise<void> {
    this.result.rejected += 1;
    await this.rejects.addUnreadable(this.mapping.collection, bytes, reason);
  }

  private progress(): CollectionResult {
    this.result.durationMs = Math.round(performance.now() - this.started);
    this.options.onProgress(this.result);
    return this.result;
  }
}

function sizeOf(mapped: MappedDocument): number {
  const rowSize = (row: LogicalRow): number =>
    Object.values(row).reduce<number>(
      (sum, value) => sum + (typeof value === 'string' ? value.length : 8),
      0,
    );
  return (
    rowSize(mapped.row) +
    mapped.children.flatMap(({ rows }) => rows).reduce((sum, row) => sum + rowSize(row), 0)
  );
}

/** One batch's rows by table. Of two documents with one id the later one counts, as it would in two batches. */
function rowsOf(mapping: Mapping, batch: readonly Pending[]): Batch {
  const documents = [...new Map(batch.map(({ mapped }) => [mapped.row['id'], mapped])).values()];
  return {
    table: tableOf(mapping.entity),
    rows: documents.map(({ row }) => row),
    children: (mapping.children ?? []).flatMap((_, index) => {
      const [first] = documents.map(({ children }) => children[index]);
      if (!first) return [];
      return [{ ...first, rows: documents.flatMap(({ children }) => children[index]?.rows ?? []) }];
    }),
  };
}
