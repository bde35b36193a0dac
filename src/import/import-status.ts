import type { OpenDatabase } from '../database/data-source.js';
import type { LockHolder } from '../lock/holder.js';
import type { ImportRun } from '../entities/import-run.js';
import { ImportCheckpointRepository } from '../repositories/import-checkpoint-repository.js';
import { ImportProgressRepository } from '../repositories/import-progress-repository.js';
import { ImportRunRepository } from '../repositories/import-run-repository.js';
import { importHolder } from './import-lock.js';

/** How far a collection of a source is. */
export interface CollectionStatus {
  source: string;
  collection: string;
  /** When an import of it was last completed; null for never. */
  completedAt: Date | null;
  /** Documents of that import; null for none. */
  documents: number | null;
  /** Where `--since last` goes on, less its overlap. */
  watermark: Date | null;
  /** `running` now, `stopped` half-way, or `complete`. */
  state: 'running' | 'stopped' | 'complete';
  /** Documents of an import that is running or was stopped; null when there is none. */
  documentsRead: number | null;
  documentsRejected: number | null;
  updatedAt: Date | null;
}

export interface ImportStatus {
  /** The import that is running. */
  holder: (LockHolder & { runId: string }) | undefined;
  collections: CollectionStatus[];
}

/** What has been imported, and what is being imported. Reads only. */
export async function readImportStatus(database: OpenDatabase): Promise<ImportStatus> {
  const holder = await importHolder(database);
  const running = holder && !holder.isStale ? holder : undefined;
  const collections = new Map<string, CollectionStatus>();
  for (const {
    source,
    collection,
    completedAt,
    documents,
    watermark,
  } of await new ImportCheckpointRepository(database).all()) {
    collections.set(keyOf(source, collection), {
      ...{ source, collection, completedAt, documents, watermark },
      ...{ state: 'complete', documentsRead: null, documentsRejected: null, updatedAt: null },
    });
  }
  for (const progress of await new ImportProgressRepository(database).all()) {
    const { source, collection, documentsRead, documentsRejected, updatedAt, runId } = progress;
    const before = collections.get(keyOf(source, collection));
    collections.set(keyOf(source, collection), {
      ...(before ?? { source, collection, completedAt: null, documents: null, watermark: null }),
      ...{
        state: running?.runId === runId ? 'running' : 'stopped',
        documentsRead,
        documentsRejected,
        updatedAt,
      },
    });
  }
  return { holder: running, collections: [...collections.values()].sort(bySourceAndCollection) };
}

/** The latest imports, the newest first; one that says it is running without holding the lock was killed. */
export async function readImportHistory(
  database: OpenDatabase,
  limit: number,
  source: string | undefined,
): Promise<ImportRun[]> {
  const holder = await importHolder(database);
  const runs = await new ImportRunRepository(database).latest(limit, source);
  for (const run of runs)
    if (run.status === 'running' && (holder?.runId !== run.id || holder.isStale)) run.status = 'killed';
  return runs;
}

const keyOf = (source: string, collection: string): string => JSON.stringify([source, collection]);

function bySourceAndCollection(one: CollectionStatus, other: CollectionStatus): number {
  const [a, b] = [keyOf(one.source, one.collection), keyOf(other.source, other.collection)];
  return a < b ? -1 : a > b ? 1 : 0;
}
