import { describe, expect, it } from '@jest/globals';
import { Table, type QueryRunner } from 'typeorm';
import { onlyReads } from '../../../src/migrate/sql/read-statement.js';
import type { SqlFlavour } from '../../../src/migrate/sql/sql-file.js';
import { createTestDatabase, forEachDatabase } from '../../support/databases.js';
import { open } from '../../support/open-database.js';

describe('onlyReads', () => {
  it.each<[SqlFlavour, string]>([
    ['postgres', 'SELECT 1'],
    ['postgres', '-- x\n(SELECT a FROM t) UNION SELECT b FROM u'],
    ['postgres', 'SELECT * FROM t FOR NO KEY UPDATE SKIP LOCKED'],
    [
      'postgres',
      'WITH x (a) AS MATERIALIZED (SELECT count(*) FROM t), y AS (SELECT 1) SELECT * FROM x WHERE a IN (1) AND NOT EXISTS (SELECT 1)',
    ],
    [
      'postgres',
      `SELECT "con"."conname", pg_get_constraintdef("con"."oid", true), to_regclass('x') FROM "pg_constraint" "con"`,
    ],
    ['postgres', 'SELECT * FROM generate_series(1, 3) AS g (n) CROSS JOIN unnest(ARRAY[1]) WITH ORDINALITY'],
    ['postgres', `SELECT "update", 'INSERT INTO t' FROM "delete"`],
    ['postgres', 'VALUES (1)'],
    ['postgres', 'TABLE t'],
    ['postgres', 'SHOW search_path'],
    ['postgres', 'EXPLAIN DELETE FROM t'],
    ['postgres', 'EXPLAIN (ANALYZE, BUFFERS) SELECT 1'],
    ['mysql', 'SHOW TABLES'],
    ['mysql', "SELECT INSERT('a', 1, 1, 'b'), REPLACE('a', 'b', 'c'), COALESCE(a, 1) FROM `t`"],
    ['mysql', 'DESCRIBE t'],
    ['sqlite', 'PRAGMA foreign_keys'],
    ['sqlite', 'PRAGMA table_info("t")'],
    ['sqlite', 'PRAGMA main.foreign_key_check'],
    ['sqlite', `SELECT * FROM "sqlite_master" WHERE "type" IN ('table') AND "name" = 'x'`],
    ['oracle', 'SELECT * FROM t FOR UPDATE NOWAIT'],
    ['oracle', "SELECT DBMS_LOB.SUBSTR(a, 10, 1), SYS_CONTEXT('USERENV', 'CURRENT_SCHEMA') FROM dual"],
  ])('is true on %s: %s', (flavour, text) => {
    expect(onlyReads(text, flavour)).toBe(true);
  });

  it.each<[SqlFlavour, string]>([
    ['postgres', ''],
    ['postgres', 'INSERT INTO t VALUES (1)'],
    ['postgres', "SELECT setval('s', 1)"],
    ['postgres', "SELECT nextval('s')"],
    ['postgres', "SELECT pg_catalog.set_config('search_path', '', false)"],
    ['postgres', "SELECT create_hypertable('t', 'at')"],
    ['postgres', 'SELECT audit.repair(id) FROM t'],
    ['postgres', 'SELECT "my_function"()'],
    ['postgres', 'SELECT * INTO u FROM t'],
    ['postgres', 'WITH x AS (DELETE FROM t RETURNING *) SELECT * FROM x'],
    ['postgres', 'WITH x AS (SELECT 1) INSERT INTO t SELECT * FROM x'],
    ['postgres', 'WITH x AS (SELECT 1) UPDATE t SET a = 1'],
    ['postgres', 'EXPLAIN ANALYZE DELETE FROM t'],
    ['postgres', 'EXPLAIN (ANALYZE) DELETE FROM t'],
    ['postgres', 'SET search_path = x'],
    ['postgres', 'DO $$ $$'],
    ['mysql', 'SELECT 1 INTO @a'],
    ['mysql', "SELECT GET_LOCK('a', 1)"],
    ['mariadb', 'SELECT NEXT VALUE FOR s'],
    ['mysql', '/*!40000 DROP TABLE t */'],
    ['sqlite', 'PRAGMA foreign_keys = OFF'],
    ['sqlite', 'PRAGMA foreign_keys(0)'],
    ['sqlite', 'PRAGMA optimize'],
    ['oracle', 'SELECT s.NEXTVAL FROM dual'],
    ['oracle', 'EXPLAIN PLAN FOR SELECT 1 FROM dual'],
    ['oracle', 'BEGIN NULL; END;'],
  ])('is false on %s: %s', (flavour, text) => {
    expect(onlyReads(text, flavour)).toBe(false);
  });
});

forEachDatabase('onlyReads on what TypeORM asks', (kind) => {
  it('is true', async () => {
    const database = await createTestDatabase(kind);
    const asked: string[] = [];
    await open(database, async ({ dataSource, dialect }) => {
      const name = dialect.identifier('t');
      const runner = dataSource.createQueryRunner();
      await runner.createTable(new Table({ name, columns: [{ name: 'id', type: 'int', isPrimary: true }] }));
      const query = runner.query.bind(runner) as (text: string, ...more: unknown[]) => Promise<unknown>;
      runner.query = ((text: string, ...more: unknown[]) => {
        asked.push(text);
        return query(text, ...more);
      }) as QueryRunner['query'];
      await runner.getTable(name);
      await runner.hasTable(name);
      await dialect.hasTable(runner, name);
      await runner.hasColumn(name, 'id');
      await runner.release();
      expect(asked.length).toBeGreaterThan(2);
      expect(asked.filter((text) => !onlyReads(text, dialect.name))).toEqual([]);
    });
    await database.drop();
  });
});
