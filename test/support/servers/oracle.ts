import { randomBytes } from 'node:crypto';
import type { Connection } from 'oracledb';
import { DEBIAN_PACKAGES, startStandIn } from '../oracle/start.js';
import { searchServer, withDatabase } from './search.js';
import type { ServerDriver } from './types.js';

/** On Oracle the tests' own "database" is a user with its schema. */
export const oracle: ServerDriver = {
  find: () =>
    searchServer({
      kind: 'oracle',
      variable: 'DBTOOL_TEST_ORACLE_URL',
      version,
      start: () => startStandIn(),
      debianPackages: DEBIAN_PACKAGES,
    }),
  listTestDatabases: (adminUrl) =>
    connected(adminUrl, async (connection) => {
      const { rows } = await connection.execute<[string]>(
        String.raw`SELECT username FROM all_users WHERE username LIKE 'DBTOOL\_TEST\_%' ESCAPE '\'`,
      );
      return (rows ?? []).map(([name]) => name.toLowerCase());
    }),
  createDatabase: (adminUrl, name) =>
    connected(adminUrl, async (connection) => {
      const password = `p${randomBytes(8).toString('hex')}`;
      await connection.execute(`CREATE USER ${name} IDENTIFIED BY "${password}" QUOTA UNLIMITED ON users`);
      const rights =
        'CREATE SESSION, CREATE TABLE, CREATE SEQUENCE, CREATE VIEW, CREATE PROCEDURE, CREATE TRIGGER';
      await connection.execute(`GRANT ${rights} TO ${name}`);
      await connection.execute(`GRANT EXECUTE ON sys.dbms_lock TO ${name}`);
      const url = new URL(withDatabase(adminUrl, new URL(adminUrl).pathname.slice(1)));
      url.username = name;
      url.password = password;
      return url.href;
    }),
  dropDatabase: (adminUrl, name) =>
    connected(adminUrl, (connection) => dropUser(connection, name.toUpperCase())),
};

const NO_SUCH_SESSION = 30;
const NO_SUCH_USER = 1918;

async function dropUser(connection: Connection, name: string): Promise<void> {
  const { rows } = await connection.execute<[number, number]>(
    `SELECT sid, serial# FROM v$session WHERE username = :name`,
    [name],
  );
  for (const [session, serial] of rows ?? []) {
    await unless(
      NO_SUCH_SESSION,
      connection.execute(`ALTER SYSTEM DISCONNECT SESSION '${session},${serial}' IMMEDIATE`),
    );
  }
  await unless(NO_SUCH_USER, connection.execute(`DROP USER ${name} CASCADE`));
}

/** Waits for the work, and passes over this one error: somebody was faster. */
async function unless(errorNum: number, work: Promise<unknown>): Promise<void> {
  try {
    await work;
  } catch (error) {
    if ((error as { errorNum?: number }).errorNum !== errorNum) throw error;
  }
}

async function connected<T>(adminUrl: string, use: (connection: Connection) => Promise<T>): Promise<T> {
  const { default: oracledb } = await import('oracledb');
  const url = new URL(adminUrl);
  const connection = await oracledb.getConnection({
    user: decodeURIComponent(url.username),
    password: decodeURIComponent(url.password),
    connectString: `${url.hostname}:${url.port === '' ? '1521' : url.port}${url.pathname}`,
  });
  try {
    return await use(connection);
  } finally {
    await connection.close();
  }
}

async function version(url: string): Promise<string> {
  return connected(url, (connection) => Promise.resolve(`Oracle ${connection.oracleServerVersionString}`));
}
