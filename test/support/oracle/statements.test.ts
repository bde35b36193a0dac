import { describe, expect, it } from '@jest/globals';
import oracledb, { type BindParameters } from 'oracledb';
import { describeOnOracle } from './describe-on-oracle.js';

describeOnOracle('statements on Oracle', (oracle) => {
  describe('queries', () => {
    it.each<[sql: string, expected: unknown[][]]>([
      ['SELECT id FROM item WHERE ROWNUM <= 2 ORDER BY id', [[1], [2]]],
      ['SELECT id FROM item ORDER BY id OFFSET 1 ROWS FETCH NEXT 2 ROWS ONLY', [[2], [3]]],
      ['SELECT id FROM item ORDER BY id DESC FETCH FIRST ROW ONLY', [[5]]],
      ['SELECT n FROM item ORDER BY n', [[10], [20], [30], [50], [null]]],
      ['SELECT n FROM item ORDER BY n DESC', [[null], [50], [30], [20], [10]]],
      ['SELECT n FROM item ORDER BY n DESC NULLS LAST FETCH FIRST 1 ROWS ONLY', [[50]]],
      ['SELECT value FROM (SELECT id AS value FROM item) WHERE value = 3', [[3]]],
      ['SELECT i.id AS key, i.n AS year FROM item i WHERE i.id = 1', [[1, 10]]],
      ['SELECT n + 1 AS id FROM item WHERE id = 1', [[11]]],
      ['SELECT id FROM item WHERE (id = 1 OR id = 2) AND (n + 1) > 11', [[2]]],
      ['SELECT id FROM item WHERE n = (SELECT MAX(n) FROM item)', [[5]]],
      ['SELECT id FROM item i WHERE EXISTS (SELECT 1 FROM item j WHERE j.id = i.id + 4)', [[1]]],
      [
        'SELECT id FROM item WHERE id IN (SELECT id FROM item ORDER BY id DESC FETCH FIRST 1 ROW ONLY)',
        [[5]],
      ],
      ["SELECT id FROM item WHERE d = DATE '2024-02-28' + 1", [[2]]],
      ["SELECT id FROM item WHERE CAST(d AS DATE) - DATE '2024-01-31' = 29", [[2]]],
      ["SELECT id FROM item WHERE ts >= TIMESTAMP '2024-12-31 10:20:30.125'", [[5]]],
      [
        "SELECT TO_CHAR(TRUNC(ts, 'MM'), 'YYYY-MM') AS m, COUNT(*) FROM item WHERE id < 3 GROUP BY TRUNC(ts, 'MM') ORDER BY m",
        [
          ['2024-01', 1],
          ['2024-02', 1],
        ],
      ],
      [
        'SELECT grp, COUNT(*), SUM(n), AVG(n) FROM item GROUP BY grp ORDER BY grp',
        [
          ['a', 2, 30, 15],
          ['b', 2, 30, 30],
          [null, 1, 50, 50],
        ],
      ],
      ['SELECT COUNT(*), COUNT(n), COUNT(DISTINCT grp) FROM item', [[5, 4, 2]]],
      ['SELECT SUM(flag) / NULLIF(COUNT(*), 0) FROM item', [[0]]],
      ['SELECT COUNT(*) / 2 FROM item', [[2.5]]],
      ['SELECT grp FROM item GROUP BY grp HAVING COUNT(*) > 1 ORDER BY 1', [['a'], ['b']]],
      ["SELECT LISTAGG(grp, ',') WITHIN GROUP (ORDER BY id DESC) FROM item", [['b,b,a,a']]],
      ['SELECT PERCENTILE_CONT(0.5) WITHIN GROUP (ORDER BY n) FROM item', [[25]]],
      ['SELECT PERCENTILE_CONT(0.9) WITHIN GROUP (ORDER BY n) FROM item', [[44]]],
      ['SELECT PERCENTILE_DISC(0.5) WITHIN GROUP (ORDER BY n) FROM item', [[20]]],
      ['SELECT MEDIAN(n), STDDEV_POP(flag) FROM item', [[25, 0]]],
      [
        "SELECT id, ROW_NUMBER() OVER (PARTITION BY grp ORDER BY id DESC) FROM item WHERE grp = 'a' ORDER BY id",
        [
          [1, 2],
          [2, 1],
        ],
      ],
      [
        'SELECT id, LAG(id) OVER (ORDER BY id), LEAD(id, 1, 0) OVER (ORDER BY id) FROM item WHERE id > 3 ORDER BY id',
        [
          [4, null, 5],
          [5, 4, 0],
        ],
      ],
      [
        'SELECT SUM(id) OVER (ORDER BY id ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW) FROM item WHERE id < 4 ORDER BY id',
        [[1], [3], [6]],
      ],
      [
        'SELECT id, RANK() OVER (ORDER BY grp), DENSE_RANK() OVER (ORDER BY grp) FROM item WHERE id < 4 ORDER BY id',
        [
          [1, 1, 1],
          [2, 1, 1],
          [3, 3, 2],
        ],
      ],
      ['SELECT id, COUNT(*) OVER () FROM item WHERE id = 1', [[1, 1]]],
      ['SELECT FIRST_VALUE(id) OVER (PARTITION BY grp ORDER BY id DESC) FROM item WHERE id = 2', [[2]]],
      ['SELECT id FROM item MINUS SELECT id FROM item WHERE id > 2 ORDER BY 1', [[1], [2]]],
      ['SELECT 1 FROM dual UNION SELECT 1 FROM dual UNION ALL SELECT 2 FROM dual ORDER BY 1', [[1], [2]]],
      ['SELECT id FROM item INTERSECT SELECT 3 FROM dual', [[3]]],
      [
        'WITH a AS (SELECT 1 AS x FROM dual), b (y) AS (SELECT x + 1 FROM a) SELECT x, y FROM a CROSS JOIN b',
        [[1, 2]],
      ],
      [
        'WITH r (n) AS (SELECT 1 FROM dual UNION ALL SELECT n + 1 FROM r WHERE n < 4) SELECT SUM(n) FROM r',
        [[10]],
      ],
      [
        'SELECT a.id, b.id FROM item a LEFT OUTER JOIN item b ON b.id = a.id + 1 WHERE a.id > 3 ORDER BY a.id',
        [
          [4, 5],
          [5, null],
        ],
      ],
      ['SELECT a.id FROM item a, item b WHERE a.id = b.id AND a.id = 1', [[1]]],
      ['SELECT * FROM (SELECT i.id, ROWNUM AS rn FROM item i) WHERE rn = 1', [[1, 1]]],
      [
        'SELECT DISTINCT "x"."ID" AS "ids" FROM (SELECT "i"."ID" FROM "ITEM" "i") "x" ORDER BY "ids" ASC FETCH NEXT 1 ROWS ONLY',
        [[1]],
      ],
      [
        "SELECT JSON_VALUE(doc, '$.a.b' RETURNING NUMBER) FROM item WHERE JSON_EXISTS(doc, '$.list') ORDER BY id FETCH FIRST 1 ROWS ONLY",
        [[1]],
      ],
      ["SELECT COUNT(*) FROM item WHERE JSON_VALUE(doc, '$.list[1]') = 'a'", [[2]]],
      ['SELECT id FROM item WHERE id BETWEEN 2 AND 3 AND id NOT BETWEEN 3 AND 4', [[2]]],
      ["SELECT id FROM item WHERE grp LIKE '%' AND grp NOT LIKE 'a%' ORDER BY id", [[3], [4]]],
      ['SELECT id FROM item WHERE id > ALL (SELECT id FROM item WHERE id < 5)', [[5]]],
      ['SELECT id FROM item WHERE dbl / 4 = 2.5', [[1]]],
      ['SELECT (SELECT MAX(j.id) FROM item j WHERE j.grp = i.grp) FROM item i WHERE i.id = 1', [[2]]],
      ['SELECT id FROM item WHERE id = 1 FOR UPDATE OF n NOWAIT', [[1]]],
      ['SELECT /*+ FULL(i) */ id -- of one\n FROM item i /* the first */ WHERE id = 1', [[1]]],
    ])('%s', async (sql, expected) => {
      expect(await oracle.rows(sql)).toEqual(expected);
      await oracle.connection.rollback();
    });

    it('take binds by name and by place', async () => {
      const named = 'SELECT :a || :b || :a FROM dual WHERE :n = 1';
      expect(await oracle.rows(named, { a: 'x', b: 'y', n: 1 })).toEqual([['xyx']]);
      expect(await oracle.rows('SELECT :2 || :1 FROM dual', ['first', 'second'])).toEqual([['firstsecond']]);
      expect(await oracle.rows('SELECT id FROM item WHERE id IN (:1, :2) AND n > :3', [1, 2, 15])).toEqual([
        [2],
      ]);
      expect(await oracle.rows('SELECT id FROM item ORDER BY id FETCH FIRST :n ROWS ONLY', [1])).toEqual([
        [1],
      ]);
      expect(await oracle.rows("SELECT ':1' || :x FROM dual", ['b'])).toEqual([[':1b']]);
    });
  });

  describe('changes', () => {
    const affected = async (sql: string, binds: BindParameters = []): Promise<number | undefined> =>
      (await oracle.run(sql, binds)).rowsAffected;

    it('insert, update and delete', async () => {
      expect(await affected('INSERT INTO item i (i.id, n) VALUES (10, 1)')).toBe(1);
      expect(
        await affected('INSERT INTO item (id, flag) SELECT 11, 1 FROM dual UNION ALL SELECT 12, 1 FROM dual'),
      ).toBe(2);
      expect(await affected('INSERT INTO item (id, n) VALUES (13, DEFAULT)')).toBe(1);
      expect(
        await affected(
          "UPDATE item i SET i.n = n + 1, (grp, flag) = (SELECT 'z', 1 FROM dual) WHERE i.id = 10",
        ),
      ).toBe(1);
      expect(await oracle.rows('SELECT n, grp, flag FROM item WHERE id = 10')).toEqual([[2, 'z', 1]]);
      expect(await affected('UPDATE item SET flag = DEFAULT WHERE flag = 1')).toBe(3);
      expect(await affected('DELETE item WHERE id > 11')).toBe(2);
      expect(await affected('DELETE FROM item i WHERE i.id > 5')).toBe(2);
      await oracle.connection.rollback();
    });

    it('return what they wrote', async () => {
      const out = { dir: oracledb.BIND_OUT, type: oracledb.NUMBER };
      const { outBinds } = await oracle.run(
        'INSERT INTO item (id) VALUES (:id) RETURNING id, flag INTO :newId, :newFlag',
        {
          id: 20,
          newId: out,
          newFlag: out,
        },
      );
      expect(outBinds).toEqual({ newId: [20], newFlag: [0] });
      await oracle.connection.rollback();
    });

    it('merge', async () => {
      const merge = `MERGE INTO item t USING (SELECT :id AS id, :n AS n FROM dual) s ON (t.id = s.id)
        WHEN MATCHED THEN UPDATE SET t.n = s.n WHERE t.n < s.n
        WHEN NOT MATCHED THEN INSERT (t.id, t.n) VALUES (s.id, s.n) WHERE s.n > 0`;
      expect(await affected(merge, [1, 11])).toBe(1);
      expect(await affected(merge, [1, 5])).toBe(0);
      expect(await affected(merge, [30, 1])).toBe(1);
      expect(await affected(merge, [31, -1])).toBe(0);
      expect(await oracle.rows('SELECT id, n FROM item WHERE id IN (1, 30, 31) ORDER BY id')).toEqual([
        [1, 11],
        [30, 1],
      ]);
      await oracle.connection.rollback();
    });
  });

  describe('definitions', () => {
    it('make, change and drop tables', async () => {
      for (const sql of [
        `CREATE TABLE parent (id INTEGER GENERATED BY DEFAULT AS IDENTITY, name VARCHAR2(20) DEFAULT 'x' NOT NULL,
           twice NUMBER AS (id * 2) VIRTUAL, CONSTRAINT pk_parent PRIMARY KEY (id), CONSTRAINT uq_name UNIQUE (name))`,
        `CREATE TABLE child (id NUMBER GENERATED ALWAYS AS IDENTITY (START WITH 5 INCREMENT BY 1) PRIMARY KEY,
           parent_id NUMBER REFERENCES parent (id) ON DELETE CASCADE, v VARCHAR2(5) CHECK (v <> 'bad'))`,
        'CREATE INDEX ix_child ON child (parent_id, v DESC)',
        'CREATE UNIQUE INDEX uq_child ON child (v)',
        'ALTER TABLE child ADD (extra NUMBER(10, 2) DEFAULT 1 NOT NULL, note CLOB)',
        'ALTER TABLE child ADD more VARCHAR2(10 CHAR)',
        "ALTER TABLE child MODIFY more VARCHAR2(20 CHAR) DEFAULT 'm' NOT NULL",
        'ALTER TABLE child MODIFY (more NULL)',
        'ALTER TABLE child RENAME COLUMN extra TO other',
        'ALTER TABLE child DROP (note)',
        'ALTER TABLE child DROP COLUMN other',
        'ALTER TABLE child ADD CONSTRAINT ck_more CHECK (LENGTH(more) < 15)',
        'ALTER TABLE child RENAME CONSTRAINT ck_more TO ck_less',
        'ALTER INDEX ix_child RENAME TO ix_child2',
        "INSERT INTO parent (name) VALUES ('p')",
        "INSERT INTO child (parent_id, v) SELECT id, 'v' FROM parent",
        'CREATE OR REPLACE VIEW both (p, c) AS SELECT p.id, c.id FROM parent p JOIN child c ON c.parent_id = p.id',
        'CREATE TABLE copy AS SELECT id, name FROM parent',
        'CREATE SEQUENCE counter START WITH 7 NOCACHE',
        "COMMENT ON TABLE child IS 'of its parent'",
        "COMMENT ON COLUMN child.v IS 'short'",
      ])
        await oracle.run(sql);
      expect(await oracle.rows('SELECT p, c FROM both')).toEqual([[1, 5]]);
      expect(await oracle.rows('SELECT twice FROM parent')).toEqual([[2]]);
      expect(await oracle.rows('SELECT more FROM child')).toEqual([['m']]);
      expect(await oracle.rows('SELECT counter.NEXTVAL FROM dual')).toEqual([[7]]);
      expect(await oracle.rows('SELECT * FROM copy')).toEqual([[1, 'p']]);
      for (const [number, sql] of [
        [1, "INSERT INTO parent (name) VALUES ('p')"],
        [2290, "INSERT INTO child (v) VALUES ('bad')"],
        [2291, "INSERT INTO child (v, parent_id) VALUES ('w', 99)"],
        [2449, 'DROP TABLE parent'],
      ] as const)
        await expect(oracle.run(sql)).rejects.toMatchObject({ errorNum: number });
      for (const sql of [
        'DROP VIEW both',
        'DROP SEQUENCE counter',
        'DROP INDEX ix_child2',
        'TRUNCATE TABLE child',
        'ALTER TABLE copy RENAME TO copied',
        'DROP TABLE copied PURGE',
        'DROP TABLE parent CASCADE CONSTRAINTS',
        'DROP TABLE child',
      ])
        await oracle.run(sql);
      expect(await oracle.rows('SELECT table_name FROM user_tables')).toEqual([['ITEM']]);
    });
  });

  describe('refusals', () => {
    it.each<[number: number, sql: string]>([
      [933, 'SELECT id FROM item;'],
      [933, 'SELECT id FROM item LIMIT 1'],
      [933, 'SELECT id FROM item AS i'],
      [933, 'SELECT id FROM item EXCEPT SELECT 1 FROM dual'],
      [907, 'SELECT id FROM (SELECT id FROM item LIMIT 1)'],
      [905, 'SELECT i.id FROM item i JOIN item AS j ON i.id = j.id'],
      [923, 'SELECT *, id FROM item'],
      [923, 'SELECT id = 1 FROM item'],
      [923, 'SELECT COUNT(*) FILTER (WHERE id = 1) FROM item'],
      [920, 'SELECT id FROM item WHERE flag'],
      [920, "SELECT id FROM item WHERE grp ILIKE 'a'"],
      [904, 'SELECT id FROM item WHERE flag = TRUE'],
      [904, 'SELECT id AS x FROM item WHERE x = 1'],
      [904, 'SELECT id AS x, COUNT(*) FROM item GROUP BY x'],
      [904, 'SELECT NOW() FROM dual'],
      [904, 'SELECT IFNULL(n, 0) FROM item'],
      [904, "SELECT STRING_AGG(grp, ',') FROM item"],
      [904, 'SELECT nothing FROM item'],
      [911, 'SELECT `id` FROM item'],
      [911, 'SELECT id % 2 FROM item'],
      [902, 'SELECT CAST(id AS text) FROM item'],
      [936, 'SELECT FROM item'],
      [942, 'SELECT id FROM nowhere'],
      [979, 'SELECT id, COUNT(*) FROM item GROUP BY grp'],
      [918, 'SELECT id FROM item a JOIN item b ON a.id = b.id'],
      [1427, 'SELECT (SELECT id FROM item) FROM dual'],
      [1476, 'SELECT 1 / 0 FROM dual'],
      [1722, "SELECT 'a' + 1 FROM dual"],
      [1795, `SELECT id FROM item WHERE id IN (${Array.from({ length: 1001 }, (_, i) => i).join()})`],
      [1786, 'SELECT DISTINCT id FROM item FOR UPDATE'],
      [2014, 'SELECT id FROM item FETCH FIRST 1 ROWS ONLY FOR UPDATE'],
      [
        32039,
        'WITH r AS (SELECT 1 AS n FROM dual UNION ALL SELECT n + 1 FROM r WHERE n < 3) SELECT n FROM r',
      ],
      [933, 'INSERT INTO item (id) VALUES (90), (91)'],
      [933, 'INSERT INTO item (id) VALUES (90) ON CONFLICT DO NOTHING'],
      [926, 'INSERT INTO item SET id = 90'],
      [913, 'INSERT INTO item (id) VALUES (90, 91)'],
      [1400, 'INSERT INTO item (id) VALUES (NULL)'],
      [1438, 'INSERT INTO item (id, flag) VALUES (90, 10)'],
      [12899, "INSERT INTO item (id, grp) VALUES (90, 'elevenchars')"],
      [933, 'UPDATE item SET n = 1 FROM item i WHERE i.id = 1'],
      [971, 'UPDATE item AS i SET n = 1'],
      [1407, 'UPDATE item SET flag = NULL'],
      [933, 'DELETE FROM item USING item i'],
      [38104, 'MERGE INTO item t USING dual ON (t.id = 1) WHEN MATCHED THEN UPDATE SET t.id = 2'],
      [900, 'REPLACE INTO item (id) VALUES (1)'],
      [922, 'CREATE TABLE IF NOT EXISTS other (id NUMBER)'],
      [902, 'CREATE TABLE other (id BIGINT)'],
      [902, 'CREATE TABLE other (id BOOLEAN)'],
      [907, 'CREATE TABLE other (id NUMBER NOT NULL DEFAULT 1)'],
      [907, 'CREATE TABLE other (id NUMBER AUTO_INCREMENT)'],
      [910, 'CREATE TABLE other (id VARCHAR2(4001))'],
      [904, 'CREATE TABLE other (comment NUMBER)'],
      [955, 'CREATE TABLE item (id NUMBER)'],
      [904, 'ALTER TABLE item ADD COLUMN x NUMBER'],
      [933, 'DROP TABLE IF EXISTS item'],
      [905, 'DROP TABLE item CASCADE'],
      [933, 'DROP INDEX ix ON item'],
      [1418, 'DROP INDEX nowhere'],
    ])('ORA-%i: %s', async (number, sql) => {
      await expect(oracle.run(sql)).rejects.toMatchObject({ errorNum: number });
      await oracle.connection.rollback();
    });
  });
});
