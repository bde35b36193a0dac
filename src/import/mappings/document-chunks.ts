import { ObjectId, UUID } from 'bson';
import type { OpenDatabase } from '../../database/data-source.js';
import type { LogicalRow } from '../../database/dialect.js';
import { DocumentChunk } from '../../entities/document-chunk.js';
import { KnowledgeSource } from '../../entities/knowledge-source.js';
import type { Mapping } from '../mapping.js';
import { derivedIdOf, sourceIdOf } from '../source-id.js';
import { KNOWLEDGE_SOURCES } from './knowledge-sources.js';

const PREFIX = 'documents_';

/** The `_id`s that the collection's name may stand for, the likeliest first: `-` is written as `_` in a name. */
function idsMeant(collection: string): unknown[] {
  const name = collection.slice(PREFIX.length);
  const text = name.replaceAll('_', '-');
  return [
    ...(/^[0-9a-f]{24}$/i.test(name) ? [new ObjectId(name)] : []),
    text,
    ...(UUID.isValid(text) ? [new UUID(text)] : []),
    name,
  ];
}

/**
 * The knowledge source that the chunks belong to: the one that is in the target under one of the ids that the
 * name may stand for; where there is none, the likeliest, so that the database refuses the chunks by name.
 */
async function knowledgeSourceOf(collection: string, database: OpenDatabase): Promise<LogicalRow> {
  const repository = database.dataSource.getRepository(KnowledgeSource);
  const ids = idsMeant(collection);
  for (const id of ids) {
    const found = await repository.findOne({ where: { sourceId: sourceIdOf(id) }, select: { id: true } });
    if (found) return { knowledgeSourceId: found.id };
  }
  return { knowledgeSourceId: derivedIdOf(KNOWLEDGE_SOURCES, ids[0]) };
}

/** The chunks of each knowledge source are a collection of their own. */
export const documentChunks: Mapping = {
  collection: `${PREFIX}*`,
  matches: (collection) => collection.startsWith(PREFIX) && collection.length > PREFIX.length,
  entity: DocumentChunk,
  id: 'derived',
  // A chunk is not changed but made anew, and tells no date of its own.
  cursor: ['_id'],
  fixed: knowledgeSourceOf,
};
