import { RagTool } from '../../entities/rag-tool.js';
import type { Mapping } from '../mapping.js';
import { CONFIGURED_COLUMNS, CONFIGURED_CURSOR, withSystemName } from './configured.js';

export const ragTools: Mapping = {
  collection: 'rag_tools',
  entity: RagTool,
  id: 'derived',
  cursor: CONFIGURED_CURSOR,
  upgrade: withSystemName('name'),
  columns: CONFIGURED_COLUMNS,
};
