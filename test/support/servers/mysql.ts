import { mysqlDatabases, serverVersion } from './mysql-protocol.js';
import { searchServer } from './search.js';
import type { ServerDriver } from './types.js';

export const mysql: ServerDriver = {
  ...mysqlDatabases,
  find: () => searchServer({ kind: 'mysql', variable: 'DBTOOL_TEST_MYSQL_URL', version }),
};

async function version(url: string): Promise<string> {
  const told = await serverVersion(url);
  if (told.includes('MariaDB')) throw new Error(`the server is MariaDB ${told}, not MySQL`);
  return `MySQL ${told}`;
}
