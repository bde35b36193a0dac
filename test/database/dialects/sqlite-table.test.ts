import { describe, expect, it } from '@jest/globals';
import {
  createStatement,
  parseTable,
  withForm,
  withoutPrimaryKey,
} from '../../../src/database/dialects/sqlite-table.js';

describe("a table's text", () => {
  it('is taken apart and put together again', () => {
    const table = parseTable(`CREATE TABLE [a (b] (
      "id ""x""" int PRIMARY KEY, \`b\` decimal(10, 2) DEFAULT (1 + (2)), [c] text, -- it's, a comment
      CONSTRAINT "uq" UNIQUE ("b", c COLLATE NOCASE), PRIMARY KEY (b DESC), CHECK (c <> ',)'),
      FOREIGN KEY (c) REFERENCES p (id, x) ON DELETE CASCADE) STRICT, WITHOUT ROWID`);
    expect(table.columns.map(({ name }) => name)).toEqual(['id "x"', 'b', 'c']);
    expect(table.constraints.map(({ kind, name, columns }) => ({ kind, name, columns }))).toEqual([
      { kind: 'UNIQUE', name: 'uq', columns: ['b', 'c'] },
      { kind: 'PRIMARY', name: undefined, columns: ['b'] },
      { kind: 'CHECK', name: undefined, columns: [] },
      { kind: 'FOREIGN', name: undefined, columns: ['c'] },
    ]);
    expect(table.options).toBe('STRICT, WITHOUT ROWID');
    const again = createStatement('t', table);
    expect(again).toMatch(/^CREATE TABLE t \(.*\) STRICT, WITHOUT ROWID$/s);
    expect(parseTable(again)).toEqual(table);
  });

  it('has no comment that swallows what follows', () => {
    const table = parseTable('CREATE TABLE t (a int -- first\n, b int -- last\n)');
    expect(createStatement('t', table)).toBe('CREATE TABLE t (a int -- first\n, b int -- last\n)');
  });

  it.each(['CREATE VIRTUAL TABLE t USING fts5(a)', 'CREATE VIEW v AS SELECT 1', ''])('is not %j', (sql) => {
    expect(() => parseTable(sql)).toThrow('no CREATE TABLE');
  });

  it.each([
    ['a varchar(10) NOT NULL', 'a big NOT NULL', 'a big'],
    ['a', 'a big NOT NULL', 'a big'],
    [`"a" int DEFAULT 'NOT NULL'`, `"a" big DEFAULT 'NOT NULL' NOT NULL`, `"a" big DEFAULT 'NOT NULL'`],
    ['a int CONSTRAINT n NOT NULL ON CONFLICT FAIL UNIQUE', 'a big UNIQUE NOT NULL', 'a big UNIQUE'],
    [
      'a int REFERENCES p (x) ON DELETE SET NULL',
      'a big REFERENCES p (x) ON DELETE SET NULL NOT NULL',
      'a big REFERENCES p (x) ON DELETE SET NULL',
    ],
    [
      'a unsigned big int not null check (a not null)',
      'a big check (a not null) NOT NULL',
      'a big check (a not null)',
    ],
  ])('gives the column %j another form', (text, required, optional) => {
    const column = { name: 'a', text };
    expect(withForm(column, 'big', false).text).toBe(required);
    expect(withForm(column, 'big', true).text).toBe(optional);
  });

  it.each([
    ['a int PRIMARY KEY', 'a int'],
    ['a int primary key autoincrement', 'a int'],
    ['a int CONSTRAINT pk PRIMARY KEY DESC ON CONFLICT FAIL NOT NULL', 'a int NOT NULL'],
    ['a int', undefined],
  ])('gives the column %j without its key', (text, bare) => {
    expect(withoutPrimaryKey({ name: 'a', text })?.text).toBe(bare);
  });
});
