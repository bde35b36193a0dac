import { describe, expect, it } from '@jest/globals';
import { type Change, readStatement } from '../../../src/migrate/sql/read-statement.js';
import type { SqlFlavour } from '../../../src/migrate/sql/sql-file.js';

type Case = [SqlFlavour, string, Change[]];

describe('readStatement on what TypeORM emits', () => {
  it.each<Case>([
    [
      'postgres',
      `CREATE TABLE "parent" ("id" SERIAL NOT NULL, "name" varchar(20), CONSTRAINT "PK_bf9" PRIMARY KEY ("id"))`,
      [{ kind: 'create-table', table: 'parent', columns: ['id', 'name'] }],
    ],
    [
      'postgres',
      'CREATE UNIQUE INDEX "idx_p" ON "parent"  ("name", "years") ',
      [{ kind: 'create-index', unique: true, name: 'idx_p', table: 'parent', columns: ['name', 'years'] }],
    ],
    [
      'postgres',
      'ALTER TABLE "parent" ADD "age" int NOT NULL DEFAULT 0',
      [{ kind: 'add-column', table: 'parent', name: 'age', type: 'INT', notNull: true, hasDefault: true }],
    ],
    [
      'postgres',
      'ALTER TABLE "parent" ADD "name" character varying(50)',
      [{ kind: 'add-column', table: 'parent', name: 'name', type: 'CHARACTER VARYING(50)' }],
    ],
    [
      'postgres',
      'ALTER TABLE "parent" ADD CONSTRAINT "UQ_91c" UNIQUE ("a2")',
      [{ kind: 'add-constraint', table: 'parent', constraint: 'unique', name: 'UQ_91c', columns: ['a2'] }],
    ],
    [
      'postgres',
      'ALTER TABLE "parent" DROP COLUMN "a1"',
      [{ kind: 'drop-column', table: 'parent', name: 'a1' }],
    ],
    [
      'postgres',
      'ALTER TABLE "parent" ALTER COLUMN "name" SET NOT NULL',
      [{ kind: 'set-not-null', table: 'parent', name: 'name' }],
    ],
    [
      'postgres',
      `ALTER TABLE "parent" ALTER COLUMN "name" SET DEFAULT 'q'`,
      [{ kind: 'set-default', table: 'parent', name: 'name', hasDefault: true }],
    ],
    [
      'postgres',
      'ALTER TABLE "parent" RENAME COLUMN "age" TO "years"',
      [{ kind: 'rename-column', table: 'parent', name: 'age', newName: 'years' }],
    ],
    ['postgres', 'DROP INDEX "public"."idx_p"', [{ kind: 'drop-index', schema: 'public', name: 'idx_p' }]],
    [
      'postgres',
      'ALTER TABLE "child" ADD CONSTRAINT "fk_c" FOREIGN KEY ("parent_id") REFERENCES "parent"("id") ON DELETE CASCADE ON UPDATE NO ACTION',
      [
        {
          kind: 'add-constraint',
          table: 'child',
          constraint: 'foreign-key',
          name: 'fk_c',
          columns: ['parent_id'],
          references: 'parent',
        },
      ],
    ],
    [
      'postgres',
      'ALTER TABLE "child" DROP CONSTRAINT "fk_c"',
      [{ kind: 'drop-constraint', table: 'child', name: 'fk_c' }],
    ],
    [
      'postgres',
      'ALTER TABLE "child" RENAME TO "child2"',
      [{ kind: 'rename-table', table: 'child', name: 'child2' }],
    ],
    [
      'postgres',
      'ALTER TABLE "child2" RENAME CONSTRAINT "PK_46" TO "PK_e7"',
      [{ kind: 'rename-constraint', table: 'child2', name: 'PK_46', newName: 'PK_e7' }],
    ],
    ['postgres', 'TRUNCATE TABLE "child2"', [{ kind: 'truncate', table: 'child2' }]],
    ['postgres', 'DROP TABLE "child2"', [{ kind: 'drop-table', table: 'child2' }]],
    [
      'postgres',
      'ALTER TABLE "t" ALTER COLUMN "a" TYPE "public"."t_a_enum" USING "a"::"text"::"public"."t_a_enum"',
      [{ kind: 'alter-type', table: 't', name: 'a', type: '"public"."t_a_enum"', using: true }],
    ],
    [
      'mariadb',
      "CREATE TABLE `child` (`id` int NOT NULL, `note` varchar(20) NOT NULL DEFAULT 'x;', INDEX `idx_note` (`note`), PRIMARY KEY (`id`)) ENGINE=InnoDB",
      [{ kind: 'create-table', table: 'child', columns: ['id', 'note'] }],
    ],
    [
      'mariadb',
      'ALTER TABLE `parent` ADD UNIQUE INDEX `IDX_91` (`a2`)',
      [{ kind: 'add-constraint', table: 'parent', constraint: 'unique', name: 'IDX_91', columns: ['a2'] }],
    ],
    [
      'mariadb',
      "ALTER TABLE `parent` CHANGE `name` `name` varchar(50) NOT NULL DEFAULT 'q'",
      [
        {
          kind: 'alter-type',
          table: 'parent',
          name: 'name',
          type: 'VARCHAR(50)',
          notNull: true,
          hasDefault: true,
        },
        { kind: 'set-not-null', table: 'parent', name: 'name' },
      ],
    ],
    [
      'mysql',
      'ALTER TABLE `parent` CHANGE `age` `years` int NULL',
      [
        { kind: 'rename-column', table: 'parent', name: 'age', newName: 'years' },
        { kind: 'alter-type', table: 'parent', name: 'years', type: 'INT' },
        { kind: 'drop-not-null', table: 'parent', name: 'years' },
      ],
    ],
    [
      'mariadb',
      'ALTER TABLE `child` DROP FOREIGN KEY `fk_c`',
      [{ kind: 'drop-constraint', table: 'child', name: 'fk_c', constraint: 'foreign-key' }],
    ],
    ['mysql', 'DROP INDEX `idx_p` ON `parent`', [{ kind: 'drop-index', name: 'idx_p', table: 'parent' }]],
    [
      'mysql',
      'ALTER TABLE `child` DROP PRIMARY KEY',
      [{ kind: 'drop-constraint', table: 'child', constraint: 'primary-key' }],
    ],
    [
      'mysql',
      'ALTER TABLE `child` DROP PRIMARY KEY, ADD PRIMARY KEY (`id`, `a`)',
      [
        { kind: 'drop-constraint', table: 'child', constraint: 'primary-key' },
        { kind: 'add-constraint', table: 'child', constraint: 'primary-key', columns: ['id', 'a'] },
      ],
    ],
    ['mysql', "ALTER TABLE `parent` COMMENT 'hi'", [{ kind: 'alter-table', table: 'parent' }]],
    ['mysql', 'RENAME TABLE `child` TO `child2`', [{ kind: 'rename-table', table: 'child', name: 'child2' }]],
    [
      'sqlite',
      'INSERT INTO "temporary_child"("id", "note") SELECT "id", "note" FROM "child"',
      [{ kind: 'insert', table: 'temporary_child', columns: ['id', 'note'], references: 'child' }],
    ],
    [
      'oracle',
      `CREATE TABLE "CHILD" ("id" number NOT NULL, "note" varchar2(20) DEFAULT 'x;' NOT NULL, CONSTRAINT "PK_2" PRIMARY KEY ("id"))`,
      [{ kind: 'create-table', table: 'CHILD', columns: ['id', 'note'] }],
    ],
    [
      'oracle',
      'ALTER TABLE "PARENT" ADD "age" number DEFAULT 0 NOT NULL',
      [{ kind: 'add-column', table: 'PARENT', name: 'age', type: 'NUMBER', notNull: true, hasDefault: true }],
    ],
    [
      'oracle',
      `ALTER TABLE "PARENT" MODIFY "name" varchar2(50) DEFAULT 'q' NOT NULL`,
      [
        { kind: 'alter-type', table: 'PARENT', name: 'name', type: 'VARCHAR2(50)' },
        { kind: 'set-not-null', table: 'PARENT', name: 'name' },
        { kind: 'set-default', table: 'PARENT', name: 'name' },
      ],
    ],
  ])('%s: %s', (flavour, text, expected) => {
    expect(readStatement(text, flavour)).toEqual(expected);
  });
});
