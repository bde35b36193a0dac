import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from '@jest/globals';
import type { OpenDatabase } from '../../src/database/data-source.js';
import { DbtoolError } from '../../src/errors/dbtool-error.js';
import { Migrator } from '../../src/migrate/migrator.js';
import { requireMigrated } from '../../src/migrate/require-migrated.js';
import { createTestDatabase, forEachDatabase, type TestDatabase } from '../support/databases.js';
import { MIGRATIONS, open } from '../support/open-database.js';

/** Source of a migration that runs these statements. */
function migration(className: string, up: string[], down: string[]): string {
  const run = (statements: string[]): string =>
    statements.map((statement) => `    await runner.query(${JSON.stringify(statement)});`).join('\n');
  return `export class ${className} {\n  async up(runner) {\n${run(up)}\n  }\n  async down(runner) {\n${run(down)}\n  }\n}\n`;
}

async function down(migrator: Migrator): Promise<string[]> {
  const runs = await migrator.down(await migrator.downTargets({}));
  return runs.map(({ name }) => name);
}

const FIRST = '20250101000000-first';
const SECOND = '20250102000000-second';

forEachDatabase('the migrator', (kind) => {
  let database: TestDatabase;
  let folder: string;

  beforeEach(async () => {
    database = await createTestDatabase(kind);
    folder = await mkdtemp(join(tmpdir(), 'dbtool-migrations-'));
    await add(FIRST, ['CREATE TABLE one (id INTEGER)'], ['DROP TABLE one']);
    await add(SECOND, ['CREATE TABLE two (id INTEGER)'], ['DROP TABLE two']);
  });

  afterEach(async () => {
    await database.drop();
    await rm(folder, { recursive: true });
  });

  async function add(name: string, up: string[], down: string[]): Promise<void> {
    await writeFile(join(folder, `${name}.js`), migration(`M${name.slice(0, 14)}`, up, down));
  }

  const migrator = (opened: OpenDatabase, lockWait?: number): Migrator =>
    new Migrator(opened, { folders: [folder], toolVersion: '1.2.3', lockWait });
  const statuses = async (opened: OpenDatabase): Promise<string[]> =>
    (await migrator(opened).status()).map(({ name, status }) => `${name} ${status}`);
  const tables = async (opened: OpenDatabase): Promise<string[]> => {
    const runner = opened.dataSource.createQueryRunner();
    try {
      const found: string[] = [];
      for (const name of ['one', 'two', 'three'])
        if (await runner.hasTable(opened.dialect.identifier(name))) found.push(name);
      return found;
    } finally {
      await runner.release();
    }
  };
  const codeOf = async (work: Promise<unknown>): Promise<string> => {
    const error: unknown = await work.then(
      () => undefined,
      (reason: unknown) => reason,
    );
    return error instanceof DbtoolError ? error.code : `no coded error: ${String(error)}`;
  };

  it('applies what is pending, oldest first, and then nothing more', async () => {
    await open(database, async (opened) => {
      expect(await statuses(opened)).toEqual([`${FIRST} pending`, `${SECOND} pending`]);
      expect((await migrator(opened).up()).map(({ name }) => name)).toEqual([FIRST, SECOND]);
      expect(await statuses(opened)).toEqual([`${FIRST} applied`, `${SECOND} applied`]);
      expect(await migrator(opened).up()).toEqual([]);
      const [state] = await migrator(opened).status();
      expect(Math.abs(state!.appliedAt!.getTime() - Date.now())).toBeLessThan(60_000);
      expect(await tables(opened)).toEqual(['one', 'two']);
    });
  });

  it('takes back the newest, one at a time', async () => {
    await open(database, async (opened) => {
      await migrator(opened).up();
      expect(await down(migrator(opened))).toEqual([SECOND]);
      expect(await statuses(opened)).toEqual([`${FIRST} applied`, `${SECOND} pending`]);
      expect(await tables(opened)).toEqual(['one']);
      await down(migrator(opened));
      expect(await down(migrator(opened))).toEqual([]);
      expect(await tables(opened)).toEqual([]);
    });
  });

  it('leaves a clear state when a migration fails', async () => {
    await add('20250103000000-third', ['CREATE TABLE three (id INTEGER)', 'CREATE TABEL oops'], []);
    await open(database, async (opened) => {
      expect(await codeOf(migrator(opened).up())).toBe('migrate.failed');
      const [, , third] = await statuses(opened);
      if (opened.dialect.transactionalDdl) {
        // All or nothing.
        expect(third).toBe('20250103000000-third pending');
        expect(await tables(opened)).toEqual(['one', 'two']);
        await add('20250103000000-third-mended', [], []);
        await rm(join(folder, '20250103000000-third.js'));
        expect((await migrator(opened).up()).map(({ name }) => name)).toEqual([
          '20250103000000-third-mended',
        ]);
      } else {
        // What ran remains, and nothing more is done until somebody has looked.
        expect(third).toBe('20250103000000-third failed');
        expect(await tables(opened)).toEqual(['one', 'two', 'three']);
        expect(await codeOf(migrator(opened).up())).toBe('migrate.dirty');
        expect(await codeOf(down(migrator(opened)))).toBe('migrate.dirty');
      }
    });
  });

  it('refuses to take back a migration whose file is gone', async () => {
    await open(database, async (opened) => {
      await migrator(opened).up();
      await rm(join(folder, `${SECOND}.js`));
      expect(await statuses(opened)).toEqual([`${FIRST} applied`, `${SECOND} missing`]);
      expect(await codeOf(down(migrator(opened)))).toBe('migrate.source.missing');
      expect(await tables(opened)).toEqual(['one', 'two']);
    });
  });

  it('is run by several at once without running anything twice', async () => {
    const runs = await Promise.all(
      Array.from({ length: 4 }, () => open(database, (opened) => migrator(opened).up())),
    );
    expect(
      runs
        .flat()
        .map(({ name }) => name)
        .sort(),
    ).toEqual([FIRST, SECOND]);
    await open(database, async (opened) => {
      expect(await statuses(opened)).toEqual([`${FIRST} applied`, `${SECOND} applied`]);
    });
  });

  it('lets a command refuse a database that lacks migrations', async () => {
    await open(database, async (opened) => {
      expect(await codeOf(requireMigrated(opened, { folders: [folder], toolVersion: '1' }))).toBe(
        'database.migrations.pending',
      );
      await migrator(opened).up();
      await requireMigrated(opened, { folders: [folder], toolVersion: '1' });
    });
  });

  it("takes dbtool's own migrations back without leaving a table", async () => {
    await open(database, async (opened) => {
      const own = new Migrator(opened, { folders: [MIGRATIONS], toolVersion: 'test' });
      const applied = await own.up();
      for (const { name } of applied.toReversed()) expect(await down(own)).toEqual([name]);
      const runner = opened.dataSource.createQueryRunner();
      try {
        const names = opened.dataSource.entityMetadatas.map((metadata) => metadata.tableName);
        expect(await runner.getTables(names)).toEqual([]);
      } finally {
        await runner.release();
      }
    });
  });
});

forEachDatabase(
  'the migration lock',
  (kind) => {
    it('keeps a second deployer waiting, and tells when it waited in vain', async () => {
      const database = await createTestDatabase(kind);
      const folder = await mkdtemp(join(tmpdir(), 'dbtool-migrations-'));
      const slow =
        'export class M1 { up() { return new Promise((done) => setTimeout(done, 2000)); } down() {} }';
      await writeFile(join(folder, `${FIRST}.js`), slow);
      try {
        const first = open(database, (opened) =>
          new Migrator(opened, { folders: [folder], toolVersion: '1' }).up(),
        );
        await new Promise((resolve) => setTimeout(resolve, 1000));
        const second = open(database, (opened) =>
          new Migrator(opened, { folders: [folder], toolVersion: '1', lockWait: 0 }).up(),
        );
        await expect(second).rejects.toMatchObject({ code: 'migrate.lock.held' });
        expect(await first).toHaveLength(1);
      } finally {
        await rm(folder, { recursive: true });
        await database.drop();
      }
    });
  },
  // On SQLite the write transaction is the lock, and several at once are tested above.
  { only: ['postgres', 'mariadb', 'mysql', 'oracle'] },
);
