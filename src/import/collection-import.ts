import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Document } from 'bson';
import { explain, type OpenDatabase } from '../database/data-source.js';
import { selectWhereIn } from '../database/portable-sql.js';
import { type ColumnModel, columnOf, type TableModel, tableOf } from '../database/model/table-model.js';
import type { LogicalRow } from '../database/dialect.js';
import type { LogicalValue } from '../database/model/logical-type.js';
import type { ImportProgress } from '../entities/import-progress.js';
import type { Plain } from '../repositories/import-progress-repository.js';
import { isKeepableInstant } from '../time/calendar.js';
import { BatchWriter, type Pending, type ProgressBehind } from './batch-writer.js';
import { createFrameMapper, type FrameMapper } from './bson/frame-mapper.js';
import { withinCalendar } from './calendar-limits.js';
import {
  type CollectionResult,
  emptyResult,
  noteCoerced,
  noteProblem,
  type StopReason,
} from './collection-result.js';
import { type LimitCheck, limitCheck } from './column-limits.js';
import { contentHasher } from './content-hash.js';
import { cursorOf } from './document-path.js';
import type { ImportLock } from './import-lock.js';
import { createMapper, type MappedDocument, type Mapper, rowIdOf } from './mapper.js';
import type { Mapping } from './mapping.js';
import { reasonsOf, undecodable } from './reason.js';
import type { RejectReason, RejectsFile } from './rejects.js';
import { decodeFrame, fieldsOf } from './sources/bson-file.js';
import type { ImportSource, RawDocument, SinceFilter } from './sources/source.js';

/** How far a collection is, but for what changes with every batch. */
export type ProgressBase = Omit<
  Plain<ImportProgress>,
  'position' | 'watermark' | 'unfinishedSince' | 'documentsRead' | 'documentsRejected' | 'updatedAt'
>;

export interface CollectionImportOptions {
  batchSize: number;
  since?: SinceFilter;
  until?: Date;
  where?: Document;
  /** Only map and validate. */
  dryRun: boolean;
  /** Write also what has not changed since it was imported. */
  overwrite?: boolean;
  /** Most documents to read. */
  limit?: number;
  /** When to stop, as `performance.now()` counts. */
  deadline?: number;
  /** Stop when the rejects file has more documents. */
  maxRejects?: number;
  signal: AbortSignal;
  lock?: ImportLock;
  /** Under which progress is kept; none is kept without. */
  progress?: ProgressBase;
  /** Where an import that was stopped had come: this one goes on there. */
  resume?: ImportProgress;
  onProgress: (result: CollectionResult) => void;
  onNotice?: (text: string) => void;
}

/** What is known of a document before it is decoded. */
interface Head {
  _id: unknown;
  id: string;
  hash: string;
}

/** What has not finished within a day will not: it must not hold back the watermark for ever. */
const GIVEN_UP_MS = 24 * 3_600_000;
/** A batch of long documents is written before it has all its documents. */
const BATCH_BYTES = 8 * 1024 * 1024;
/** How often progress is saved while all that is read is in already. */
const SAVE_EVERY_MS = 10_000;
/** After so many documents, less than a millisecond, whoever writes the batch before gets a turn. */
const TURN_EVERY = 8;

/** Imports one collection: reads, maps and validates one batch while the one before is written. */
export class CollectionImport {
  private readonly result: CollectionResult;
  private readonly writer: BatchWriter;
  private readonly table: TableModel;
  private readonly headFields: ReadonlySet<string>;
  private map!: Mapper;
  private mapFrame: FrameMapper | undefined;
  private hashOf!: (bson: Uint8Array) => string;
  private checkLimits: LimitCheck | undefined;
  /** The batch handed over last, and the one before it: while that is written, the last one waits. */
  private writing: Promise<void> = Promise.resolve();
  private writingBefore: Promise<void> = Promise.resolve();
  /** Ids of these batches: what the database says of them is about to be outdated. */
  private inFlight: ReadonlySet<string> = new Set();
  private inFlightBefore: ReadonlySet<string> = new Set();
  private firstUnfinished: Date | undefined;
  /** Of the rejected documents those that fit, and that the database refused. */
  private refused = 0;
  /** Where the import is, as long as it is not saved. */
  private unsaved: ProgressBehind | undefined;
  private savedAt = performance.now();
  private readonly started = performance.now();

  constructor(
    private readonly mapping: Mapping,
    private readonly source: ImportSource,
    private readonly database: OpenDatabase,
    private readonly rejects: RejectsFile,
    private readonly options: CollectionImportOptions,
  ) {
    this.table = tableOf(mapping.entity);
    const { resume, lock, batchSize, signal } = options;
    this.result = { ...emptyResult(mapping), watermark: resume?.watermark ?? null };
    if (resume) {
      const { documentsRead: documents, documentsRejected: rejected, startedAt } = resume;
      this.result.resumed = { documents, rejected, startedAt };
    }
    this.firstUnfinished = resume?.unfinishedSince ?? undefined;
    this.writer = new BatchWriter(mapping, database, {
      lock,
      batchSize,
      signal,
      onRefused: ({ read }, reason) => this.rejectRead(read, reason),
      onWritten: (batch) => {
        this.count(batch);
      },
      onNotice: (text) => options.onNotice?.(text),
    });
    this.headFields = new Set(
      ['_id', ...mapping.cursor, ...(mapping.unfinished?.fields ?? [])].map(
        (path) => path.split('.', 1)[0] ?? path,
      ),
    );
  }

  /** Stops after the batch at hand when the signal is aborted; the result says whether it was complete. */
  async run(): Promise<CollectionResult> {
    const { collection, fixed, cursor: cursors } = this.mapping;
    const constants: LogicalRow | undefined = await fixed?.(collection, this.database);
    const { firstYear } = this.database.dialect;
    this.map = withinCalendar(createMapper(this.mapping, constants), this.mapping, firstYear);
    this.mapFrame = createFrameMapper(this.mapping, constants, firstYear);
    this.hashOf = contentHasher(this.mapping, constants);
    if (this.options.dryRun) this.checkLimits = await limitCheck(this.mapping, this.database);
    const { since, until, where, resume } = this.options;
    const request = { collection, since, until, where, cursors, after: resume?.position };
    let batch: RawDocument[] = [];
    let bytes = 0;
    let stoppedBy: StopReason | undefined;
    try {
      for await (const read of this.source.readRaw(request)) {
        stoppedBy = this.stopReason(batch.length);
        if (stoppedBy) break;
        batch.push(read);
        await this.giveTurn(batch.length);
        bytes += read.bytes.length;
        if (batch.length < this.writer.size.current && bytes < BATCH_BYTES) continue;
        await this.handOver(batch);
        batch = [];
        bytes = 0;
      }
      if (batch.length > 0 && stoppedBy !== 'signal') await this.handOver(batch);
    } finally {
      // Also when reading failed: a batch that is being written is finished, not abandoned.
      await this.writing;
    }
    return this.finish(stoppedBy ?? this.stopReasonAtEnd());
  }

  /** The watermark that is safe to go on from. */
  private async finish(stoppedBy: StopReason | undefined): Promise<CollectionResult> {
    this.result.stoppedBy = stoppedBy ?? null;
    this.result.complete = stoppedBy === undefined;
    if (this.unsaved && stoppedBy) await this.writer.saveProgress(this.unsaved());
    const { watermark } = this.result;
    if (this.firstUnfinished && watermark && this.firstUnfinished < watermark)
      this.result.watermark = this.firstUnfinished;
    return this.progress();
  }

  private stopReason(pending: number): StopReason | undefined {
    const { signal, limit, deadline, maxRejects } = this.options;
    if (signal.aborted) return 'signal';
    if (maxRejects !== undefined && this.rejects.count > maxRejects) return 'rejects';
    if (limit !== undefined && this.result.read + pending >= limit) return 'limit';
    if (deadline !== undefined && performance.now() >= deadline) return 'time';
    return undefined;
  }

  /** What came up while the last batch was prepared and written. */
  private stopReasonAtEnd(): StopReason | undefined {
    const reason = this.stopReason(0);
    return reason === 'signal' || reason === 'rejects' ? reason : undefined;
  }

  private async handOver(batch: readonly RawDocument[]): Promise<void> {
    const pending = await this.prepare(batch);
    const progress = this.progressBehind(batch.at(-1));
    await this.writingBefore;
    this.inFlightBefore = this.inFlight;
    this.inFlight = new Set(pending.map(({ mapped }) => String(mapped.row['id'])));
    this.writingBefore = this.writing;
    this.writing = this.writing
      .then(() => this.write(pending, progress))
      .then(() => {
        this.progress();
      });
    // Its failure is thrown by whoever awaits it next; until then it is not unhandled.
    this.writing.catch(() => undefined);
  }

  /** Maps what is new or has changed, and rejects what does not fit. */
  private async prepare(batch: readonly RawDocument[]): Promise<Pending[]> {
    const heads: (Head | undefined)[] = [];
    for (const read of batch) {
      await this.giveTurn(heads.length);
      heads.push(this.head(read));
    }
    const known = await this.known(heads);
    const seen = new Set<string>();
    const pending: Pending[] = [];
    for (const [index, read] of batch.entries()) {
      await this.giveTurn(index);
      this.result.read += 1;
      this.result.bytes += read.bytes.length;
      const head = heads[index];
      if (head) {
        const isTwice = seen.has(head.id) || this.isInFlight(head.id);
        seen.add(head.id);
        if (!isTwice && known?.get(head.id) === head.hash) {
          this.result.imported += 1;
          this.result.unchanged += 1;
          continue;
        }
      }
      const mapped = this.mapBytes(read, head) ?? (await this.decodeAndMap(read));
      if (!mapped) continue;
      mapped.row['contentHash'] = head?.hash ?? null;
      const isKnown = known && head && (known.has(head.id) || this.isInFlight(head.id));
      pending.push({ read, mapped, isKnown });
    }
    return pending;
  }

  /** Lets whoever writes the batch before take up what the database has answered. */
  private async giveTurn(count: number): Promise<void> {
    if (count % TURN_EVERY === TURN_EVERY - 1) await nextTurn();
  }

  /** Undefined for a document that cannot be decoded or has no `_id`, which decoding it will tell. */
  private head({ bytes, document }: RawDocument): Head | undefined {
    const some = document ?? fieldsOf(bytes, this.headFields);
    if (!some) return undefined;
    this.noteCursor(some);
    const _id: unknown = some['_id'];
    return _id === undefined ? undefined : { _id, id: rowIdOf(this.mapping, _id), hash: this.hashOf(bytes) };
  }

  private isInFlight(id: string): boolean {
    return this.inFlight.has(id) || this.inFlightBefore.has(id);
  }

  /**
   * The hashes of the documents whose rows are there, by the rows' ids; undefined where all is written anyhow.
   * Null for a row that must be written whatever its document is: one that was marked as deleted is there again.
   */
  private async known(heads: readonly (Head | undefined)[]): Promise<Map<string, string | null> | undefined> {
    if (this.options.dryRun || this.options.overwrite) return undefined;
    const ids = [...new Set(heads.flatMap((head) => head?.id ?? []))];
    const columns = ['id', 'contentHash', 'sourceDeletedAt'].map((property) =>
      columnOf(this.table, property),
    );
    const rows = await this.writer.persistently(() => this.select(columns, ids));
    return new Map(
      rows.map(([id, hash, deletedAt]) => [
        String(id),
        hash !== null && deletedAt === null ? String(hash) : null,
      ]),
    );
  }

  private async select(columns: readonly ColumnModel[], ids: readonly string[]): Promise<LogicalValue[][]> {
    const runner = this.database.dataSource.createQueryRunner();
    try {
      return await selectWhereIn(runner, this.table, columns as [ColumnModel, ...ColumnModel[]], ids);
    } catch (error) {
      throw explain(error, this.database);
    } finally {
      // A connection that broke cannot be released, and what it broke is the news.
      await runner.release().catch(() => undefined);
    }
  }

  /** Undefined for a document that has to be decoded, of which something may have to be told. */
  private mapBytes({ bytes, document }: RawDocument, head: Head | undefined): MappedDocument | undefined {
    // A dry run looks at values, not at bytes.
    if (!head || document || this.checkLimits) return undefined;
    return this.mapFrame?.(bytes, head._id);
  }

  private async decodeAndMap(read: RawDocument): Promise<MappedDocument | undefined> {
    const decoded = read.document ? { document: read.document } : decodeFrame(read.bytes);
    if ('unreadable' in decoded) {
      noteProblem(this.result, undecodable(decoded.unreadable));
      this.result.rejected += 1;
      await this.rejects.addUnreadable(this.mapping.collection, decoded.bytes, decoded.unreadable);
      return undefined;
    }
    const mapped = this.map(decoded.document, (field, what) => {
      noteCoerced(this.result, field, what);
    });
    const problems = 'problems' in mapped ? mapped.problems : (this.checkLimits?.(mapped.mapped) ?? []);
    if ('problems' in mapped || problems.length > 0) {
      reasonsOf(problems).forEach((reason) => {
        noteProblem(this.result, reason);
      });
      await this.reject(decoded.document, problems);
      return undefined;
    }
    return mapped.mapped;
  }

  private noteCursor(document: Document): void {
    const { cursor: cursors, unfinished } = this.mapping;
    const cursor = cursorOf(document, cursors);
    if (cursor && unfinished?.holds(document) && cursor.getTime() > Date.now() - GIVEN_UP_MS) {
      if (!this.firstUnfinished || cursor < this.firstUnfinished) this.firstUnfinished = cursor;
    }
    const { watermark } = this.result;
    // A time that cannot be kept is that of a document which is rejected.
    const { firstYear } = this.database.dialect;
    const isKeepable = cursor && isKeepableInstant(cursor) && cursor.getUTCFullYear() >= firstYear;
    if (isKeepable && (!watermark || cursor > watermark)) this.result.watermark = cursor;
  }

  /** Where the import is behind a document; what the database refuses up to it is known only once it is written. */
  private progressBehind(last: RawDocument | undefined): ProgressBehind | undefined {
    const { progress, resume, dryRun } = this.options;
    if (!progress || !last || dryRun) return undefined;
    const unfit = (resume?.documentsRejected ?? 0) + this.result.rejected - this.refused;
    const reached = {
      ...progress,
      position: last.position,
      watermark: this.result.watermark,
      unfinishedSince: this.firstUnfinished ?? null,
      documentsRead: (resume?.documentsRead ?? 0) + this.result.read,
    };
    return () => ({ ...reached, documentsRejected: unfit + this.refused, updatedAt: new Date() });
  }

  private async write(pending: readonly Pending[], progress: ProgressBehind | undefined): Promise<void> {
    if (this.options.dryRun) {
      this.count(pending);
      return;
    }
    // What the progress passes over must not be lost with this machine.
    await this.rejects.sync();
    const isDue = performance.now() - this.savedAt >= SAVE_EVERY_MS;
    this.unsaved = progress;
    if (pending.length > 0) await this.writer.write(pending, progress);
    else if (isDue && progress) await this.writer.saveProgress(progress());
    else return;
    this.unsaved = undefined;
    this.savedAt = performance.now();
  }

  private count(batch: readonly Pending[]): void {
    this.result.imported += batch.length;
    for (const { mapped } of batch)
      for (const { table, rows } of mapped.children)
        this.result.children[table.name] = (this.result.children[table.name] ?? 0) + rows.length;
  }

  /** Rejects what could be decoded once already. */
  private async rejectRead({ bytes, document }: RawDocument, reason: string): Promise<void> {
    const decoded = document ? { document } : decodeFrame(bytes);
    if ('unreadable' in decoded) throw new Error(`a document was decoded and cannot be any more: ${reason}`);
    noteProblem(this.result, { field: null, reason });
    this.refused += 1;
    await this.reject(decoded.document, [{ path: null, rule: 'refused', reason }]);
  }

  private async reject(document: Document, reasons: readonly RejectReason[]): Promise<void> {
    this.result.rejected += 1;
    await this.rejects.add(this.mapping.collection, document, reasons);
  }

  private progress(): CollectionResult {
    this.result.durationMs = Math.round(performance.now() - this.started);
    this.options.onProgress(this.result);
    return this.result;
  }
}
