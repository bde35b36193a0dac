import { describe, expect, it } from '@jest/globals';
import { readFile } from 'node:fs/promises';
import type { Danger, LintColumn, LintDatabase } from '../../../src/migrate/lint/danger.js';
import { lint } from '../../../src/migrate/lint/lint.js';
import { LINT_RULES } from '../../../src/migrate/lint/rules.js';
import { parseSqlMigration, type SqlFlavour } from '../../../src/migrate/sql/sql-file.js';

/** Has the filled tables `t` and `u` (T and U on Oracle), the empty one `empty`, and no others. */
function fake(flavour: SqlFlavour, columns: LintColumn[] = []): LintDatabase {
  const found: Record<string, 'some' | 'none'> = { t: 'some', u: 'some', empty: 'none' };
  return {
    flavour,
    rows: (table) => Promise.resolve(found[table.toLowerCase()]),
    columns: (table) => Promise.resolve(table.toLowerCase() === 't' ? columns : undefined),
  };
}

async function look(
  flavour: SqlFlavour,
  source: string,
  { columns, options = '' }: { columns?: LintColumn[]; options?: string } = {},
): Promise<Danger[]> {
  const { up } = parseSqlMigration(`-- migrate:up ${options}\n${source}`, 'm.sql', flavour);
  return lint({ name: 'm', ...up, allow: [] }, fake(flavour, columns));
}

const rules = (dangers: readonly Danger[]): string[] => dangers.map(({ rule }) => rule);

const PG = 'postgres';
const OUTSIDE = { options: 'transaction:false' };
const varchar20 = [{ name: 'a', type: 'character varying(20)', nullable: true }];
const ora20 = [{ name: 'A', type: 'varchar2(20)', nullable: true }];
const my = (type: string, nullable = true) => ({ columns: [{ name: 'a', type, nullable }] });

describe('a rule fires', () => {
  it.each<[string, SqlFlavour, string, Parameters<typeof look>[2]?]>([
    ['drop-table', PG, 'DROP TABLE t'],
    ['drop-table', 'oracle', 'DROP TABLE t PURGE'],
    ['drop-column', 'sqlite', 'ALTER TABLE t DROP COLUMN a'],
    ['drop-column', 'oracle', 'ALTER TABLE t DROP (a)'],
    ['drop-schema', PG, 'DROP SCHEMA s CASCADE'],
    ['drop-schema', 'mysql', 'DROP DATABASE d'],
    ['drop-cascade', PG, 'DROP TYPE mood CASCADE'],
    ['truncate', 'mariadb', 'TRUNCATE t'],
    ['truncate', 'mysql', 'ALTER TABLE t DROP PARTITION p'],
    ['delete-all', 'sqlite', 'DELETE FROM t'],
    ['update-all', PG, 'UPDATE t SET a = 1'],
    ['not-null-without-default', PG, 'ALTER TABLE t ADD a int NOT NULL'],
    ['not-null-without-default', 'oracle', 'ALTER TABLE t ADD (a number NOT NULL)'],
    ['not-null-without-default', 'mysql', 'ALTER TABLE t ADD a int NOT NULL'],
    ['set-not-null', PG, 'ALTER TABLE t ALTER a SET NOT NULL'],
    ['set-not-null', 'mysql', 'ALTER TABLE t MODIFY a int NOT NULL', my('int')],
    ['set-not-null', 'oracle', 'ALTER TABLE t MODIFY a NOT NULL'],
    ['index-not-concurrent', PG, 'CREATE INDEX i ON t (a)'],
    ['index-not-concurrent', 'oracle', 'CREATE INDEX i ON t (a)'],
    ['concurrent-in-transaction', PG, 'CREATE INDEX CONCURRENTLY i ON t (a)'],
    ['concurrent-in-transaction', PG, 'DROP INDEX CONCURRENTLY i'],
    ['change-type', PG, 'ALTER TABLE t ALTER a TYPE bigint'],
    ['change-type', PG, 'ALTER TABLE t ALTER a TYPE varchar(10)', { columns: varchar20 }],
    ['change-type', PG, 'ALTER TABLE t ALTER a TYPE text USING lower(a)', { columns: varchar20 }],
    ['change-type', 'mysql', 'ALTER TABLE t MODIFY a bigint', my('int')],
    ['change-type', 'mysql', 'ALTER TABLE t MODIFY a varchar(70)', my('varchar(20)')],
    ['change-type', 'mysql', "ALTER TABLE t MODIFY a enum('x','y')", my("enum('x')")],
    ['change-type', 'oracle', 'ALTER TABLE t MODIFY a varchar2(10)', { columns: ora20 }],
    ['change-charset', 'mysql', 'ALTER TABLE t CONVERT TO CHARACTER SET utf8mb4'],
    ['rename-table', 'sqlite', 'ALTER TABLE t RENAME TO z'],
    ['rename-table', 'mysql', 'RENAME TABLE t TO z'],
    ['rename-column', PG, 'ALTER TABLE t RENAME a TO b'],
    ['rename-column', 'mysql', 'ALTER TABLE t CHANGE a b int', my('int')],
    ['constraint-validating', PG, 'ALTER TABLE t ADD CONSTRAINT c FOREIGN KEY (a) REFERENCES u (b)'],
    ['constraint-validating', 'mysql', 'ALTER TABLE t ADD CONSTRAINT c CHECK (a > 0)'],
    ['constraint-validating', 'oracle', 'ALTER TABLE t ADD CHECK (a > 0)'],
    ['constraint-validating', PG, 'ALTER TABLE t ADD a int DEFAULT 1 REFERENCES u (b)'],
    ['unique-constraint', PG, 'ALTER TABLE t ADD CONSTRAINT c UNIQUE (a)'],
    ['unique-constraint', 'oracle', 'ALTER TABLE t ADD CONSTRAINT c UNIQUE (a)'],
    ['change-primary-key', PG, 'ALTER TABLE t ADD PRIMARY KEY (a)'],
    ['change-primary-key', 'mysql', 'ALTER TABLE t DROP PRIMARY KEY'],
    ['volatile-default', PG, 'ALTER TABLE t ADD a uuid DEFAULT gen_random_uuid()'],
    ['volatile-default', PG, 'ALTER TABLE t ADD a serial'],
    ['volatile-default', 'mysql', 'ALTER TABLE t ADD a int GENERATED ALWAYS AS (b) STORED'],
    ['volatile-default', 'sqlite', 'ALTER TABLE t ADD a text DEFAULT (random())'],
    ['lock-table', PG, 'LOCK TABLE t'],
    ['rewrite-table', PG, 'VACUUM FULL t'],
    ['rewrite-table', 'mysql', 'ALTER TABLE t ENGINE=InnoDB'],
    ['mixed-ddl-dml', 'mysql', 'ALTER TABLE t ADD a int;\nUPDATE t SET a = 1 WHERE b'],
    ['mixed-ddl-dml', 'oracle', 'INSERT INTO t VALUES (1);\nCREATE TABLE z (a int)'],
  ])('%s on %s: %s', async (rule, flavour, source, more = {}) => {
    const found = await look(flavour, source, more);
    expect(rules(found)).toEqual([rule]);
    expect(found[0]).toMatchObject({ migration: 'm', holdsData: true, acknowledged: false });
    for (const part of ['message', 'why', 'fix'] as const)
      expect(found[0]?.[part]).not.toMatch(/\?|undefined|^$/);
  });
});

describe('no rule fires', () => {
  it.each<[SqlFlavour, string, Parameters<typeof look>[2]?]>([
    [
      PG,
      'CREATE TABLE z (a int); CREATE INDEX i ON z (a); ALTER TABLE z ADD b int NOT NULL; UPDATE z SET b = 1; DROP TABLE z',
    ],
    [PG, 'CREATE TABLE z (a int); ALTER TABLE z RENAME TO y; ALTER TABLE y DROP a'],
    ['mysql', 'CREATE TEMPORARY TABLE z (a int); DROP TEMPORARY TABLE z'],
    [PG, 'DROP VIEW v'],
    [PG, 'DROP TYPE mood'],
    [PG, 'DELETE FROM t WHERE a'],
    [PG, 'UPDATE t SET a = 1 WHERE b'],
    ['mysql', 'DELETE FROM t LIMIT 100'],
    [PG, 'ALTER TABLE t ADD a int NOT NULL DEFAULT 0'],
    [PG, 'ALTER TABLE t ADD a timestamptz NOT NULL DEFAULT now()'],
    [PG, 'ALTER TABLE t ADD a int'],
    [PG, 'ALTER TABLE t ADD a int DEFAULT 0'],
    [PG, 'ALTER TABLE t ALTER a SET NOT NULL', { columns: [{ name: 'a', type: 'int', nullable: false }] }],
    [PG, 'ALTER TABLE t VALIDATE CONSTRAINT c; ALTER TABLE t ALTER a SET NOT NULL'],
    [PG, 'ALTER TABLE t ALTER a DROP NOT NULL'],
    ['mysql', 'ALTER TABLE t MODIFY a int NOT NULL', my('int(11)', false)],
    [PG, 'CREATE INDEX CONCURRENTLY i ON t (a)', OUTSIDE],
    ['oracle', 'CREATE INDEX i ON t (a) ONLINE'],
    ['mysql', 'CREATE INDEX i ON t (a)'],
    ['sqlite', 'CREATE INDEX i ON t (a)'],
    [PG, 'DROP INDEX i'],
    [PG, 'ALTER TABLE t ALTER a TYPE varchar(50)', { columns: varchar20 }],
    [PG, 'ALTER TABLE t ALTER a TYPE text', { columns: varchar20 }],
    [
      PG,
      'ALTER TABLE t ALTER a TYPE numeric(12, 2)',
      { columns: [{ name: 'a', type: 'numeric(10,2)', nullable: true }] },
    ],
    ['mysql', 'ALTER TABLE t MODIFY a varchar(60)', my('varchar(20)')],
    ['mariadb', 'ALTER TABLE t MODIFY a varchar(300)', my('varchar(20)')],
    ['mysql', 'ALTER TABLE t MODIFY a bigint, ALGORITHM=INPLACE', my('int')],
    ['oracle', 'ALTER TABLE t MODIFY a varchar2(30)', { columns: ora20 }],
    ['mysql', 'ALTER TABLE t DEFAULT CHARACTER SET utf8mb4'],
    [PG, 'ALTER TABLE t RENAME CONSTRAINT a TO b'],
    [PG, 'ALTER TABLE t ADD CONSTRAINT c FOREIGN KEY (a) REFERENCES u (b) NOT VALID'],
    ['oracle', 'ALTER TABLE t ADD CONSTRAINT c CHECK (a > 0) ENABLE NOVALIDATE'],
    [PG, 'ALTER TABLE t ADD a int REFERENCES u (b)'],
    [PG, 'ALTER TABLE t ADD CONSTRAINT c UNIQUE USING INDEX i'],
    ['mysql', 'ALTER TABLE t ADD UNIQUE INDEX i (a)'],
    [PG, 'ALTER TABLE t ADD PRIMARY KEY USING INDEX i'],
    [PG, 'ALTER TABLE t DROP CONSTRAINT c'],
    [PG, 'VACUUM t', OUTSIDE],
    [PG, 'ALTER TABLE t ADD a int; UPDATE t SET a = 1 WHERE b'],
    ['mysql', 'CREATE TABLE z (a int); INSERT INTO z VALUES (1)'],
    ['mysql', 'INSERT INTO t VALUES (1); UPDATE t SET a = 1 WHERE b'],
  ])('on %s: %s', async (flavour, source, more = {}) => {
    expect(await look(flavour, source, more)).toEqual([]);
  });
});

describe('lint', () => {
  it.each(['test/migrate/lint/lint.test.ts', 'docs/migrations-lint.md'])(
    'has every rule in %s',
    async (file) => {
      const text = await readFile(new URL(`../../../${file}`, import.meta.url), 'utf8');
      for (const rule of Object.keys(LINT_RULES))
        expect(text).toMatch(new RegExp(`^.{0,6}['\`]${rule}['\`]`, 'm'));
    },
  );

  it('tells where, and whether there are rows', async () => {
    const found = await look(PG, 'SELECT 1;\n\nDROP TABLE empty, t;\nDROP TABLE later');
    expect(found.map(({ statement, line, table, holdsData }) => [statement, line, table, holdsData])).toEqual(
      [
        [2, 4, 'empty', false],
        [2, 4, 't', true],
        [3, 5, 'later', false],
      ],
    );
  });

  it.each<[SqlFlavour, string, boolean]>([
    [PG, 'ALTER TABLE t ADD a int NOT NULL', true],
    [PG, 'ALTER TABLE empty ADD a int NOT NULL', false],
    ['sqlite', 'ALTER TABLE empty ADD a int NOT NULL', true],
    ['mysql', 'ALTER TABLE t ADD a int NOT NULL', false],
    [PG, 'CREATE TABLE z (a int); CREATE INDEX CONCURRENTLY i ON z (a)', true],
  ])('tells on %s whether it will be refused: %s', async (flavour, source, fails) => {
    expect((await look(flavour, source)).map((one) => one.fails)).toEqual([fails]);
  });

  it('takes an acknowledgement of a statement or of a migration, for its rule only', async () => {
    const source = '-- dbtool:allow drop-table: empty since May\nDROP TABLE t;\nDROP TABLE u;\nTRUNCATE t';
    expect((await look(PG, source)).map((one) => one.acknowledged)).toEqual([true, false, false]);
    const { up } = parseSqlMigration(`-- migrate:up\n${source}`, 'm.sql', PG);
    const found = await lint({ name: 'm', ...up, allow: ['truncate'] }, fake(PG));
    expect(found.map((one) => one.acknowledged)).toEqual([true, false, true]);
  });

  it('follows a table that is renamed', async () => {
    const found = await look(
      PG,
      'ALTER TABLE t RENAME TO z; ALTER TABLE z ALTER a TYPE varchar(50); DROP TABLE z',
      {
        columns: varchar20,
      },
    );
    expect(found.map(({ rule, holdsData }) => [rule, holdsData])).toEqual([
      ['rename-table', true],
      ['drop-table', true],
    ]);
  });

  it('tells of a column that is dropped and added again', async () => {
    const [found] = await look(PG, 'ALTER TABLE t DROP COLUMN a; ALTER TABLE t ADD a varchar(50)');
    expect(found).toMatchObject({ rule: 'drop-column', message: 't.a is dropped and added again, empty' });
  });

  it('tells a rebuild of a table from a DROP', async () => {
    const columns = ['id', 'a', 'b'].map((name) => ({ name, type: 'int', nullable: true }));
    const rebuild = (to: string, from: string): string =>
      `CREATE TABLE "temporary_t" (id int); INSERT INTO "temporary_t"(${to}) SELECT ${from} FROM "t"; DROP TABLE "t"; ALTER TABLE "temporary_t" RENAME TO "t"`;
    const look1 = (to: string, from: string) => look('sqlite', rebuild(to, from), { columns });
    expect(await look1('"id", "a", "b"', '"id", "a", "b"')).toEqual([]);
    expect(await look1('"id", "a"', '"id", "a"')).toMatchObject([
      {
        rule: 'drop-column',
        message: 't.b is not copied when the table is rebuilt, and goes with its values',
      },
    ]);
    expect(await look1('"id", "a", "c"', '"id", "a", "b"')).toMatchObject([
      { rule: 'rename-column', message: 't.b becomes c when the table is rebuilt' },
    ]);
    expect(
      rules(await look('sqlite', 'CREATE TABLE z (a int); DROP TABLE t; ALTER TABLE z RENAME TO t')),
    ).toEqual(['drop-table']);
  });
});
