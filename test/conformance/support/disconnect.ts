import { createConnection } from 'mysql2/promise';
import oracledb from 'oracledb';
import pg from 'pg';
import type { DatabaseKind, TestDatabase } from '../../support/databases.js';
import { currentRun } from '../../support/servers/current-run.js';
import type { ServerKind } from '../../support/servers/types.js';

/** Has the server end every connection to the test database but the one that asks for it. */
export async function disconnectAll(database: TestDatabase): Promise<void> {
  if (database.kind === 'sqlite') throw new Error('SQLite has no connections to end');
  await DISCONNECT[database.kind](database);
}

const DISCONNECT: Record<ServerKind, (database: TestDatabase) => Promise<void>> = {
  postgres: async ({ url }) => {
    const client = new pg.Client(adminUrl('postgres'));
    await client.connect();
    const name = new URL(url).pathname.slice(1);
    await client.query('SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = $1', [name]);
    await client.end();
  },
  mariadb: endMysqlConnections,
  mysql: endMysqlConnections,
  oracle: async ({ url }) => {
    const admin = new URL(adminUrl('oracle'));
    const connection = await oracledb.getConnection({
      user: decodeURIComponent(admin.username),
      password: decodeURIComponent(admin.password),
      connectString: `${admin.host}${admin.pathname}`,
    });
    const user = decodeURIComponent(new URL(url).username).toUpperCase();
    const { rows = [] } = await connection.execute<[number, number]>(
      'SELECT sid, serial# FROM v$session WHERE username = :1',
      [user],
    );
    for (const [sid, serial] of rows)
      await connection.execute(`ALTER SYSTEM DISCONNECT SESSION '${sid},${serial}' IMMEDIATE`);
    await connection.close();
  },
};

async function endMysqlConnections({ kind, url }: TestDatabase): Promise<void> {
  const connection = await createConnection(adminUrl(kind as ServerKind).replace('mariadb:', 'mysql:'));
  const [rows] = await connection.query('SELECT id FROM information_schema.processlist WHERE db = ?', [
    new URL(url).pathname.slice(1),
  ]);
  for (const { id } of rows as { id: number }[]) await connection.query(`KILL ${id}`);
  await connection.end();
}

function adminUrl(kind: Exclude<DatabaseKind, 'sqlite'>): string {
  const server = currentRun().servers[kind];
  if (!server.available) throw new Error(server.reason);
  return server.url;
}
