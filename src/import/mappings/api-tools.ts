import { ApiTool } from '../../entities/api-tool.js';
import type { Mapping } from '../mapping.js';
import { CONFIGURED_COLUMNS, CONFIGURED_CURSOR, withSystemName } from './configured.js';

export const apiTools: Mapping = {
  collection: 'api_tools',
  entity: ApiTool,
  id: 'derived',
  cursor: CONFIGURED_CURSOR,
  upgrade: withSystemName('name'),
  columns: CONFIGURED_COLUMNS,
};
