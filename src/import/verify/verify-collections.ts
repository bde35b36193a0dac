import type { OpenDatabase } from '../../database/data-source.js';
import { ImportCheckpointRepository } from '../../repositories/import-checkpoint-repository.js';
import { type Since, startOf } from '../since.js';
import type { Mapping } from '../mapping.js';
import type { ImportSource } from '../sources/source.js';
import { CollectionVerifier, type VerifyOptions, type VerifyResult } from './verifier.js';

export interface VerifyRequest extends Pick<VerifyOptions, 'limit' | 'signal' | 'until' | 'onProgress'> {
  since: Since;
  /** How many documents each collection has, where that is known. */
  totals: ReadonlyMap<string, number>;
  /** Called when a stretch of work begins: of which collection, and what it is. */
  onStage: (collection: string, what: string, total: number | undefined) => Promise<void>;
  /** What an admin should know, in a sentence. */
  onNotice: (text: string) => void;
}

/**
 * Compares collections with their tables, one after the other. Reads only.
 * @throws DbtoolError `import.source.*`, `database.*`, the signal's reason
 */
export async function verifyCollections(
  source: ImportSource,
  database: OpenDatabase,
  mappings: readonly Mapping[],
  request: VerifyRequest,
): Promise<VerifyResult[]> {
  const { limit, signal, until, onProgress, onNotice } = request;
  const checkpoints = new ImportCheckpointRepository(database);
  const results: VerifyResult[] = [];
  for (const mapping of mappings) {
    const { collection, cursor: cursors } = mapping;
    const from = await startOf(request.since, checkpoints, source, collection, () => {
      onNotice(`${collection}: no import of this source is on record, so everything is compared.`);
    });
    const range = { collection, since: from && { cursors, from }, until, cursors };
    (await source.notices?.(range))?.forEach(onNotice);
    const verifier = new CollectionVerifier(mapping, source, database, {
      ...{ limit, signal, until, onProgress },
      since: from,
      documents: request.totals.get(collection),
      onStage: (what, total) => request.onStage(collection, what, total),
    });
    results.push(await verifier.run());
  }
  return results;
}
