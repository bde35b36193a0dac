import { describe, expect, it } from '@jest/globals';
import { parseSqlMigration, type SqlFlavour } from '../../../src/migrate/sql/sql-file.js';
import { caught } from '../../support/caught.js';

const parse = (source: string, flavour: SqlFlavour = 'postgres') =>
  parseSqlMigration(source, 'migrations/1-a.sql', flavour);

describe('parseSqlMigration', () => {
  it('reads both sections with lines of the file', () => {
    const source =
      '-- what it does\n\n-- migrate:up\nCREATE TABLE a (b int);\n-- migrate:down\n\nDROP TABLE a';
    expect(parse(source)).toEqual({
      up: { statements: [{ text: 'CREATE TABLE a (b int)', line: 4, allow: [] }], transaction: true },
      down: { statements: [{ text: 'DROP TABLE a', line: 7, allow: [] }], transaction: true },
    });
  });

  it.each([
    ['\uFEFF-- migrate:up\r\nSELECT 1;\r\n-- migrate:down\r\nSELECT 2;\r\n'],
    ['--migrate:up\nSELECT 1;\n--   migrate:down   \nSELECT 2'],
    ['/* x */\n-- migrate:up transaction:true\nSELECT 1;\n-- migrate:down\nSELECT 2'],
  ])('reads %j', (source) => {
    const { up, down } = parse(source);
    expect(up.statements.map((one) => one.text)).toEqual(['SELECT 1']);
    expect(down?.statements.map((one) => one.text)).toEqual(['SELECT 2']);
  });

  it('takes a file without a down section, and an up section without statements', () => {
    expect(parse('-- migrate:up\n')).toEqual({ up: { statements: [], transaction: true }, down: undefined });
    expect(parse('-- migrate:up\n-- nothing\n-- migrate:down').down).toEqual({
      statements: [],
      transaction: true,
    });
  });

  it('reads transaction:false of each section', () => {
    const { up, down } = parse('-- migrate:up transaction:false\nCOMMIT;\n-- migrate:down\nSELECT 1;');
    expect([up.transaction, down?.transaction]).toEqual([false, true]);
  });

  it.each([
    ['SELECT 1;', 1, 'there is no `-- migrate:up`'],
    ['', 1, 'there is no `-- migrate:up`'],
    ['-- migrate:up\n-- migrate:up', 2, 'a second `-- migrate:up`'],
    ['-- migrate:up\n-- migrate:down\n-- migrate:down', 3, 'a second `-- migrate:down`'],
    ['-- migrate:down\n-- migrate:up', 1, 'stands before `-- migrate:up`'],
    ['\nSELECT 1;\n-- migrate:up', 2, 'a statement stands before'],
    ['-- migrate:up transaction:fals', 1, 'transaction:fals is no option'],
    ['-- migrate:up transaction:false x', 1, 'x is no option'],
    ['-- migrate:up\nSELECT 1;\n  -- migrate:down\nDROP TABLE a', 3, 'looks like a section'],
    ['-- migrate:up\nSELECT 1;\n-- migrate:Down\nDROP TABLE a', 3, 'looks like a section'],
    ['-- migrate: up', 1, 'looks like a section'],
    ["-- migrate:up\nSELECT 1;\nSELECT 'a;\n-- migrate:down\nSELECT 'b';", 3, 'a string is not closed'],
    ["-- migrate:up\n-- migrate:down\nSELECT 1; SELECT 'x", 3, 'a string is not closed'],
  ])('refuses %j', async (source, line, what) => {
    const { code, message, details } = await caught(() => parse(source));
    expect(code).toBe('migrate.source.invalid');
    expect(message).toContain(`migrations/1-a.sql, line ${line}: `);
    expect(message).toContain(what);
    expect(details).toEqual({ file: 'migrations/1-a.sql', line });
  });

  it.each<[SqlFlavour, string]>([
    ['postgres', 'BEGIN'],
    ['postgres', 'start /* a */ transaction'],
    ['postgres', 'commit and chain'],
    ['postgres', 'END'],
    ['mysql', 'START TRANSACTION READ ONLY'],
    ['mysql', 'set autocommit = 0'],
    ['sqlite', 'BEGIN IMMEDIATE'],
    ['oracle', 'COMMIT'],
    ['oracle', 'ROLLBACK WORK'],
  ])('refuses transaction control in a transaction on %s: %s', (flavour, text) => {
    const act = (): unknown => parse(`-- migrate:up\nSELECT 1;\n${text};`, flavour);
    expect(act).toThrow(/line 3: .* in a section that runs in a transaction/);
    expect(parse(`-- migrate:up transaction:false\n${text};`, flavour).up.statements).toHaveLength(1);
  });

  it.each<[SqlFlavour, string]>([
    ['postgres', 'SAVEPOINT a'],
    ['postgres', 'ROLLBACK TO SAVEPOINT a'],
    ['mysql', 'ROLLBACK WORK TO a'],
    ['mariadb', 'BEGIN NOT ATOMIC COMMIT; END'],
    ['oracle', 'BEGIN COMMIT; END;\n/\n'],
    ['postgres', 'SET search_path = a'],
    ['sqlite', 'CREATE TABLE "commit" (a)'],
  ])('takes on %s: %s', (flavour, text) => {
    expect(parse(`-- migrate:up\n${text}`, flavour).up.statements).toHaveLength(1);
  });
});
