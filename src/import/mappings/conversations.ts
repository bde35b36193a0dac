import { Agent } from '../../entities/agent.js';
import { ConversationMessage } from '../../entities/conversation-message.js';
import { Conversation } from '../../entities/conversation.js';
import { Trace } from '../../entities/trace.js';
import type { Mapping } from '../mapping.js';

export const conversations: Mapping = {
  collection: 'agent_conversations',
  entity: Conversation,
  // As telemetry: metrics and spans name a conversation by its `_id`.
  id: 'own',
  cursor: ['updated_at', 'last_user_message_at', 'created_at'],
  unfinished: { fields: ['status'], holds: ({ status }) => status === 'In Progress' },
  children: [{ entity: ConversationMessage, field: 'messages', parent: 'conversationId' }],
  references: [
    { property: 'agent', to: Agent, toProperty: 'systemName' },
    { property: 'traceId', to: Trace, toProperty: 'id' },
  ],
};
