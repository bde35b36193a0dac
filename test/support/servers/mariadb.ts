import { join } from 'node:path';
import { mysqlDatabases, serverVersion } from './mysql-protocol.js';
import {
  findProgram,
  freePort,
  runToEnd,
  inServerFolder,
  startWatched,
  type OwnServer,
  unprivilegedUser,
  writeServerFiles,
} from './own-process.js';
import { type Attempt, explain, searchServer } from './search.js';
import type { ServerDriver } from './types.js';

const RUNNING = 'mariadb://root@127.0.0.1:3306/mysql';

export const mariadb: ServerDriver = {
  ...mysqlDatabases,
  find: () =>
    searchServer({
      kind: 'mariadb',
      variable: 'DBTOOL_TEST_MARIADB_URL',
      version,
      running,
      start,
      debianPackages: ['mariadb-server'],
    }),
};

async function version(url: string): Promise<string> {
  const told = await serverVersion(url);
  if (!told.includes('MariaDB')) throw new Error(`the server is MySQL ${told}, not MariaDB`);
  return `MariaDB ${told.replace(/-MariaDB.*$/, '')}`;
}

async function running(): Promise<Attempt> {
  try {
    return { url: RUNNING, version: await version(RUNNING), origin: 'already running on 127.0.0.1:3306' };
  } catch (error) {
    return { reason: `127.0.0.1:3306: ${explain(error)}` };
  }
}

/** A server of our own from installed programs, with its user `root` and without passwords. */
export async function start({ files, settings }: OwnServer = {}): Promise<Attempt> {
  const [install, daemon] = await findPrograms();
  if (install === undefined || daemon === undefined)
    return { reason: 'no mariadb-install-db and mariadbd installed' };
  const runAs = await unprivilegedUser(['mysql']);
  return inServerFolder('mariadb', runAs, async (folder) => {
    const data = join(folder, 'data');
    const setup = [`--datadir=${data}`, '--auth-root-authentication-method=normal', '--skip-test-db'];
    // --no-defaults has to come first, or the machine's own configuration takes part.
    await runToEnd(install, ['--no-defaults', ...setup], runAs, folder);
    await writeServerFiles(folder, files ?? {}, runAs);
    const port = await freePort();
    const place = [`--datadir=${data}`, `--socket=${join(folder, 's')}`, `--pid-file=${join(folder, 'pid')}`];
    // Nothing here has to survive a crash, so nothing waits for the disk.
    const unsafe = ['--innodb-flush-log-at-trx-commit=0', '--sync-binlog=0'];
    const args = [
      '--no-defaults',
      ...place,
      '--bind-address=127.0.0.1',
      `--port=${port}`,
      ...unsafe,
      ...(settings?.(folder) ?? []),
    ];
    const url = `mariadb://root@127.0.0.1:${port}/mysql`;
    const command = { command: daemon, args, folder, stopSignal: 'TERM' as const, runAs };
    const { ready, stop } = await startWatched(command, () => version(url));
    return { url, version: ready, origin: `started from ${daemon}`, stop };
  });
}

async function findPrograms(): Promise<[install: string | undefined, daemon: string | undefined]> {
  const folders = ['/usr/sbin', '/usr/local/sbin', '/usr/libexec'];
  return Promise.all([
    findProgram(['mariadb-install-db', 'mysql_install_db'], folders),
    findProgram(['mariadbd'], folders),
  ]);
}

export async function isInstalled(): Promise<boolean> {
  return (await findPrograms()).every((program) => program !== undefined);
}
