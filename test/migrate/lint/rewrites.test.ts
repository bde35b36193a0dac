import { expect, it } from '@jest/globals';
import type { QueryRunner } from 'typeorm';
import { lint } from '../../../src/migrate/lint/lint.js';
import { lintDatabase } from '../../../src/migrate/lint/lint-database.js';
import { createTestDatabase, forEachDatabase } from '../../support/databases.js';
import { open } from '../../support/open-database.js';

/** The rules that a statement is found by. */
async function rulesOf(runner: QueryRunner, text: string): Promise<string[]> {
  const subject = { name: 'm', statements: [{ text, line: 1, allow: [] }], transaction: true, allow: [] };
  return (await lint(subject, lintDatabase(runner))).map(({ rule }) => rule);
}

forEachDatabase(
  'what the linter says Postgres writes anew',
  (kind) => {
    it('is what Postgres writes anew', async () => {
      const database = await createTestDatabase(kind);
      await open(database, async ({ dataSource }) => {
        const runner = dataSource.createQueryRunner();
        const file = async (): Promise<unknown> => {
          const [row] = (await runner.query(
            `SELECT relfilenode FROM pg_class WHERE relname = 't'`,
          )) as object[];
          return row;
        };
        const statements = [
          'ADD x uuid DEFAULT gen_random_uuid()',
          'ADD x serial',
          'ADD x int GENERATED ALWAYS AS IDENTITY',
          'ADD x int GENERATED ALWAYS AS (id * 2) STORED',
          'ADD x timestamptz NOT NULL DEFAULT now()',
          `ADD x text DEFAULT upper('a')`,
          'ADD x float DEFAULT random()',
          'ALTER word TYPE varchar(50)',
          'ALTER word TYPE varchar',
          'ALTER word TYPE text',
          'ALTER word TYPE char(40)',
          'ALTER id TYPE bigint',
          'ALTER price TYPE numeric(12, 2)',
          'ALTER price TYPE numeric',
          'ALTER price TYPE numeric(12, 4)',
          'ALTER at TYPE timestamp(6)',
          'ALTER at TYPE date',
          'ALTER net TYPE inet',
        ];
        const said: [string, boolean][] = [];
        const seen: [string, boolean][] = [];
        for (const clause of statements) {
          await runner.query(
            `CREATE TABLE t (id int, word varchar(20), price numeric(10, 2), at timestamp(3), net cidr);
             INSERT INTO t VALUES (1, 'a', 1, now(), '10.0.0.0/8')`,
          );
          const text = `ALTER TABLE t ${clause}`;
          said.push([clause, (await rulesOf(runner, text)).length > 0]);
          const before = await file();
          await runner.query(text);
          seen.push([clause, JSON.stringify(await file()) !== JSON.stringify(before)]);
          await runner.query('DROP TABLE t');
        }
        await runner.release();
        expect(said).toEqual(seen);
        expect(new Set(seen.map(([, rewritten]) => rewritten))).toEqual(new Set([true, false]));
      });
      await database.drop();
    });
  },
  { only: ['postgres'] },
);

forEachDatabase(
  'what the linter lets pass on MariaDB and MySQL',
  (kind) => {
    it('is done without copying the table', async () => {
      const database = await createTestDatabase(kind);
      await open(database, async ({ dataSource }) => {
        const runner = dataSource.createQueryRunner();
        for (const [clause, expected] of [
          ['MODIFY word varchar(60)', true],
          ['MODIFY word varchar(10)', false],
          ['MODIFY word char(20)', false],
          ['MODIFY id bigint', false],
          ['MODIFY id int(12)', true],
          ['ADD x int NOT NULL DEFAULT 1', true],
          ['ADD x int AUTO_INCREMENT UNIQUE', false],
          ['ADD x int GENERATED ALWAYS AS (id + 1) STORED', false],
          ['CONVERT TO CHARACTER SET latin1', false],
          ['DEFAULT CHARACTER SET latin1', true],
          ['DROP PRIMARY KEY', false],
          ['ADD CONSTRAINT c CHECK (id > 0)', false],
          ['ADD CONSTRAINT c FOREIGN KEY (id) REFERENCES u (id)', false],
          ['ADD UNIQUE INDEX i (word)', true],
          ['ENGINE=InnoDB', false],
        ] as const) {
          await runner.query('CREATE TABLE u (id int PRIMARY KEY)');
          await runner.query('CREATE TABLE t (id int PRIMARY KEY, word varchar(20)) CHARACTER SET utf8mb4');
          await runner.query(`INSERT INTO u VALUES (1)`);
          await runner.query(`INSERT INTO t VALUES (1, 'a')`);
          const text = `ALTER TABLE t ${clause}`;
          expect([clause, (await rulesOf(runner, text)).length === 0]).toEqual([clause, expected]);
          const without = runner.query(`${text}, ALGORITHM=INPLACE, LOCK=NONE`);
          if (expected) await without;
          else if (clause !== 'ENGINE=InnoDB') await expect(without).rejects.toThrow();
          else await without;
          await runner.query('DROP TABLE t');
          await runner.query('DROP TABLE u');
        }
        await runner.release();
      });
      await database.drop();
    });
  },
  { only: ['mariadb', 'mysql'] },
);
