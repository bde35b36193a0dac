import type { Document } from 'bson';
import { createMapper, type MappedDocument } from '../../../src/import/mapper.js';
import type { Mapping } from '../../../src/import/mapping.js';

/** What a document becomes. @throws Error with the problems when it does not fit */
export function mapped(mapping: Mapping, document: Document): MappedDocument {
  const result = createMapper(mapping)(document, () => undefined);
  if ('problems' in result) throw new Error(result.problems.join('; '));
  return result.mapped;
}

/** The row that a document becomes. */
export const rowOf = (mapping: Mapping, document: Document): Record<string, unknown> =>
  mapped(mapping, document).row;
