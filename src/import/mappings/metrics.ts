import { Conversation } from '../../entities/conversation.js';
import { Metric } from '../../entities/metric.js';
import { Trace } from '../../entities/trace.js';
import type { Document } from 'bson';
import { type Mapping, referenceTo } from '../mapping.js';

/** Where a feature of a type is configured; calls to a model without a prompt template have none. */
const COLLECTIONS: Readonly<Record<string, string>> = {
  'prompt-template': 'prompts',
  'rag-tool': 'rag_tools',
  'retrieval-tool': 'retrieval_tools',
  agent: 'agents',
};

function collectionOf({ feature_type: type }: Document): string | undefined {
  return typeof type === 'string' && Object.hasOwn(COLLECTIONS, type) ? COLLECTIONS[type] : undefined;
}

export const metrics: Mapping = {
  collection: 'metrics',
  entity: Metric,
  id: 'own',
  cursor: ['start_time'],
  columns: { featureId: referenceTo(collectionOf, 'feature_id') },
  references: [
    { property: 'traceId', to: Trace, toProperty: 'id' },
    { property: 'conversationId', to: Conversation, toProperty: 'id' },
  ],
};
