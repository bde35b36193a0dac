import { describe, it } from '@jest/globals';
import { randomBytes } from 'node:crypto';
import oracledb, { type Connection } from 'oracledb';
import { currentRun } from '../servers/current-run.js';
import { SERVICE } from './service.js';

/** A user of a test's own. Its name keeps what it sends out of the syntax gate. */
export interface TestUser {
  user: string;
  password: string;
  connectString: string;
}

const ALL_RIGHTS = [
  'CREATE SESSION',
  'CREATE TABLE',
  'CREATE SEQUENCE',
  'CREATE VIEW',
  'EXECUTE ON sys.dbms_lock',
];

const open = new Set<Connection>();
const users = new Set<string>();

function adminUrl(): URL | undefined {
  const server = currentRun().servers.oracle;
  const url = server.available ? new URL(server.url) : undefined;
  return url?.pathname === `/${SERVICE}` ? url : undefined;
}

/** Whether the run's Oracle is the stand-in: a real server needs no test of ours. */
export function standInIsHere(): boolean {
  return adminUrl() !== undefined;
}

/** A describe block of the stand-in's own tests; without it a skipped test that tells why. */
export function describeStandIn(name: string, define: () => void): void {
  const server = currentRun().servers.oracle;
  if (standInIsHere()) describe(name, define);
  else
    it.skip(`${name} (skipped: ${server.available ? 'a real Oracle is tested' : server.reason})`, () =>
      undefined);
}

/** Where the stand-in listens, and its administrator. */
export function administrator(): TestUser {
  const url = adminUrl();
  if (url === undefined) throw new Error('there is no stand-in in this run');
  return { user: url.username, password: url.password, connectString: `${url.host}${url.pathname}` };
}

/** @param rights what is granted to the user; by default all that dbtool needs */
export async function createUser(rights = ALL_RIGHTS, { quota = true } = {}): Promise<TestUser> {
  const admin = administrator();
  const user = `SELFTEST_${randomBytes(6).toString('hex')}`.toUpperCase();
  const password = `p${randomBytes(6).toString('hex')}`;
  await asAdministrator(async (connection) => {
    const place = quota ? 'QUOTA UNLIMITED ON users' : 'DEFAULT TABLESPACE users';
    await connection.execute(`CREATE USER ${user} IDENTIFIED BY "${password}" ${place}`);
    for (const right of rights) await connection.execute(`GRANT ${right} TO ${user}`);
  });
  users.add(user);
  return { user, password, connectString: admin.connectString };
}

export async function asAdministrator<T>(work: (connection: Connection) => Promise<T>): Promise<T> {
  const connection = await oracledb.getConnection(administrator());
  try {
    return await work(connection);
  } finally {
    await connection.close();
  }
}

/** A connection that `closeAll` closes. */
export async function connectAs(user: TestUser): Promise<Connection> {
  const connection = await oracledb.getConnection(user);
  open.add(connection);
  return connection;
}

/** Closes what was opened and drops what was created here. */
export async function closeAll(): Promise<void> {
  for (const connection of open) await connection.close().catch(ignoreLost);
  open.clear();
  await asAdministrator(async (connection) => {
    for (const user of users) await connection.execute(`DROP USER ${user} CASCADE`);
  });
  users.clear();
}

/** A test may have killed the connection. */
function ignoreLost(error: unknown): void {
  if (!/^NJS-(003|500)/.test((error as Error).message)) throw error;
}
