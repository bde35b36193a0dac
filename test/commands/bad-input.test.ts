import { type AddressInfo, createServer, type Server } from 'node:net';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gunzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { runCli, type CliResult } from '../support/cli.js';
import { contentHashes } from '../support/content-hash.js';
import { createTestDatabase, forEachDatabase, type TestDatabase } from '../support/databases.js';
import { currentRun } from '../support/servers/current-run.js';
import { migrateUp, open } from '../support/open-database.js';

const DEMO = fileURLToPath(new URL('../../fixtures/demo-dump/genai', import.meta.url));
const SECRET = 's3cr3t/Pa:ss@word';

interface Case {
  args: string[];
  code: string;
  env?: Record<string, string>;
  /** Another database than the one that must stay as it is. */
  database?: string;
}

// On SQLite only: what is refused here is refused before the database matters.
describe('bad input', () => {
  let database: TestDatabase;
  let folder: string;
  let closedPort: number;
  let rude: Server;
  let before: Record<string, string>;

  beforeAll(async () => {
    database = await createTestDatabase('sqlite');
    await migrateUp(database);
    before = await open(database, contentHashes);
    folder = await mkdtemp(join(tmpdir(), 'dbtool-bad-input-'));
    const traces = gunzipSync(await readFile(join(DEMO, 'traces.bson.gz')));
    const providers = gunzipSync(await readFile(join(DEMO, 'providers.bson.gz')));
    for (const [name, bytes] of [
      ['truncated', traces.subarray(0, traces.length - 100)],
      ['no-bson', Buffer.from('this is a text file, and no BSON at all\n'.repeat(20))],
    ] as const) {
      await mkdir(join(folder, name));
      // The collection before it is good: it must not get in either.
      await writeFile(join(folder, name, 'providers.bson'), providers);
      await writeFile(join(folder, name, 'traces.bson'), bytes);
    }
    await mkdir(join(folder, 'empty'));
    await writeFile(
      join(folder, 'traces.json'),
      '{"_id": 1, "start_time": {"$date": "2025-01-01T00:00:00Z"}}\n{"_id": 2,',
    );
    await writeFile(join(folder, 'not-sqlite.sqlite'), 'hello '.repeat(1000));
    closedPort = await freePort();
    rude = createServer((socket) => socket.destroy());
    await new Promise<void>((resolve) => rude.listen(0, '127.0.0.1', resolve));
  });

  afterAll(async () => {
    rude.close();
    await rm(folder, { recursive: true });
    await database.drop();
  });

  const run = (
    args: string[],
    { env, database: url }: Pick<Case, 'env' | 'database'> = {},
  ): Promise<CliResult> =>
    runCli(args, { cwd: folder, env: { DBTOOL_DATABASE_URL: url ?? database.url, ...env } });

  const cases: Record<string, () => Case> = {
    'a dump that is not there': () => ({
      args: ['import', 'mongo', '--from', './nowhere'],
      code: 'import.source.missing',
    }),
    'a folder without a dump': () => ({
      args: ['import', 'mongo', '--from', './empty'],
      code: 'import.source.empty',
    }),
    'a truncated .bson file': () => ({
      args: ['import', 'mongo', '--from', './truncated'],
      code: 'import.source.truncated',
    }),
    'a file that is no BSON': () => ({
      args: ['import', 'mongo', '--from', './no-bson'],
      code: 'import.source.not-bson',
    }),
    'a JSON file that breaks off': () => ({
      args: ['import', 'mongo', '--from', './traces.json'],
      code: 'import.source.not-json',
    }),
    'no source at all': () => ({ args: ['import', 'mongo'], code: 'usage.flag.missing' }),
    'a source URL of another kind': () => ({
      args: ['import', 'mongo', '--from', 'http://localhost/genai'],
      code: 'config.url.invalid',
    }),
    'a source URL without a database': () => ({
      args: ['import', 'mongo', '--from', 'mongodb://localhost'],
      code: 'config.url.invalid',
    }),
    'a MongoDB that is not there': () => ({
      args: ['import', 'mongo', '--from', `mongodb://127.0.0.1:${closedPort}/genai`],
      env: { DBTOOL_IMPORT_CONNECT_TIMEOUT: '300ms' },
      code: 'import.source.unreachable',
    }),
    'a password in --from': () => ({
      args: ['import', 'mongo', '--from', `mongodb://u:${encodeURIComponent(SECRET)}@localhost/genai`],
      code: 'config.password.in-flag',
    }),
    'a collection nobody knows': () => ({
      args: ['import', 'mongo', '--from', DEMO, '--collection', 'trcaes'],
      code: 'import.collection.unknown',
    }),
    'a collection that the source lacks': () => ({
      args: ['import', 'mongo', '--from', './truncated', '--collection', 'metrics'],
      code: 'import.collection.missing',
    }),
    'a --since that is no time': () => ({
      args: ['import', 'mongo', '--from', DEMO, '--since', '2025-02-30'],
      code: 'usage.time.invalid',
    }),
    'a rejects file that cannot be written': () => ({
      args: ['import', 'mongo', '--from', DEMO, '--rejects', './nowhere/rejects.ndjson'],
      code: 'import.rejects.unwritable',
    }),
    'a format nobody knows': () => ({
      args: ['report', 'traces', '--format', 'xml'],
      code: 'usage.flag.invalid',
    }),
    '--from after --to': () => ({
      args: ['report', 'traces', '--from', '2025-08-20', '--to', '2025-08-10'],
      code: 'usage.range.reversed',
    }),
    'a --limit that is no number': () => ({
      args: ['report', 'traces', '--limit', 'many'],
      code: 'usage.flag.invalid',
    }),
    'an output that cannot be written': () => ({
      args: ['report', 'traces', '--format', 'csv', '--output', './nowhere/traces.csv'],
      code: 'output.unwritable',
    }),
    'a trace that is not there': () => ({ args: ['report', 'trace', 'ffff'], code: 'report.trace.unknown' }),
    'a flag nobody knows': () => ({
      args: ['report', 'traces', '--stauts', 'error'],
      code: 'usage.flag.unknown',
    }),
    'a command nobody knows': () => ({ args: ['reprot', 'traces'], code: 'usage.command.unknown' }),
    'an environment nobody knows': () => ({
      args: ['report', 'traces', '--env', 'stagging'],
      code: 'config.environment.unknown',
    }),
    'a config file that is not there': () => ({
      args: ['config', 'show', '--config', 'nowhere.yaml'],
      code: 'config.unreadable',
    }),
    'settings with faults': () => ({
      args: ['config', 'show'],
      env: { DBTOOL_DATABASE_POOL_SIZE: '0', DBTOOL_DATABASE_TLS_MODE: 'maybe' },
      code: 'config.invalid',
    }),
    'a database URL of an unknown kind': () => ({
      args: ['migrate', 'status'],
      database: `mssql://sa:${encodeURIComponent(SECRET)}@h/db`,
      code: 'config.url.invalid',
    }),
    'a database file that is not there': () => ({
      args: ['report', 'traces'],
      database: 'sqlite:nowhere.sqlite',
      code: 'database.missing',
    }),
    'a file that is no database': () => ({
      args: ['migrate', 'status'],
      database: 'sqlite:not-sqlite.sqlite',
      code: 'database.missing',
    }),
    'a Postgres that is not there': () => ({
      args: ['migrate', 'up'],
      database: `postgres://u:${encodeURIComponent(SECRET)}@127.0.0.1:${closedPort}/db`,
      code: 'database.unreachable',
    }),
    'a MariaDB that is not there': () => ({
      args: ['migrate', 'up'],
      database: `mariadb://u:${encodeURIComponent(SECRET)}@127.0.0.1:${closedPort}/db`,
      code: 'database.unreachable',
    }),
    'an Oracle that is not there': () => ({
      args: ['migrate', 'up'],
      database: `oracle://u:${encodeURIComponent(SECRET)}@127.0.0.1:${closedPort}/db`,
      code: 'database.unreachable',
    }),
    'a server that hangs up on Postgres': () => ({
      args: ['migrate', 'up'],
      database: `postgres://u@127.0.0.1:${(rude.address() as AddressInfo).port}/db`,
      code: 'database.unreachable',
    }),
    'a server that hangs up on MariaDB': () => ({
      args: ['migrate', 'up'],
      database: `mariadb://u@127.0.0.1:${(rude.address() as AddressInfo).port}/db`,
      code: 'database.unreachable',
    }),
    'a server that hangs up on Oracle': () => ({
      args: ['migrate', 'up'],
      database: `oracle://u:p@127.0.0.1:${(rude.address() as AddressInfo).port}/db`,
      code: 'database.unreachable',
    }),
    'a host that does not exist': () => ({
      args: ['migrate', 'up'],
      database: 'postgres://u@no-such-host.invalid/db',
      code: 'database.unreachable',
    }),
    'a host of Oracle that does not exist': () => ({
      args: ['migrate', 'up'],
      database: 'oracle://u:p@no-such-host.invalid/db',
      code: 'database.unreachable',
    }),
  };

  for (const [name, make] of Object.entries(cases)) {
    it(`${name}: coded, exit 2, nothing written`, async () => {
      const { args, code, ...rest } = make();
      // One after the other: two imports at once are refused.
      const plain = await run(args, rest);
      const json = await run([...args, '--json'], rest);
      expect({ code: plain.code, stdout: plain.stdout }).toEqual({ code: 2, stdout: '' });
      expect(plain.stderr).toMatch(new RegExp(`^Error: .*\\(${code.replaceAll('.', '\\.')}\\)`, 'm'));
      expect(plain.stderr).toMatch(/Fix: ./);
      expect(plain.stderr).not.toMatch(/\n {4}at /);
      expect(json.code).toBe(2);
      expect(JSON.parse(json.stdout)).toMatchObject({ ok: false, error: { code } });
      for (const shown of [SECRET, encodeURIComponent(SECRET), 's3cr3t'])
        expect(plain.stderr + json.stdout + json.stderr).not.toContain(shown);
    });
  }

  it('left the database as it was', async () => {
    expect(await open(database, contentHashes)).toEqual(before);
  });
});

forEachDatabase('bad input for a database', (kind) => {
  const run = (args: string[], url: string): Promise<CliResult> =>
    runCli(args, { env: { DBTOOL_DATABASE_URL: url } });

  it('is refused by every command that needs migrations, while they are pending', async () => {
    const empty = await createTestDatabase(kind);
    try {
      await migrateUp(empty);
      expect(await run(['migrate', 'down', '--yes'], empty.url)).toMatchObject({ code: 0 });
      for (const args of [
        ['import', 'mongo', '--from', DEMO],
        ['report', 'traces'],
        ['report', 'trace', 'x'],
      ]) {
        const { code, stderr, stdout } = await run(args, empty.url);
        expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
        expect(stderr).toContain('database.migrations.pending');
      }
    } finally {
      await empty.drop();
    }
  });

  if (kind === 'sqlite') return;

  it('is a database that the server does not have, or a user or password that it does not know', async () => {
    const server = currentRun().servers[kind];
    if (!server.available) throw new Error(server.reason);
    const url = new URL(server.url);
    url.pathname = '/no_such_database_here';
    expect((await run(['migrate', 'status', '--json'], url.href)).stdout).toContain('database.missing');
    url.username = 'nobody_of_that_name';
    url.password = encodeURIComponent(SECRET);
    const refused = await run(['migrate', 'status', '--json'], url.href);
    expect(refused.code).toBe(2);
    // Which of the two faults is told first is the server's choice.
    expect(refused.stdout).toMatch(/database\.(authentication|missing)/);
    expect(refused.stdout + refused.stderr).not.toContain('s3cr3t');
  });
});

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as { port: number };
  await new Promise((resolve) => server.close(resolve));
  return port;
}
