import { tableOf } from '../database/model/table-model.js';
import type { DeletesResult } from './deletes.js';
import type { Mapping } from './mapping.js';
import type { Reason } from './reason.js';

/** Why an import ended before all was read. */
export type StopReason = 'signal' | 'limit' | 'time' | 'rejects';

/** What became of one collection's documents. `read` = `imported` + `rejected` once it is through. */
export interface CollectionResult {
  collection: string;
  table: string;
  read: number;
  /** Bytes of the documents that were read: of their BSON, or of their canonical Extended JSON where there is none. */
  bytes: number;
  /** Documents that are in: those that were written, and the `unchanged` ones. */
  imported: number;
  /** Documents that were in already, as they are at the source. */
  unchanged: number;
  rejected: number;
  /** Rows whose document is gone at the source, and what was done with them; null where nobody looked. */
  deletes: DeletesResult | null;
  /** Rows written to child tables, by table. */
  children: Record<string, number>;
  /** How many values had to be changed, by field and change: `traces.latency: text to number`. */
  coerced: Record<string, number>;
  /** How many documents do not fit for a reason, by field and rule: `traces.name: must have at most 255 characters`. */
  problems: Record<string, number>;
  /** What an import that was stopped had done before; this one went on behind it. */
  resumed: { documents: number; rejected: number; startedAt: Date } | null;
  /** The source is the file that was imported before, so that nothing in it is new. */
  sameSource: boolean;
  /**
   * Where `--since last` goes on: the greatest cursor value read, or that of the first document which was
   * not finished yet; null when no document had one.
   */
  watermark: Date | null;
  durationMs: number;
  /** Documents read in a second; null where nothing was read. */
  documentsPerSecond: number | null;
  /** False when the import was stopped half-way. */
  complete: boolean;
  /** Null when it was not. */
  stoppedBy: StopReason | null;
}

export function emptyResult({
  collection,
  entity,
}: Pick<Mapping, 'collection' | 'entity'>): CollectionResult {
  return {
    collection,
    table: tableOf(entity).name,
    read: 0,
    bytes: 0,
    imported: 0,
    unchanged: 0,
    rejected: 0,
    deletes: null,
    children: {},
    coerced: {},
    problems: {},
    resumed: null,
    sameSource: false,
    watermark: null,
    durationMs: 0,
    documentsPerSecond: null,
    complete: false,
    stoppedBy: null,
  };
}

/** What came of all collections together. */
export interface ImportTotal {
  read: number;
  bytes: number;
  imported: number;
  unchanged: number;
  rejected: number;
  /** Of the whole import: looking the source through and looking for what is gone count too. */
  durationMs: number;
  documentsPerSecond: number | null;
}

export function totalOf(collections: readonly CollectionResult[], durationMs: number): ImportTotal {
  const sum = (key: 'read' | 'bytes' | 'imported' | 'unchanged' | 'rejected'): number =>
    collections.reduce((total, one) => total + one[key], 0);
  const read = sum('read');
  return {
    read,
    bytes: sum('bytes'),
    imported: sum('imported'),
    unchanged: sum('unchanged'),
    rejected: sum('rejected'),
    durationMs: Math.round(durationMs),
    documentsPerSecond: perSecond(read, durationMs),
  };
}

/** How many a second, to a tenth; null for nothing at all. What took less than a millisecond took one. */
export function perSecond(documents: number, durationMs: number): number | null {
  if (documents === 0) return null;
  return Math.round((documents * 10_000) / Math.max(1, durationMs)) / 10;
}

/** Most reasons that are told apart. */
const MOST_REASONS = 100;

/** Counts why a document is rejected. */
export function noteProblem({ collection, problems }: CollectionResult, { field, reason }: Reason): void {
  const key = `${field === null ? collection : `${collection}.${field}`}: ${reason}`;
  // What a database says may name a value, so that each document has a reason of its own.
  const isTold = Object.hasOwn(problems, key) || Object.keys(problems).length < MOST_REASONS;
  increase(problems, isTold ? key : `${collection}: other reasons`);
}

/** Counts a value that was not of its column's type. */
export function noteCoerced({ coerced }: CollectionResult, field: string, what: string): void {
  increase(coerced, `${field}: ${what}`);
}

function increase(counts: Record<string, number>, key: string): void {
  counts[key] = (counts[key] ?? 0) + 1;
}
