import type { Document } from 'bson';
import { createMapper } from '../../../src/import/mapper.js';
import { mappingFor } from '../../../src/import/mappings/all-mappings.js';

/** The row that a document of a collection becomes. @throws Error with the problems when it does not fit */
export function rowOf(collection: string, document: Document): Record<string, unknown> {
  const mapping = mappingFor(collection);
  if (!mapping) throw new Error(`no mapping for ${collection}`);
  const result = createMapper(mapping)(document, () => undefined);
  if ('problems' in result) throw new Error(result.problems.map(({ reason }) => reason).join('; '));
  return result.mapped.row;
}
