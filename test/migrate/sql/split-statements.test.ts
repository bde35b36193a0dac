import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { type SqlFlavour, splitStatements } from '../../../src/migrate/sql/sql-file.js';
import { codeTokens } from '../../../src/migrate/sql/tokens.js';
import { caught } from '../../support/caught.js';

const ALL: SqlFlavour[] = ['postgres', 'mysql', 'mariadb', 'sqlite', 'oracle'];

function texts(source: string, flavour: SqlFlavour): string[] {
  return splitStatements(source, flavour).map((statement) => statement.text);
}

function thrown(source: string, flavour: SqlFlavour): string {
  try {
    splitStatements(source, flavour);
  } catch (error) {
    return (error as Error).message;
  }
  return 'nothing was thrown';
}

describe.each(ALL)('splitStatements on %s', (flavour) => {
  it.each([
    ['plain statements', 'SELECT 1; SELECT 2;\nSELECT 3', ['SELECT 1', 'SELECT 2', 'SELECT 3']],
    ['empty statements', ';; SELECT 1;\n;\n;', ['SELECT 1']],
    ['nothing', '', []],
    ['only comments', '-- a; b\n/* c; d */', []],
    ['a semicolon in a string', `SELECT 'a;b';SELECT 2`, [`SELECT 'a;b'`, 'SELECT 2']],
    ['a doubled quote', `SELECT 'it''s;';SELECT 2`, [`SELECT 'it''s;'`, 'SELECT 2']],
    ['a comment before and behind', '-- x;\nSELECT 1 -- y;\n;/* ; */', ['SELECT 1']],
    ['a comment within', 'SELECT /* ; */ 1; SELECT 2', ['SELECT /* ; */ 1', 'SELECT 2']],
    ['a quote in a comment', `SELECT 1 -- it's\n; SELECT 2`, ['SELECT 1', 'SELECT 2']],
    ['CRLF', 'SELECT\r\n1;\r\nSELECT 2;\r\n', ['SELECT\n1', 'SELECT 2']],
  ])('reads %s', (_, source, expected) => {
    expect(texts(source, flavour)).toEqual(expected);
  });

  it('tells the line of the first token', () => {
    const found = splitStatements(`\n-- c\nSELECT 'a\nb';\n\n/* d\n*/ SELECT\n2`, flavour, 10);
    expect(found.map((statement) => statement.line)).toEqual([12, 16]);
  });

  it.each([
    ["SELECT 1;\nSELECT 'a;\n--", 'line 2: a string is not closed'],
    ['SELECT 1;\n\n/* SELECT 2;', 'line 3: a comment is not closed'],
  ])('refuses %j', (source, expected) => {
    expect(thrown(source, flavour)).toContain(expected);
  });
});

describe('splitStatements', () => {
  it.each<[string, SqlFlavour, string, number]>([
    ['a quoted name', 'postgres', 'SELECT "a;""b" FROM t; SELECT 2', 2],
    ['backticks', 'mysql', 'SELECT `a;``b`; SELECT 2', 2],
    ['brackets', 'sqlite', 'SELECT [a;b]; SELECT 2', 2],
    ['a backslash', 'mysql', `SELECT 'a\\';b'; SELECT 2`, 2],
    ['no backslash', 'postgres', `SELECT 'a\\'; SELECT 2`, 2],
    ['an E string', 'postgres', `SELECT E'a\\';b'; SELECT 2`, 2],
    ['a string in two lines', 'postgres', `SELECT E'a'\n 'b\\';c'; SELECT 2`, 2],
    ['a word that ends in e', 'postgres', `SELECT date'a\\'; SELECT 2`, 2],
    ['dollar quotes', 'postgres', `DO $$ BEGIN x; END $$; SELECT 2`, 2],
    ['tagged dollar quotes', 'postgres', `DO $a$ x; $$ y; $b$ $a$; SELECT 2`, 2],
    ['a dollar in a name', 'postgres', `SELECT a$b$ ; SELECT c$b$`, 2],
    ['a parameter', 'postgres', `PREPARE p AS SELECT $1; SELECT $1`, 2],
    ['nested comments', 'postgres', 'SELECT 1 /* a /* b */ ; */; SELECT 2', 2],
    ['no nested comments', 'sqlite', 'SELECT 1 /* a /* b */ ; SELECT 2', 2],
    ['hash comments', 'mariadb', 'SELECT 1 # ; x\n; SELECT 2', 2],
    ['two minus signs', 'mysql', "SELECT 1--1; SELECT '--'", 2],
    ['code in a comment', 'mysql', '/*!40101 SET NAMES utf8 */; SELECT 2', 2],
    ['a q string', 'oracle', `SELECT q'[it's; so]' FROM dual; SELECT nq'!a';!' FROM dual`, 2],
    [
      'a rule',
      'postgres',
      'CREATE RULE r AS ON INSERT TO t DO ALSO (DELETE FROM a; DELETE FROM b); SELECT 2',
      2,
    ],
    [
      'a body of SQL',
      'postgres',
      'CREATE FUNCTION f() RETURNS int BEGIN ATOMIC SELECT CASE WHEN true THEN 1 END; SELECT 2; END; SELECT 3',
      2,
    ],
    [
      'a trigger',
      'sqlite',
      `CREATE TEMP TRIGGER a AFTER INSERT ON t BEGIN UPDATE t SET end = CASE x WHEN 1 THEN 2 END; DELETE FROM u; END; SELECT 2`,
      2,
    ],
    ['a table called trigger', 'sqlite', 'CREATE TABLE "trigger" (begin int); SELECT 2', 2],
    [
      'a procedure',
      'mysql',
      `CREATE DEFINER=\`a\`@\`b\` PROCEDURE IF NOT EXISTS p(IN a int) COMMENT 'BEGIN' BEGIN
         DECLARE EXIT HANDLER FOR SQLEXCEPTION BEGIN ROLLBACK; END;
         IF a > 0 THEN SET @x = IF(a, 1, 2); ELSEIF a < 0 THEN SELECT 1; ELSE SELECT 2; END IF;
         l: LOOP SET @y = REPEAT('x', 3); LEAVE l; END LOOP l;
         CASE a WHEN 1 THEN SELECT CASE WHEN a THEN 1 ELSE IF(a, 2, 3) END; ELSE BEGIN END; END CASE;
         WHILE a DO SET a = a - 1; END WHILE; REPEAT SET a = 1; UNTIL a END REPEAT;
         DROP TABLE IF EXISTS z;
       END; SELECT 2`,
      2,
    ],
    [
      'a trigger without BEGIN',
      'mysql',
      'CREATE TRIGGER a BEFORE INSERT ON t FOR EACH ROW SET NEW.end = 1; SELECT 2',
      2,
    ],
    [
      'a trigger that is an IF',
      'mysql',
      'CREATE TRIGGER a BEFORE INSERT ON t FOR EACH ROW IF NEW.a THEN SET NEW.b = 1; SET NEW.c = 2; END IF; SELECT 2',
      2,
    ],
    [
      'a function of one line',
      'mysql',
      'CREATE FUNCTION f(a int) RETURNS int DETERMINISTIC RETURN IF(a, CASE a WHEN 1 THEN 2 END, 3); SELECT 2',
      2,
    ],
    ['a block', 'mariadb', 'BEGIN NOT ATOMIC SELECT 1; SELECT 2; END; SELECT 3', 2],
    ['a table called event', 'mysql', 'CREATE TABLE event (begin int); SELECT 2', 2],
    [
      'DELIMITER',
      'mysql',
      'DELIMITER //\nCREATE TRIGGER a BEFORE INSERT ON t FOR EACH ROW BEGIN SELECT 1; END;//\nSELECT 1//\ndelimiter ;\nSELECT 2; SELECT 3',
      4,
    ],
    ['a block', 'oracle', 'DECLARE x int; BEGIN x := 1; END;\n/\nSELECT 2 FROM dual;', 2],
    [
      'a block behind a label',
      'oracle',
      '<<a>> DECLARE x int; BEGIN x := 1; END;\n/\nSELECT 2 FROM dual;',
      2,
    ],
    [
      'a procedure',
      'oracle',
      'CREATE OR REPLACE EDITIONABLE PROCEDURE p AS x int; BEGIN x := 1; END;\n  /  \nSELECT 2 FROM dual',
      2,
    ],
    [
      'a body of a type',
      'oracle',
      'CREATE TYPE BODY t AS MEMBER FUNCTION f RETURN int IS BEGIN RETURN 1; END; END;\n/\nSELECT 2 FROM dual',
      2,
    ],
    ['a type', 'oracle', 'CREATE TYPE t AS TABLE OF int;\n/\nSELECT 2 FROM dual;\n/\n', 2],
    ['a slash instead of a semicolon', 'oracle', 'SELECT 1 FROM dual\n/\nSELECT 4/2 FROM dual\n/', 2],
  ])('reads %s on %s', (_, flavour, source, count) => {
    const found = texts(source, flavour);
    expect(found).toHaveLength(count);
    for (const text of found) expect(texts(text, flavour)).toEqual([text]);
  });

  it('keeps the last semicolon of PL/SQL and of nothing else', () => {
    expect(texts('BEGIN x; END;\n/\n', 'oracle')).toEqual(['BEGIN x; END;']);
    expect(texts('CREATE TRIGGER a AFTER INSERT ON t BEGIN DELETE FROM u; END;', 'sqlite')).toEqual([
      'CREATE TRIGGER a AFTER INSERT ON t BEGIN DELETE FROM u; END',
    ]);
    expect(texts('DELIMITER $$\nSELECT 1;$$', 'mariadb')).toEqual(['SELECT 1']);
  });

  it.each<[SqlFlavour, string, string]>([
    ['postgres', 'SELECT 1;\n\\connect x\nSELECT 2;', 'line 2: \\connect is a command of psql'],
    ['postgres', 'COPY t FROM stdin;\n1\n\\.\n', 'line 1: COPY … FROM STDIN takes its rows from the client'],
    ['mysql', 'source other.sql;', 'line 1: source other is a command of the client mysql'],
    ['mariadb', 'SELECT 1\\G', 'line 1: \\G is a command of the client mariadb'],
    ['sqlite', '.read other.sql', 'line 1: .read is a command of the shell sqlite3'],
    ['oracle', '\nSET ECHO ON\nSELECT 1 FROM dual;', 'line 2: SET ECHO is a command of SQL*Plus'],
    ['oracle', 'WHENEVER SQLERROR EXIT 1', 'line 1: WHENEVER SQLERROR is a command of SQL*Plus'],
    ['oracle', '@other.sql', 'line 1: @other is a command of SQL*Plus'],
    [
      'sqlite',
      'CREATE TRIGGER a AFTER INSERT ON t BEGIN DELETE FROM u;',
      'line 1: the body of code in this statement has no END',
    ],
    ['postgres', 'DO $x$ BEGIN $$; END', 'line 1: a text in $x$ is not closed'],
    ['sqlite', 'SELECT\n[a', 'line 2: a quoted name is not closed'],
    ['mysql', '/*!40101 SELECT 1', 'line 1: a comment is not closed'],
  ])('refuses on %s %j', (flavour, source, expected) => {
    expect(thrown(source, flavour)).toContain(expected);
  });

  it.each<[SqlFlavour, string]>([
    ['oracle', 'SET TRANSACTION READ ONLY'],
    ['oracle', 'SET ROLE a'],
    ['postgres', 'SET search_path = x'],
    ['mysql', 'SET NAMES utf8mb4'],
    ['postgres', "COPY t FROM '/tmp/x'"],
  ])('takes on %s %s', (flavour, source) => {
    expect(texts(source, flavour)).toEqual([source]);
  });
});

describe('-- dbtool:allow', () => {
  it('holds for the statement that follows, and no other', () => {
    const source = `-- dbtool:allow drop-table, drop-column: nobody reads it\n\n-- dbtool:allow truncate\nSELECT 1;\nSELECT 2;`;
    expect(splitStatements(source, 'postgres').map((statement) => statement.allow)).toEqual([
      ['drop-table', 'drop-column', 'truncate'],
      [],
    ]);
  });

  it.each([
    ['SELECT 1;\n-- dbtool:allow drop-tabel\nSELECT 2', 'line 2: there is no lint rule drop-tabel'],
    ['-- dbtool:allow\nSELECT 2', 'line 1: dbtool:allow names no rule'],
    ['-- dbtool:alow drop-table\nSELECT 2', 'line 1: there is no dbtool:alow'],
    ['DROP TABLE a; -- dbtool:allow drop-table\nSELECT 2', 'line 1: dbtool:allow stands behind'],
    ['SELECT\n-- dbtool:allow drop-table\n2', 'line 2: dbtool:allow stands behind'],
    ['SELECT 1;\n-- dbtool:allow drop-table\n', 'line 2: no statement follows'],
  ])('refuses %j', (source, expected) => {
    expect(thrown(source, 'sqlite')).toContain(expected);
  });

  it('tells the rule that may be meant', async () => {
    const error = await caught(() => splitStatements('-- dbtool:allow drop-tabel\nSELECT 2', 'sqlite'));
    expect([error.code, error.fix]).toEqual(['migrate.source.invalid', 'Did you mean drop-table?']);
  });
});

describe('properties of splitting', () => {
  const inner = fc.string({ unit: fc.constantFrom(';', 'a', ' ', '\n', '-', '/', '*', '$', '[', '}', '#') });
  const clean = (text: string, ...taken: string[]): string =>
    taken.reduce((rest, one) => rest.split(one).join(''), text);
  /** A piece of a statement, which no `;` inside may cut. */
  const piece = (flavour: SqlFlavour): fc.Arbitrary<string> => {
    const mysql = flavour === 'mysql' || flavour === 'mariadb';
    const word = fc.constantFrom('SELECT', 'x', '1', ',', '(', ')', '+', 'é', '1.5');
    const pieces = [
      word,
      inner.map((text) => `'${text}'`),
      inner.map((text) => `'${text}''${text}'`),
      inner.map((text) => `/* ${clean(text, '*', '/')} */`),
      inner.map((text) => `-- ${clean(text, '\n')}\n`),
      mysql ? inner.map((text) => `'\\'${text}'`) : word,
      mysql ? inner.map((text) => `\`${text}\``) : inner.map((text) => `"${text}"`),
      mysql ? inner.map((text) => `#${clean(text, '\n')}\n`) : word,
      flavour === 'postgres' ? inner.map((text) => `$q$'${text}$q$`) : word,
      flavour === 'postgres' ? inner.map((text) => `E'\\'${text}'`) : word,
      flavour === 'postgres' ? inner.map((text) => `/* /* ${clean(text, '*', '/')} */ ; */`) : word,
      flavour === 'oracle' ? inner.map((text) => `q'{'${clean(text, '}')}}'`) : word,
      flavour === 'sqlite' ? inner.map((text) => `[${clean(text, ']')}]`) : word,
    ];
    return fc.oneof(...pieces);
  };
  const statement = (flavour: SqlFlavour): fc.Arbitrary<string> =>
    fc.array(piece(flavour), { maxLength: 6 }).map((pieces) => `x ${pieces.join(' ')} x`);

  it.each(ALL)('cuts between statements and nowhere else on %s', (flavour) => {
    fc.assert(
      fc.property(fc.array(statement(flavour), { maxLength: 5 }), (statements) => {
        expect(texts(statements.join(' ;\n'), flavour)).toEqual(statements);
      }),
    );
  });

  it.each(ALL)('gives a statement back as it was, and loses no character of code, on %s', (flavour) => {
    fc.assert(
      fc.property(fc.array(fc.oneof(piece(flavour), fc.constant(';')), { maxLength: 12 }), (pieces) => {
        const source = pieces.join(' ');
        const found = texts(source, flavour);
        for (const text of found) expect(texts(text, flavour)).toEqual([text]);
        const code = (text: string): string =>
          codeTokens(text, flavour)
            .filter((token) => token.kind !== 'end')
            .map((token) => token.text)
            .join('');
        expect(found.map(code).join('')).toBe(code(source));
      }),
    );
  });
});
