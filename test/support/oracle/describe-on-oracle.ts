import { afterAll, beforeAll, describe, it } from '@jest/globals';
import oracledb, { type BindParameters, type Connection, type Result } from 'oracledb';
import { createTestDatabase, type TestDatabase } from '../databases.js';
import { currentRun } from '../servers/current-run.js';
import { closeAll, connectAs, createUser, standInIsHere } from './self-test.js';

export interface OracleSession {
  connection: Connection;
  run: (sql: string, binds?: BindParameters) => Promise<Result<unknown[]>>;
  rows: (sql: string, binds?: BindParameters) => Promise<unknown[][]>;
}

/**
 * Tests of what Oracle does with a statement. The stand-in has to do the same, so a real server, where
 * one is given, is asked as well. There is a table ITEM with five rows.
 */
export function describeOnOracle(name: string, define: (session: OracleSession) => void): void {
  const { oracle } = currentRun().servers;
  if (!oracle.available) {
    it.skip(`${name} (skipped: ${oracle.reason})`, () => undefined);
    return;
  }
  describe(name, () => {
    const session = {} as OracleSession;
    let database: TestDatabase | undefined;
    beforeAll(async () => {
      if (!standInIsHere()) database = await createTestDatabase('oracle');
      session.connection = database ? await connectTo(database.url) : await connectAs(await createUser());
      session.run = (sql, binds = []) => session.connection.execute<unknown[]>(sql, binds);
      session.rows = async (sql, binds = []) => (await session.run(sql, binds)).rows ?? [];
      await createItems(session);
    });
    afterAll(async () => {
      if (database === undefined) return closeAll();
      await session.connection.close();
      await database.drop();
    });
    define(session);
  });
}

function connectTo(databaseUrl: string): Promise<Connection> {
  const { username: user, password, host, pathname } = new URL(databaseUrl);
  return oracledb.getConnection({ user, password, connectString: `${host}${pathname}` });
}

async function createItems({ run, connection }: OracleSession): Promise<void> {
  await run(`ALTER SESSION SET TIME_ZONE = 'UTC' NLS_NUMERIC_CHARACTERS = '.,' NLS_SORT = BINARY`);
  await run(`CREATE TABLE item (
    id NUMBER(10) PRIMARY KEY, grp VARCHAR2(10 CHAR), n NUMBER, d DATE, ts TIMESTAMP(3),
    ltz TIMESTAMP(3) WITH LOCAL TIME ZONE, dbl BINARY_DOUBLE, doc CLOB, flag NUMBER(1) DEFAULT 0 NOT NULL)`);
  for (const [id, grp, n, day] of [
    [1, 'a', 10, '2024-01-31'],
    [2, 'a', 20, '2024-02-29'],
    [3, 'b', 30, '2024-03-31'],
    [4, 'b', null, '2024-10-27'],
    [5, null, 50, '2024-12-31'],
  ] as const)
    await run(
      `INSERT INTO item (id, grp, n, d, ts, ltz, dbl, doc) VALUES (:1, :2, :3, TO_DATE('${day}', 'YYYY-MM-DD'),
       TIMESTAMP '${day} 10:20:30.125', TIMESTAMP '${day} 10:20:30.125 +00:00', :4, :5)`,
      [id, grp, n, n, JSON.stringify({ a: { b: id }, list: ['x', grp] })],
    );
  await connection.commit();
}
