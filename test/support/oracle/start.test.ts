import { expect, it } from '@jest/globals';
import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import oracledb from 'oracledb';
import { PRELOAD } from './driver/paths.js';
import {
  administrator,
  asAdministrator,
  closeAll,
  connectAs,
  createUser,
  describeStandIn,
} from './self-test.js';
import { startStandIn } from './start.js';

const ROOT = fileURLToPath(new URL('../../../', import.meta.url));
const run = promisify(execFile);

describeStandIn('starting the Oracle stand-in', () => {
  it('gives a server of its own, which leaves the statements that it was sent and ends', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'dbtool-standin-'));
    try {
      const file = join(folder, 'statements.json');
      const started = await startStandIn(file);
      if ('reason' in started) throw new Error(started.reason);
      const { username, password, host, pathname } = new URL(started.url);
      const admin = await oracledb.getConnection({
        user: username,
        password,
        connectString: `${host}${pathname}`,
      });
      for (const user of ['some_user', 'user_of_selftest']) {
        await admin.execute(`CREATE USER ${user} IDENTIFIED BY "secret"`);
        await admin.execute(`GRANT CREATE SESSION TO ${user}`);
        const connection = await oracledb.getConnection({
          user,
          password: 'secret',
          connectString: `${host}${pathname}`,
        });
        await connection.execute('SELECT 2 FROM dual');
        await connection.execute('SELECT 1 FROM dual WHERE 1 = :one', [1]);
        await connection.execute('SELECT 1 FROM dual WHERE 1 = :one', [2]);
        await expect(connection.execute('SELECT 1 FROM dual;')).rejects.toMatchObject({ errorNum: 933 });
        if (user === 'user_of_selftest') await connection.execute('SELECT 3 FROM dual');
        await connection.close();
      }
      await admin.close();
      await started.stop?.();
      expect(JSON.parse(await readFile(file, 'utf8'))).toEqual([
        'SELECT 1 FROM dual WHERE 1 = :one',
        'SELECT 2 FROM dual',
      ]);
      await expect(
        oracledb.getConnection({ user: username, password, connectString: `${host}${pathname}` }),
      ).rejects.toMatchObject({ code: 'NJS-503' });
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  });

  it('gives one that ends with whoever started it, even by SIGKILL', async () => {
    const program = `
      (await import('node:module')).register(${JSON.stringify(new URL('../typescript-loader.mjs', import.meta.url).href)});
      const { startStandIn } = await import(${JSON.stringify(new URL('./start.ts', import.meta.url).href)});
      console.log((await startStandIn()).url);
      setInterval(() => undefined, 1000);
    `;
    const starter = spawn(process.execPath, ['--input-type=module', '-e', program], { cwd: ROOT });
    const [line] = (await once(starter.stdout, 'data')) as [Buffer];
    const { username: user, password, host, pathname } = new URL(line.toString().trim());
    const connect = (): Promise<oracledb.Connection> =>
      oracledb.getConnection({ user, password, connectString: `${host}${pathname}` });
    const connection = await connect();
    starter.kill('SIGKILL');
    await once(starter, 'exit');
    await expect(untilBroken(connection)).resolves.toBe(true);
    // Its sessions may break a moment before its port closes.
    let outcome = '';
    for (const end = Date.now() + 10_000; outcome !== 'NJS-503' && Date.now() < end;)
      outcome = await connect().then(
        () => 'connected',
        (error: unknown) => (error as { code: string }).code,
      );
    expect(outcome).toBe('NJS-503');
  });

  it('says what it is', () => {
    expect(administrator().connectString).toMatch(/^127\.0\.0\.1:\d+\/DBTOOL_STANDIN$/);
  });
});

describeStandIn("the driver's patch in a program that is spawned", () => {
  it('works when the program imports the driver, and when it requires it', async () => {
    const user = await createUser();
    for (const load of [
      `(await import('oracledb')).default`,
      `createRequire(process.cwd() + '/x.js')('oracledb')`,
    ]) {
      const program = `
        import { createRequire } from 'node:module';
        const oracledb = ${load};
        const connection = await oracledb.getConnection(JSON.parse(process.argv[1]));
        const { rows } = await connection.execute('SELECT user FROM dual');
        await connection.close();
        console.log(rows[0][0]);
      `;
      const args = ['--require', PRELOAD, '--input-type=module', '-e', program, JSON.stringify(user)];
      const { stdout } = await run(process.execPath, args, { cwd: ROOT });
      expect(stdout.trim()).toBe(user.user);
    }
    await closeAll();
  });

  it('loads nothing until the driver is loaded', async () => {
    const program = `console.log(JSON.stringify(Object.keys(require.cache)))`;
    const { stdout } = await run(process.execPath, ['--require', PRELOAD, '-e', program], { cwd: ROOT });
    expect(JSON.parse(stdout)).toEqual([PRELOAD]);
  });

  it('leaves connections to other services to the driver', async () => {
    const { connectString } = administrator();
    const program = `
      const oracledb = require('oracledb');
      const connectString = process.argv[1];
      oracledb.getConnection({ user: 'u', password: 'p', connectString }).catch((error) => console.log(error.code));
    `;
    const elsewhere = connectString.replace(/\/.*/, '/ORCL');
    const { stdout } = await run(process.execPath, ['--require', PRELOAD, '-e', program, elsewhere], {
      cwd: ROOT,
    });
    expect(stdout.trim()).toBe('NJS-518');
  });
});

describeStandIn('the administrator of the Oracle stand-in', () => {
  it('sees users and sessions, which come and go', async () => {
    const user = await createUser();
    const connection = await connectAs(user);
    const sessions = (): Promise<unknown> =>
      asAdministrator(
        async (admin) =>
          (await admin.execute('SELECT COUNT(*) FROM v$session WHERE username = :1', [user.user])).rows?.[0],
      );
    expect(await sessions()).toEqual([1]);
    await connection.close();
    expect(await sessions()).toEqual([0]);
    const listed = await asAdministrator((admin) =>
      admin.execute('SELECT username FROM all_users WHERE username = :1', [user.user]),
    );
    expect(listed.rows).toEqual([[user.user]]);
    await closeAll();
  });
});

/** Whether the connection breaks within ten seconds. */
async function untilBroken(connection: oracledb.Connection): Promise<boolean> {
  for (const end = Date.now() + 10_000; Date.now() < end;) {
    const isThere = await connection.ping().then(
      () => true,
      () => false,
    );
    if (!isThere) return true;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  return false;
}
