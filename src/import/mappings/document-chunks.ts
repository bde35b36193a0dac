import { DocumentChunk } from '../../entities/document-chunk.js';
import { constant, type Mapping } from '../mapping.js';
import { referredIdOf } from '../source-id.js';
import { CONFIGURED_CURSOR } from './configured.js';

const PREFIX = 'documents_';

/** Chunks of knowledge sources: a collection for each source, with the source's id in its name. */
export const documentChunks: Mapping = {
  collection: `${PREFIX}*`,
  matches: (collection) => collection.startsWith(PREFIX) && collection.length > PREFIX.length,
  entity: DocumentChunk,
  id: 'derived',
  cursor: CONFIGURED_CURSOR,
};

/**
 * The mapping of one such collection. The platform writes `_` in the name for each `-` of the source's id,
 * which is an ObjectId's digits or a text such as a UUID.
 */
export function documentChunksOf(collection: string): Mapping {
  const sourceId = collection.slice(PREFIX.length).replaceAll('_', '-');
  return {
    ...documentChunks,
    collection,
    columns: { knowledgeSourceId: constant(referredIdOf('collections', sourceId)) },
  };
}
