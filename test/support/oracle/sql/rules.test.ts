import { describe, expect, it } from '@jest/globals';
import { OracleError, prepare } from './prepare.js';
import { RULES, type RuleName } from './rules.js';

const SESSION = { version: 19, lengthSemantics: 'BYTE' } as const;

const prepared = (sql: string): string => {
  const binds = sql.match(/:\w+/g) ?? [];
  return prepare(
    sql,
    binds.map((name) => ({ type: 'varchar', returning: name.startsWith(':out') })),
    SESSION,
  ).sql;
};

function refusal(sql: string): OracleError {
  try {
    prepared(sql);
  } catch (error) {
    if (error instanceof OracleError) return error;
    throw error;
  }
  throw new Error(`not refused: ${sql}`);
}

const values = (count: number): string => Array.from({ length: count }, (_, index) => index).join(', ');
const name = (length: number): string => `"${'n'.repeat(length)}"`;
const string = (length: number): string => `'${'s'.repeat(length)}'`;
/** More than JavaScript's parser of arguments takes, so joined as text. */
const binds = (count: number): string => Array.from({ length: count }, () => '(:a, 1)').join(', ');

/** Each rule with what only it refuses, and next to it what is fine. */
const EXAMPLES: Readonly<Record<RuleName, readonly [refused: string, fine: string]>> = {
  invalidCharacter: ['SELECT `a` FROM t', 'SELECT "a" FROM t'],
  singleBar: ['SELECT a | b FROM t', 'SELECT a || b FROM t'],
  openString: ["SELECT 'it's' FROM t", "SELECT 'it''s' FROM t"],
  openName: ['SELECT "a FROM t', 'SELECT "a" FROM t'],
  openComment: ['SELECT a /* FROM t', 'SELECT a /* */ FROM t'],
  emptyName: ['SELECT "" FROM t', 'SELECT " " FROM t'],
  longName: [`SELECT ${name(129)} FROM t`, `SELECT ${name(128)} FROM t`],
  longString: [`SELECT ${string(4001)} FROM t`, `SELECT ${string(4000)} FROM t`],
  tooManyBinds: [
    `SELECT a FROM t WHERE (b, c) IN (${binds(65_536)})`,
    `SELECT a FROM t WHERE (b, c) IN (${binds(65_535)})`,
  ],
  bindInDdl: [
    'CREATE VIEW v AS SELECT a FROM t WHERE b = :b',
    'CREATE VIEW v AS SELECT a FROM t WHERE b = 1',
  ],
  noStatement: ['REPLACE INTO t VALUES (1)', 'INSERT INTO t VALUES (1)'],
  notEnded: ['SELECT a FROM t LIMIT 5', 'SELECT a FROM t FETCH FIRST 5 ROWS ONLY'],
  noCreateObject: ['CREATE SCHEMA s', 'CREATE SEQUENCE s'],
  noDropObject: ['DROP COLUMN a', 'DROP TABLE a'],
  noAlterObject: ['ALTER COLUMN a', 'ALTER INDEX a RENAME TO b'],
  missingExpression: ['SELECT FROM t', 'SELECT a FROM t'],
  missingRightParenthesis: ['SELECT NVL(a = 1, 0) FROM t', 'SELECT NVL(a, 0) FROM t'],
  missingLeftParenthesis: ['SELECT a FROM t WHERE b IN :b', 'SELECT a FROM t WHERE b IN (:b)'],
  missingComma: ["SELECT JSON_VALUE(a '$.b') FROM t", "SELECT JSON_VALUE(a, '$.b') FROM t"],
  missingKeyword: ['SELECT a FROM t OFFSET 5', 'SELECT a FROM t OFFSET 5 ROWS'],
  missingFrom: ['SELECT *, a FROM t', 'SELECT t.*, a FROM t'],
  missingInto: [
    'INSERT INTO t (a) VALUES (1) RETURNING a',
    'INSERT INTO t (a) VALUES (1) RETURNING a INTO :out',
  ],
  missingValues: ['INSERT INTO t SET a = 1', 'INSERT INTO t (a) VALUES (1)'],
  missingSelect: [
    'WITH a AS (VALUES (1)) SELECT * FROM a',
    'WITH a AS (SELECT 1 AS b FROM dual) SELECT * FROM a',
  ],
  missingSet: ['UPDATE t AS x SET a = 1', 'UPDATE t x SET a = 1'],
  missingEqual: ['UPDATE t SET a 1', 'UPDATE t SET a = 1'],
  missingOn: ['CREATE INDEX IF NOT EXISTS i ON t (a)', 'CREATE INDEX i ON t (a)'],
  missingTable: ['SELECT a FROM user', 'SELECT a FROM "USER"'],
  invalidOption: ['CREATE TABLE IF NOT EXISTS t (a NUMBER)', 'CREATE TABLE t (a NUMBER)'],
  invalidIndexOption: ['CREATE INDEX i ON t (a) WHERE b = 1', 'CREATE INDEX i ON t (a) TABLESPACE b'],
  invalidAlterOption: ['ALTER TABLE t ALTER COLUMN a NUMBER', 'ALTER TABLE t MODIFY a NUMBER'],
  invalidIdentifier: ['ALTER TABLE t ADD COLUMN a NUMBER', 'ALTER TABLE t ADD a NUMBER'],
  unknownFunction: ['SELECT IFNULL(a, 0) FROM t', 'SELECT NVL(a, 0) FROM t'],
  booleanLiteral: ['SELECT a FROM t WHERE b = TRUE', 'SELECT a FROM t WHERE b = "TRUE"'],
  selectedAlias: [
    'SELECT t.a AS b FROM t JOIN u ON t.c = u.c WHERE b = 1',
    'SELECT t.a AS b FROM t JOIN u ON t.c = u.c WHERE t.a = 1 ORDER BY b',
  ],
  wrongArgumentCount: ["SELECT CONCAT('a', 'b', 'c') FROM dual", "SELECT CONCAT('a', 'b') FROM dual"],
  invalidRelation: ['SELECT a FROM t WHERE b', 'SELECT a FROM t WHERE b = 1'],
  longInList: [
    `SELECT a FROM t WHERE b IN (${values(1001)})`,
    `SELECT a FROM t WHERE b IN (${values(1000)}) OR b IN (${values(1000)})`,
  ],
  subqueryOrder: [
    'SELECT a FROM t WHERE b IN (SELECT b FROM u ORDER BY c)',
    'SELECT a FROM t WHERE b IN (SELECT b FROM u ORDER BY c FETCH FIRST 1 ROW ONLY)',
  ],
  lockedView: [
    'SELECT a FROM t FETCH FIRST 1 ROW ONLY FOR UPDATE',
    'SELECT a FROM t WHERE ROWNUM <= 1 FOR UPDATE',
  ],
  lockedSet: ['SELECT DISTINCT a FROM t FOR UPDATE', 'SELECT a FROM t ORDER BY a FOR UPDATE'],
  recursionWithoutColumns: [
    'WITH r AS (SELECT 1 AS n FROM dual UNION ALL SELECT n + 1 FROM r WHERE n < 3) SELECT n FROM r',
    'WITH r (n) AS (SELECT 1 FROM dual UNION ALL SELECT n + 1 FROM r WHERE n < 3) SELECT n FROM r',
  ],
  mergeKeyUpdate: [
    'MERGE INTO t USING u ON (t.a = u.a) WHEN MATCHED THEN UPDATE SET t.a = 1',
    'MERGE INTO t USING u ON (t.a = u.a) WHEN MATCHED THEN UPDATE SET t.b = 1',
  ],
  tooManyValues: ['INSERT INTO t (a) VALUES (1, 2)', 'INSERT INTO t (a, b) VALUES (1, 2)'],
  notEnoughValues: ['INSERT INTO t (a, b) VALUES (1)', 'INSERT INTO t (a) VALUES (1)'],
  duplicateColumn: ['INSERT INTO t (a, A) VALUES (1, 2)', 'INSERT INTO t (a, "a") VALUES (1, 2)'],
  invalidDatatype: ['CREATE TABLE t (a BIGINT)', 'CREATE TABLE t (a SMALLINT)'],
  longDatatype: ['CREATE TABLE t (a VARCHAR2(4001))', 'CREATE TABLE t (a VARCHAR2(4000))'],
  datatypeWithoutLength: ['CREATE TABLE t (a VARCHAR2)', 'CREATE TABLE t (a CHAR)'],
  zeroLength: ['CREATE TABLE t (a VARCHAR2(0))', 'CREATE TABLE t (a VARCHAR2(1))'],
  numericPrecision: ['CREATE TABLE t (a NUMBER(39))', 'CREATE TABLE t (a NUMBER(38))'],
  numericScale: ['CREATE TABLE t (a NUMBER(10, 128))', 'CREATE TABLE t (a NUMBER(10, 10))'],
  secondsPrecision: ['CREATE TABLE t (a TIMESTAMP(10))', 'CREATE TABLE t (a TIMESTAMP(9))'],
};

describe('rules', () => {
  it.each(Object.entries(EXAMPLES))(
    '%s: refuses what Oracle refuses, and no more',
    (rule, [refused, fine]) => {
      const { errorNum, reason, text } = RULES[rule as RuleName];
      const error = refusal(refused);
      expect(error.reason).toBe(reason);
      expect(error.errorNum).toBe(errorNum);
      const start = text.startsWith('%s')
        ? `ORA-${String(errorNum).padStart(5, '0')}: "`
        : `ORA-${String(errorNum).padStart(5, '0')}: ${text.split('%s')[0] ?? ''}`;
      expect(error.message.startsWith(start)).toBe(true);
      expect(prepared(fine)).not.toBe('');
    },
  );
});

/** What other databases take, with Oracle's number. */
const REFUSED: readonly (readonly [number: number, sql: string])[] = [
  [933, 'SELECT a FROM t;'],
  [933, 'SELECT a FROM t AS x'],
  [933, 'SELECT a FROM t x LEFT JOIN u ON x.b = u.b LIMIT 1'],
  [907, 'SELECT a FROM (SELECT a FROM t LIMIT 1)'],
  [907, 'SELECT a FROM (SELECT a FROM t AS x)'],
  [905, 'SELECT a FROM t JOIN u AS x ON t.a = x.a'],
  [905, 'SELECT a FROM t JOIN u'],
  [933, 'SELECT a FROM t EXCEPT SELECT a FROM u'],
  [928, 'SELECT a FROM t INTERSECT ALL SELECT a FROM u'],
  [905, 'WITH RECURSIVE r (n) AS (SELECT 1 FROM dual) SELECT n FROM r'],
  [923, 'SELECT 1'],
  [923, 'SELECT a = 1 FROM t'],
  [923, 'SELECT a IS NULL FROM t'],
  [923, 'SELECT a FOO BAR FROM t'],
  [923, "SELECT a AS 'b' FROM t"],
  [923, 'SELECT a AS date FROM t'],
  [923, 'SELECT COUNT(*) FILTER (WHERE a = 1) FROM t'],
  [933, 'SELECT a FROM t ORDER BY a IS NULL'],
  [920, 'SELECT a FROM t WHERE a ILIKE :b'],
  [920, 'SELECT a FROM t WHERE a REGEXP :b'],
  [911, 'SELECT a FROM t WHERE a ~ :b'],
  [920, 'SELECT a FROM t WHERE NOT b'],
  [920, 'SELECT CASE WHEN b THEN 1 END FROM t'],
  [920, 'SELECT a FROM t WHERE 1'],
  [904, 'SELECT a FROM t WHERE TRUE'],
  [911, "SELECT '1'::integer FROM dual"],
  [911, 'SELECT a % 2 FROM t'],
  [911, 'SELECT a & 2 FROM t'],
  [911, 'SELECT a FROM t WHERE a = ?'],
  [911, 'SELECT _a FROM t'],
  [902, 'SELECT CAST(a AS TEXT) FROM t'],
  [906, 'SELECT CAST(a AS VARCHAR2) FROM t'],
  [936, 'SELECT date FROM t'],
  [936, 'SELECT a, FROM t'],
  [936, 'SELECT COUNT(DISTINCT) FROM t'],
  [907, 'SELECT COUNT(DISTINCT a FROM t'],
  [903, 'SELECT a FROM order'],
  [903, 'SELECT a FROM VALUES (1)'],
  ...['NOW()', 'UUID()', "DATE_TRUNC('day', a)", "STRING_AGG(a, ',')", 'GROUP_CONCAT(a)', 'IF(a, 1, 2)'].map(
    (call) => [904, `SELECT ${call} FROM t`] as const,
  ),
  ...['CHAR_LENGTH(a)', 'RANDOM()', 'LEFT(a, 1)', 'RIGHT(a, 1)', 'UNIX_TIMESTAMP(a)', 'ISNULL(a, 1)'].map(
    (call) => [904, `SELECT ${call} FROM t`] as const,
  ),
  [933, 'INSERT INTO t (a) VALUES (1), (2)'],
  [933, 'INSERT INTO t (a) VALUES (1) ON CONFLICT DO NOTHING'],
  [933, 'INSERT INTO t (a) VALUES (1) ON DUPLICATE KEY UPDATE a = 2'],
  [926, 'INSERT INTO t DEFAULT VALUES'],
  [925, 'INSERT IGNORE INTO t (a) VALUES (1)'],
  [933, 'UPDATE t SET a = 1 FROM u WHERE t.b = u.b'],
  [971, 'UPDATE t JOIN u ON t.b = u.b SET a = 1'],
  [971, 'UPDATE t, u SET a = 1'],
  [933, 'UPDATE t SET a = 1 LIMIT 1'],
  [927, 'UPDATE t SET a += 1'],
  [933, 'DELETE FROM t USING u WHERE t.b = u.b'],
  [933, 'DELETE FROM t LIMIT 1'],
  [925, 'DELETE FROM t WHERE a = 1 RETURNING a'],
  [906, 'MERGE INTO t USING u ON t.a = u.a WHEN MATCHED THEN UPDATE SET t.b = 1'],
  [905, 'MERGE INTO t USING u ON (t.a = u.a) WHEN MATCHED AND u.b = 1 THEN UPDATE SET t.b = 1'],
  [905, 'MERGE INTO t USING u ON (t.a = u.a) WHEN NOT MATCHED THEN DO NOTHING'],
  [900, 'START TRANSACTION'],
  [900, 'SHOW TABLES'],
  [900, 'RELEASE SAVEPOINT a'],
  [900, 'VALUES (1)'],
  [905, 'EXPLAIN SELECT a FROM t'],
  ...['text', 'boolean', 'uuid', 'json', 'jsonb', 'bytea', 'datetime', 'serial', 'tinyint', 'double'].map(
    (type) => [902, `CREATE TABLE t (a ${type})`] as const,
  ),
  [902, "CREATE TABLE t (a ENUM('x'))"],
  [907, 'CREATE TABLE t (a NUMBER NOT NULL DEFAULT 1)'],
  [907, 'CREATE TABLE t (a NUMBER AUTO_INCREMENT)'],
  [907, 'CREATE TABLE t (a NUMBER REFERENCES u (a) ON UPDATE CASCADE)'],
  [905, 'CREATE TABLE t (a NUMBER REFERENCES u (a) ON DELETE RESTRICT)'],
  [905, 'CREATE TABLE t (a NUMBER REFERENCES u (a) ON DELETE NO ACTION)'],
  [904, 'CREATE TABLE t (a NUMBER, INDEX i (a))'],
  [904, 'CREATE TABLE t (comment VARCHAR2(10))'],
  [922, 'CREATE TABLE t (a NUMBER) ENGINE = InnoDB'],
  [910, 'CREATE TABLE t (a CHAR(2001))'],
  [969, 'CREATE INDEX CONCURRENTLY i ON t (a)'],
  [2158, 'CREATE INDEX i ON t (a) INCLUDE (b)'],
  [933, 'DROP TABLE IF EXISTS t'],
  [933, 'DROP TABLE a, b'],
  [905, 'DROP TABLE t CASCADE'],
  [933, 'DROP INDEX i ON t'],
  [1735, 'ALTER TABLE t ADD a NUMBER, ADD b NUMBER'],
  [905, 'ALTER TABLE t DROP a'],
];

describe('what other databases take', () => {
  it.each(REFUSED)('ORA-%i: %s', (number, sql) => {
    expect(refusal(sql).errorNum).toBe(number);
  });

  it('is taken where the server is new enough', () => {
    const binds = [] as const;
    const session = { version: 23, lengthSemantics: 'BYTE' } as const;
    for (const sql of [
      'SELECT 1',
      'CREATE TABLE IF NOT EXISTS t (a BOOLEAN)',
      'DROP TABLE IF EXISTS t',
      'SELECT a FROM t WHERE b = TRUE',
    ])
      expect(prepare(sql, binds, session).sql).not.toBe('');
  });
});

describe('what only the stand-in cannot do', () => {
  it.each([
    'SELECT a FROM t START WITH b IS NULL CONNECT BY PRIOR a = b',
    'SELECT a FROM t FOR UPDATE SKIP LOCKED',
    'SELECT a FROM t, u WHERE t.b = u.b (+)',
    'SELECT a FROM t GROUP BY ROLLUP (a)',
    'SELECT MAX(a) KEEP (DENSE_RANK FIRST ORDER BY b) FROM t',
    'CREATE INDEX i ON t (UPPER(a))',
    'CREATE TABLE t (a XMLTYPE)',
    'CREATE TRIGGER x BEFORE INSERT ON t BEGIN NULL; END;',
    'SELECT DUMP(a) FROM t',
    'SELECT a FROM t JOIN u USING (a)',
    'SELECT a FROM t NATURAL JOIN u',
    'LOCK TABLE t IN EXCLUSIVE MODE',
    'INSERT ALL INTO t (a) VALUES (1) SELECT 1 FROM dual',
  ])('says so: %s', (sql) => {
    expect(refusal(sql).message).toMatch(/^ORA-03001: unimplemented feature \(stand-in: /);
  });
});
