import type { ImportCheckpointRepository } from '../repositories/import-checkpoint-repository.js';
import type { ImportSource } from './sources/source.js';

/** Which documents are taken: all, those since a point in time, or those since the last import. */
export type Since = { kind: 'all' } | { kind: 'time'; from: Date } | { kind: 'last' };

/**
 * Documents are written some time after the moment that their cursor tells, and not in its order: what
 * `--since last` reads again before the watermark. Reading twice changes nothing, so it may be ample.
 */
const OVERLAP_MS = 15 * 60_000;

/**
 * From which date documents of a collection are taken; undefined where it is from the first.
 * @param onUnknown called when `last` is asked for and no import of the collection is on record
 */
export async function startOf(
  since: Since,
  checkpoints: ImportCheckpointRepository,
  source: ImportSource,
  collection: string,
  onUnknown: () => void,
): Promise<Date | undefined> {
  if (since.kind === 'all') return undefined;
  if (since.kind === 'time') return since.from;
  const checkpoint = await checkpoints.find(source.identity, collection);
  if (!checkpoint) onUnknown();
  return checkpoint?.watermark ? new Date(checkpoint.watermark.getTime() - OVERLAP_MS) : undefined;
}
