import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import pg from 'pg';
import { runCli } from '../support/cli.js';
import { createTestDatabase, forEachDatabase, type TestDatabase } from '../support/databases.js';

const DEMO_DUMP = fileURLToPath(new URL('../../fixtures/demo-dump/genai', import.meta.url));
/** East and west of UTC, with and without summer time, and one that is off by three quarters of an hour. */
const ZONES = ['UTC', 'America/New_York', 'Europe/Riga', 'Asia/Kathmandu'];

let folder: string;
/** Of the first that ran; all others must give the same bytes. */
const expected: Record<string, string> = {};

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'dbtool-time-zones-'));
});

afterAll(() => rm(folder, { recursive: true }));

/** Runs the program in the zone and expects the exit code. */
async function dbtool(url: string, zone: string, code: number, args: string[]): Promise<string> {
  const result = await runCli(args, {
    env: { DBTOOL_DATABASE_URL: url, TZ: zone },
    timeoutMs: 120_000,
  });
  expect({ args, code: result.code, stderr: result.code === code ? '' : result.stderr }).toEqual({
    args,
    code,
    stderr: '',
  });
  return result.stdout;
}

const nameOf = (url: string): string => url.slice(url.lastIndexOf('/') + 1);

/** What was rejected, which is the first thing in which a time is written. */
async function fill(url: string, zone: string): Promise<string> {
  const rejects = join(folder, `${zone.replace('/', '-')}-${Date.now()}.ndjson`);
  await dbtool(url, zone, 0, ['migrate', 'up']);
  await dbtool(url, zone, 4, ['import', 'mongo', '--from', DEMO_DUMP, '--rejects', rejects]);
  // A database that refuses a row may tell its own name.
  return (await readFile(rejects, 'utf8')).replaceAll(/dbtool_test_\w+/gi, '');
}

/** Everything in which times are filtered, sorted and shown. */
async function read({ kind, url }: TestDatabase, zone: string): Promise<Record<string, string>> {
  const report = (...args: string[]): Promise<string> => dbtool(url, zone, 0, ['report', ...args]);
  const csv = await report('traces', '--format', 'csv');
  const [, newest = ''] = csv.split('\n').map((line) => line.split(',')[0] ?? '');
  return {
    csv,
    table: await report('traces', '--limit', '20'),
    range: await report('traces', '--from', '2025-08-08', '--to', '2025-08-09T12:00', '--format', 'ndjson'),
    trace: await report('trace', newest),
    // Postgres orders the keys of JSON columns in its own way.
    [`json on ${kind}`]: await report('trace', newest, '--format', 'json'),
  };
}

/** Compared by name first: a difference is then shown, not two megabytes. */
function expectSame(found: Record<string, string>): void {
  const differing = Object.keys(found).filter((name) => found[name] !== (expected[name] ??= found[name]!));
  expect(differing).toEqual([]);
}

forEachDatabase('the main job in other time zones', (kind) => {
  let database: TestDatabase;
  let rejectsInUtc: string;

  beforeAll(async () => {
    database = await createTestDatabase(kind);
    rejectsInUtc = await fill(database.url, 'UTC');
  });

  afterAll(() => database.drop());

  it.each(ZONES)('gives the same bytes when what was written in UTC is read in %s', async (zone) => {
    const found = await read(database, zone);
    expect(found['csv']!.split('\n')).toHaveLength(2002);
    expect(found['range']!.split('\n').length).toBeGreaterThan(50);
    expect(found['trace']).toContain('█');
    expectSame(found);
  });

  it.each(ZONES.slice(1))('gives the same bytes when it was written in %s', async (zone) => {
    const other = await createTestDatabase(kind);
    try {
      expect((await fill(other.url, zone)) === rejectsInUtc).toBe(true);
      expectSame(await read(other, 'UTC'));
    } finally {
      await other.drop();
    }
  });
});

// On MySQL and MariaDB the zone that sessions begin with is the server's, which other tests use too.
forEachDatabase(
  'the main job in a database with a time zone and forms of its own',
  (kind) => {
    it('gives the same bytes', async () => {
      const database = await createTestDatabase(kind);
      const client = new pg.Client(database.url);
      try {
        await client.connect();
        for (const [setting, value] of [
          ['timezone', 'Asia/Kathmandu'],
          ['datestyle', 'German'],
          ['extra_float_digits', '-12'],
        ])
          await client.query(`ALTER DATABASE ${nameOf(database.url)} SET ${setting} = '${value}'`);
        await fill(database.url, 'Europe/Riga');
        expectSame(await read(database, 'America/New_York'));
        await client.query(`ALTER DATABASE ${nameOf(database.url)} RESET ALL`);
        expectSame(await read(database, 'UTC'));
      } finally {
        await client.end();
        await database.drop();
      }
    });
  },
  { only: ['postgres'] },
);
