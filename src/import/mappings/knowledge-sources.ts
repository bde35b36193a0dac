import { AiModel } from '../../entities/ai-model.js';
import { Job } from '../../entities/job.js';
import { KnowledgeSource } from '../../entities/knowledge-source.js';
import type { Document } from 'bson';
import { from, type Mapping, referenceTo } from '../mapping.js';
import { configured, withSystemName } from './configured.js';

const SETTINGS =
  /^(?:source_type|file_url|sharepoint_.*|confluence_.*|oracle_knowledge_url|fluid_topics_search_filters|object_api_name|output_config)$/;

/** Makes the settings of where an older one's content comes from one object. */
function withSource(document: Document): Document {
  const names = Object.keys(document).filter((name) => SETTINGS.test(name));
  if ((document['source'] ?? null) !== null || names.length === 0) return document;
  const rest = Object.entries(document).filter(([name]) => !names.includes(name) && name !== 'source');
  const source = Object.fromEntries(names.map((name) => [name, document[name] as unknown]));
  return { ...Object.fromEntries(rest), source };
}

export const KNOWLEDGE_SOURCES = 'collections';
const base = configured(KNOWLEDGE_SOURCES, KnowledgeSource);

export const knowledgeSources: Mapping = {
  ...base,
  upgrade: (document) => withSource(withSystemName('name')(document)),
  columns: {
    ...base.columns,
    // Older documents call the field `model`.
    aiModel: from('ai_model', 'model'),
    jobId: referenceTo('jobs', 'job_id'),
  },
  references: [
    { property: 'aiModel', to: AiModel, toProperty: 'systemName' },
    { property: 'jobId', to: Job, toProperty: 'id' },
  ],
};
