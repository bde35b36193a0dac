import type { Document } from 'bson';
import type { OpenDatabase } from '../database/data-source.js';
import { ImportCheckpointRepository } from '../repositories/import-checkpoint-repository.js';
import { CollectionImport, type CollectionResult } from './collection-import.js';
import type { Mapping } from './mapping.js';
import { chooseMappings } from './choose-mappings.js';
import type { RejectsFile } from './rejects.js';
import type { ImportSource } from './sources/source.js';

/** Which documents an import takes: all, those since a point in time, or those since the last import. */
export type Since = { kind: 'all' } | { kind: 'time'; from: Date } | { kind: 'last' };

export interface ImportOptions {
  /** Names of collections; all that are known when empty. */
  collections: readonly string[];
  since: Since;
  /** Only documents whose date lies before it, and those without a date. */
  until?: Date;
  /** Only documents that this filter of MongoDB finds; no checkpoint is kept then. */
  where?: Document;
  batchSize: number;
  dryRun: boolean;
  signal: AbortSignal;
  /** Called when a collection begins, with the number of documents that are to be looked at, if known. */
  onStart: (collection: string, total: number | undefined, from: Date | undefined) => void;
  onProgress: (result: CollectionResult) => void;
  /** What an admin should know of the source, in a sentence. */
  onNotice?: (text: string) => void;
}

export interface ImportResult {
  source: string;
  collections: CollectionResult[];
  /** Collections of the source that dbtool does not import. */
  leftAlone: string[];
  /** False when the import was stopped half-way. */
  complete: boolean;
}

/**
 * Documents are written some time after the moment that their cursor tells, and not in its order: what
 * `--since last` reads again before the watermark. Reading twice changes nothing, so it may be ample.
 */
const OVERLAP_MS = 15 * 60_000;

/**
 * Imports collections in the order in which they refer to one another. Nothing is written before the
 * source has been looked through.
 * @throws DbtoolError `import.collection.unknown`, `import.collection.missing`, `import.source.*`
 */
export async function importCollections(
  source: ImportSource,
  database: OpenDatabase,
  rejects: RejectsFile,
  options: ImportOptions,
): Promise<ImportResult> {
  const { mappings, leftAlone } = await chooseMappings(source, options.collections);
  const totals = await source.verify(mappings.map((mapping) => mapping.collection));
  const checkpoints = new ImportCheckpointRepository(database);
  const results: CollectionResult[] = [];
  const started = new Date();
  for (const mapping of mappings) {
    if (options.signal.aborted) break;
    const from = await startOf(options.since, checkpoints, source, mapping);
    const isSelected = from !== undefined || options.until !== undefined || options.where !== undefined;
    options.onStart(mapping.collection, isSelected ? undefined : totals.get(mapping.collection), from);
    const since = from && { cursors: mapping.cursor, from };
    const { collection, cursor: cursors } = mapping;
    const { until, where } = options;
    const notices = (await source.notices?.({ collection, since, until, where, cursors })) ?? [];
    notices.forEach((notice) => options.onNotice?.(notice));
    const result = await new CollectionImport(mapping, source, database, rejects, {
      ...options,
      since,
    }).run();
    results.push(result);
    // What a filter left out is still to come: the watermark must not pass over it.
    const isWhole = result.complete && options.where === undefined;
    if (isWhole && !options.dryRun) await remember(checkpoints, source, result, started);
  }
  const complete = results.length === mappings.length && results.every((result) => result.complete);
  return { source: source.display, collections: results, leftAlone, complete };
}

async function startOf(
  since: Since,
  checkpoints: ImportCheckpointRepository,
  source: ImportSource,
  mapping: Mapping,
): Promise<Date | undefined> {
  if (since.kind === 'all') return undefined;
  if (since.kind === 'time') return since.from;
  const checkpoint = await checkpoints.find(source.identity, mapping.collection);
  return checkpoint?.watermark ? new Date(checkpoint.watermark.getTime() - OVERLAP_MS) : undefined;
}

async function remember(
  checkpoints: ImportCheckpointRepository,
  source: ImportSource,
  result: CollectionResult,
  started: Date,
): Promise<void> {
  // A document dated in the future must not make the next import skip what is written until then.
  const watermark = result.watermark && result.watermark > started ? started : result.watermark;
  await checkpoints.save({
    source: source.identity,
    collection: result.collection,
    watermark,
    documents: result.read,
    completedAt: new Date(),
  });
}
