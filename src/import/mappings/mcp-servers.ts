import { McpServer } from '../../entities/mcp-server.js';
import type { Mapping } from '../mapping.js';
import { CONFIGURED_COLUMNS, CONFIGURED_CURSOR, withSystemName } from './configured.js';

export const mcpServers: Mapping = {
  collection: 'mcp_servers',
  entity: McpServer,
  id: 'derived',
  cursor: CONFIGURED_CURSOR,
  upgrade: withSystemName('name'),
  columns: CONFIGURED_COLUMNS,
};
