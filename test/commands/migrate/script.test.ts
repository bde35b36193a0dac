import { afterEach, beforeEach, expect, it } from '@jest/globals';
import { type DatabaseKind, forEachDatabase } from '../../support/databases.js';
import { noClient, runScript } from './support/clients.js';
import { addColumn, type DatabaseState, Project, sqlMigration } from './support/project.js';

const TABLE = '20260101000000-table';
const VALUES = '20260102000000-values';
const BODIES = '20260103000000-bodies';
const ALONE = '20260104000000-alone';

/** Every value that a statement may have, and what clients take for their own. */
const VALUES_CLASS = String.raw`import { bind, createTables, double, dropTables, flag, instant, integer, json, money, statements, string, text } from 'dbtool/migration';

const TEXTS = [
  "O'Brien \\ said: \"it's 5 o'clock\"; -- no comment",
  "a line;\n/\nand $1 and :2 and ? and & and :name\n-\n.\n#\n\nthe end;\n",
  'Zoë 漢字 😀 \\0 \\n \\',
  '%s \\\' \t \r\n x',
  '',
];

export class Values20260102000000 {
  async up(runner) {
    await createTables(runner, [
      {
        name: 'all_values',
        columns: {
          id: { type: integer() },
          label: { type: string(200), nullable: true },
          body: { type: text(), nullable: true },
          ratio: { type: double(), nullable: true },
          price: { type: money(), nullable: true },
          truth: { type: flag(), nullable: true },
          moment: { type: instant(), nullable: true },
          document: { type: json(), nullable: true },
        },
        primaryKey: ['id'],
      },
    ]);
    const insert = (id, label, body, number, price, truth, moment, document) => statements(runner)${'`'}
      INSERT INTO all_values (id, label, body, ratio, price, truth, moment, document)
      VALUES (${'$'}{bind(integer(), id)}, ${'$'}{bind(string(200), label)}, ${'$'}{bind(text(), body)},
        ${'$'}{bind(double(), number)}, ${'$'}{bind(money(), price)}, ${'$'}{bind(flag(), truth)},
        ${'$'}{bind(instant(), moment)}, ${'$'}{bind(json(), document)})${'`'};
    const at = new Date('2026-03-29T01:59:59.123Z');
    for (const [index, one] of TEXTS.entries())
      await insert(index + 1, one, one, 0.1, '12345678.0123456789', index % 2 === 0, at, JSON.stringify({ one, of: [1, null] }));
    await insert(-7, null, null, null, null, null, null, null);
    await insert(100, 'long', "it's ten; ".repeat(2000), -1.5e-7, '-0.01', true, new Date('1999-12-31T23:59:59Z'), '[]');
    // A place may look like one and be none, and a minus sign stand before it.
    await statements(runner)${'`'}
      UPDATE all_values SET label = '? :1 $1 it''s' /* not this one: ? :1 $1 it's */, id = id -${'$'}{bind(integer(), -1)}
      -- nor this one: ? :1 $1 it's
      WHERE id = ${'$'}{bind(integer(), 100)}${'`'};
  }

  async down(runner) {
    await dropTables(runner, ['all_values']);
  }
}
`;

/** Values as the driver itself takes them. */
const RAW: Record<DatabaseKind, string> = {
  postgres: `CREATE TABLE raw (id integer, data bytea, list text[], numbers integer[], doc jsonb, truth boolean, at timestamptz, label text)
INSERT INTO raw VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
[1, Buffer.from([0, 39, 92, 255]), ['a "b"', "it's", null, 'c\\\\d', ''], [1, -2], { a: "it's" }, true, new Date(0), 42]`,
  sqlite: `CREATE TABLE raw (id integer, data blob, label text)
INSERT INTO raw VALUES (?, ?, ?)
[9007199254740993n, Buffer.from([0, 39, 92, 255]), "it's"]`,
  mariadb: `CREATE TABLE raw (id integer, data blob, at datetime(3), label text)
INSERT INTO raw VALUES ?
[[[1, Buffer.from([0, 39, 92, 255]), new Date(0), "it's"], [2, null, null, 'b\\\\']]]`,
  mysql: `CREATE TABLE raw (id integer, data blob, at datetime(3), label text)
INSERT INTO raw VALUES ?
[[[1, Buffer.from([0, 39, 92, 255]), new Date(0), "it's"], [2, null, null, 'b\\\\']]]`,
  oracle: `CREATE TABLE raw_values (id NUMBER(10), data RAW(20), at TIMESTAMP(3) WITH LOCAL TIME ZONE, label VARCHAR2(200))
INSERT INTO raw_values VALUES (:id, :data, :moment, :label)
[1, Buffer.from([0, 39, 92, 255]), new Date(0), "it's"]`,
};

/** Statements that have statements in them. */
const BODY: Record<DatabaseKind, string> = {
  postgres: `CREATE FUNCTION twice(n integer) RETURNS integer LANGUAGE plpgsql AS $body$
BEGIN
  -- it's a body; with $1 in it
  RETURN n * 2;
END;
$body$;
COMMENT ON TABLE words IS 'a;
b';
`,
  sqlite: `CREATE TRIGGER words_note AFTER INSERT ON words
BEGIN
  UPDATE words SET note = 'it''s; noted' WHERE id = new.id;
END;
`,
  mariadb: `CREATE TRIGGER words_note BEFORE INSERT ON words FOR EACH ROW
BEGIN
  -- it's a body;
  SET NEW.note = 'it''s; noted \\\\ $$';
END;
CREATE PROCEDURE twice(IN n INTEGER, OUT m INTEGER)
BEGIN
  SET m = n * 2;
END;
`,
  mysql: `CREATE TRIGGER words_note BEFORE INSERT ON words FOR EACH ROW
BEGIN
  -- it's a body;
  SET NEW.note = 'it''s; noted \\\\ $$';
END;
`,
  oracle: `CREATE VIEW words_view AS SELECT id, label FROM words
  -- it's a view;

  WHERE label <> 'a;
b &c';
`,
};

const SOURCES: Record<DatabaseKind, string> = {
  postgres: `SELECT pg_get_functiondef(p.oid) AS source FROM pg_proc p WHERE pronamespace = current_schema()::regnamespace
    UNION ALL SELECT obj_description(to_regclass('words'))`,
  sqlite: `SELECT sql FROM sqlite_master WHERE sql IS NOT NULL AND name NOT LIKE 'dbtool%' ORDER BY name`,
  mariadb: `SELECT routine_definition, sql_mode FROM information_schema.routines WHERE routine_schema = DATABASE()
    UNION ALL SELECT action_statement, sql_mode FROM information_schema.triggers WHERE trigger_schema = DATABASE()`,
  mysql: `SELECT action_statement, sql_mode FROM information_schema.triggers WHERE trigger_schema = DATABASE()`,
  oracle: 'SELECT view_name FROM user_views',
};

async function writeMigrations(project: Project): Promise<void> {
  const { kind } = project;
  await project.write(
    `${TABLE}.sql`,
    `-- migrate:up\r\nCREATE TABLE words (id INTEGER NOT NULL PRIMARY KEY, label VARCHAR(50), note VARCHAR(50));\r\n` +
      `INSERT INTO words (id, label) VALUES (1, 'Zoë''s 漢字; \\\\ %s -- no comment') -- a comment; with a semicolon\r\n;\r\n` +
      `-- migrate:down\r\nDROP TABLE words;\r\n`,
  );
  await project.write(`${VALUES}.mjs`, VALUES_CLASS);
  const [create, insert, values] = RAW[kind].split('\n');
  await project.write(
    `${VALUES}-raw.mjs`,
    `export class Raw20260102000000 {
  async up(runner) {
    await runner.query(${JSON.stringify(create)});
    await runner.query(${JSON.stringify(insert)}, ${values});
  }
  async down(runner) {}
}
`,
  );
  await project.write(`${BODIES}.${kind}.sql`, `-- migrate:up\n${BODY[kind]}`);
  await project.write(
    `${ALONE}.sql`,
    sqlMigration(
      [addColumn(kind, 'words', 'more VARCHAR(20)'), `UPDATE words SET more = 'x' WHERE id = 1`],
      undefined,
      {
        transaction: false,
      },
    ).replace('UPDATE', '-- dbtool:allow mixed-ddl-dml\nUPDATE'),
  );
}

forEachDatabase('migrate script', (kind) => {
  const missing = noClient(kind);
  if (missing !== undefined) {
    it.skip(`is run by the database's own client (skipped: ${missing})`, () => undefined);
    return;
  }
  let byHand: Project;
  let byDbtool: Project;

  beforeEach(async () => {
    [byHand, byDbtool] = [await Project.create(kind), await Project.create(kind)];
  });

  afterEach(async () => {
    await byHand.drop();
    await byDbtool.drop();
  });

  const scriptOf = async (args: string[], env = {}): Promise<string> =>
    (await byHand.data(['script', ...args], { env }))['script'] as string;
  /** But for who did it, when, and how long it took. */
  const comparable = ({ history, ...dump }: DatabaseState): unknown => ({
    ...dump,
    history: history?.map(
      ({ run, name, direction, status, checksum, readsData, statements, error, toolVersion }) => ({
        run,
        name,
        direction,
        status,
        checksum,
        readsData,
        statements,
        error,
        toolVersion,
      }),
    ),
  });
  const expectSame = async (): Promise<void> => {
    expect(comparable(await byHand.state())).toEqual(comparable(await byDbtool.state()));
    expect(await byHand.query(SOURCES[kind])).toEqual(await byDbtool.query(SOURCES[kind]));
  };

  it('makes the same schema, rows and history as up, and stops when it is run again', async () => {
    for (const project of [byHand, byDbtool]) await writeMigrations(project);
    await byDbtool.data(['up', '--step', '2']);
    await byDbtool.data(['up']);
    const script = await scriptOf([]);
    expect(await runScript(byHand.database, script)).toEqual({ code: 0, stderr: '' });
    await expectSame();
    const history = await byHand.history();
    expect(history.map(({ action }) => action)).toEqual(history.map(() => 'script'));
    for (const entry of history)
      expect(Math.abs(Date.now() - entry.appliedAt.getTime())).toBeLessThan(60_000);
    await byHand.data(['status', '--check']);
    await byHand.data(['check']);
    const before = await byHand.state();
    const again = await runScript(byHand.database, script);
    expect(again.code).not.toBe(0);
    expect(await byHand.state()).toEqual(before);
    expect(await byHand.migrate(['script'])).toMatchObject({
      code: 0,
      stdout: expect.stringContaining('-- Nothing is pending.'),
    });
  });

  it('stops when somebody else migrated after it was made', async () => {
    await writeMigrations(byHand);
    await byHand.data(['up', '--to', TABLE]);
    const script = await scriptOf([]);
    const rest = await scriptOf(['--to', VALUES]);
    expect(await runScript(byHand.database, rest)).toEqual({ code: 0, stderr: '' });
    const before = await byHand.state();
    expect((await runScript(byHand.database, script)).code).not.toBe(0);
    expect(await byHand.state()).toEqual(before);
    // Made anew it goes on where things stand.
    expect(await runScript(byHand.database, await scriptOf([]))).toEqual({ code: 0, stderr: '' });
    await byHand.data(['status', '--check']);
  });

  it('stops at the first error, and leaves what up would leave', async () => {
    const files = {
      [`${TABLE}.sql`]: sqlMigration(['CREATE TABLE words (id INTEGER NOT NULL PRIMARY KEY)']),
      [`${VALUES}.sql`]: sqlMigration([
        'CREATE TABLE more_words (id INTEGER NOT NULL PRIMARY KEY)',
        'INSERT INTO words (id) VALUES (1)',
        'INSERT INTO words (id) VALUES (1)',
      ]),
      [`${ALONE}.sql`]: sqlMigration(['CREATE TABLE never (id INTEGER)']),
    };
    for (const [name, text] of Object.entries(files)) await byHand.write(name, text);
    const { code, stderr } = await runScript(byHand.database, await scriptOf([]));
    expect(code).not.toBe(0);
    expect(stderr).not.toBe('');
    const { tables } = await byHand.state();
    const history = await byHand.history();
    expect(history[0]).toMatchObject({ name: TABLE, status: 'done' });
    if (kind === 'sqlite' || kind === 'postgres') {
      expect(Object.keys(tables)).toEqual(['words']);
      expect(history).toHaveLength(1);
    } else {
      expect(Object.keys(tables)).toEqual(['more_words', 'words']);
      expect(history[1]).toMatchObject({ name: VALUES, action: 'script', status: 'running', statements: 1 });
      expect(history).toHaveLength(2);
      expect(await byHand.json(['up'])).toMatchObject({
        code: 2,
        document: { error: { code: 'migrate.dirty' } },
      });
    }
  });

  it("has dbtool's own migration, and what is adopted", async () => {
    const env = { DBTOOL_MIGRATE_FOLDERS: 'builtin' };
    await byDbtool.data(['up'], { env });
    const script = await scriptOf([], env);
    expect(await runScript(byHand.database, script)).toEqual({ code: 0, stderr: '' });
    await expectSame();
    await byHand.data(['status', '--check'], { env });
  });
});
