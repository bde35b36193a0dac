import { AiModel } from '../../entities/ai-model.js';
import { from, type Mapping } from '../mapping.js';
import { configured, withSystemName } from './configured.js';

const base = configured('models', AiModel);

export const models: Mapping = {
  ...base,
  upgrade: withSystemName('name', 'display_name', 'ai_model', 'model'),
  // Older documents call the field `model`.
  columns: { ...base.columns, aiModel: from('ai_model', 'model') },
};
