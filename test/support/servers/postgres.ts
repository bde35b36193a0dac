import { readdir } from 'node:fs/promises';
import { userInfo } from 'node:os';
import { dirname, join } from 'node:path';
import type { Client } from 'pg';
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
import { type Attempt, explain, searchServer, withDatabase } from './search.js';
import type { ServerDriver } from './types.js';

const DEBIAN_PROGRAMS = '/usr/lib/postgresql';

export const postgres: ServerDriver = {
  find: () =>
    searchServer({
      kind: 'postgres',
      variable: 'DBTOOL_TEST_POSTGRES_URL',
      version,
      running,
      start,
      debianPackages: ['postgresql'],
    }),
  listTestDatabases: (adminUrl) =>
    connected(adminUrl, async (client) => {
      const { rows } = await client.query<{ datname: string }>(
        String.raw`SELECT datname FROM pg_database WHERE datname LIKE 'dbtool\_test\_%'`,
      );
      return rows.map((row) => row.datname);
    }),
  createDatabase: (adminUrl, name) =>
    connected(adminUrl, async (client) => {
      await client.query(
        `CREATE DATABASE ${name} TEMPLATE template0 ENCODING 'UTF8' ${await linguisticLocale(client)}`,
      );
      return withDatabase(adminUrl, name);
    }),
  dropDatabase: (adminUrl, name) =>
    connected(adminUrl, async (client) => {
      await client.query(`DROP DATABASE IF EXISTS ${name} WITH (FORCE)`);
    }),
};

async function connected<T>(url: string, use: (client: Client) => Promise<T>): Promise<T> {
  const { default: pg } = await import('pg');
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 5000 });
  await client.connect();
  try {
    return await use(client);
  } finally {
    await client.end();
  }
}

async function version(url: string): Promise<string> {
  return connected(url, async (client) => {
    const { rows } = await client.query<{ version: string; creates: boolean }>(
      `SELECT current_setting('server_version') AS version, rolsuper OR rolcreatedb AS creates
         FROM pg_roles WHERE rolname = current_user`,
    );
    if (rows[0]?.creates !== true) throw new Error('the user may not create databases');
    return `PostgreSQL ${rows[0].version}`;
  });
}

/**
 * The C locale sorts by bytes and so hides faults that customers with a linguistic locale see. ICU is
 * preferred: it is the same on every machine, and slim containers have no other locale than C.
 */
async function linguisticLocale(client: Client): Promise<string> {
  const { rows } = await client.query<{ version: number; icu: boolean; libc: string | null }>(
    `SELECT current_setting('server_version_num')::int AS version,
            EXISTS (SELECT FROM pg_collation WHERE collprovider = 'i') AS icu,
            (SELECT min(collcollate) FROM pg_collation
              WHERE collprovider = 'c' AND collcollate ~* '^en_US\\.utf-?8$') AS libc`,
  );
  const server = rows[0];
  if (server === undefined) return '';
  if (server.icu && server.version >= 150_000) return `LOCALE_PROVIDER icu ICU_LOCALE 'en-US'`;
  return server.libc === null ? '' : `LC_COLLATE '${server.libc}' LC_CTYPE '${server.libc}'`;
}

/** Only TCP is tried: the tests hand dbtool URLs of the form that its users write. */
async function running(): Promise<Attempt> {
  const users = new Set(['postgres', 'root', userInfo().username]);
  let reason = '';
  for (const user of users) {
    for (const credentials of [user, `${user}:postgres`]) {
      const url = `postgres://${credentials}@127.0.0.1:5432/postgres`;
      try {
        return { url, version: await version(url), origin: 'already running on 127.0.0.1:5432' };
      } catch (error) {
        reason = `127.0.0.1:5432: ${explain(error)}`;
        if ((error as NodeJS.ErrnoException).code === 'ECONNREFUSED') return { reason };
      }
    }
  }
  return { reason };
}

/** A server of our own from installed programs, with its superuser `postgres` and without passwords. */
export async function start(own: OwnServer = {}): Promise<Attempt> {
  const initdb = await findInitdb();
  if (initdb === undefined) return { reason: 'no initdb installed' };
  const programs = dirname(initdb);
  const runAs = await unprivilegedUser(['postgres']);
  return inServerFolder('postgres', runAs, async (folder) => {
    const data = join(folder, 'data');
    const settings = ['--username=postgres', '--auth=trust', '--encoding=UTF8', '--locale=C', '--no-sync'];
    await runToEnd(initdb, [`--pgdata=${data}`, ...settings], runAs, folder);
    await writeServerFiles(folder, own.files ?? {}, runAs);
    const port = await freePort();
    // Nothing here has to survive a crash, so nothing waits for the disk.
    const unsafe = ['fsync=off', 'synchronous_commit=off', 'full_page_writes=off'];
    const place = ['listen_addresses=127.0.0.1', `unix_socket_directories=${folder}`];
    const options = [...place, ...unsafe, ...(own.settings?.(folder) ?? [])];
    const url = `postgres://postgres@127.0.0.1:${port}/postgres`;
    const { ready, stop } = await startWatched(
      {
        command: join(programs, 'postgres'),
        args: ['-D', data, '-p', String(port), ...options.flatMap((option) => ['-c', option])],
        folder,
        // SIGINT is Postgres's fast shutdown; on SIGTERM it would wait for its clients.
        stopSignal: 'INT',
        runAs,
      },
      () => version(url),
    );
    return { url, version: ready, origin: `started from ${programs}`, stop };
  });
}

async function findInitdb(): Promise<string | undefined> {
  return findProgram(['initdb'], await debianFolders());
}

export async function isInstalled(): Promise<boolean> {
  return (await findInitdb()) !== undefined;
}

async function debianFolders(): Promise<string[]> {
  const versions = await readdir(DEBIAN_PROGRAMS).catch(() => []);
  const newestFirst = versions.sort((a, b) => Number(b) - Number(a));
  return newestFirst.map((name) => join(DEBIAN_PROGRAMS, name, 'bin'));
}
