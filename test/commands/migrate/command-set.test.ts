import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type DatabaseKind, forEachDatabase } from '../../support/databases.js';
import { addColumn, classMigration, Project, sqlMigration } from './support/project.js';

const PEOPLE = '20260101000000-people';
const NOTES = '20260102000000-notes';
const FOREIGN = '20260103000000-foreign';
const CLASS = '20260104000000-class';
const PLAIN = '20260105000000-plain';
const EXTRA = '20260106000000-extra';

const ISO = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z$/;

const TYPESCRIPT_CLASS = `import type { MigrationInterface, QueryRunner } from 'typeorm';
import { createTables, dropTables, integer, string } from 'dbtool/migration';

export class Class20260104000000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await createTables(runner, [
      {
        name: 'places',
        columns: { id: { type: integer() }, label: { type: string(50), nullable: true } },
        primaryKey: ['id'],
      },
    ]);
  }

  async down(runner: QueryRunner): Promise<void> {
    await dropTables(runner, ['places']);
  }
}
`;

async function writeMigrations(project: Project, kind: DatabaseKind): Promise<void> {
  await project.write(
    `${PEOPLE}.sql`,
    sqlMigration(
      [
        'CREATE TABLE people (id INTEGER NOT NULL PRIMARY KEY, label VARCHAR(50))',
        `INSERT INTO people (id, label) VALUES (1, 'Ada; the first')`,
      ],
      ['DROP TABLE people'],
    ),
  );
  for (const only of ['postgres', 'mysql', 'sqlite', 'oracle'])
    await project.write(
      `${NOTES}.${only}.sql`,
      sqlMigration(
        [`CREATE TABLE notes_${only} (id INTEGER NOT NULL PRIMARY KEY)`],
        [`DROP TABLE notes_${only}`],
      ),
    );
  await project.write(
    `${FOREIGN}.${kind === 'oracle' ? 'sqlite' : 'oracle'}.sql`,
    sqlMigration(['CREATE TABLE elsewhere (id INTEGER)']),
  );
  await project.write(`${CLASS}.ts`, TYPESCRIPT_CLASS);
  await project.write(
    `${PLAIN}.js`,
    classMigration(
      'Plain20260105000000',
      [addColumn(kind, 'people', 'age INTEGER'), 'UPDATE people SET age = 36 WHERE id = 1'],
      ['ALTER TABLE people DROP COLUMN age'],
      // Of its own accord only where the schema and data cannot be changed in one transaction.
      `allow = ['mixed-ddl-dml', 'update-all'];`,
    ),
  );
}

forEachDatabase('the commands on migrations', (kind) => {
  let project: Project;
  const tables = async (): Promise<string[]> => Object.keys((await project.state()).tables);
  const NOTES_TABLE = `notes_${kind === 'mariadb' ? 'mysql' : kind}`;
  const names = (list: unknown): string[] => (list as { name: string }[]).map(({ name }) => name);

  beforeAll(async () => {
    project = await Project.create(kind);
    await writeMigrations(project, kind);
  });

  afterAll(() => project.drop());

  describe('before anything is applied', () => {
    it('plan shows the SQL in order, for this database, and writes nothing', async () => {
      const { code, stdout, stderr } = await project.migrate(['plan']);
      expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
      const places = [
        `-- ${PEOPLE}`,
        'CREATE TABLE people',
        'Ada; the first',
        `CREATE TABLE ${NOTES_TABLE}`,
        `-- ${CLASS}`,
        `-- ${PLAIN}`,
        'UPDATE people SET age',
      ].map((part) => stdout.indexOf(part));
      expect(places).toEqual(places.filter((at) => at >= 0).sort((a, b) => a - b));
      expect(stdout).not.toContain('elsewhere');
      expect(await project.data(['up', '--dry-run'])).toEqual(await project.data(['plan']));
    });

    it('plan --json has statements with their lines', async () => {
      const { plans, dangers } = (await project.data(['plan', '--to', NOTES])) as {
        plans: Record<string, unknown>[];
        dangers: unknown[];
      };
      expect(dangers).toEqual([]);
      expect(names(plans)).toEqual([PEOPLE, NOTES]);
      expect(plans[0]).toMatchObject({
        direction: 'up',
        readsData: false,
        checksum: expect.stringMatching(/^[0-9a-f]{64}$/),
        statements: [
          { text: expect.stringMatching(/^CREATE TABLE people/), line: 2, parameters: [] },
          { text: expect.stringMatching(/^INSERT/), line: 3 },
        ],
      });
    });

    it('script does not write either', async () => {
      const { script } = await project.data(['script', '--step', '1']);
      expect(script).toContain('CREATE TABLE people');
      expect(script).not.toContain('notes_');
      // A database file that is not there is not made.
      if (kind !== 'sqlite') expect((await project.state()).history).toBeNull();
    });
  });

  describe('up', () => {
    it('--step applies so many', async () => {
      const { code, stdout, stderr } = await project.migrate(['up', '--step', '1']);
      expect({ code, stdout }).toEqual({
        code: 0,
        stdout: expect.stringMatching(new RegExp(`^applied ${PEOPLE} \\(\\d+ ms\\)\\n$`)),
      });
      expect(stderr).toBe(`Applying ${PEOPLE}…\n`);
      expect(await tables()).toEqual(['people']);
    });

    it('--to stops behind the migration named, by a unique beginning', async () => {
      const { applied } = await project.data(['up', '--to', '20260102']);
      expect(applied).toEqual([
        { name: NOTES, direction: 'up', durationMs: expect.any(Number), statements: 1 },
      ]);
      expect(await tables()).toEqual([NOTES_TABLE, 'people']);
    });

    it('status tells where each stands, and --check fails', async () => {
      const { code, stdout } = await project.migrate(['status', '--check']);
      expect(code).toBe(5);
      expect(stdout.split('\n').map((line) => line.replace(/ +20\d\d-\d\d-\d\dT.*$/, ''))).toEqual([
        expect.stringMatching(new RegExp(`^applied +${PEOPLE}$`)),
        expect.stringMatching(new RegExp(`^applied +${NOTES}$`)),
        expect.stringMatching(new RegExp(`^other-database +${FOREIGN}$`)),
        expect.stringMatching(new RegExp(`^pending +${CLASS}$`)),
        expect.stringMatching(new RegExp(`^pending +${PLAIN}$`)),
        '',
      ]);
    });

    it('check finds what is pending', async () => {
      const { code, document } = await project.json(['check']);
      expect(code).toBe(5);
      expect(document).toMatchObject({ ok: false, error: { code: 'migrate.pending' } });
      expect(document.findings?.map((finding) => finding.code)).toEqual(['migrate.pending']);
    });

    it('applies the rest, and then nothing more', async () => {
      expect(names((await project.data(['up']))['applied'])).toEqual([CLASS, PLAIN]);
      expect(await tables()).toEqual([NOTES_TABLE, 'people', 'places']);
      expect(await project.query('SELECT age AS n FROM people')).toEqual([
        expect.objectContaining({ [kind === 'oracle' ? 'N' : 'n']: 36 }),
      ]);
      const { code, stdout, stderr } = await project.migrate(['up']);
      expect({ code, stdout, stderr }).toEqual({ code: 0, stdout: 'Nothing is pending.\n', stderr: '' });
      expect(await project.migrate(['plan'])).toMatchObject({ code: 0, stdout: '-- Nothing is pending.\n' });
    });
  });

  describe('when all are applied', () => {
    it('status --check and check are clean, and status is for programs too', async () => {
      const { migrations, lock } = await project.data(['status', '--check']);
      expect(lock).toBeNull();
      expect(migrations).toHaveLength(5);
      expect((migrations as unknown[])[0]).toEqual({
        name: PEOPLE,
        status: 'applied',
        appliedAt: expect.stringMatching(ISO),
        appliedBy: expect.stringMatching(/^.+@.+$/),
        durationMs: expect.any(Number),
        action: 'up',
        outOfOrder: false,
        edited: false,
        readsData: false,
      });
      expect(await project.migrate(['check'])).toMatchObject({ code: 0 });
    });

    it('history lists what was done', async () => {
      const { history } = (await project.data(['history'])) as { history: Record<string, unknown>[] };
      expect(history.map((row) => [row['run'], row['name'], row['action'], row['status']])).toEqual(
        [PEOPLE, NOTES, CLASS, PLAIN].map((name, index) => [index + 1, name, 'up', 'done']),
      );
      expect(history[0]).toMatchObject({
        direction: 'up',
        applied_at: expect.stringMatching(ISO),
        statements: 2,
        checksum: expect.stringMatching(/^[0-9a-f]{64}$/),
        reads_data: false,
        pid: expect.any(Number),
        error: null,
      });
      const { stdout: csv } = await project.migrate(['history', '--format', 'csv']);
      const [head, ...rows] = csv.trim().split(/\r?\n/);
      expect(head).toBe(
        'run,applied_at,name,action,direction,status,applied_by,duration_ms,statements,tool_version,error,checksum,reads_data,pid',
      );
      expect(rows).toHaveLength(4);
      expect(rows[1]!.split(',')[1]).toMatch(ISO);
    });
  });

  describe('down', () => {
    it('--dry-run shows the way back and changes nothing', async () => {
      const { stdout, code } = await project.migrate(['down', '--step', '2', '--dry-run']);
      expect(code).toBe(0);
      expect(stdout).toContain(`-- ${PLAIN} (taking it back)`);
      expect(stdout).toContain('ALTER TABLE people DROP COLUMN age;');
      expect(stdout.indexOf(PLAIN)).toBeLessThan(stdout.indexOf(CLASS));
      const { plans } = await project.data(['down', '--dry-run']);
      expect(plans).toEqual([expect.objectContaining({ name: PLAIN, direction: 'down' })]);
      expect(await project.history()).toHaveLength(4);
    });

    it('wants to be sure: --yes, and no production', async () => {
      expect(await project.json(['down'])).toMatchObject({
        code: 2,
        document: { error: { code: 'usage.confirmation.needed' } },
      });
      expect(await project.history()).toHaveLength(4);
    });

    it('--step takes back the newest first', async () => {
      const { reverted } = await project.data(['down', '--step', '2', '--yes']);
      expect(reverted).toEqual(
        [PLAIN, CLASS].map((name) => expect.objectContaining({ name, direction: 'down' })),
      );
      expect(await tables()).toEqual([NOTES_TABLE, 'people']);
    });

    it('--to keeps the migration named', async () => {
      const { code, stdout, stderr } = await project.migrate(['down', '--to', PEOPLE, '--yes']);
      expect({ code, stdout }).toEqual({
        code: 0,
        stdout: expect.stringMatching(new RegExp(`^took back ${NOTES} \\(\\d+ ms\\)\\n$`)),
      });
      expect(stderr).toBe(`Taking back ${NOTES}…\n`);
      expect(await tables()).toEqual(['people']);
    });

    it('--to the newest takes nothing back', async () => {
      expect(await project.data(['down', '--to', PEOPLE, '--yes'])).toEqual({ reverted: [] });
    });
  });

  it('redo runs both ways', async () => {
    await project.query(`INSERT INTO people (id, label) VALUES (2, 'Bob')`);
    const { runs } = await project.data(['redo', '--yes']);
    expect(runs).toMatchObject([
      { name: PEOPLE, direction: 'down' },
      { name: PEOPLE, direction: 'up' },
    ]);
    expect((await project.state()).rows['people']).toHaveLength(1);
  });

  it('baseline takes the migrations up to a name for applied', async () => {
    const { baseline } = await project.data(['baseline', NOTES]);
    expect(baseline).toEqual([NOTES]);
    expect(await tables()).toEqual(['people']);
    expect((await project.history()).at(-1)).toMatchObject({
      name: NOTES,
      action: 'baseline',
      status: 'done',
      checksum: expect.stringMatching(/^[0-9a-f]{64}$/),
    });
    expect(await project.data(['baseline', NOTES])).toEqual({ baseline: [] });
    // An edit since then shows as with one that was run.
    expect((await project.data(['status']))['migrations']).toMatchObject([
      { edited: false },
      { edited: false },
      {},
      {},
      {},
    ]);
  });

  describe('folders', () => {
    beforeAll(async () => {
      await project.write(
        `more/${EXTRA}.sql`,
        sqlMigration(['CREATE TABLE extra (id INTEGER NOT NULL PRIMARY KEY)'], ['DROP TABLE extra']),
      );
    });

    const listed = async (args: string[], env: Record<string, string | undefined>): Promise<string[]> =>
      names((await project.data(['status', ...args], { env }))['migrations']);

    it('come from flags, one of them builtin', async () => {
      const found = await listed(['--folder', 'builtin', '--folder', './more'], {});
      expect(found).toEqual([
        expect.stringMatching(/-create-platform-tables$/),
        ...[PEOPLE, NOTES, EXTRA],
        expect.stringMatching(/-remember-imports$/),
        expect.stringMatching(/-embedding-vectors$/),
      ]);
    });

    it('come from a config file, as a list or as text', async () => {
      const none = { DBTOOL_MIGRATE_FOLDERS: undefined };
      const all = [PEOPLE, NOTES, FOREIGN, CLASS, PLAIN, EXTRA];
      for (const folders of ['\n    - ./migrations\n    - ./more', ' ./migrations, ./more']) {
        await project.write('./dbtool.config.yaml', `migrate:\n  folders:${folders}\n`);
        expect(await listed([], none)).toEqual(all);
      }
      await project.write('./dbtool.config.yaml', '{}\n');
    });

    it('come from the environment', async () => {
      expect(await listed([], { DBTOOL_MIGRATE_FOLDERS: 'more' })).toEqual([PEOPLE, NOTES, EXTRA]);
    });

    it('are applied together, each with its own order', async () => {
      const both = ['--folder', 'builtin', '--folder', './more', '--folder', './migrations'];
      // dbtool's own is older than what is applied here: another folder's order is none of its business.
      const { applied } = await project.data(['up', ...both, '--to', CLASS]);
      expect(names(applied)).toEqual([expect.stringMatching(/-create-platform-tables$/), CLASS]);
      const { applied: rest } = await project.data(['up', ...both]);
      expect(names(rest).slice(0, 3)).toEqual([PLAIN, EXTRA, expect.stringMatching(/-remember-imports$/)]);
      expect(await project.migrate(['check', ...both])).toMatchObject({ code: 0 });
    });
  });

  it('history --output writes a file', async () => {
    await project.migrate(['history', '--format', 'csv', '--output', 'history.csv']);
    const lines = (await readFile(join(project.folder, 'history.csv'), 'utf8')).trim().split('\n');
    expect(lines).toHaveLength((await project.history()).length + 1);
  });

  it('down refuses a database that is marked as production', async () => {
    expect(await project.dbtool(['database', 'mark', 'production'])).toMatchObject({ code: 0 });
    const before = await project.state();
    for (const command of ['down', 'redo'])
      expect(await project.json([command, '--yes', '--folder', './more'])).toMatchObject({
        code: 2,
        document: { error: { code: 'usage.production.refused' } },
      });
    expect(await project.state()).toEqual(before);
    const both = ['--folder', 'builtin', '--folder', './more', '--step', '3'];
    const { reverted } = await project.data(['down', '--yes', '--allow-production', ...both]);
    expect(names(reverted)).toEqual([
      expect.stringMatching(/-embedding-vectors$/),
      expect.stringMatching(/-remember-imports$/),
      EXTRA,
    ]);
  });
});
