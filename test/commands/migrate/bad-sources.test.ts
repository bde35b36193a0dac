import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { Project, sqlMigration } from './support/project.js';

const FIRST = '20260101000000-first';
const SECOND = '20260102000000-second';
const CREATE = ['CREATE TABLE first (id INTEGER)'];

interface Case {
  /** By name; they are written beside FIRST, which is applied, and SECOND, which is pending. */
  files?: Record<string, string>;
  args: string[];
  code: string;
  /** What message, why or fix say. */
  told?: (string | RegExp)[];
  exit?: number;
}

const up = (files: Record<string, string>, told: (string | RegExp)[]): Case => ({
  files,
  args: ['up'],
  code: 'migrate.source.invalid',
  told,
});

const CASES: Record<string, Case> = {
  'two migrations of one name in two folders': {
    files: { [`more/${SECOND}.sql`]: sqlMigration([]) },
    args: ['up', '--folder', './migrations', '--folder', './more'],
    code: 'migrate.source.duplicate',
    told: [`migrations/${SECOND}.sql`, `more/${SECOND}.sql`],
  },
  'a class beside an SQL file of the same name': {
    files: { [`${SECOND}.ts`]: 'export class A { up() {} down() {} }' },
    args: ['up'],
    code: 'migrate.source.duplicate',
  },
  'the same folder twice': {
    args: ['up', '--folder', './migrations', '--folder', 'migrations/../migrations'],
    code: 'migrate.source.duplicate',
  },
  'a folder that is not there': {
    args: ['up', '--folder', './nowhere'],
    code: 'migrate.folder.missing',
    told: ['nowhere', 'dbtool config show'],
  },
  'a folder that is a file': {
    args: ['up', '--folder', `./migrations/${FIRST}.sql`],
    code: 'migrate.folder.missing',
  },
  'an SQL file without a number': up({ 'add-users.sql': sqlMigration([]) }, [/add-users\.sql has no number/]),
  'a file without a marker': up({ '20260103000000_x.sql': 'CREATE TABLE x (id INTEGER);' }, [
    /20260103000000_x\.sql/,
    'migrate:up',
  ]),
  'a marker with a letter too many': up({ '20260103000000_x.sql': '-- migrate:upp\nSELECT 1;' }, [
    /line 1/i,
    'migrate:upp',
  ]),
  'a marker with a blank in it': up({ '20260103000000_x.sql': '\n-- migrate: up\nSELECT 1;' }, [/line 2/i]),
  'a second marker of the way up': up({ '20260103000000_x.sql': '-- migrate:up\n-- migrate:up\n' }, [
    /line 2/i,
  ]),
  'the way back before the way up': up({ '20260103000000_x.sql': '-- migrate:down\n-- migrate:up\n' }, [
    /line 1/i,
  ]),
  'an option nobody knows': up({ '20260103000000_x.sql': '-- migrate:up transaction:flase\n' }, [
    'transaction:flase',
  ]),
  'a statement before the marker': up({ '20260103000000_x.sql': 'SELECT 1;\n-- migrate:up\n' }, [/line 1/i]),
  'a transaction of its own': up({ '20260103000000_x.sql': '-- migrate:up\nBEGIN;\nCOMMIT;\n' }, [
    /line 2/i,
    'transaction:false',
  ]),
  'a string that is not closed': up(
    { '20260103000000_x.sql': "-- migrate:up\n\nINSERT INTO first VALUES ('a);\n" },
    [/line 3/i],
  ),
  'a command of the client': up({ '20260103000000_x.sql': '-- migrate:up\n.tables\n' }, [
    /line 2/i,
    'sqlite3',
  ]),
  'a rule of the linter that is none': up(
    { '20260103000000_x.sql': '-- migrate:up\n-- dbtool:allow drop-tabel\nDROP TABLE first;\n' },
    [/line 2/i, 'drop-table'],
  ),
  'a class with a fault of syntax': up(
    { '20260103000000_x.ts': 'export class A {\n  up( { }\n  down() {}\n}' },
    [/20260103000000_x\.ts/, 'Line 3'],
  ),
  'a class without a way up': up({ '20260103000000_x.js': 'export class A { down() {} }' }, [
    'no method `up`',
  ]),
  'a file of two classes': up(
    { '20260103000000_x.js': 'export class A { up() {} down() {} }\nexport class B { up() {} down() {} }' },
    ['A, B'],
  ),
  'a --to that does not exist': {
    args: ['up', '--to', 'secnod'],
    code: 'migrate.unknown',
    told: ['secnod', SECOND],
  },
  'a --to that is a piece of a name': {
    args: ['up', '--to', 'second'],
    code: 'migrate.unknown',
    told: [SECOND],
  },
  'a --to that may be several': {
    args: ['up', '--to', '2026'],
    code: 'migrate.unknown',
    told: ['any of 2', FIRST, SECOND],
  },
  'a --to that was never applied, down': {
    args: ['down', '--yes', '--to', SECOND],
    code: 'migrate.unknown',
    told: [SECOND],
  },
  'a --step of nothing': { args: ['up', '--step', '0'], code: 'usage.flag.invalid' },
  'a --step that is no number': { args: ['down', '--yes', '--step', 'all'], code: 'usage.flag.invalid' },
  'a --to with a --step': { args: ['up', '--to', SECOND, '--step', '1'], code: 'usage.flag.conflict' },
  'a --lock-wait that is no duration': {
    args: ['up', '--lock-wait', 'soon'],
    code: 'config.invalid',
    told: ['--lock-wait'],
  },
  'an --out-of-order nobody knows': { args: ['up', '--out-of-order', 'ignore'], code: 'usage.flag.invalid' },
  'a baseline that does not exist': { args: ['baseline', '2027'], code: 'migrate.unknown' },
  'a baseline without a name': { args: ['baseline'], code: 'usage.argument.missing' },
  'an --accept that does not exist': { args: ['repair', '--accept', 'third'], code: 'migrate.unknown' },
  'an --accept of what is pending': { args: ['repair', '--accept', SECOND], code: 'migrate.unknown' },
  'a --mark that is neither': { args: ['repair', '--mark', 'done'], code: 'usage.flag.invalid' },
  'a --mark with --resume': {
    args: ['repair', '--mark', 'applied', '--resume'],
    code: 'usage.flag.conflict',
  },
};

// On SQLite only: what is wrong here is wrong before the database matters.
describe('bad input of the commands on migrations', () => {
  let project: Project;
  let before: unknown;

  beforeAll(async () => {
    project = await Project.create('sqlite');
    await project.write(`${FIRST}.sql`, sqlMigration(CREATE, ['DROP TABLE first']));
    await project.data(['up']);
    before = await project.state();
  });

  beforeEach(async () => {
    await project.clear();
    await project.write(`${FIRST}.sql`, sqlMigration(CREATE, ['DROP TABLE first']));
    await project.write(`${SECOND}.sql`, sqlMigration(['CREATE TABLE second (id INTEGER)']));
  });

  afterEach(async () => {
    expect(await project.state()).toEqual(before);
  });

  afterAll(() => project.drop());

  for (const [name, { files = {}, args, code, told = [], exit = 2 }] of Object.entries(CASES)) {
    it(`${name}: ${code}, nothing done`, async () => {
      for (const [file, text] of Object.entries(files)) await project.write(file, text);
      const { code: status, document } = await project.json(args);
      expect({ status, code: document.error?.code }).toEqual({ status: exit, code });
      const { message, why, fix } = document.error!;
      for (const words of told) expect([message, why, fix].join('\n')).toMatch(words);
    });
  }

  it('repair has nothing to do', async () => {
    for (const args of [['repair'], ['repair', '--resume'], ['repair', '--mark', 'applied', '--yes']])
      expect(await project.data(args)).toEqual({ dirty: [] });
  });

  it('plan, script and check refuse a folder with a fault just as up does', async () => {
    await project.write('20260103000000_x.sql', '-- migrate:upp\n');
    for (const command of ['plan', 'script', 'check'])
      expect(await project.json([command])).toMatchObject({
        code: 2,
        document: { error: { code: 'migrate.source.invalid' } },
      });
  });
});
