import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { forEachDatabase } from '../../support/databases.js';
import {
  type DatabaseState,
  classMigration,
  isTransactional,
  type JsonResult,
  Project,
  sqlMigration,
} from './support/project.js';

const FIRST = '20260101000000-first';
const SECOND = '20260102000000-second';
const LATE = '20260101120000-late';
const THIRD = '20260103000000-third';

const table = (name: string): string => `CREATE TABLE ${name} (id INTEGER NOT NULL PRIMARY KEY)`;
const code = ({ code: exit, document }: JsonResult): [number | null, string | undefined] => [
  exit,
  document.error?.code,
];

forEachDatabase('bad input of the commands on migrations, for a database', (kind) => {
  let project: Project;
  let before: DatabaseState | undefined;

  beforeAll(async () => {
    project = await Project.create(kind);
  });

  beforeEach(async () => {
    await project.clear();
    await project.write(`${FIRST}.sql`, sqlMigration([table('first')], ['DROP TABLE first']));
    await project.write(`${SECOND}.sql`, sqlMigration([table('second')]));
    if (!before) {
      await project.data(['up']);
      before = await project.state();
    }
  });

  afterAll(() => project.drop());

  const unchanged = async (): Promise<void> => {
    expect(await project.state()).toEqual(before);
  };

  it('down without a way back is refused before anything is taken back', async () => {
    const refused = await project.json(['down', '--yes']);
    expect(code(refused)).toEqual([2, 'migrate.irreversible']);
    expect(refused.document.error?.message).toContain(SECOND);
    await unchanged();
    // Nor is the newer one taken back when an older cannot be.
    await project.write(`${FIRST}.sql`, sqlMigration([table('first')]));
    await project.write(`${SECOND}.sql`, sqlMigration([table('second')], ['DROP TABLE second']));
    for (const command of ['down', 'redo'])
      expect(code(await project.json([command, '--yes', '--step', '2']))).toEqual([
        2,
        'migrate.irreversible',
      ]);
    await unchanged();
  });

  it('down and redo of a migration whose file is gone or broken take nothing back', async () => {
    await project.remove(`${FIRST}.sql`);
    for (const command of ['down', 'redo'])
      expect(code(await project.json([command, '--yes', '--step', '2']))).toEqual([
        2,
        'migrate.source.missing',
      ]);
    expect(code(await project.json(['check']))).toEqual([9, 'migrate.missing']);
    expect((await project.data(['status']))['migrations']).toMatchObject([{ status: 'missing' }, {}]);
    await unchanged();
  });

  it('an edited file is refused until it is restored or taken for right', async () => {
    const { applied } = await project.data(['up']);
    expect(applied).toEqual([]);
    // Comments and the way back may change; how lines end is no matter.
    await project.write(
      `${FIRST}.sql`,
      `-- a comment\r\n${sqlMigration([table('first')], ['DROP TABLE first', 'SELECT 1']).replaceAll('\n', '\r\n')}`,
    );
    expect(await project.data(['up'])).toEqual({ applied: [] });
    await project.write(`${FIRST}.sql`, sqlMigration([table('first_of_all')], ['DROP TABLE first']));
    await project.write(`${THIRD}.sql`, sqlMigration([table('third')]));
    const refused = await project.json(['up']);
    expect(code(refused)).toEqual([8, 'migrate.edited']);
    expect(refused.document.error?.details).toEqual({ migrations: [FIRST] });
    expect((await project.data(['status']))['migrations']).toMatchObject([
      { edited: true },
      { edited: false },
      {},
    ]);
    const { code: exit, document } = await project.json(['check']);
    expect(exit).toBe(8);
    expect(document.findings?.map((finding) => finding.code)).toEqual(['migrate.edited', 'migrate.pending']);
    await unchanged();
    await project.remove(`${THIRD}.sql`);
    expect(await project.data(['repair', '--accept', FIRST])).toEqual({ accepted: [FIRST] });
    expect(await project.data(['repair', '--accept', FIRST])).toEqual({ accepted: [] });
    expect(await project.data(['up'])).toEqual({ applied: [] });
    // When it was applied has not changed by that.
    expect((await project.data(['status']))['migrations']).toMatchObject([
      {
        status: 'applied',
        action: 'up',
        edited: false,
        appliedAt: before!.history![0]!.appliedAt.toISOString(),
      },
      {},
    ]);
    await project.write(`${FIRST}.sql`, sqlMigration([table('first')], ['DROP TABLE first']));
    expect(code(await project.json(['up']))).toEqual([8, 'migrate.edited']);
    expect(await project.data(['repair', '--accept', '20260101'])).toEqual({ accepted: [FIRST] });
    before = await project.state();
  });

  it('a class that throws leaves nothing, or the count of what is there', async () => {
    await project.write(
      `${THIRD}.js`,
      `export class Third20260103000000 {
  async up(runner) {
    await runner.query(${JSON.stringify(table('third'))});
    throw new Error('no luck today');
  }
  async down() {}
}
`,
    );
    await expectFailure((failed) => {
      expect(failed.document.error).toMatchObject({
        message: `The migration ${THIRD} failed`,
        why: expect.stringContaining('no luck today'),
        details: { migration: THIRD },
      });
    });
  });

  it('bad SQL is told with file and line', async () => {
    await project.write(
      `${THIRD}.sql`,
      `-- migrate:up\n${table('third')};\nCREATE TABEL oops (id INTEGER);\nCREATE TABLE never (id INTEGER);\n`,
    );
    await expectFailure((failed) => {
      expect(failed.document.error).toMatchObject({
        message: expect.stringMatching(new RegExp(`failed at line 3 of .*migrations/${THIRD}\\.sql$`)),
        why: expect.stringContaining('CREATE TABEL oops'),
        details: { line: 3, statement: 2 },
      });
    });
  });

  /** Runs `up`, which fails at the second statement of THIRD; afterwards all is as before. */
  async function expectFailure(look: (failed: JsonResult) => void): Promise<void> {
    const failed = await project.json(['up']);
    expect(code(failed)).toEqual([1, 'migrate.failed']);
    look(failed);
    if (isTransactional(kind)) {
      await unchanged();
      return;
    }
    const history = await project.history();
    expect(history.at(-1)).toMatchObject({ name: THIRD, action: 'up', status: 'failed', statements: 1 });
    expect(history.at(-1)?.error).not.toBeNull();
    expect(Object.keys((await project.state()).tables)).toEqual(['first', 'second', 'third']);
    const dirty = await project.state();
    for (const args of [
      ['up'],
      ['down', '--yes'],
      ['redo', '--yes'],
      ['plan'],
      ['up', '--dry-run'],
      ['down', '--dry-run'],
      ['script'],
      ['baseline', THIRD],
      ['check'],
    ]) {
      const refused = await project.json(args);
      expect({ args, is: code(refused) }).toEqual({ args, is: [2, 'migrate.dirty'] });
    }
    const status = await project.data(['status']);
    expect(status['migrations']).toMatchObject([{}, {}, { name: THIRD, status: 'failed' }]);
    expect(code(await project.json(['status', '--check']))[0]).toBe(5);
    expect(await project.state()).toEqual(dirty);
    await project.query('DROP TABLE third');
    expect(code(await project.json(['repair', '--mark', 'pending']))).toEqual([
      2,
      'usage.confirmation.needed',
    ]);
    expect(await project.data(['repair', '--mark', 'pending', '--yes'])).toMatchObject({ marked: [THIRD] });
    before = await project.state();
  }

  it('out of order is refused, or applied when that is asked for', async () => {
    await project.write(`${LATE}.sql`, sqlMigration([table('late')], ['DROP TABLE late']));
    const refused = await project.json(['up']);
    expect(code(refused)).toEqual([7, 'migrate.out-of-order']);
    expect(refused.document.error?.details).toEqual({ migrations: [LATE] });
    expect(code(await project.json(['check']))).toEqual([7, 'migrate.out-of-order']);
    await unchanged();
    const { applied } = await project.data(['up', '--out-of-order', 'apply']);
    expect(applied).toMatchObject([{ name: LATE }]);
    // What was applied last goes first, whatever its number.
    expect(await project.data(['down', '--yes'])).toMatchObject({ reverted: [{ name: LATE }] });
    before = await project.state();
  });

  it('tables of others are in the way', async () => {
    await project.query(table('third'));
    before = await project.state();
    await project.write(
      `${THIRD}.sql`,
      sqlMigration([table('a_first_one'), table('third')], ['DROP TABLE third']),
    );
    const refused = await project.json(['up']);
    expect(code(refused)).toEqual([2, 'migrate.conflict']);
    expect(refused.document.error?.message).toMatch(/create: third$/i);
    await unchanged();
    await project.write(`${THIRD}.sql`, sqlMigration([table('third')], ['DROP TABLE third']));
    expect(await project.data(['baseline', THIRD])).toEqual({ baseline: [THIRD] });
    expect(await project.data(['up'])).toEqual({ applied: [] });
  });
});

forEachDatabase('an empty database', (kind) => {
  let project: Project;

  beforeEach(async () => {
    project = await Project.create(kind);
    await project.write(`${FIRST}.sql`, sqlMigration([table('first')]));
    if (kind === 'sqlite') await project.query('SELECT 1');
  });

  afterEach(() => project.drop());

  it('has nothing to take back, to repair or to list', async () => {
    expect(await project.data(['down', '--yes'])).toEqual({ reverted: [] });
    expect(await project.data(['redo', '--yes'])).toEqual({ runs: [] });
    expect(await project.data(['history'])).toEqual({ history: [] });
    expect((await project.state()).history).toBeNull();
    expect(await project.data(['repair'])).toEqual({ dirty: [] });
  });

  it('is left as it is by a migration that fails at its first statement', async () => {
    await project.clear();
    await project.write(`${FIRST}.js`, classMigration('A', ['CREATE TABEL oops']));
    expect(code(await project.json(['up']))).toEqual([1, 'migrate.failed']);
    expect((await project.state()).tables).toEqual({});
    expect(await project.history()).toMatchObject(
      isTransactional(kind) ? [] : [{ name: FIRST, status: 'failed', statements: 0 }],
    );
  });
});

describe('a folder without migrations', () => {
  it('is no fault', async () => {
    const project = await Project.create('sqlite');
    try {
      expect(await project.data(['up'])).toEqual({ applied: [] });
      expect(await project.data(['status'])).toEqual({ migrations: [], lock: null });
      expect(await project.migrate(['script'])).toMatchObject({
        code: 0,
        stdout: expect.stringContaining('-- Nothing is pending.'),
      });
    } finally {
      await project.drop();
    }
  });
});
