import { ApiServer } from '../../entities/api-server.js';
import { McpServer } from '../../entities/mcp-server.js';
import type { Mapping } from '../mapping.js';
import { configured } from './configured.js';

export const apiServers: Mapping = configured('api_servers', ApiServer);
export const mcpServers: Mapping = configured('mcp_servers', McpServer);
