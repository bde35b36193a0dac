import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { QueryRunner } from 'typeorm';
import type { OpenDatabase } from '../../../src/database/data-source.js';
import * as changes from '../../../src/database/model/change-tables.js';
import { createTables, dropTables } from '../../../src/database/model/create-tables.js';
import {
  instant,
  integer,
  json,
  type LogicalType,
  money,
  string,
  text,
} from '../../../src/database/model/logical-type.js';
import { bind, statements } from '../../../src/database/statement.js';
import { createTestDatabase, forEachDatabase, type TestDatabase } from '../../support/databases.js';
import { open } from '../../support/open-database.js';

const PARENT = { table: 'parents', column: 'id', onDelete: 'CASCADE' } as const;

async function createFamily(runner: QueryRunner): Promise<void> {
  const optional = (type: LogicalType) => ({ type, nullable: true });
  await createTables(runner, [
    {
      name: 'parents',
      columns: {
        id: { type: string(20) },
        code: optional(string(20)),
        amount: optional(integer()),
        note: optional(string(50)),
      },
      primaryKey: ['id'],
    },
    {
      name: 'children',
      columns: { id: { type: string(20) }, parent_id: { type: string(20), references: PARENT } },
      primaryKey: ['id'],
    },
  ]);
  const run = statements(runner);
  for (const id of ['a', 'b']) {
    const value = bind(string(20), id);
    await run`INSERT INTO parents (id, code, amount, note) VALUES (${value}, ${value}, ${bind(integer(), 7)}, ${value})`;
    await run`INSERT INTO children (id, parent_id) VALUES (${value}, ${value})`;
  }
}

forEachDatabase('changes to tables', (kind) => {
  let database: TestDatabase;
  beforeEach(async () => {
    database = await createTestDatabase(kind);
  });
  afterEach(() => database.drop());

  /** Runs on the family of tables, as the migrator does: with SQLite's foreign keys off. */
  function onFamily(work: (runner: QueryRunner, opened: OpenDatabase) => Promise<void>): Promise<void> {
    return open(database, async (opened) => {
      const runner = opened.dataSource.createQueryRunner();
      try {
        await createFamily(runner);
        await runner.beforeMigration();
        await opened.dialect.beginWrite(runner);
        await work(runner, opened);
        await runner.commitTransaction();
        await runner.afterMigration();
      } finally {
        await runner.release();
      }
    });
  }

  /** What the catalogue says of the tables, in lower case. */
  async function catalogue(runner: QueryRunner, { dialect }: OpenDatabase): Promise<object[]> {
    const tables = await runner.getTables(['parents', 'children'].map(dialect.identifier));
    tables.sort((one, other) => (one.name < other.name ? -1 : 1));
    const names = (list: readonly string[]): string => list.join().toLowerCase();
    return tables.map((table) => ({
      columns: table.columns
        .map(({ name, type, length, precision, scale, isNullable, isPrimary }) =>
          [name.toLowerCase(), type, length, precision, scale, isNullable, isPrimary].join(' '),
        )
        .sort(),
      indexes: table.indices.map(({ name, columnNames }) => `${name} ${names(columnNames)}`.toLowerCase()),
      uniques: table.uniques.map(({ name, columnNames }) => `${name} ${names(columnNames)}`.toLowerCase()),
      foreignKeys: table.foreignKeys.map((key) =>
        [
          key.name,
          ...key.columnNames,
          key.referencedTableName.split('.').at(-1),
          ...key.referencedColumnNames,
          key.onDelete,
        ]
          .join(' ')
          .toLowerCase(),
      ),
    }));
  }

  const count = async (runner: QueryRunner, table: 'parents' | 'children'): Promise<number> => {
    const run = statements(runner);
    const rows = table === 'parents' ? await run`SELECT id FROM parents` : await run`SELECT id FROM children`;
    return rows.length;
  };

  const key = { columns: ['code', 'note'], name: 'own_name' };
  const form = (type: LogicalType, nullable = true) => ({ type, nullable });
  type Step = (runner: QueryRunner) => Promise<void>;
  const pairs: [string, Step, Step, RegExp][] = [
    [
      'columns',
      (runner) =>
        changes.addColumns(runner, 'children', {
          born: { type: instant(), nullable: true },
          cost: { type: money(), nullable: true },
        }),
      (runner) => changes.dropColumns(runner, 'children', ['born', 'cost']),
      /"born /,
    ],
    [
      'a column that refers to another table',
      (runner) =>
        changes.addColumns(runner, 'children', {
          other_id: { type: string(20), nullable: true, references: PARENT },
        }),
      async (runner) => {
        await changes.dropForeignKeys(runner, 'children', { other_id: PARENT });
        await changes.dropColumns(runner, 'children', ['other_id']);
      },
      /fk_children_other_id other_id parents id cascade/,
    ],
    [
      'a name',
      (runner) => changes.renameColumn(runner, 'parents', 'code', 'label'),
      (runner) => changes.renameColumn(runner, 'parents', 'label', 'code'),
      /"label /,
    ],
    [
      'a length and nullability',
      (runner) =>
        changes.changeColumns(runner, 'parents', {
          code: { from: form(string(20)), to: form(string(200), false) },
          note: { from: form(string(50)), to: form(string(50), false) },
          amount: { from: form(integer()), to: form(integer()) },
        }),
      (runner) =>
        changes.changeColumns(runner, 'parents', {
          code: { from: form(string(200), false), to: form(string(20)) },
          note: { from: form(string(50), false), to: form(string(50)) },
        }),
      /code varchar2? 200|code character varying 200/,
    ],
    [
      'a type, to text and back',
      (runner) =>
        changes.changeColumns(runner, 'parents', {
          code: { from: form(string(20)), to: form(text(), false) },
        }),
      (runner) =>
        changes.changeColumns(runner, 'parents', {
          code: { from: form(text(), false), to: form(string(20)) },
        }),
      /code (clob|text|longtext)/,
    ],
    [
      'a type, between texts without limit',
      (runner) =>
        changes.changeColumns(runner, 'parents', { code: { from: form(string(20)), to: form(text()) } }),
      async (runner) => {
        const to = form(text(), false);
        await changes.changeColumns(runner, 'parents', { code: { from: form(text()), to } });
        await changes.changeColumns(runner, 'parents', { code: { from: to, to: form(string(20)) } });
      },
      /code (clob|text|longtext)/,
    ],
    [
      'indexes',
      (runner) => changes.createIndexes(runner, 'parents', [['amount'], key]),
      (runner) => changes.dropIndexes(runner, 'parents', [['amount'], key]),
      /ix_parents_amount amount.*own_name code,note|own_name code,note.*ix_parents_amount amount/,
    ],
    [
      'unique keys',
      (runner) => changes.addUniques(runner, 'parents', [['code'], key]),
      (runner) => changes.dropUniques(runner, 'parents', [['code'], key]),
      /uq_parents_code code/,
    ],
    [
      'foreign keys',
      (runner) =>
        changes.addForeignKeys(runner, 'children', {
          id: { table: 'parents', column: 'id', onDelete: 'NO ACTION', name: 'own_fk' },
        }),
      (runner) =>
        changes.dropForeignKeys(runner, 'children', {
          id: { table: 'parents', column: 'id', onDelete: 'NO ACTION', name: 'own_fk' },
        }),
      /own_fk id parents id no action/,
    ],
    [
      'the primary key',
      async (runner) => {
        await changes.dropPrimaryKey(runner, 'children', ['id']);
        await changes.addPrimaryKey(runner, 'children', ['id', 'parent_id']);
      },
      async (runner) => {
        await changes.dropPrimaryKey(runner, 'children', ['id', 'parent_id']);
        await changes.addPrimaryKey(runner, 'children', ['id']);
      },
      /parent_id [^"]* true"/,
    ],
  ];

  it.each(pairs)('change %s and back, and keep all rows', async (_, up, down, changed) => {
    await onFamily(async (runner, opened) => {
      const before = await catalogue(runner, opened);
      await up(runner);
      const after = await catalogue(runner, opened);
      expect(JSON.stringify(after)).toMatch(changed);
      expect(JSON.stringify(before)).not.toMatch(changed);
      expect([await count(runner, 'parents'), await count(runner, 'children')]).toEqual([2, 2]);
      await down(runner);
      expect(await catalogue(runner, opened)).toEqual(before);
      expect([await count(runner, 'parents'), await count(runner, 'children')]).toEqual([2, 2]);
      const [row] = await statements(runner)`SELECT code, amount, note FROM parents WHERE id = ${bind(
        string(20),
        'a',
      )}`;
      expect({ ...row, amount: Number(row?.['amount']) }).toEqual({ code: 'a', amount: 7, note: 'a' });
    });
  });

  it('refuse a value that the new type does not hold', async () => {
    if (kind === 'sqlite') return;
    await onFamily(async (runner) => {
      const run = statements(runner);
      await run`UPDATE parents SET note = ${bind(string(50), 'longer than three')} WHERE id = ${bind(string(20), 'a')}`;
      await runner.commitTransaction();
      const narrowing = changes.changeColumns(runner, 'parents', {
        note: { from: form(string(50)), to: form(string(3)) },
      });
      await expect(narrowing).rejects.toThrow();
      const rows = await run`SELECT note FROM parents WHERE id = ${bind(string(20), 'a')}`;
      expect(rows).toEqual([{ note: 'longer than three' }]);
      await runner.startTransaction();
    });
  });

  it('send the same statements whatever is there', async () => {
    if (kind === 'sqlite') return;
    await open(database, async ({ dataSource }) => {
      const runner = dataSource.createQueryRunner();
      const sent: string[] = [];
      const query = (sql: string): Promise<never[]> => {
        sent.push(sql);
        return Promise.resolve([]);
      };
      Object.assign(runner, { query });
      await createTables(runner, [{ name: 't', columns: { id: { type: integer() } }, primaryKey: ['id'] }]);
      for (const [, up, down] of pairs) {
        await up(runner);
        await down(runner);
      }
      await dropTables(runner, ['t']);
      await runner.release();
      expect(sent.length).toBeGreaterThan(25);
      for (const sql of sent) {
        // MySQL has no DROP INDEX IF EXISTS, so there it looks first.
        if (kind === 'mysql' && sql.startsWith('SELECT 1 FROM information_schema.statistics')) continue;
        expect(sql).toMatch(/^(CREATE|ALTER|DROP|UPDATE) /);
      }
    });
  });

  it('send nothing for columns that stay as they are', async () => {
    await onFamily(async (runner) => {
      const sent = sentBy(runner);
      const same = { from: form(json()), to: form(json()) };
      await changes.changeColumns(runner, 'parents', { note: same });
      await changes.createIndexes(runner, 'parents', []);
      expect(sent).toEqual([]);
    });
  });

  /** Statements that are sent from now on. */
  function sentBy(runner: QueryRunner): string[] {
    const sent: string[] = [];
    const query = runner.query.bind(runner);
    runner.query = ((sql: string, parameters?: unknown[]) => {
      sent.push(sql);
      return query(sql, parameters);
    }) as QueryRunner['query'];
    return sent;
  }
});

describe('SQLite rebuilds a table', () => {
  let database: TestDatabase;
  beforeEach(async () => {
    database = await createTestDatabase('sqlite');
  });
  afterEach(() => database.drop());

  async function withRunner(work: (runner: QueryRunner) => Promise<void>): Promise<void> {
    await open(database, async ({ dataSource }) => {
      const runner = dataSource.createQueryRunner();
      await work(runner);
      await runner.release();
    });
  }

  it('and keeps all that was said of it and built on it', async () => {
    await withRunner(async (runner) => {
      for (const sql of [
        'CREATE TABLE notes (n INTEGER)',
        `CREATE TABLE "items" ( -- the items, all of them
           id INTEGER PRIMARY KEY AUTOINCREMENT,
           "my, name" varchar(10) DEFAULT 'a, (b' NOT NULL, /* a, comment */
           size int CONSTRAINT positive CHECK (size > 0), -- (in pieces)
           twice int GENERATED ALWAYS AS (size * 2) STORED,
           UNIQUE (size), CONSTRAINT "named" CHECK (size < 100)
         )`,
        'CREATE INDEX by_name ON items ("my, name") WHERE size > 1',
        'CREATE UNIQUE INDEX by_lower ON items (lower("my, name"))',
        'CREATE TRIGGER noted AFTER INSERT ON items BEGIN INSERT INTO notes VALUES (NEW.id); END',
        'CREATE VIEW big AS SELECT * FROM items WHERE size > 5',
        'CREATE TRIGGER elsewhere AFTER DELETE ON notes BEGIN DELETE FROM items WHERE id = OLD.n; END',
        `INSERT INTO items (size, "my, name") VALUES (3, 'x'), (7, 'y'), (9, 'z')`,
        'DELETE FROM items WHERE size = 9',
      ])
        await runner.query(sql);
      await runner.beforeMigration();
      await runner.startTransaction();
      await changes.changeColumns(runner, 'items', {
        'my, name': {
          from: { type: string(10) },
          to: { type: string(20), nullable: true },
        },
      });
      await runner.commitTransaction();
      await runner.afterMigration();

      const run = async (sql: string): Promise<unknown> => runner.query(sql);
      expect(await run('SELECT id, size, twice FROM big')).toEqual([{ id: 2, size: 7, twice: 14 }]);
      await run('INSERT INTO items (size) VALUES (50)');
      // The counter went on where it was, and the trigger fired once for each insert.
      expect(await run('SELECT id, "my, name" AS name FROM items WHERE size = 50')).toEqual([
        { id: 4, name: 'a, (b' },
      ]);
      expect(await run('SELECT n FROM notes ORDER BY n')).toEqual([1, 2, 3, 4].map((n) => ({ n })));
      await expect(run('INSERT INTO items (size) VALUES (100)')).rejects.toThrow('named');
      await expect(run('INSERT INTO items (size) VALUES (0)')).rejects.toThrow('positive');
      await expect(run('INSERT INTO items (size) VALUES (7)')).rejects.toThrow('UNIQUE');
      expect(await run(`SELECT count(*) AS n FROM sqlite_master WHERE type IN ('index', 'view', 'trigger')`))
        // With the one that SQLite made for the unique key.
        .toEqual([{ n: 6 }]);
      await run('DELETE FROM notes WHERE n = 4');
      expect(await run('SELECT count(*) AS n FROM items')).toEqual([{ n: 2 }]);
      expect(await run('PRAGMA legacy_alter_table')).toEqual([{ legacy_alter_table: 0 }]);
    });
  });

  it('but not while foreign keys are on, which would delete the rows that refer to it', async () => {
    await withRunner(async (runner) => {
      await createFamily(runner);
      const change = changes.addUniques(runner, 'parents', [['code']]);
      await expect(change).rejects.toThrow('while foreign keys are on');
      expect(await runner.query('SELECT id FROM children')).toHaveLength(2);
    });
  });

  it('and says what is not there', async () => {
    await withRunner(async (runner) => {
      await runner.beforeMigration();
      await expect(changes.addUniques(runner, 'nothing', [['id']])).rejects.toThrow('no such table: nothing');
      await createFamily(runner);
      await expect(changes.dropUniques(runner, 'parents', [['code']])).rejects.toThrow(
        'no such constraint: uq_parents_code (code)',
      );
      const form = { from: { type: string(1) }, to: { type: string(2) } };
      await expect(changes.changeColumns(runner, 'parents', { nope: form })).rejects.toThrow(
        'no such column: nope',
      );
    });
  });
});
