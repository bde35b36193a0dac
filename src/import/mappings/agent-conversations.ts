import { Agent } from '../../entities/agent.js';
import { Conversation } from '../../entities/conversation.js';
import { ConversationMessage } from '../../entities/conversation-message.js';
import { Trace } from '../../entities/trace.js';
import { from, type Mapping } from '../mapping.js';

/** Chats with agents, with a row for each message. Metrics and spans refer to them by their own id. */
export const agentConversations: Mapping = {
  collection: 'agent_conversations',
  entity: Conversation,
  id: 'own',
  cursor: ['updated_at', '_metadata.modified_at', 'last_user_message_at'],
  // The user's last message is older than the answer to it.
  unfinished: ({ updated_at, status }) => !(updated_at instanceof Date) && status !== 'Closed',
  columns: {
    createdAt: from('created_at', '_metadata.created_at'),
    updatedAt: from('updated_at', '_metadata.modified_at'),
  },
  children: [{ entity: ConversationMessage, field: 'messages', parent: 'conversationId' }],
  references: [
    { property: 'agent', to: Agent, toProperty: 'systemName' },
    { property: 'traceId', to: Trace, toProperty: 'id' },
  ],
};
