import { AiModel } from '../../entities/ai-model.js';
import { from, type Mapping } from '../mapping.js';
import { CONFIGURED_COLUMNS, CONFIGURED_CURSOR, withSystemName } from './configured.js';

export const models: Mapping = {
  collection: 'models',
  entity: AiModel,
  id: 'derived',
  cursor: CONFIGURED_CURSOR,
  upgrade: withSystemName('name', 'display_name', 'ai_model', 'model'),
  columns: {
    ...CONFIGURED_COLUMNS,
    // Older documents call the field `model`.
    aiModel: from('ai_model', 'model'),
  },
};
