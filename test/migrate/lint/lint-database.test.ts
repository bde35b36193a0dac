import { afterEach, beforeEach, expect, it } from '@jest/globals';
import { Table, TableColumn } from 'typeorm';
import { lint } from '../../../src/migrate/lint/lint.js';
import { lintDatabase } from '../../../src/migrate/lint/lint-database.js';
import { createTestDatabase, forEachDatabase, type TestDatabase } from '../../support/databases.js';
import { open } from '../../support/open-database.js';

forEachDatabase('lintDatabase', (kind) => {
  let database: TestDatabase;
  beforeEach(async () => {
    database = await createTestDatabase(kind);
  });
  afterEach(() => database.drop());

  it('tells which tables hold rows, and what columns they have', async () => {
    await open(database, async ({ dataSource, dialect }) => {
      const runner = dataSource.createQueryRunner();
      const [full, empty] = ['full t', 'empty t'].map((name) => dialect.identifier(name)) as [string, string];
      const varchar = kind === 'oracle' ? 'varchar2' : 'varchar';
      const columns = [
        { name: 'id', type: 'int', isPrimary: true },
        { name: 'word', type: varchar, length: '20', isNullable: true },
      ];
      for (const name of [full, empty]) await runner.createTable(new Table({ name, columns }));
      await runner.query(`INSERT INTO ${dataSource.driver.escape(full)} VALUES (1, 'a')`);
      const about = lintDatabase(runner);
      expect(about.flavour).toBe(dialect.name);
      expect(await about.rows(full)).toBe('some');
      expect(await about.rows(empty)).toBe('none');
      expect(await about.rows('none')).toBeUndefined();
      expect(await about.columns?.('none')).toBeUndefined();
      const [id, word] = (await about.columns?.(full)) ?? [];
      expect(id).toMatchObject({ name: 'id', nullable: false });
      expect(word).toMatchObject({ name: 'word', nullable: true });
      expect(word?.type).toMatch(/^(?:varchar2?|character varying)\(20\)$/i);
      await runner.release();
    });
  });

  it('says nothing of what fills an empty database, and something of what then drops it', async () => {
    await open(database, async ({ dataSource }) => {
      const runner = dataSource.createQueryRunner();
      const about = lintDatabase(runner);
      const subject = (text: string) => ({
        name: 'm',
        statements: [{ text, line: 1, allow: [] }],
        transaction: true,
        allow: [],
      });
      expect(await lint(subject('CREATE TABLE t (a int)'), about)).toEqual([]);
      await runner.query('CREATE TABLE t (a int)');
      expect(await lint(subject('DROP TABLE t'), about)).toMatchObject([
        { rule: 'drop-table', holdsData: false },
      ]);
      await runner.query('INSERT INTO t VALUES (1)');
      expect(await lint(subject('DROP TABLE t'), about)).toMatchObject([
        { rule: 'drop-table', holdsData: true },
      ]);
      await runner.release();
    });
  });
});

forEachDatabase(
  'lintDatabase on Postgres',
  (kind) => {
    it('finds tables of another schema', async () => {
      const database = await createTestDatabase(kind);
      await open(database, async ({ dataSource }) => {
        const runner = dataSource.createQueryRunner();
        await runner.query('CREATE SCHEMA s; CREATE TABLE s.t AS SELECT 1 AS a; CREATE TABLE t (a int)');
        const about = lintDatabase(runner);
        expect([await about.rows('t'), await about.rows('t', 's'), await about.rows('u', 's')]).toEqual([
          'none',
          'some',
          undefined,
        ]);
        await runner.release();
      });
      await database.drop();
    });
  },
  { only: ['postgres'] },
);

forEachDatabase(
  'lint on what TypeORM does to a table of SQLite',
  (kind) => {
    it.each([
      ['drops a column', 'drop-column', ['drop-column', 't.word is not copied when the table is rebuilt']],
      [
        'renames a column',
        'rename-column',
        ['rename-column', 't.word becomes term when the table is rebuilt'],
      ],
      ['adds a column', 'add-column', undefined],
    ])('finds no DROP where it %s', async (_, what, expected) => {
      const database = await createTestDatabase(kind);
      await open(database, async ({ dataSource }) => {
        const runner = dataSource.createQueryRunner();
        await runner.query('CREATE TABLE t (id integer PRIMARY KEY, word text, more text)');
        await runner.query(`INSERT INTO t VALUES (1, 'a', 'b')`);
        const about = lintDatabase(runner);
        runner.enableSqlMemory();
        if (what === 'drop-column') await runner.dropColumn('t', 'word');
        else if (what === 'rename-column') await runner.renameColumn('t', 'word', 'term');
        else await runner.addColumn('t', new TableColumn({ name: 'x', type: 'text', isNullable: true }));
        const statements = runner
          .getMemorySql()
          .upQueries.map(({ query }) => ({ text: query, line: 0, allow: [] }));
        runner.disableSqlMemory();
        expect(statements.some(({ text }) => text.startsWith('DROP TABLE'))).toBe(true);
        const found = await lint({ name: 'm', statements, transaction: true, allow: [] }, about);
        expect(found.map(({ rule, message }) => [rule, message.replace(/, and.*/, '')])).toEqual(
          expected ? [expected] : [],
        );
        await runner.release();
      });
      await database.drop();
    });
  },
  { only: ['sqlite'] },
);
