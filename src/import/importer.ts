import type { Document } from 'bson';
import type { OpenDatabase } from '../database/data-source.js';
import { inTransaction } from '../database/transaction.js';
import { DbtoolError } from '../errors/dbtool-error.js';
import type { LockHolder } from '../lock/holder.js';
import { ImportCheckpointRepository } from '../repositories/import-checkpoint-repository.js';
import { ImportProgressRepository } from '../repositories/import-progress-repository.js';
import { chooseMappings } from './choose-mappings.js';
import { CollectionImport, type ProgressBase } from './collection-import.js';
import {
  type CollectionResult,
  emptyResult,
  type ImportTotal,
  perSecond,
  totalOf,
} from './collection-result.js';
import { type DeletesMode, handleDeletes, type MostDeletes } from './deletes.js';
import { ImportLock } from './import-lock.js';
import type { Mapping } from './mapping.js';
import type { RejectsFile } from './rejects.js';
import { type ResumeDecision, resumeOf, scopeOf } from './resume.js';
import { RunRecord } from './run-record.js';
import { type Since, startOf } from './since.js';
import { type ImportSource, LIVE } from './sources/source.js';

export interface ImportOptions {
  /** Names of collections; all that are known when empty. */
  collections: readonly string[];
  since: Since;
  /** Only documents whose date lies before it, and those without a date. */
  until?: Date;
  /** Only documents that this filter of MongoDB finds; no checkpoint is kept then. */
  where?: Document;
  /** What the user asked for, in the user's words: an import that was stopped goes on when asked for the same. */
  asked?: Readonly<Record<string, unknown>>;
  /** Most documents of a transaction. */
  batchSize: number;
  /** Most documents to read of each collection. */
  limit?: number;
  /** Stop after so long. */
  maxMs?: number;
  /** Stop when more documents were rejected. */
  maxRejects?: number;
  /** Begin anew where an import was stopped, instead of going on behind it. */
  restart?: boolean;
  /** Write also what has not changed since it was imported. */
  overwrite?: boolean;
  /** What to do about rows whose documents are gone at the source. */
  deletes?: DeletesMode;
  maxDeletes?: MostDeletes;
  /** Keep no progress and no checkpoint: the source is no place that an import goes on from. */
  isOneOff?: boolean;
  dryRun: boolean;
  signal: AbortSignal;
  toolVersion?: string;
  /** Called when a collection begins, with the number of documents that are to be looked at, if known. */
  onStart: (collection: string, total: number | undefined, from: Date | undefined) => void;
  onProgress: (result: CollectionResult) => void;
  /** What an admin should know, in a sentence. */
  onNotice?: (text: string) => void;
  /** Called when the lock was left behind by an import that died. */
  onStale?: (holder: LockHolder) => void;
}

export interface ImportResult {
  /** Under which `import history` has it; null for a dry run. */
  run: string | null;
  source: string;
  collections: CollectionResult[];
  total: ImportTotal;
  /** Collections of the source that dbtool does not import. */
  leftAlone: string[];
  /** False when the import was stopped half-way. */
  complete: boolean;
}

/**
 * Imports collections in the order in which they refer to one another. Nothing is written before the
 * source has been looked through, and nothing by two imports at once.
 * @throws DbtoolError `import.collection.unknown`, `import.collection.missing`, `import.source.*`,
 *   `import.lock.*`, `import.rejects.too-many`, `import.deletes.too-many`, `database.*`
 */
export async function importCollections(
  source: ImportSource,
  database: OpenDatabase,
  rejects: RejectsFile,
  options: ImportOptions,
): Promise<ImportResult> {
  if (options.dryRun) return new Import(source, database, rejects, options, undefined, undefined).run();
  const toolVersion = options.toolVersion ?? 'unknown';
  const lock = await ImportLock.take(database, { toolVersion, onStale: options.onStale });
  try {
    const record = await RunRecord.begin(database, lock, source.identity, options, rejects);
    try {
      const result = await new Import(source, database, rejects, options, lock, record).run();
      await record.end(result, rejects);
      return result;
    } catch (error) {
      await record.fail(error, rejects);
      throw error;
    }
  } finally {
    await lock.release();
  }
}

class Import {
  private readonly checkpoints: ImportCheckpointRepository;
  private readonly progress: ImportProgressRepository;
  private readonly started = new Date();
  private readonly start = performance.now();
  private readonly deadline: number | undefined;

  constructor(
    private readonly source: ImportSource,
    private readonly database: OpenDatabase,
    private readonly rejects: RejectsFile,
    private readonly options: ImportOptions,
    private readonly lock: ImportLock | undefined,
    private readonly record: RunRecord | undefined,
  ) {
    this.checkpoints = new ImportCheckpointRepository(database);
    this.progress = new ImportProgressRepository(database);
    this.deadline = options.maxMs === undefined ? undefined : performance.now() + options.maxMs;
  }

  async run(): Promise<ImportResult> {
    const { source, options } = this;
    const { mappings, leftAlone } = await chooseMappings(source, options.collections);
    const totals = await this.lookThrough(mappings);
    const collections: CollectionResult[] = [];
    const result = { run: this.lock?.runId ?? null, source: source.display, collections, leftAlone };
    for (const mapping of mappings) {
      if (options.signal.aborted || this.isOver()) break;
      const one = await this.importCollection(mapping, totals.get(mapping.collection));
      collections.push(one);
      this.record?.note(collections);
      if (one.stoppedBy === 'rejects') throw tooManyRejects(this.rejects, options.maxRejects ?? 0);
    }
    const isComplete = collections.length === mappings.length && collections.every((one) => one.complete);
    const total = totalOf(collections, performance.now() - this.start);
    return { ...result, total, complete: isComplete };
  }

  private isOver(): boolean {
    return this.deadline !== undefined && performance.now() >= this.deadline;
  }

  /** Files of which nothing is new are not even looked through. */
  private async lookThrough(mappings: readonly Mapping[]): Promise<Map<string, number>> {
    const toRead: string[] = [];
    for (const { collection } of mappings)
      if (!(await this.isSameSource(collection))) toRead.push(collection);
    return this.source.verify(toRead);
  }

  /** Whether the file is the one that was imported before, and only what is new is asked for. */
  private async isSameSource(collection: string): Promise<boolean> {
    const { since, where, until, deletes, overwrite } = this.options;
    if (since.kind !== 'last' || where || until || deletes || overwrite) return false;
    const known = (await this.checkpoints.find(this.source.identity, collection))?.fingerprint ?? null;
    return known !== null && known === (await this.source.fingerprint(collection));
  }

  private async importCollection(mapping: Mapping, total: number | undefined): Promise<CollectionResult> {
    const { source, database, options } = this;
    const { collection, cursor: cursors } = mapping;
    if (await this.isSameSource(collection)) {
      return { ...emptyResult(mapping), sameSource: true, complete: true };
    }
    const wanted = await startOf(options.since, this.checkpoints, source, collection, () =>
      options.onNotice?.(`${collection}: no import of this source is on record, so everything is read.`),
    );
    const decision = await this.resume(collection, wanted);
    const { from, until, resume } = decision;
    decision.notices.forEach((notice) => options.onNotice?.(notice));
    const { where } = options;
    const isSelected = from !== undefined || until !== undefined || where !== undefined;
    const left = total === undefined ? undefined : total - (resume?.documentsRead ?? 0);
    options.onStart(collection, isSelected ? undefined : left, from);
    const since = from && { cursors, from };
    const notices = (await source.notices?.({ collection, since, until, where, cursors })) ?? [];
    notices.forEach((notice) => options.onNotice?.(notice));
    const result = await new CollectionImport(mapping, source, database, this.rejects, {
      ...options,
      since,
      until,
      lock: this.lock,
      deadline: this.deadline,
      progress: decision.progress,
      resume,
    }).run();
    result.documentsPerSecond = perSecond(result.read, result.durationMs);
    if (!options.dryRun && result.complete) await this.complete(result, decision);
    if (result.complete && options.deletes)
      result.deletes = await handleDeletes(mapping, source, database, this.lock, {
        ...options,
        mode: options.dryRun ? 'report' : options.deletes,
        most: options.maxDeletes,
      });
    return result;
  }

  private async resume(collection: string, wanted: Date | undefined): Promise<Resumption> {
    const { lock, options, source, started } = this;
    const range = { from: wanted, until: options.until };
    if (!lock || options.isOneOff) return { ...range, notices: [], progress: undefined, resume: undefined };
    const scope = scopeOf(options, wanted);
    const fingerprint = await source.fingerprint(collection);
    const before = await this.progress.find(source.identity, collection);
    const decision = resumeOf(before, { scope, fingerprint, restart: options.restart ?? false, range });
    const { resume } = decision;
    const progress: ProgressBase = {
      source: source.identity,
      collection,
      runId: lock.runId,
      scope,
      fingerprint,
      readFrom: decision.from ?? null,
      readUntil: decision.until ?? null,
      startedAt: resume?.startedAt ?? started,
    };
    return { ...decision, progress };
  }

  /** Notes what the next import goes on from, and that there is nothing to take up any more. */
  private async complete(result: CollectionResult, { progress, from, until }: Resumption): Promise<void> {
    if (!progress) return;
    const { identity: source } = this.source;
    const { collection, read, resumed } = result;
    const { where, since } = this.options;
    // What was written after the reading began may have been passed over already; and a document dated in the
    // future must not make the next import skip what is written until then.
    const { startedAt } = progress;
    const watermark = result.watermark && result.watermark > startedAt ? startedAt : result.watermark;
    const isWhole = until === undefined && (from === undefined || since.kind === 'last');
    await inTransaction(this.database, async (runner) => {
      await this.lock?.check(runner);
      await this.progress.delete(runner, source, collection);
      // What a filter left out is still to come: the watermark must not pass over it.
      if (where !== undefined) return;
      await this.checkpoints.save(runner, {
        source,
        collection,
        watermark,
        documents: read + (resumed?.documents ?? 0),
        completedAt: new Date(),
        fingerprint: isWhole && progress.fingerprint !== LIVE ? progress.fingerprint : null,
      });
    });
  }
}

interface Resumption extends ResumeDecision {
  /** None is kept in a dry run, nor where nothing can go on. */
  progress: ProgressBase | undefined;
}

function tooManyRejects(rejects: RejectsFile, most: number): DbtoolError {
  return new DbtoolError('import.rejects.too-many', {
    message: `The import was stopped: more than ${most} documents do not fit`,
    why: `${rejects.count} stand in ${rejects.path} with their reasons; what fits of the documents before is in.`,
    fix: 'Look at the reasons. The same command goes on behind the last document; `dbtool import retry` takes the rejected ones, once mended.',
    details: { rejects: rejects.path, rejected: rejects.count },
  });
}
