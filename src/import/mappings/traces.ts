import { AiModel } from '../../entities/ai-model.js';
import { Conversation } from '../../entities/conversation.js';
import { Prompt } from '../../entities/prompt.js';
import { Span } from '../../entities/span.js';
import { Trace } from '../../entities/trace.js';
import { copyFound, copyOf, type Mapping } from '../mapping.js';

/** The trace of a prompt template names it in the span that calls the model, and nowhere else. */
const PROMPT_TEMPLATE = {
  where: { field: 'type', is: 'prompt-template' },
  list: 'spans',
  keys: ['prompt_template', 'name'],
};

export const traces: Mapping = {
  collection: 'traces',
  entity: Trace,
  id: 'own',
  cursor: ['start_time'],
  unfinished: { fields: ['status'], holds: ({ status }) => status === 'running' },
  columns: {
    featureSystemName: copyFound(PROMPT_TEMPLATE, 'extra_data.params.system_name'),
    costTotal: copyOf('cost_details.total'),
  },
  children: [
    {
      entity: Span,
      field: 'spans',
      parent: 'traceId',
      columns: {
        promptTemplateName: copyOf('prompt_template.name'),
        promptTemplateVariant: copyOf('prompt_template.variant'),
        modelName: copyOf('model.name'),
        modelProvider: copyOf('model.provider'),
        tokensInput: copyOf('usage_details.input'),
        tokensCached: copyOf('usage_details.input_details.cached'),
        tokensOutput: copyOf('usage_details.output'),
        tokensReasoning: copyOf('usage_details.output_details.reasoning'),
        tokensTotal: copyOf('usage_details.total'),
        costTotal: copyOf('cost_details.total'),
      },
    },
  ],
  references: [
    { property: 'promptTemplateName', child: Span, to: Prompt, toProperty: 'systemName' },
    { property: 'modelName', child: Span, to: AiModel, toProperty: 'systemName' },
    { property: 'conversationId', child: Span, to: Conversation, toProperty: 'id' },
  ],
};
