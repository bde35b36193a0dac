import { afterAll, afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, readdir, readFile, rm, symlink } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import type { QueryRunner } from 'typeorm';
import type { OpenDatabase } from '../../../src/database/data-source.js';
import * as changes from '../../../src/database/model/change-tables.js';
import { dropTables } from '../../../src/database/model/create-tables.js';
import { integer, json, string, text } from '../../../src/database/model/logical-type.js';
import { tableOf } from '../../../src/database/model/table-model.js';
import { ALL_ENTITIES } from '../../../src/entities/all-entities.js';
import { type Difference, schemaDifferences } from '../../../src/migrate/diff/differences.js';
import { generateMigration } from '../../../src/migrate/diff/generate.js';
import { loadMigrationClass } from '../../../src/migrate/load-migration.js';
import { parseSqlMigration } from '../../../src/migrate/sql/sql-file.js';
import { caught } from '../../support/caught.js';
import { runCli } from '../../support/cli.js';
import { createTestDatabase, forEachDatabase, type TestDatabase } from '../../support/databases.js';
import { migrateUp, open } from '../../support/open-database.js';
import { useTempFolder } from '../../support/temp-folder.js';

const ROOT = path.resolve(import.meta.dirname, '../../..');
const ENTITIES = ALL_ENTITIES.map(tableOf);
const optional = (type: ReturnType<typeof text>) => ({ type, nullable: true });

/** Everything that can differ, at once. */
async function disarrange(runner: QueryRunner): Promise<void> {
  const trace = { trace_id: { table: 'traces', column: 'id', onDelete: 'CASCADE' } } as const;
  await dropTables(runner, ['evaluation_results', 'evaluations']);
  await changes.dropForeignKeys(runner, 'spans', trace);
  await changes.addForeignKeys(runner, 'metrics', {
    id: { table: 'traces', column: 'id', onDelete: 'NO ACTION', name: 'own_fk' },
  });
  await changes.addColumns(runner, 'traces', {
    own: optional(integer()),
    other: optional(text()),
    needed: { type: string(9) },
    parent_id: {
      ...optional(string(255)),
      references: { table: 'traces', column: 'id', onDelete: 'CASCADE' },
    },
  });
  await changes.dropIndexes(runner, 'traces', [
    ['status', 'start_time'],
    ['type', 'start_time'],
  ]);
  await changes.createIndexes(runner, 'traces', [
    { columns: ['start_time', 'type'], name: 'ix_traces_type_start_time' },
    { columns: ['own', 'name'], name: 'of_its_own' },
  ]);
  await changes.dropColumns(runner, 'traces', ['cost_total', 'status', 'extra_data']);
  await changes.changeColumns(runner, 'traces', {
    channel: { from: optional(string(255)), to: { type: string(77) } },
    cost_details: { from: optional(json()), to: optional(string(300)) },
  });
  await changes.dropUniques(runner, 'api_keys', [['hash']]);
  await changes.addUniques(runner, 'traces', [['own', 'name']]);
}

/** What is compared: everything but the functions, and the order, which not every database tells. */
const plain = (differences: readonly Difference[]): string[] =>
  differences.map((difference) => JSON.stringify(difference)).sort();

forEachDatabase('a generated migration', (kind) => {
  const folder = useTempFolder();
  let database: TestDatabase;
  beforeEach(async () => {
    database = await createTestDatabase(kind);
    await migrateUp(database);
  });
  afterEach(() => database.drop());

  /** Runs on one connection, as the migrator does. */
  async function asMigration(
    { dataSource, dialect }: OpenDatabase,
    work: (runner: QueryRunner) => Promise<unknown>,
  ): Promise<void> {
    const runner = dataSource.createQueryRunner();
    try {
      await runner.beforeMigration();
      await dialect.beginWrite(runner);
      await work(runner);
      await runner.commitTransaction();
      await runner.afterMigration();
    } finally {
      await runner.release();
    }
  }

  async function differences({ dataSource }: OpenDatabase): Promise<Difference[]> {
    const runner = dataSource.createQueryRunner();
    return schemaDifferences(runner, ENTITIES).finally(() => runner.release());
  }

  const generate = (opened: OpenDatabase, sql: boolean) =>
    generateMigration(opened, ENTITIES, { name: 'Back again', folder: folder.path, isOwn: false, sql });

  it('makes the database what the entities say, and takes that back, as a class', async () => {
    await open(database, async (opened) => {
      await asMigration(opened, disarrange);
      const before = await differences(opened);
      expect(before.length).toBeGreaterThan(15);
      const generated = await generate(opened, false);
      expect(plain(generated.differences)).toEqual(plain(before));
      // Nothing was done yet.
      expect(plain(await differences(opened))).toEqual(plain(before));
      const { migration, className } = await loadMigrationClass(generated.path!);
      expect(className).toMatch(/^BackAgain\d{14}$/);
      await asMigration(opened, (runner) => migration.up(runner));
      expect(await differences(opened)).toEqual([]);
      await asMigration(opened, (runner) => migration.down(runner));
      expect(plain(await differences(opened))).toEqual(plain(before));
    });
  });

  it("does the same in the database's own SQL", async () => {
    await open(database, async (opened) => {
      await asMigration(opened, disarrange);
      const before = await differences(opened);
      const file = (await generate(opened, true)).path!;
      expect(path.basename(file)).toMatch(new RegExp(`^\\d{14}-back-again\\.${opened.dialect.name}\\.sql$`));
      expect(plain(await differences(opened))).toEqual(plain(before));
      const { up, down } = parseSqlMigration(await readFile(file, 'utf8'), file, opened.dialect.name);
      const run = (statements: readonly { text: string }[]) => async (runner: QueryRunner) => {
        for (const { text } of statements) await runner.query(text);
      };
      await asMigration(opened, run(up.statements));
      expect(await differences(opened)).toEqual([]);
      await asMigration(opened, run(down!.statements));
      expect(plain(await differences(opened))).toEqual(plain(before));
    });
  });

  it('brings back what dbtool has no words for, in the words of the database', async () => {
    const { column, index } = {
      sqlite: {
        column: 'decimal(5,2) DEFAULT 7',
        index: 'CREATE UNIQUE INDEX "own_ix" ON "traces" ("name" DESC) WHERE "name" > 1',
      },
      postgres: {
        column: 'bigint[]',
        index: 'CREATE UNIQUE INDEX "own_ix" ON "traces" (lower("name")) WHERE "name" IS NOT NULL',
      },
      mariadb: {
        column: 'bigint unsigned DEFAULT 7 NOT NULL',
        index: 'CREATE UNIQUE INDEX `own_ix` ON `traces` (`name`(10), `type`)',
      },
      mysql: {
        column: 'bigint unsigned DEFAULT 7 NOT NULL',
        index: 'CREATE UNIQUE INDEX `own_ix` ON `traces` (`name`(10), `type`)',
      },
      oracle: { column: 'number(7,2) DEFAULT 7', index: 'CREATE UNIQUE INDEX "OWN_IX" ON "TRACES" ("NAME")' },
    }[kind];
    await open(database, async (opened) => {
      await asMigration(opened, async (runner) => {
        const { quote } = opened.dialect;
        await runner.query(`ALTER TABLE ${quote('traces')} ADD ${quote('own')} ${column}`);
        await runner.query(index);
      });
      const before = await differences(opened);
      expect(before.map(({ name, problem }) => `${name} ${problem}`).sort()).toEqual([
        'own extra',
        'own_ix extra',
      ]);
      const { migration } = await loadMigrationClass((await generate(opened, false)).path!);
      await asMigration(opened, (runner) => migration.up(runner));
      expect(await differences(opened)).toEqual([]);
      await asMigration(opened, (runner) => migration.down(runner));
      expect(plain(await differences(opened))).toEqual(plain(before));
    });
  });

  it('is not written without a difference', async () => {
    await open(database, async (opened) => {
      expect(await generate(opened, false)).toEqual({ differences: [], path: undefined });
      expect(await readdir(folder.path)).toEqual([]);
    });
  });
});

forEachDatabase(
  'a difference that could not be brought back',
  () => {
    const folder = useTempFolder();
    it('is refused, and all such are told', async () => {
      const database = await createTestDatabase('sqlite');
      await migrateUp(database);
      await open(database, async (opened) => {
        const run = (sql: string): Promise<unknown> => opened.dataSource.query(sql);
        await run('ALTER TABLE traces ADD twice int AS (latency * 2)');
        await run(`ALTER TABLE traces ADD other int REFERENCES traces (id) ON DELETE SET NULL`);
        const error = await caught(() =>
          generateMigration(opened, ENTITIES, { name: 'x', folder: folder.path, isOwn: false, sql: false }),
        );
        expect(error.code).toBe('migrate.generate.irreversible');
        expect(error.why).toMatch(/twice.*; .*other/);
        expect(await readdir(folder.path)).toEqual([]);
      });
      await database.drop();
    });
  },
  { only: ['sqlite'] },
);

describe('a generated class', () => {
  const made: string[] = [];
  afterAll(() => Promise.all(made.map((folder) => rm(folder, { recursive: true }))));

  async function generated(isOwn: boolean, folder: string): Promise<string> {
    const database = await createTestDatabase('sqlite');
    await migrateUp(database);
    const file = await open(database, async (opened) => {
      const runner = opened.dataSource.createQueryRunner();
      await runner.beforeMigration();
      await disarrange(runner);
      await runner.release();
      return (await generateMigration(opened, ENTITIES, { name: 'x', folder, isOwn, sql: false })).path!;
    });
    await database.drop();
    return file;
  }

  /** Compiles as the project compiles its own migrations; throws with what the compiler says. */
  async function compile(folder: string, file: string): Promise<void> {
    const config = path.join(folder, 'tsconfig.json');
    const { writeFile } = await import('node:fs/promises');
    const settings = {
      extends: path.join(ROOT, 'tsconfig.json'),
      compilerOptions: {
        noEmit: true,
        rootDir: '/',
        noUnusedLocals: true,
        typeRoots: [path.join(ROOT, 'node_modules/@types')],
      },
      include: [file],
    };
    await writeFile(config, JSON.stringify(settings));
    const tsc = path.join(ROOT, 'node_modules/typescript/bin/tsc');
    await promisify(execFile)(process.execPath, [tsc, '-p', config]).catch((error: unknown) => {
      throw new Error((error as { stdout: string }).stdout);
    });
  }

  it("compiles among dbtool's own migrations, and is as prettier would have it", async () => {
    const cache = path.join(ROOT, 'test-results');
    await mkdir(cache, { recursive: true });
    const folder = await mkdtemp(path.join(cache, 'generated-'));
    made.push(folder);
    await mkdir(path.join(folder, 'migrations'));
    await symlink(path.join(ROOT, 'src'), path.join(folder, 'src'));
    const file = await generated(true, path.join(folder, 'migrations'));
    await compile(folder, file);
    const prettier = path.join(ROOT, 'node_modules/prettier/bin/prettier.cjs');
    const config = path.join(ROOT, '.prettierrc.json');
    const args = [prettier, '--config', config, '--ignore-path', '/dev/null', file];
    const { stdout } = await promisify(execFile)(process.execPath, args);
    expect(await readFile(file, 'utf8')).toBe(stdout);
  });

  it("compiles in a user's folder, against the package's own types", async () => {
    const folder = await mkdtemp(path.join(ROOT, 'test-results/generated-'));
    made.push(folder);
    await mkdir(path.join(folder, 'node_modules'));
    await symlink(ROOT, path.join(folder, 'node_modules/dbtool'));
    await compile(folder, await generated(false, path.join(folder, 'migrations')));
  });
});

describe('dbtool migrate generate', () => {
  const folder = useTempFolder();

  it('writes what differs, and says when nothing does', async () => {
    const database = `sqlite:${path.join(folder.path, 'a.sqlite')}`;
    const run = (...args: string[]) =>
      runCli(['migrate', ...args, '--database', database], { cwd: folder.path });
    expect((await run('up')).code).toBe(0);
    const none = await run('generate', 'x', '--folder', 'own');
    expect(none).toMatchObject({ code: 0, stdout: expect.stringContaining('nothing to write') as unknown });
    await open({ kind: 'sqlite', url: database, drop: () => Promise.resolve() }, ({ dataSource }) =>
      dataSource.query('ALTER TABLE traces ADD own integer'),
    );
    const made = await run('generate', 'x', '--folder', 'own');
    expect(made).toMatchObject({ code: 0, stderr: 'column traces.own (integer) is in no entity\n' });
    expect(await readFile(made.stdout.trim(), 'utf8')).toContain(
      `await dropColumns(runner, 'traces', ['own']);`,
    );
    const json = await run('generate', 'y', '--sql', '--folder', 'own', '--json');
    expect(JSON.parse(json.stdout)).toMatchObject({
      data: { differences: [{ object: 'column', problem: 'extra', table: 'traces', name: 'own' }] },
    });
    expect(await run('generate', 'x', '--folder', 'own')).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('migrate.name.taken') as unknown,
    });
    await run('down', '--yes');
    expect(await run('generate', 'z', '--folder', 'own')).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('database.migrations.pending') as unknown,
    });
  });
});
