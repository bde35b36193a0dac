import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { Migrator } from '../../src/migrate/migrator.js';
import { createTestDatabase, forEachDatabase } from '../support/databases.js';
import { open } from '../support/open-database.js';

const NOTE = `INSERT INTO seen (how) SELECT current_setting('synchronous_commit')`;

forEachDatabase(
  'commits of a run of migrations',
  (kind) => {
    let folder: string;
    beforeAll(async () => {
      folder = await mkdtemp(join(tmpdir(), 'dbtool-lazy-'));
    });
    afterAll(() => rm(folder, { recursive: true }));

    const add = (number: number, options: string, ...statements: string[]): Promise<void> =>
      writeFile(
        join(folder, `${20260101000000 + number}-step.sql`),
        `-- migrate:up ${options}\n${statements.map((statement) => `${statement};`).join('\n')}\n`,
      );

    it('wait for the disk at the end, and around what no transaction holds together', async () => {
      const database = await createTestDatabase(kind);
      try {
        await add(1, '', 'CREATE TABLE seen (id serial PRIMARY KEY, how text)', NOTE);
        await add(2, 'transaction:false', NOTE);
        await add(3, '', NOTE);
        await add(4, '', NOTE);
        const seen = await open(database, async (opened) => {
          // The pool hands out the same connection again, so that what a run leaves behind shows.
          const migrator = () => new Migrator(opened, { folders: [folder], toolVersion: 'test' });
          await migrator().up();
          await add(5, '', NOTE, 'SELECT 1 / 0');
          await add(6, '', NOTE);
          await expect(migrator().up()).rejects.toMatchObject({ code: 'migrate.failed' });
          await opened.dataSource.query(NOTE);
          return opened.dataSource.query<{ how: string }[]>('SELECT how FROM seen ORDER BY id');
        });
        expect(seen.map(({ how }) => how)).toEqual(['off', 'on', 'off', 'on', 'on']);
      } finally {
        await database.drop();
      }
    });
  },
  { only: ['postgres'] },
);
