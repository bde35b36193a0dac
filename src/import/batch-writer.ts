import { setTimeout as sleep } from 'node:timers/promises';
import type { QueryRunner } from 'typeorm';
import { explain, type OpenDatabase } from '../database/data-source.js';
import { isRowError } from '../database/driver-error.js';
import { tableOf } from '../database/model/table-model.js';
import { inTransaction } from '../database/transaction.js';
import { DbtoolError } from '../errors/dbtool-error.js';
import { type Batch, BulkRepository } from '../repositories/bulk-repository.js';
import { ImportProgressRepository, type Plain } from '../repositories/import-progress-repository.js';
import type { ImportProgress } from '../entities/import-progress.js';
import { BatchSize } from './batch-size.js';
import type { ImportLock } from './import-lock.js';
import type { MappedDocument } from './mapper.js';
import type { Mapping } from './mapping.js';
import type { RawDocument } from './sources/source.js';

/** A document of a batch, with what it became. */
export interface Pending {
  read: RawDocument;
  mapped: MappedDocument;
  /** Whether its row was there a moment ago; undefined where nobody asked. */
  isKnown: boolean | undefined;
}

/** Where an import is once a batch is in, as far as it has been written when this is called. */
export type ProgressBehind = () => Plain<ImportProgress>;

export interface BatchWriterOptions {
  /** Held while it writes; none where nothing else can write. */
  lock: ImportLock | undefined;
  /** Most documents of a transaction. */
  batchSize: number;
  signal: AbortSignal;
  /** A document that the database refuses. */
  onRefused: (pending: Pending, reason: string) => Promise<void>;
  onWritten: (batch: readonly Pending[]) => void;
  /** What an admin should know, in a sentence. */
  onNotice: (text: string) => void;
}

/** What may go well a moment later: the connection broke, the server starts again, another had the rows. */
const PASSING = new Set([
  'database.lost',
  'database.unreachable',
  'database.locked',
  'database.pool.exhausted',
]);
/** How long to wait before each further attempt, in ms. */
const PAUSES = [250, 500, 1000, 2000, 4000, 8000, 16_000];

/**
 * Writes batches of documents, each in a transaction together with how far the import has come by it. A batch
 * that the database refuses is halved until the documents that it refuses stand alone.
 */
export class BatchWriter {
  readonly size: BatchSize;
  private readonly bulk: BulkRepository;
  private readonly progress: ImportProgressRepository;

  constructor(
    private readonly mapping: Mapping,
    private readonly database: OpenDatabase,
    private readonly options: BatchWriterOptions,
  ) {
    this.bulk = new BulkRepository(database);
    this.progress = new ImportProgressRepository(database);
    this.size = new BatchSize(options.batchSize);
  }

  /**
   * @param progress where the import is once the batch is in; a batch that had to be halved is followed by it
   * @throws DbtoolError `database.*`, `import.lock.lost`
   */
  async write(batch: readonly Pending[], progress: ProgressBehind | undefined): Promise<void> {
    const start = performance.now();
    const isWhole = await this.writePart(batch, progress);
    this.size.learn(batch.length, performance.now() - start);
    if (!isWhole && progress) await this.saveProgress(progress());
  }

  /** Where the import is, when nothing had to be written since it was elsewhere. */
  async saveProgress(progress: Plain<ImportProgress>): Promise<void> {
    await this.transaction((runner) => this.progress.save(runner, progress));
  }

  /** One transaction of the import's, tried again while the database is away. */
  transaction(work: (runner: QueryRunner) => Promise<void>): Promise<void> {
    return this.persistently(() =>
      inTransaction(this.database, async (runner) => {
        await this.options.lock?.check(runner);
        await work(runner);
      }),
    );
  }

  /** Tries `work` again while the database is away, or busy with others. */
  async persistently<T>(work: () => Promise<T>): Promise<T> {
    for (let attempt = 0; ; attempt += 1) {
      try {
        return await work();
      } catch (error) {
        const explained = explain(error, this.database);
        const pause = PAUSES[attempt];
        const isPassing = explained instanceof DbtoolError && PASSING.has(explained.code);
        if (!isPassing || pause === undefined || this.options.signal.aborted) throw error;
        this.size.shrink();
        this.options.onNotice(`${explained.message}; trying again in ${pause / 1000} s.`);
        await sleep(pause, undefined, { signal: this.options.signal }).catch(() => undefined);
      }
    }
  }

  /** @returns whether it went in as one */
  private async writePart(batch: readonly Pending[], progress: ProgressBehind | undefined): Promise<boolean> {
    try {
      await this.transaction(async (runner) => {
        await this.bulk.write(runner, rowsOf(this.mapping, batch));
        if (progress) await this.progress.save(runner, progress());
      });
      this.options.onWritten(batch);
      return true;
    } catch (error) {
      const refusal = explain(error, this.database);
      if (!isRowError(refusal)) throw error;
      const [only] = batch;
      if (batch.length === 1 && only) {
        await this.options.onRefused(only, `the database refuses it: ${refusal.why ?? refusal.message}`);
        return false;
      }
      const middle = Math.ceil(batch.length / 2);
      await this.writePart(batch.slice(0, middle), undefined);
      await this.writePart(batch.slice(middle), undefined);
      return false;
    }
  }
}

/** One batch's rows by table. Of two documents with one id the later one counts, as it would in two batches. */
function rowsOf(mapping: Mapping, batch: readonly Pending[]): Batch {
  const documents = [...new Map(batch.map(({ mapped }) => [mapped.row['id'], mapped])).values()];
  const isAsked = batch.every(({ isKnown }) => isKnown !== undefined);
  return {
    table: tableOf(mapping.entity),
    rows: documents.map(({ row }) => row),
    known: isAsked
      ? new Set(batch.filter(({ isKnown }) => isKnown).map(({ mapped }) => mapped.row['id'] ?? null))
      : undefined,
    children: (mapping.children ?? []).flatMap((_, index) => {
      const [first] = documents.map(({ children }) => children[index]);
      if (!first) return [];
      return [{ ...first, rows: documents.flatMap(({ children }) => children[index]?.rows ?? []) }];
    }),
  };
}
