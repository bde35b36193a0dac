import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { forEachDatabase } from '../../support/databases.js';
import {
  classMigration,
  isTransactional,
  type JsonResult,
  Project,
  sqlMigration,
} from './support/project.js';

const FIRST = '20260101000000-first';
const SECOND = '20260102000000-second';
const THIRD = '20260103000000-third';
const table = (name: string): string => `CREATE TABLE ${name} (id INTEGER NOT NULL PRIMARY KEY)`;
const code = ({ code: exit, document }: JsonResult): [number | null, string | undefined] => [
  exit,
  document.error?.code,
];

/** A class with this body of `up`. */
const classOf = (body: string, members = ''): string =>
  `export class First20260101000000 {\n${members}\nasync up(runner) {\n${body}\n}\nasync down() {}\n}\n`;

forEachDatabase('an odd migration', (kind) => {
  let project: Project;
  const ids = async (): Promise<number[]> =>
    (await project.query('SELECT id FROM one ORDER BY id')).map((row) => Number(Object.values(row)[0]));

  beforeEach(async () => {
    project = await Project.create(kind);
  });

  afterEach(() => project.drop());

  it('that sends all at once has each statement counted, once', async () => {
    await project.write(
      `${FIRST}.js`,
      classOf(`
        await runner.query('${table('one')}');
        await Promise.all([1, 2, 3, 4, 5].map((id) => runner.query('INSERT INTO one (id) VALUES (' + id + ')')));
        // Nobody waits for this one.
        void runner.query('INSERT INTO one (id) VALUES (6)');`),
    );
    expect(await project.data(['plan'])).toMatchObject({ plans: [{ statements: { length: 7 } }] });
    expect(await project.data(['up', '--dangers', 'warn'])).toMatchObject({ applied: [{ statements: 7 }] });
    expect(await ids()).toEqual([1, 2, 3, 4, 5, 6]);
    expect(await project.history()).toMatchObject([{ status: 'done', statements: 7 }]);
    expect(await project.migrate(['check'])).toMatchObject({ code: 0 });
  });

  it('that fails while more is waiting sends none of that', async () => {
    await project.write(
      `${FIRST}.js`,
      classOf(`
        await runner.query('${table('one')}');
        await Promise.all(['VALUES (1)', 'VALUES (oops', 'VALUES (2)'].map((end) => runner.query('INSERT INTO one (id) ' + end)));`),
    );
    expect(code(await project.json(['up', '--dangers', 'warn']))).toEqual([1, 'migrate.failed']);
    if (isTransactional(kind)) expect((await project.state()).tables).toEqual({});
    else {
      expect(await ids()).toEqual([1]);
      expect(await project.history()).toMatchObject([{ status: 'failed', statements: 2 }]);
    }
  });

  it('that takes a connection of its own has the one of the migration', async () => {
    await project.write(
      `${FIRST}.js`,
      classOf(`
        await runner.query('${table('one')}');
        await runner.connection.query('INSERT INTO one (id) VALUES (1)');
        await runner.connection.transaction((manager) => manager.query('INSERT INTO one (id) VALUES (2)'));
        const own = runner.connection.createQueryRunner();
        await own.query('INSERT INTO one (id) VALUES (3)');
        await own.release();
        ${isTransactional(kind) ? `throw new Error('after all');` : ''}`),
    );
    const { plans } = (await project.data(['plan'])) as { plans: { problem: string | null }[] };
    expect(plans).toHaveLength(1);
    // Nothing of it is done by planning.
    expect((await project.state()).tables).toEqual({});
    const done = await project.json(['up', '--dangers', 'warn']);
    if (isTransactional(kind)) {
      expect(code(done)).toEqual([1, 'migrate.failed']);
      expect((await project.state()).tables).toEqual({});
    } else {
      expect(code(done)).toEqual([0, undefined]);
      expect(await ids()).toEqual([1, 2, 3]);
    }
  });

  it('that ends its transaction is stopped before it can', async () => {
    await project.write(
      `${FIRST}.js`,
      classOf(
        `await runner.query('${table('one')}');\nawait runner.commitTransaction();\nawait runner.query('oops');`,
      ),
    );
    const failed = await project.json(['up']);
    expect(code(failed)).toEqual([1, 'migrate.failed']);
    if (!isTransactional(kind)) return;
    expect(failed.document.error?.message).toBe(
      `The migration ${FIRST} begins or ends a transaction by itself: COMMIT`,
    );
    expect((await project.state()).tables).toEqual({});
  });

  it('that has a transaction in its own may have it, if it asks for none', async () => {
    await project.write(
      `${FIRST}.js`,
      classOf(
        `await runner.query('${table('one')}');
        await runner.startTransaction();
        await runner.query('INSERT INTO one (id) VALUES (1)');
        await runner.query('INSERT INTO one (id) VALUES (2)');
        await runner.commitTransaction();`,
        'transaction = false;',
      ),
    );
    expect(code(await project.json(['up', '--dangers', 'warn']))).toEqual([0, undefined]);
    expect(await ids()).toEqual([1, 2]);
    // In one that is all or nothing it is a savepoint.
    await project.write(
      `${SECOND}.js`,
      `export class Second20260102000000 {
        async up(runner) {
          await runner.startTransaction();
          await runner.query('INSERT INTO one (id) VALUES (3)');
          await runner.commitTransaction();
        }
        async down() {}
      }`,
    );
    expect(code(await project.json(['up']))).toEqual([0, undefined]);
    expect(await ids()).toEqual([1, 2, 3]);
    expect((await project.history()).map(({ status }) => status)).toEqual(['done', 'done']);
  });

  it('in a file may have a transaction of its own, if it asks for none', async () => {
    // Oracle begins one by itself, and has no word for it.
    if (kind === 'oracle') return;
    const statements = (last: string): string[] => [
      table('one'),
      'BEGIN',
      'INSERT INTO one (id) VALUES (1)',
      'INSERT INTO one (id) VALUES (2)',
      last,
      'COMMIT',
      'INSERT INTO one (id) VALUES (4)',
    ];
    const write = (last: string): Promise<string> =>
      project.write(`${FIRST}.sql`, sqlMigration(statements(last), undefined, { transaction: false }));
    await write('INSERT INTO one (id) VALUES (oops)');
    expect(code(await project.json(['up', '--dangers', 'warn']))).toEqual([1, 'migrate.failed']);
    // What was in it is gone, and counted as such.
    expect(await ids()).toEqual([]);
    expect(await project.history()).toMatchObject([{ status: 'failed', statements: 1 }]);
    await write('INSERT INTO one (id) VALUES (3)');
    expect(await project.data(['repair', '--resume'])).toMatchObject({ resumed: [{ statements: 7 }] });
    expect(await ids()).toEqual([1, 2, 3, 4]);
  });

  it('that prints does not get into the output', async () => {
    await project.write(
      `${FIRST}.js`,
      classOf(`console.log('hello from the migration');\nawait runner.query('${table('one')}');`),
    );
    const { stderr, document } = await project.json(['up']);
    expect(document).toMatchObject({ ok: true, data: { applied: [{ name: FIRST }] } });
    expect(stderr).toContain('hello from the migration');
  });

  it('of a strange name is one like any other', async () => {
    const names = [
      `20260101000000_O'Brien's "größe" 漢字`,
      '20260101000001-a b; DROP TABLE x -- ',
      `20260101000002_${'x'.repeat(180)}`,
    ];
    for (const [index, name] of names.entries())
      await project.write(`${name}.sql`, sqlMigration([table(`t${index}`)], [`DROP TABLE t${index}`]));
    expect(await project.data(['up'])).toMatchObject({ applied: names.map((name) => ({ name })) });
    expect(await project.data(['down', '--yes', '--to', names[0]!])).toMatchObject({
      reverted: [{ name: names[2] }, { name: names[1] }],
    });
    const { stdout } = await project.migrate(['status']);
    for (const name of names) expect(stdout).toContain(name);
  });

  it('that is slow is finished at Ctrl-C, and no other is begun', async () => {
    const slow = classMigration('Second20260102000000', [table('two')], []).replace(
      'async up(runner) {',
      'async up(runner) {\n    await new Promise((resolve) => setTimeout(resolve, 500));',
    );
    await project.write(`${FIRST}.sql`, sqlMigration([table('one')]));
    await project.write(`${SECOND}.js`, slow);
    await project.write(`${THIRD}.sql`, sqlMigration([table('three')]));
    // A plan runs it dry as well.
    const stopped = await project.migrate(['up'], {
      killAfterOutput: { match: /Applying 20260102/, signal: 'SIGINT' },
    });
    expect(stopped.code).toBe(130);
    expect(stopped.stdout).toMatch(/^applied 20260101000000-first .*\napplied 20260102000000-second .*\n$/);
    expect((await project.data(['status']))['migrations']).toMatchObject([
      { status: 'applied' },
      { status: 'applied' },
      { status: 'pending' },
    ]);
    expect(await project.data(['up'])).toMatchObject({ applied: [{ name: THIRD }] });
  });
});

describe('many migrations', () => {
  it('are applied in order, and looked at in no time', async () => {
    const project = await Project.create('sqlite');
    try {
      const names = Array.from({ length: 1000 }, (_, index) => `${index + 1}-m${index}`);
      for (const [index, name] of names.entries())
        await project.write(`${name}.sql`, sqlMigration([table(`t${index}`)]));
      const { applied } = (await project.data(['up'])) as { applied: { name: string }[] };
      expect(applied.map(({ name }) => name)).toEqual(names);
      expect((await project.history()).map(({ run, name }) => [run, name])).toEqual(
        names.map((name, index) => [index + 1, name]),
      );
      const { migrations } = (await project.data(['status', '--check'])) as {
        migrations: { edited: boolean }[];
      };
      expect(migrations.filter(({ edited }) => edited)).toEqual([]);
    } finally {
      await project.drop();
    }
  });
});
