import { afterEach, beforeEach, expect, it } from '@jest/globals';
import { type DatabaseKind, forEachDatabase } from '../../support/databases.js';
import { noClient, runScript } from './support/clients.js';
import { addColumn, classMigration, type JsonResult, Project, sqlMigration } from './support/project.js';

const NAME = '20260101000000-steps';
const table = (name: string): string =>
  `CREATE TABLE ${name} (id INTEGER NOT NULL PRIMARY KEY, label VARCHAR(50))`;

interface Report {
  dirty: {
    name: string;
    done: number;
    entry: { error: string | null; status: string };
    statements: { state: string }[];
  }[];
}

const code = ({ code: exit, document }: JsonResult): [number | null, string | undefined] => [
  exit,
  document.error?.code,
];

forEachDatabase('a migration that stops half-way', (kind) => {
  let project: Project;
  /** One that the executor protects by no transaction, on any database. */
  const write = (statements: readonly string[]): Promise<string> =>
    project.write(
      `${NAME}.sql`,
      sqlMigration(statements, ['DROP TABLE one', 'DROP TABLE gone', 'DROP TABLE two'], {
        transaction: false,
      }),
    );
  const last = async () => (await project.history()).at(-1)!;
  const states = async (): Promise<string[]> => {
    const { document } = await project.json(['repair']);
    return (document.data as unknown as Report).dirty.flatMap(({ statements }) =>
      statements.map(({ state }) => state),
    );
  };
  const labels = async (): Promise<unknown[]> =>
    (await project.query('SELECT label FROM one ORDER BY id')).map((row) => Object.values(row)[0]);

  beforeEach(async () => {
    project = await Project.create(kind);
  });

  afterEach(() => project.drop());

  const FIRST_TWO = [table('one'), `INSERT INTO one (id, label) VALUES (1, 'first')`];
  const REST = [table('two'), `INSERT INTO one (id, label) VALUES (2, 'second')`];

  it('goes on at the statement it stopped at, once that is mended', async () => {
    await write([...FIRST_TWO, 'CREATE TABEL two (id INTEGER)', REST[1]!]);
    expect(code(await project.json(['up']))).toEqual([1, 'migrate.failed']);
    expect(await last()).toMatchObject({ run: 1, action: 'up', status: 'failed', statements: 2 });
    expect((await last()).error).toContain('CREATE TABEL two');
    const shown = await project.json(['repair']);
    expect(code(shown)).toEqual([2, 'migrate.dirty']);
    expect(await states()).toEqual(['done', 'done', 'not done', 'not done']);
    const text = await project.migrate(['repair']);
    expect(text.code).toBe(2);
    expect(text.stdout).toMatch(/^20260101000000-steps stopped half-way up, begun 20\S+Z by \S+@\S+\n/);
    expect(text.stdout).toMatch(/^ {2}done +1 \(line 2\) +CREATE TABLE one/m);
    expect(text.stdout).toMatch(/^ {2}open +3 \(line 4\) +CREATE TABEL two/m);
    // Not mended yet: it stops there again, and what is there is still known.
    expect(code(await project.json(['repair', '--resume']))).toEqual([1, 'migrate.failed']);
    expect(await last()).toMatchObject({ run: 2, action: 'resume', status: 'failed', statements: 2 });
    await write([...FIRST_TWO, ...REST]);
    const { resumed } = await project.data(['repair', '--resume']);
    expect(resumed).toMatchObject([{ name: NAME, direction: 'up', statements: 4 }]);
    expect(await last()).toMatchObject({ run: 3, action: 'resume', status: 'done', statements: 4 });
    expect(await labels()).toEqual(['first', 'second']);
    await project.data(['status', '--check']);
    expect(await project.data(['up'])).toEqual({ applied: [] });
    expect(await project.migrate(['check'])).toMatchObject({ code: 0 });
  });

  it('does not go on where what it began with was changed', async () => {
    await write([...FIRST_TWO, 'CREATE TABEL two (id INTEGER)']);
    await project.json(['up']);
    await write([FIRST_TWO[0]!, `INSERT INTO one (id, label) VALUES (1, 'another')`, ...REST]);
    expect(code(await project.json(['repair', '--resume']))).toEqual([2, 'migrate.resume.changed']);
    expect(await last()).toMatchObject({ status: 'failed', statements: 2 });
    // Nor where it has become shorter than what was run.
    await write([FIRST_TWO[0]!]);
    expect(code(await project.json(['repair', '--resume']))).toEqual([2, 'migrate.resume.changed']);
    expect(await last()).toMatchObject({ status: 'failed', statements: 2 });
    expect(await labels()).toEqual(['first']);
    await write([...FIRST_TWO, ...REST]);
    expect(await project.data(['repair', '--resume'])).toMatchObject({ resumed: [{ statements: 4 }] });
    expect(await labels()).toEqual(['first', 'second']);
  });

  it('of a class goes on as well', async () => {
    const steps = (broken: string): string =>
      classMigration('Steps20260101000000', [...FIRST_TWO, broken, REST[1]!], [], 'transaction = false;');
    await project.write(`${NAME}.js`, steps('CREATE TABEL two (id INTEGER)'));
    expect(code(await project.json(['up']))).toEqual([1, 'migrate.failed']);
    expect(await states()).toEqual(['done', 'done', 'not done', 'not done']);
    await project.write(`${NAME}.js`, steps(REST[0]!));
    expect(await project.data(['repair', '--resume'])).toMatchObject({ resumed: [{ statements: 4 }] });
    expect(await labels()).toEqual(['first', 'second']);
  });

  it('is marked as an admin says who settled it by hand', async () => {
    await write([...FIRST_TWO, 'CREATE TABEL two (id INTEGER)']);
    await project.json(['up']);
    expect(await project.data(['repair', '--mark', 'applied', '--yes'])).toMatchObject({ marked: [NAME] });
    expect(await last()).toMatchObject({ action: 'mark', direction: 'up', status: 'done' });
    await project.data(['status', '--check']);
  });

  it('while it is taken back goes on as well', async () => {
    await write([...FIRST_TWO, ...REST]);
    await project.data(['up']);
    const failed = await project.json(['down', '--yes']);
    // Oracle does not tell a table that is not there from one that may not be seen.
    expect(code(failed)).toEqual(kind === 'oracle' ? [2, 'database.privilege'] : [1, 'migrate.failed']);
    const { message, why } = failed.document.error!;
    expect(message).toMatch(new RegExp(`^The migration ${NAME} failed at line 8 of .*\\.sql$`));
    expect(why).toContain('(in: DROP TABLE gone). What ran before remains: 1 statement of it.');
    expect(await last()).toMatchObject({
      action: 'down',
      direction: 'down',
      status: 'failed',
      statements: 1,
    });
    expect(code(await project.json(['up']))).toEqual([2, 'migrate.dirty']);
    await project.query(table('gone'));
    expect(await project.data(['repair', '--resume'])).toMatchObject({
      resumed: [{ direction: 'down', statements: 3 }],
    });
    expect((await project.state()).tables).toEqual({});
    expect((await project.data(['status']))['migrations']).toMatchObject([{ status: 'pending' }]);
  });

  it('in a script goes on as well', async () => {
    if (noClient(kind) !== undefined) return;
    await write([...FIRST_TWO, REST[1]!, table('two'), 'INSERT INTO two (id) VALUES (1)']);
    const script = (await project.data(['script']))['script'] as string;
    await project.query(table('two'));
    expect((await runScript(project.database, script)).code).not.toBe(0);
    expect(await last()).toMatchObject({ action: 'script', status: 'running', statements: 3 });
    // The catalogue shows a table of that name, which somebody else made.
    expect(await states()).toEqual(['done', 'done', 'done', 'done', 'not done']);
    await project.query('DROP TABLE two');
    expect(await states()).toEqual(['done', 'done', 'done', 'not done', 'not done']);
    expect(await project.data(['repair', '--resume'])).toMatchObject({ resumed: [{ statements: 5 }] });
    expect(await labels()).toEqual(['first', 'second']);
    await project.data(['status', '--check']);
  });

  it.each(interruptions(kind))(
    'by a crash at %s: what the catalogue shows is believed',
    async (_name, before, statement, undo) => {
      await write([...before, statement]);
      await project.data(['up']);
      // As a process leaves it that died before it could count the statement.
      const { statements } = await last();
      const crash = async (): Promise<void> => {
        await project.runner((runner) =>
          runner.query(
            `UPDATE dbtool_migration_history SET status = 'running', statements = ${statements! - 1}, checksum = NULL`,
          ),
        );
      };
      await crash();
      expect((await states()).at(-1)).toBe('done');
      if (undo === undefined) return;
      await project.query(undo);
      expect((await states()).at(-1)).toBe('not done');
      expect(await project.data(['repair', '--resume'])).toMatchObject({ resumed: [{ statements }] });
      await crash();
      expect((await states()).at(-1)).toBe('done');
      expect(await project.data(['repair', '--resume'])).toMatchObject({ resumed: [{ statements }] });
      await project.data(['status', '--check']);
    },
  );

  it('by a crash at a statement that the catalogue does not show: an admin has to say', async () => {
    const doubtful: Partial<Record<DatabaseKind, string>> = {
      mariadb: 'ALTER TABLE one MODIFY label VARCHAR(100)',
      mysql: 'ALTER TABLE one MODIFY label VARCHAR(100)',
      oracle: 'ALTER TABLE one MODIFY (label VARCHAR2(100))',
      postgres: `COMMENT ON TABLE one IS 'a comment'`,
      sqlite: 'CREATE TRIGGER noted AFTER INSERT ON one BEGIN SELECT 1; END',
    };
    await write([...FIRST_TWO, doubtful[kind]!, REST[1]!]);
    await project.data(['up']);
    await project.query(`DELETE FROM one WHERE id = 2`);
    const crash = (): Promise<unknown> =>
      project.query(
        `UPDATE dbtool_migration_history SET status = 'running', statements = 2, checksum = NULL`,
      );
    await crash();
    expect(await states()).toEqual(['done', 'done', 'in doubt', 'not done']);
    const refused = await project.json(['repair', '--resume']);
    expect(code(refused)).toEqual([2, 'migrate.repair.undecided']);
    expect(refused.document.error?.message).toContain(`statement 3 of ${NAME}`);
    expect(await project.data(['repair', '--resume', '--in-doubt', 'skip'])).toMatchObject({
      resumed: [{ statements: 4 }],
    });
    expect(await labels()).toEqual(['first', 'second']);
    await project.query(`DELETE FROM one WHERE id = 2`);
    await project.query(`DELETE FROM dbtool_migration_history WHERE run > 1`);
    await crash();
    if (kind === 'sqlite') await project.query('DROP TRIGGER noted');
    expect(await project.data(['repair', '--resume', '--in-doubt', 'repeat'])).toMatchObject({
      resumed: [{ statements: 4 }],
    });
    expect(await labels()).toEqual(['first', 'second']);
  });
});

/** Statements with what goes before them, and what undoes them by hand. */
function interruptions(kind: DatabaseKind): [string, string[], string, string?][] {
  const parent = `CREATE TABLE parent (id INTEGER NOT NULL PRIMARY KEY)`;
  const dropIndex =
    kind === 'mariadb' || kind === 'mysql' ? 'DROP INDEX one_label ON one' : 'DROP INDEX one_label';
  const rename = 'ALTER TABLE one RENAME TO other_one';
  const cases: [string, string[], string, string?][] = [
    ['CREATE TABLE', [], table('one'), 'DROP TABLE one'],
    ['CREATE INDEX', [table('one')], 'CREATE INDEX one_label ON one (label)', dropIndex],
    [
      'ADD COLUMN',
      [table('one')],
      addColumn(kind, 'one', 'note VARCHAR(20)'),
      'ALTER TABLE one DROP COLUMN note',
    ],
    [
      'DROP COLUMN',
      [table('one')],
      'ALTER TABLE one DROP COLUMN label',
      addColumn(kind, 'one', 'label VARCHAR(50)'),
    ],
    ['RENAME', [table('one')], rename, 'ALTER TABLE other_one RENAME TO one'],
    ['DROP TABLE', [table('one')], 'DROP TABLE one', table('one')],
  ];
  // SQLite has no such statement.
  if (kind !== 'sqlite')
    cases.push([
      'ADD CONSTRAINT',
      [parent, table('one')],
      'ALTER TABLE one ADD CONSTRAINT one_parent FOREIGN KEY (id) REFERENCES parent (id)',
      `ALTER TABLE one DROP ${kind === 'mariadb' || kind === 'mysql' ? 'FOREIGN KEY' : 'CONSTRAINT'} one_parent`,
    ]);
  return cases;
}

forEachDatabase(
  'a unique index that could not be made without a transaction',
  (kind) => {
    it('is made anew by repair', async () => {
      const project = await Project.create(kind);
      try {
        await project.query('CREATE TABLE one (id integer)');
        await project.query('INSERT INTO one VALUES (1), (1)');
        await project.write(
          `${NAME}.sql`,
          sqlMigration(['CREATE UNIQUE INDEX CONCURRENTLY one_id ON one (id)'], undefined, {
            transaction: false,
          }),
        );
        expect(code(await project.json(['up']))).toEqual([1, 'migrate.failed']);
        const shown = await project.json(['repair']);
        expect((shown.document.data as unknown as Report).dirty[0]?.statements).toMatchObject([
          { state: 'broken' },
        ]);
        await project.query('DELETE FROM one');
        await project.data(['repair', '--resume']);
        expect(
          await project.query(`SELECT indisvalid FROM pg_index WHERE indexrelid = 'one_id'::regclass`),
        ).toEqual([{ indisvalid: true }]);
        await project.data(['status', '--check']);
      } finally {
        await project.drop();
      }
    });
  },
  { only: ['postgres'] },
);

forEachDatabase(
  'references that a migration breaks',
  (kind) => {
    let project: Project;

    beforeEach(async () => {
      project = await Project.create(kind);
      await project.query('CREATE TABLE parent (id INTEGER PRIMARY KEY)');
      await project.query(
        'CREATE TABLE child (id INTEGER PRIMARY KEY, parent INTEGER REFERENCES parent (id))',
      );
      await project.query('INSERT INTO parent VALUES (1), (2)');
      await project.query('INSERT INTO child VALUES (10, 1), (20, 2)');
    });

    afterEach(() => project.drop());

    it('are refused, and all is rolled back', async () => {
      await project.write(
        `${NAME}.sql`,
        sqlMigration(['CREATE TABLE more (id INTEGER)', 'DELETE FROM parent WHERE id = 1']),
      );
      const before = await project.state();
      const refused = await project.json(['up']);
      expect(code(refused)).toEqual([1, 'migrate.failed']);
      expect(refused.document.error?.message).toBe(
        `The migration ${NAME} would leave rows that refer to nothing`,
      );
      expect(refused.document.error?.why).toContain('child');
      expect(await project.state()).toMatchObject({ ...before, history: [] });
    });

    it('are none of its faults when they were broken before', async () => {
      await project.runner(async (runner) => {
        await runner.query('PRAGMA foreign_keys = OFF');
        await runner.query('INSERT INTO child VALUES (30, 3)');
        await runner.query('PRAGMA foreign_keys = ON');
      });
      await project.write(
        `${NAME}.sql`,
        sqlMigration(['UPDATE child SET parent = 1 WHERE id = 20', 'DELETE FROM parent WHERE id = 2']),
      );
      expect(await project.data(['up'])).toMatchObject({ applied: [{ name: NAME }] });
      await project.write('20260102000000-more.sql', sqlMigration(['DELETE FROM parent WHERE id = 1']));
      expect(code(await project.json(['up']))).toEqual([1, 'migrate.failed']);
    });
  },
  { only: ['sqlite'] },
);
