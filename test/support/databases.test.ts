import { expect, it } from '@jest/globals';
import { existsSync } from 'node:fs';
import { createConnection } from 'mysql2/promise';
import pg from 'pg';
import { createTestDatabase, forEachDatabase } from './databases.js';
import { currentRun } from './servers/current-run.js';
import { SERVER_DRIVERS } from './servers/drivers.js';
import { dropDatabases } from './servers/lifecycle.js';
import { isOfRun, isStale } from './servers/names.js';
import type { ServerKind } from './servers/types.js';

forEachDatabase('createTestDatabase', (kind) => {
  it('gives every caller an empty database of its own and drops it', async () => {
    const [first, second] = await Promise.all([createTestDatabase(kind), createTestDatabase(kind)]);
    expect(first.url).not.toBe(second.url);
    expect(new URL(first.url).protocol).toBe(`${kind}:`);
    await Promise.all([first.drop(), second.drop()]);
    // A test may drop its database itself although its afterEach does so again.
    await first.drop();
    if (kind === 'sqlite') expect(existsSync(first.url.slice('sqlite:'.length))).toBe(false);
    else expect((await namesOfThisRun(kind)).some((name) => first.url.includes(name))).toBe(false);
  });
});

forEachDatabase(
  'a test database on Postgres',
  (kind) => {
    it('sorts by language, not by bytes', async () => {
      const database = await createTestDatabase(kind);
      const client = new pg.Client(database.url);
      await client.connect();
      const { rows } = await client.query<{ word: string }>(
        `SELECT word FROM (VALUES ('b'), ('B'), ('a'), ('C')) AS words (word) ORDER BY word`,
      );
      await client.end();
      await database.drop();
      expect(rows.map((row) => row.word)).toEqual(['a', 'b', 'B', 'C']);
    });

    it('is dropped under an open connection', async () => {
      const database = await createTestDatabase(kind);
      const client = new pg.Client(database.url);
      const ended = new Promise<Error>((resolve) => client.on('error', resolve));
      await client.connect();
      await client.query('BEGIN');
      await client.query('CREATE TABLE t (id int)');
      await database.drop();
      expect((await ended).message).toContain('terminat');
    });
  },
  { only: ['postgres'] },
);

forEachDatabase(
  'a test database on MariaDB and MySQL',
  (kind) => {
    it('is dropped under an open transaction', async () => {
      const database = await createTestDatabase(kind);
      const connection = await createConnection(database.url.replace('mariadb:', 'mysql:'));
      connection.on('error', () => undefined);
      await connection.query('CREATE TABLE t (id int)');
      await connection.query('START TRANSACTION');
      await connection.query('SELECT * FROM t');
      await database.drop();
      await expect(connection.query('SELECT 1')).rejects.toThrow();
      expect((await namesOfThisRun(kind as ServerKind)).some((name) => database.url.endsWith(name))).toBe(
        false,
      );
    });
  },
  { only: ['mariadb', 'mysql'] },
);

forEachDatabase(
  'the databases that another run is using',
  (kind) => {
    it('are left alone when a run begins', async () => {
      const database = await createTestDatabase(kind);
      try {
        await dropDatabases(currentRun(), isStale);
        const left = await namesOfThisRun(kind as ServerKind);
        expect(left.some((name) => database.url.includes(name))).toBe(true);
      } finally {
        await database.drop();
      }
    });
  },
  { only: ['postgres', 'mariadb', 'mysql', 'oracle'] },
);

/** A URL holds its database's name behind the host, on Oracle as the user. */
async function namesOfThisRun(kind: ServerKind): Promise<string[]> {
  const { servers, id } = currentRun();
  const server = servers[kind];
  if (!server.available) throw new Error(server.reason);
  const names = await SERVER_DRIVERS[kind].listTestDatabases(server.url);
  return names.filter((name) => isOfRun(name, id));
}
