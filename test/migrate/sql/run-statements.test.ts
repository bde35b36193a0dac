import { expect, it } from '@jest/globals';
import { parseSqlMigration } from '../../../src/migrate/sql/sql-file.js';
import { createTestDatabase, type DatabaseKind, forEachDatabase } from '../../support/databases.js';
import { open } from '../../support/open-database.js';

const MYSQL = `-- migrate:up
CREATE TABLE t (id int PRIMARY KEY, note varchar(50)); # a; comment
CREATE TRIGGER one BEFORE INSERT ON t FOR EACH ROW
  IF NEW.id > 100 THEN SET NEW.note = 'big;'; ELSE SET NEW.note = concat(NEW.note, ';"\\'--'); END IF;
CREATE PROCEDURE fill(IN n int)
BEGIN
  DECLARE i int DEFAULT 0;
  DECLARE EXIT HANDLER FOR SQLEXCEPTION BEGIN ROLLBACK; END;
  again: LOOP
    SET i = i + 1;
    IF i > n THEN LEAVE again; END IF;
    CASE i WHEN 1 THEN INSERT INTO t VALUES (i, 'first'); ELSE INSERT INTO t VALUES (i, IF(i = 2, 'a', REPEAT('b', 2))); END CASE;
  END LOOP again;
  WHILE i < 6 DO SET i = i + 1; END WHILE;
  INSERT INTO t VALUES (i, CASE WHEN i = 6 THEN 'last' ELSE 'never' END);
END;
CREATE FUNCTION twice(a int) RETURNS int DETERMINISTIC RETURN IF(a IS NULL, 0, a * 2);
DELIMITER //
CREATE TRIGGER two AFTER DELETE ON t FOR EACH ROW BEGIN SET @gone = OLD.id; END//
DELIMITER ;
/*!50000 CALL fill(3) */;
INSERT INTO t VALUES (twice(75), 'x');
`;

/** Files with what is hard to tell apart, and the notes that table t has when they were run. */
const FILES: Readonly<Partial<Record<DatabaseKind, [source: string, notes: string[]]>>> = {
  postgres: [
    `-- migrate:up
CREATE TABLE t (id int PRIMARY KEY, note text);
CREATE FUNCTION noted() RETURNS trigger LANGUAGE plpgsql AS $body$
BEGIN
  NEW.note := NEW.note || $$;'$$; -- it's; fine
  RETURN NEW;
END;
$body$;
CREATE TRIGGER noted BEFORE INSERT ON t FOR EACH ROW EXECUTE FUNCTION noted();
CREATE FUNCTION last_note() RETURNS text BEGIN ATOMIC
  SELECT 1; SELECT CASE WHEN max(id) > 0 THEN max(note) ELSE 'none' END FROM t;
END;
CREATE RULE no_delete AS ON DELETE TO t DO INSTEAD (SELECT 1; SELECT 2);
INSERT INTO t VALUES (1, E'a\\';b'), (2, 'c'
  '\\;d') /* outer /* inner */ ; */;
INSERT INTO t VALUES (3, last_note())
`,
    [`a';b;'`, `c\\;d;'`, `c\\;d;';'`],
  ],
  sqlite: [
    `-- migrate:up
CREATE TABLE t (id integer PRIMARY KEY, note text, [end;] int);
CREATE TRIGGER noted AFTER INSERT ON t WHEN NEW.id < 100 BEGIN
  UPDATE t SET note = CASE WHEN NEW.id = 1 THEN NEW.note || ';' ELSE 'x' END WHERE id = NEW.id;
  INSERT INTO t VALUES (NEW.id + 100, 'copy', 0);
END;
INSERT INTO t VALUES (1, 'it''s; -- no comment', 2);
`,
    [`it's; -- no comment;`, 'copy'],
  ],
  mariadb: [MYSQL, [`first;"'--`, `a;"'--`, `bb;"'--`, `last;"'--`, 'big;']],
  mysql: [MYSQL, [`first;"'--`, `a;"'--`, `bb;"'--`, `last;"'--`, 'big;']],
};

forEachDatabase(
  'the statements of a file',
  (kind) => {
    it('run one by one', async () => {
      const [source, notes] = FILES[kind] ?? ['', []];
      const database = await createTestDatabase(kind);
      await open(database, async ({ dataSource, dialect }) => {
        const runner = dataSource.createQueryRunner();
        try {
          const { up } = parseSqlMigration(source, 'x.sql', dialect.name);
          for (const { text } of up.statements) await runner.query(text);
          const rows = (await runner.query('SELECT note FROM t ORDER BY id')) as { note: string }[];
          expect(rows.map(({ note }) => note)).toEqual(notes);
        } finally {
          await runner.release();
        }
      });
      await database.drop();
    });
  },
  { only: ['sqlite', 'postgres', 'mariadb', 'mysql'] },
);
