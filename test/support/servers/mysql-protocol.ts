import type { Connection, RowDataPacket } from 'mysql2/promise';
import { withDatabase } from './search.js';
import type { ServerDriver } from './types.js';

/** mysql2 takes the scheme for granted, but not the word "mariadb". */
async function connected<T>(url: string, use: (connection: Connection) => Promise<T>): Promise<T> {
  const { createConnection } = await import('mysql2/promise');
  const connection = await createConnection({
    uri: url.replace(/^mariadb:/, 'mysql:'),
    connectTimeout: 5000,
  });
  try {
    return await use(connection);
  } finally {
    await connection.end();
  }
}

/** The version as the server tells it, such as `10.11.19-MariaDB-0+deb12u1` or `8.4.2`. */
export async function serverVersion(url: string): Promise<string> {
  return connected(url, async (connection) => {
    const [rows] = await connection.query<RowDataPacket[]>('SELECT VERSION() AS version');
    return String(rows[0]?.['version']);
  });
}

/** MariaDB and MySQL create, list and drop databases in the same words. */
export const mysqlDatabases: Omit<ServerDriver, 'find'> = {
  listTestDatabases: (adminUrl) =>
    connected(adminUrl, async (connection) => {
      const [rows] = await connection.query<RowDataPacket[]>(
        String.raw`SELECT schema_name AS name FROM information_schema.schemata WHERE schema_name LIKE 'dbtool\_test\_%'`,
      );
      return rows.map((row) => String(row['name']));
    }),
  // The server's default character set stays: dbtool must cope with what customers have.
  createDatabase: (adminUrl, name) =>
    connected(adminUrl, async (connection) => {
      await connection.query(`CREATE DATABASE ${name}`);
      return withDatabase(adminUrl, name);
    }),
  dropDatabase: (adminUrl, name) =>
    connected(adminUrl, async (connection) => {
      await endConnections(connection, name);
      await connection.query(`DROP DATABASE IF EXISTS ${name}`);
    }),
};

/** A transaction that a killed test left open would hold its metadata lock, and DROP would wait for it. */
async function endConnections(connection: Connection, database: string): Promise<void> {
  const [rows] = await connection.query<RowDataPacket[]>(
    'SELECT id FROM information_schema.processlist WHERE db = ?',
    [database],
  );
  for (const row of rows) {
    try {
      await connection.query(`KILL CONNECTION ${Number(row['id'])}`);
    } catch (error) {
      if ((error as { code?: string }).code !== 'ER_NO_SUCH_THREAD') throw error;
    }
  }
}
