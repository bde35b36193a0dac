import type { Document } from 'bson';
import { AiModel } from '../../entities/ai-model.js';
import { Job } from '../../entities/job.js';
import { KnowledgeSource } from '../../entities/knowledge-source.js';
import { isPlainObject } from '../document-path.js';
import { from, type Mapping, refersTo } from '../mapping.js';
import { CONFIGURED_COLUMNS, CONFIGURED_CURSOR, withSystemName } from './configured.js';

/** Settings of the source that older documents keep at the top level. */
const OLD_SETTING =
  /^(source_type|file_url|(sharepoint|confluence)_.*|oracle_knowledge_url|fluid_topics_search_filters|object_api_name|output_config)$/;

/**
 * Gathers the settings of older documents in one object `source`. One that `source` holds already stays
 * where it is, and ends in `extra`.
 */
function withSource(document: Document): Document {
  const source: unknown = document['source'] ?? {};
  if (!isPlainObject(source)) return document;
  const moves = ([name]: [string, unknown]): boolean =>
    OLD_SETTING.test(name) && !Object.hasOwn(source, name);
  const entries = Object.entries(document);
  const settings = entries.filter(moves);
  if (settings.length === 0) return document;
  const rest = entries.filter((entry) => !moves(entry));
  return { ...Object.fromEntries(rest), source: { ...source, ...Object.fromEntries(settings) } };
}

const named = withSystemName('name');

/** Knowledge sources. Their chunks lie in collections of their own, see `documentChunksOf`. */
export const collections: Mapping = {
  collection: 'collections',
  entity: KnowledgeSource,
  id: 'derived',
  cursor: CONFIGURED_CURSOR,
  upgrade: (document) => withSource(named(document)),
  columns: {
    ...CONFIGURED_COLUMNS,
    // Older documents call the field `model`.
    aiModel: from('ai_model', 'model'),
    jobId: refersTo('jobs', 'job_id'),
  },
  references: [
    { property: 'aiModel', to: AiModel, toProperty: 'systemName' },
    { property: 'jobId', to: Job, toProperty: 'id' },
  ],
};
