import { describe, expect, it } from '@jest/globals';
import type { DatabaseSettings } from '../../../src/config/settings.js';
import { parseDatabaseUrl } from '../../../src/database/database-url.js';
import { mariadb } from '../../../src/database/dialects/mysql.js';

function settings(mode: 'disable' | 'require' | 'verify'): DatabaseSettings {
  return { url: '', poolSize: 1, connectTimeout: 1000, statementTimeout: 0, tls: { mode } };
}

describe('TLS of MySQL and MariaDB', () => {
  const url = parseDatabaseUrl('mariadb://me@db1/genai');

  it.each([
    ['disable', undefined],
    ['require', { rejectUnauthorized: false, verifyIdentity: false }],
    ['verify', { rejectUnauthorized: true, verifyIdentity: true }],
  ] as const)('%s checks certificate and host name as it says', async (mode, expected) => {
    const options = await mariadb.dataSourceOptions(url, settings(mode), {});
    if (expected === undefined) expect(options).toMatchObject({ ssl: undefined });
    else expect(options).toMatchObject({ ssl: expected });
  });
});
