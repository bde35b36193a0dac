import { mariadb } from './mariadb.js';
import { mysql } from './mysql.js';
import { oracle } from './oracle.js';
import { postgres } from './postgres.js';
import type { ServerDriver, ServerKind } from './types.js';

export const SERVER_DRIVERS: Record<ServerKind, ServerDriver> = { postgres, mariadb, mysql, oracle };
export const SERVER_KINDS = Object.keys(SERVER_DRIVERS) as ServerKind[];
