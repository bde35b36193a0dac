import { afterAll, expect, it } from '@jest/globals';
import oracledb from 'oracledb';
import { freePort } from '../servers/own-process.js';
import {
  administrator,
  asAdministrator,
  closeAll,
  connectAs,
  createUser,
  describeStandIn,
} from './self-test.js';

describeStandIn('connecting to the Oracle stand-in', () => {
  afterAll(closeAll);

  it('is done by the real thin driver, which takes it for a 19c server', async () => {
    expect(oracledb.thin).toBe(true);
    const connection = await connectAs(await createUser());
    expect(connection.oracleServerVersionString).toBe('19.3.0.0.0');
    expect(connection.maxIdentifierLength).toBe(128);
    const { rows } = await connection.execute(
      `SELECT user, sys_context('USERENV', 'CURRENT_SCHEMA') FROM dual`,
    );
    expect(rows?.[0]).toEqual([expect.stringMatching(/^SELFTEST_/), expect.stringMatching(/^SELFTEST_/)]);
    expect(connection.isHealthy()).toBe(true);
    await connection.ping();
  });

  it('needs the right password', async () => {
    const user = await createUser();
    await expect(oracledb.getConnection({ ...user, password: 'wrong' })).rejects.toMatchObject({
      errorNum: 1017,
      code: 'ORA-01017',
    });
    await expect(oracledb.getConnection({ ...user, user: 'selftest_nobody' })).rejects.toMatchObject({
      errorNum: 1017,
    });
  });

  it('needs CREATE SESSION', async () => {
    const user = await createUser([]);
    await expect(oracledb.getConnection(user)).rejects.toMatchObject({ errorNum: 1045 });
  });

  it('needs its service, and a server', async () => {
    const { user, password, connectString } = administrator();
    const elsewhere = connectString.replace(/\/.*$/, '/NOSUCHSERVICE');
    await expect(oracledb.getConnection({ user, password, connectString: elsewhere })).rejects.toMatchObject({
      code: 'NJS-518',
    });
    const nowhere = `127.0.0.1:${await freePort()}/DBTOOL_STANDIN`;
    await expect(oracledb.getConnection({ user, password, connectString: nowhere })).rejects.toMatchObject({
      code: 'NJS-503',
    });
  });

  it('works from a pool, which hands sessions on', async () => {
    const user = await createUser();
    const pool = await oracledb.createPool({
      ...user,
      poolMin: 0,
      poolMax: 2,
      poolIncrement: 1,
      queueTimeout: 300,
    });
    try {
      const [first, second] = await Promise.all([pool.getConnection(), pool.getConnection()]);
      await expect(pool.getConnection()).rejects.toMatchObject({ code: 'NJS-040' });
      const waiting = pool.getConnection();
      await second.close();
      await (await waiting).close();
      await first.close();
      expect(pool.connectionsInUse).toBe(0);
    } finally {
      await pool.close(0);
    }
  });

  it('gives each user a schema of its own, which goes with the user', async () => {
    const [one, other] = [await createUser(), await createUser()];
    const [first, second] = [await connectAs(one), await connectAs(other)];
    await first.execute('CREATE TABLE mine (id NUMBER)');
    await expect(second.execute('SELECT * FROM mine')).rejects.toMatchObject({ errorNum: 942 });
    await asAdministrator(async (admin) => {
      await expect(admin.execute(`DROP USER ${one.user} CASCADE`)).rejects.toMatchObject({ errorNum: 1940 });
      await first.close();
      await expect(admin.execute(`DROP USER ${one.user}`)).rejects.toMatchObject({ errorNum: 1922 });
      await admin.execute(`DROP USER ${one.user} CASCADE`);
      await expect(admin.execute(`DROP USER ${one.user}`)).rejects.toMatchObject({ errorNum: 1918 });
      await admin.execute(`CREATE USER ${one.user} IDENTIFIED BY "${one.password}" QUOTA UNLIMITED ON users`);
      await admin.execute(`GRANT CREATE SESSION TO ${one.user}`);
    });
    const again = await connectAs(one);
    await expect(again.execute('SELECT * FROM mine')).rejects.toMatchObject({ errorNum: 942 });
  });

  it('lets a user do what was granted', async () => {
    const connection = await connectAs(await createUser(['CREATE SESSION']));
    const refused = { errorNum: 1031, message: expect.stringContaining('insufficient privileges') };
    await expect(connection.execute('CREATE TABLE t (id NUMBER)')).rejects.toMatchObject(refused);
    await expect(connection.execute('CREATE SEQUENCE s')).rejects.toMatchObject(refused);
    await expect(connection.execute(`CREATE USER selftest_x IDENTIFIED BY "x"`)).rejects.toMatchObject(
      refused,
    );
    await expect(connection.execute('SELECT * FROM v$session')).rejects.toMatchObject({ errorNum: 942 });
    await expect(
      connection.execute('BEGIN :result := DBMS_LOCK.REQUEST(1, DBMS_LOCK.X_MODE, 0); END;', {
        result: { dir: oracledb.BIND_OUT, type: oracledb.NUMBER },
      }),
    ).rejects.toMatchObject({ errorNum: 6550, message: expect.stringContaining('PLS-00201') });
  });

  it('needs a quota to store rows', async () => {
    const user = await createUser(['CREATE SESSION', 'CREATE TABLE'], { quota: false });
    const connection = await connectAs(user);
    await connection.execute('CREATE TABLE t (id NUMBER)');
    await expect(connection.execute('INSERT INTO t VALUES (1)')).rejects.toMatchObject({ errorNum: 1950 });
    await asAdministrator((admin) => admin.execute(`ALTER USER ${user.user} QUOTA UNLIMITED ON users`));
    expect((await connection.execute('INSERT INTO t VALUES (1)')).rowsAffected).toBe(1);
  });
});
