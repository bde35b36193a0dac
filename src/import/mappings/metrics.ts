import { Conversation } from '../../entities/conversation.js';
import { Metric } from '../../entities/metric.js';
import { Trace } from '../../entities/trace.js';
import type { Mapping } from '../mapping.js';

export const metrics: Mapping = {
  collection: 'metrics',
  entity: Metric,
  id: 'own',
  cursor: ['start_time'],
  references: [
    { property: 'traceId', to: Trace, toProperty: 'id' },
    { property: 'conversationId', to: Conversation, toProperty: 'id' },
  ],
};
