import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import type { OpenDatabase } from '../../src/database/data-source.js';
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

    const inFolder = async (
      files: Record<string, string>,
      test: (opened: OpenDatabase, migrator: () => Migrator) => Promise<void>,
    ) => {
      const own = await mkdtemp(join(folder, 'own-'));
      for (const [name, text] of Object.entries(files)) await writeFile(join(own, name), text);
      const database = await createTestDatabase(kind);
      try {
        await open(database, (opened) =>
          test(opened, () => new Migrator(opened, { folders: [own], toolVersion: `it's \\ "$1" \\'` })),
        );
      } finally {
        await database.drop();
      }
    };
    const sql = (text: string) => `-- migrate:up\n${text}\n`;
    const namesOf = async ({ dataSource }: OpenDatabase) =>
      (
        await dataSource.query<{ name: string }[]>('SELECT name FROM dbtool_migration_history ORDER BY run')
      ).map(({ name }) => name);

    it('that fail keep what was committed before, and nothing of their own', async () => {
      const files = {
        '20260101000001-one.sql': sql(
          'CREATE TABLE a (id int PRIMARY KEY, next int REFERENCES a (id) DEFERRABLE INITIALLY DEFERRED);',
        ),
        '20260101000002-two.sql': sql('CREATE TABLE b (id int);'),
        '20260101000003-three.sql': sql('CREATE TABLE c (id int);\nINSERT INTO a VALUES (1, 2);'),
        '20260101000004-four.sql': sql('CREATE TABLE d (id int);'),
      };
      await inFolder(files, async (opened, migrator) => {
        await expect(migrator().up()).rejects.toMatchObject({
          code: 'migrate.failed',
          details: { migration: '20260101000003-three' },
        });
        const tables = await opened.dataSource.query<{ name: string }[]>(
          `SELECT tablename AS name FROM pg_tables WHERE schemaname = current_schema() AND length(tablename) = 1 ORDER BY 1`,
        );
        expect(tables).toEqual([{ name: 'a' }, { name: 'b' }]);
        expect(await namesOf(opened)).toEqual(['20260101000001-one', '20260101000002-two']);
        // Nothing is left begun on the connection, which the pool hands out again.
        expect(await opened.dataSource.query('SELECT now() = statement_timestamp() AS fresh')).toEqual([
          { fresh: true },
        ]);
      });
    });

    it.each(['on', 'off'])(
      'write any text into the history, with standard_conforming_strings %s',
      async (setting) => {
        const files = {
          '20260101000001-settings.sql': sql(`SET standard_conforming_strings = ${setting};`),
          [`20260101000002-it's $1 \\' \\.sql`]: sql('CREATE TABLE b (id int);'),
          '20260101000003-last.sql': sql('CREATE TABLE c (id int);'),
        };
        await inFolder(files, async (opened, migrator) => {
          await migrator().up();
          expect(await namesOf(opened)).toEqual(
            Object.keys(files).map((name) => name.slice(0, -'.sql'.length)),
          );
          expect(
            await opened.dataSource.query('SELECT DISTINCT tool_version AS v FROM dbtool_migration_history'),
          ).toEqual([{ v: `it's \\ "$1" \\'` }]);
        });
      },
    );

    it('end also savepoints that a migration left open, and leave room for what can be planned only in between', async () => {
      const migration = (name: string, up: string) =>
        `class ${name} { async up(runner) { ${up} } async down() {} }\nmodule.exports = { ${name} };\n`;
      const files = {
        '20260101000001-open.cjs': migration(
          'Open1767225600001',
          `await runner.query('CREATE TABLE a (id int)'); await runner.startTransaction(); await runner.query('INSERT INTO a VALUES (1)');`,
        ),
        '20260101000002-reads.cjs': migration(
          'Reads1767225600002',
          `const [{ n }] = await runner.query('SELECT count(*)::int AS n FROM a'); await runner.query('CREATE TABLE b' + n + ' (id int)');`,
        ),
        '20260101000003-last.sql': sql('CREATE TABLE c (id int);'),
      };
      await inFolder(files, async (opened, migrator) => {
        await migrator().up();
        expect(await opened.dataSource.query('SELECT * FROM a, b1, c')).toEqual([]);
        expect(await opened.dataSource.query('SELECT * FROM a')).toEqual([{ id: 1 }]);
        expect(await namesOf(opened)).toHaveLength(3);
      });
    });
  },
  { only: ['postgres'] },
);
