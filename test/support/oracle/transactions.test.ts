import { afterAll, beforeAll, beforeEach, expect, it } from '@jest/globals';
import oracledb, { type Connection } from 'oracledb';
import {
  type TestUser,
  asAdministrator,
  closeAll,
  connectAs,
  createUser,
  describeStandIn,
} from './self-test.js';

const LOCK = 4711;

async function request(connection: Connection, seconds = 0, releaseOnCommit = 'FALSE'): Promise<number> {
  const { outBinds } = await connection.execute<{ result: number }>(
    `BEGIN :result := DBMS_LOCK.REQUEST(${LOCK}, DBMS_LOCK.X_MODE, ${seconds}, ${releaseOnCommit}); END;`,
    { result: { dir: oracledb.BIND_OUT, type: oracledb.NUMBER } },
  );
  return outBinds?.result ?? Number.NaN;
}

async function release(connection: Connection): Promise<void> {
  await connection.execute(`DECLARE released INTEGER; BEGIN released := DBMS_LOCK.RELEASE(${LOCK}); END;`);
}

async function kill(user: TestUser): Promise<void> {
  await asAdministrator(async (admin) => {
    const { rows } = await admin.execute<[number, number]>(
      'SELECT sid, serial# FROM v$session WHERE username = :name',
      [user.user],
    );
    for (const [sid, serial] of rows ?? [])
      await admin.execute(`ALTER SYSTEM DISCONNECT SESSION '${sid},${serial}' IMMEDIATE`);
  });
}

describeStandIn('sessions and transactions of the Oracle stand-in', () => {
  let user: TestUser;
  let one: Connection;
  let other: Connection;
  beforeAll(async () => {
    user = await createUser();
    one = await connectAs(user);
    await one.execute('CREATE TABLE t (id NUMBER(10) PRIMARY KEY, name VARCHAR2(20))');
  });
  beforeEach(async () => {
    one = await connectAs(user);
    other = await connectAs(user);
    await one.execute('TRUNCATE TABLE t');
    await one.execute(`INSERT INTO t VALUES (1, 'one')`, [], { autoCommit: true });
  });
  afterAll(closeAll);

  const names = async (connection: Connection): Promise<unknown[]> =>
    ((await connection.execute<[string]>('SELECT name FROM t ORDER BY id')).rows ?? []).map(([name]) => name);

  it('show others only what is committed, and roll back', async () => {
    await one.execute(`UPDATE t SET name = 'uno' WHERE id = 1`);
    expect(one.transactionInProgress).toBe(true);
    expect(await names(other)).toEqual(['one']);
    await one.commit();
    expect(one.transactionInProgress).toBe(false);
    expect(await names(other)).toEqual(['uno']);
    await one.execute('DELETE FROM t');
    await one.rollback();
    expect(await names(one)).toEqual(['uno']);
  });

  it('know savepoints, and commit before DDL', async () => {
    await one.execute(`UPDATE t SET name = 'a' WHERE id = 1`);
    await one.execute('SAVEPOINT here');
    await one.execute(`UPDATE t SET name = 'b' WHERE id = 1`);
    await one.execute('ROLLBACK TO SAVEPOINT here');
    expect(await names(one)).toEqual(['a']);
    await expect(one.execute('ROLLBACK TO nowhere')).rejects.toMatchObject({ errorNum: 1086 });
    await expect(one.execute('CREATE TABLE t (id NUMBER)')).rejects.toMatchObject({ errorNum: 955 });
    await one.rollback();
    expect(await names(other)).toEqual(['a']);
  });

  it('roll back when the connection is closed', async () => {
    await one.execute('DELETE FROM t');
    await one.close();
    expect(await names(other)).toEqual(['one']);
  });

  it('set the isolation level first or not at all', async () => {
    await one.execute('SET TRANSACTION ISOLATION LEVEL SERIALIZABLE');
    expect(await names(one)).toEqual(['one']);
    await other.execute(`UPDATE t SET name = 'new'`, [], { autoCommit: true });
    expect(await names(one)).toEqual(['one']);
    await one.commit();
    expect(await names(one)).toEqual(['new']);
    await one.execute(`UPDATE t SET name = 'x'`);
    await expect(one.execute('SET TRANSACTION READ WRITE')).rejects.toMatchObject({ errorNum: 1453 });
    await one.rollback();
  });

  it('cannot serialise what another changed meanwhile', async () => {
    await one.execute('SET TRANSACTION ISOLATION LEVEL SERIALIZABLE');
    expect(await names(one)).toEqual(['one']);
    await other.execute(`UPDATE t SET name = 'new'`, [], { autoCommit: true });
    await expect(one.execute(`UPDATE t SET name = 'mine'`)).rejects.toMatchObject({ errorNum: 8177 });
    await one.rollback();
    expect((await one.execute(`UPDATE t SET name = 'mine'`)).rowsAffected).toBe(1);
    await one.rollback();
  });

  it('wait for rows that another holds', async () => {
    await one.execute(`UPDATE t SET name = 'first' WHERE id = 1`);
    let done = false;
    const waiting = other.execute(`UPDATE t SET name = name || '+' WHERE id = 1`).then(() => (done = true));
    await new Promise((resolve) => setTimeout(resolve, 700));
    expect(done).toBe(false);
    await one.commit();
    await waiting;
    await other.commit();
    expect(await names(one)).toEqual(['first+']);
  });

  it('wait no longer than FOR UPDATE says', async () => {
    await one.execute('SELECT id FROM t WHERE id = 1 FOR UPDATE');
    await expect(other.execute('SELECT id FROM t WHERE id = 1 FOR UPDATE NOWAIT')).rejects.toMatchObject({
      errorNum: 54,
    });
    const began = Date.now();
    await expect(other.execute('SELECT id FROM t WHERE id = 1 FOR UPDATE WAIT 1')).rejects.toMatchObject({
      errorNum: 30006,
    });
    expect(Date.now() - began).toBeGreaterThan(900);
    await one.rollback();
    expect((await other.execute('SELECT id FROM t WHERE id = 1 FOR UPDATE NOWAIT')).rows).toEqual([[1]]);
    await other.rollback();
  });

  it('find a deadlock', async () => {
    await one.execute(`INSERT INTO t VALUES (2, 'two')`, [], { autoCommit: true });
    await one.execute(`UPDATE t SET name = 'x' WHERE id = 1`);
    await other.execute(`UPDATE t SET name = 'x' WHERE id = 2`);
    const results = await Promise.allSettled([
      one.execute(`UPDATE t SET name = 'y' WHERE id = 2`).catch(async (error: unknown) => {
        await one.rollback();
        throw error;
      }),
      other.execute(`UPDATE t SET name = 'y' WHERE id = 1`).catch(async (error: unknown) => {
        await other.rollback();
        throw error;
      }),
    ]);
    const failures = results.filter((result) => result.status === 'rejected');
    expect(failures).toHaveLength(1);
    expect(failures[0]?.reason).toMatchObject({ errorNum: 60 });
    await Promise.all([one.rollback(), other.rollback()]);
  });

  it('stop a call that takes too long, and go on', async () => {
    await one.execute(`UPDATE t SET name = 'held' WHERE id = 1`);
    other.callTimeout = 300;
    const began = Date.now();
    await expect(other.execute(`UPDATE t SET name = 'late' WHERE id = 1`)).rejects.toMatchObject({
      code: 'NJS-123',
    });
    expect(Date.now() - began).toBeLessThan(5000);
    await expect(other.execute('BEGIN DBMS_SESSION.SLEEP(20); END;')).rejects.toMatchObject({
      code: 'NJS-123',
    });
    other.callTimeout = 0;
    expect((await other.execute('SELECT 1 FROM dual')).rows).toEqual([[1]]);
    await one.rollback();
    expect(await names(other)).toEqual(['one']);
  });

  it('stop a query that runs when it is broken', async () => {
    const rows = Array.from({ length: 500 }, (_, id) => [id + 10]);
    await other.executeMany('INSERT INTO t (id) VALUES (:1)', rows);
    const endless = other.execute('SELECT COUNT(*) FROM t a, t b, t c, t d');
    const failing = expect(endless).rejects.toMatchObject({ errorNum: 1013 });
    await new Promise((resolve) => setTimeout(resolve, 200));
    await other.break();
    await failing;
    expect((await other.execute('SELECT COUNT(*) FROM t')).rows).toEqual([[501]]);
    await other.rollback();
  });

  it('break when they are killed: in a call, and before one', async () => {
    const killed = await createUser();
    const [busy, idle] = [await connectAs(killed), await connectAs(killed)];
    await idle.execute('SELECT 1 FROM dual');
    const failing = expect(busy.execute('BEGIN DBMS_SESSION.SLEEP(20); END;')).rejects.toMatchObject({
      code: 'NJS-500',
    });
    await new Promise((resolve) => setTimeout(resolve, 200));
    await kill(killed);
    await failing;
    await expect(idle.execute('SELECT 1 FROM dual')).rejects.toMatchObject({ code: 'NJS-500' });
    expect(idle.isHealthy()).toBe(false);
  });

  it('hold user locks until they release them or end', async () => {
    expect(await request(one)).toBe(0);
    expect(await request(one)).toBe(4);
    expect(await request(other)).toBe(1);
    await one.execute('CREATE TABLE commits (id NUMBER)');
    expect(await request(other)).toBe(1);
    const waiting = request(other, 10);
    await release(one);
    expect(await waiting).toBe(0);
    await other.close();
    expect(await request(one, 5)).toBe(0);
    await release(one);
    expect(await request(one, 0, 'TRUE')).toBe(0);
    await one.commit();
    other = await connectAs(user);
    expect(await request(other)).toBe(0);
    await release(other);
  });

  it('give up a wait for a user lock in time, and when they are told to', async () => {
    expect(await request(one)).toBe(0);
    const began = Date.now();
    expect(await request(other, 1)).toBe(1);
    expect(Date.now() - began).toBeGreaterThan(900);
    other.callTimeout = 300;
    await expect(request(other, 30)).rejects.toMatchObject({ code: 'NJS-123' });
    await release(one);
  });

  it('take ALTER SESSION for what is known', async () => {
    await one.execute(
      `ALTER SESSION SET TIME_ZONE = 'Europe/Berlin' NLS_NUMERIC_CHARACTERS = '.,' NLS_SORT = BINARY`,
    );
    expect((await one.execute('SELECT SESSIONTIMEZONE FROM dual')).rows).toEqual([['Europe/Berlin']]);
    await expect(one.execute(`ALTER SESSION SET NLS_NONSENSE = 'x'`)).rejects.toMatchObject({
      errorNum: 2248,
    });
    await expect(one.execute(`ALTER SESSION SET TIME_ZONE = 'Mars/Base'`)).rejects.toMatchObject({
      errorNum: 1882,
    });
  });

  it('tell what they are', async () => {
    one.module = 'nightly';
    one.action = 'load';
    await one.execute(`BEGIN DBMS_APPLICATION_INFO.SET_CLIENT_INFO('batch 7'); END;`);
    const { rows } = await asAdministrator((admin) =>
      admin.execute(
        `SELECT module, action, client_info FROM v$session WHERE username = :1 AND module IS NOT NULL`,
        [user.user],
      ),
    );
    expect(rows).toEqual([['nightly', 'load', 'batch 7']]);
  });

  it.each([
    'BEGIN UPDATE t SET id = 1; END;',
    `BEGIN EXECUTE IMMEDIATE 'DROP TABLE t'; END;`,
    'BEGIN FOR i IN 1..2 LOOP NULL; END LOOP; END;',
    'BEGIN DBMS_OUTPUT.PUT_LINE(1); END;',
    'DECLARE x DATE; BEGIN NULL; END;',
  ])('refuse PL/SQL that they do not know: %s', async (block) => {
    await expect(one.execute(block)).rejects.toMatchObject({
      errorNum: 3001,
      message: expect.stringContaining('stand-in'),
    });
  });

  it('run the PL/SQL that they know, however it is written', async () => {
    const { outBinds } = await one.execute<{ a: number; b: string }>(
      `-- a comment
       declare n number; begin null; n := dbms_lock.request(id => 99, timeout => 0);
       :a := n; :b := 'it''s'; n := DBMS_LOCK.RELEASE(99); end;`,
      {
        a: { dir: oracledb.BIND_OUT, type: oracledb.NUMBER },
        b: { dir: oracledb.BIND_OUT, type: oracledb.STRING },
      },
    );
    expect(outBinds).toEqual({ a: 0, b: `it's` });
    await expect(one.execute('BEGIN nothing(1); END;')).rejects.toMatchObject({ errorNum: 6550 });
  });
});
