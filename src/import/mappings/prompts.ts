import { Prompt } from '../../entities/prompt.js';
import type { Mapping } from '../mapping.js';
import { CONFIGURED_COLUMNS, CONFIGURED_CURSOR, withSystemName } from './configured.js';

export const prompts: Mapping = {
  collection: 'prompts',
  entity: Prompt,
  id: 'derived',
  cursor: CONFIGURED_CURSOR,
  upgrade: withSystemName('name'),
  columns: CONFIGURED_COLUMNS,
};
