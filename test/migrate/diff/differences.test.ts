import { afterEach, beforeEach, expect, it } from '@jest/globals';
import type { QueryRunner } from 'typeorm';
import { type OpenDatabase, withDatabase } from '../../../src/database/data-source.js';
import * as changes from '../../../src/database/model/change-tables.js';
import { createTables, dropTables } from '../../../src/database/model/create-tables.js';
import {
  double,
  flag,
  instant,
  integer,
  json,
  money,
  string,
  text,
} from '../../../src/database/model/logical-type.js';
import { tableOf } from '../../../src/database/model/table-model.js';
import { ALL_ENTITIES } from '../../../src/entities/all-entities.js';
import { type Difference, schemaDifferences } from '../../../src/migrate/diff/differences.js';
import { createTestDatabase, forEachDatabase, type TestDatabase } from '../../support/databases.js';
import { migrateUp, open, settingsFor } from '../../support/open-database.js';

const ENTITIES = ALL_ENTITIES.map(tableOf);
const optional = (type: ReturnType<typeof text>) => ({ type, nullable: true });

/** What is done to a migrated database, and what then differs. */
const DEEDS: [string, (runner: QueryRunner) => Promise<void>, string[]][] = [
  [
    'drops a table',
    (runner) => dropTables(runner, ['import_checkpoints']),
    ['table import_checkpoints missing'],
  ],
  [
    'adds a column',
    (runner) => changes.addColumns(runner, 'traces', { own: optional(integer()) }),
    ['column traces.own extra'],
  ],
  [
    'drops a column',
    (runner) => changes.dropColumns(runner, 'traces', ['cost_total']),
    ['column traces.cost_total missing'],
  ],
  [
    'changes a type',
    (runner) =>
      changes.changeColumns(runner, 'traces', {
        user_id: { from: optional(string(255)), to: optional(string(77)) },
      }),
    ['column traces.user_id different'],
  ],
  [
    'changes nullability',
    (runner) =>
      changes.changeColumns(runner, 'traces', {
        channel: { from: optional(string(255)), to: { type: string(255) } },
      }),
    ['column traces.channel different'],
  ],
  [
    'adds an index',
    (runner) => changes.createIndexes(runner, 'traces', [['user_id', 'name']]),
    ['index traces.ix_traces_user_id_name extra'],
  ],
  [
    'drops an index',
    (runner) => changes.dropIndexes(runner, 'traces', [['status', 'start_time']]),
    ['index traces.ix_traces_status_start_time missing'],
  ],
  [
    'turns an index round',
    async (runner) => {
      await changes.dropIndexes(runner, 'traces', [['type', 'start_time']]);
      const name = 'ix_traces_type_start_time';
      await changes.createIndexes(runner, 'traces', [{ columns: ['start_time', 'type'], name }]);
    },
    ['index traces.ix_traces_type_start_time different'],
  ],
  [
    'adds a unique key',
    (runner) => changes.addUniques(runner, 'spans', [['name']]),
    ['unique key spans.uq_spans_name extra'],
  ],
  [
    'drops a foreign key',
    (runner) =>
      changes.dropForeignKeys(runner, 'spans', {
        trace_id: { table: 'traces', column: 'id', onDelete: 'CASCADE' },
      }),
    ['foreign key spans.fk_spans_trace_id missing'],
  ],
];

forEachDatabase('the differences of a database from the entities', (kind) => {
  let database: TestDatabase;
  beforeEach(async () => {
    database = await createTestDatabase(kind);
  });
  afterEach(() => database.drop());

  function onMigrated(work: (runner: QueryRunner, opened: OpenDatabase) => Promise<void>): Promise<void> {
    return migrateUp(database).then(() =>
      open(database, async (opened) => {
        const runner = opened.dataSource.createQueryRunner();
        // As migrations have it.
        await runner.beforeMigration();
        await work(runner, opened).finally(() => runner.release());
      }),
    );
  }

  const inShort = (found: readonly Difference[]): string[] =>
    found.map(
      ({ object, problem, table, name }) =>
        `${object} ${object === 'table' ? name : `${table}.${name}`} ${problem}`,
    );

  it('are none when it was just migrated', async () => {
    await onMigrated(async (runner) => {
      expect(await schemaDifferences(runner, ENTITIES)).toEqual([]);
    });
  });

  it('are none either when TypeORM knows no entities, as in a command', async () => {
    await migrateUp(database);
    await withDatabase(settingsFor(database), [], async ({ dataSource }) => {
      const runner = dataSource.createQueryRunner();
      expect(await schemaDifferences(runner, ENTITIES).finally(() => runner.release())).toEqual([]);
    });
  });

  it('are all tables when it was not, and leave others alone', async () => {
    await open(database, async ({ dataSource }) => {
      const runner = dataSource.createQueryRunner();
      await createTables(runner, [{ name: 'own', columns: { id: optional(integer()) }, primaryKey: [] }]);
      const found = await schemaDifferences(runner, ENTITIES);
      expect(inShort(found)).toEqual(ENTITIES.map(({ name }) => `table ${name} missing`));
      await runner.release();
    });
  });

  it('are found one after the other, as TypeORM finds them', async () => {
    await onMigrated(async (runner, { dataSource }) => {
      const all: string[] = [];
      let steps = '[]';
      for (const [deed, act, expected] of DEEDS) {
        await act(runner);
        all.push(...expected);
        expect(inShort(await schemaDifferences(runner, ENTITIES)).sort()).toEqual([...all].sort());
        const { upQueries } = await dataSource.driver.createSchemaBuilder().log();
        // TypeORM does not look at the order of an index's columns.
        const now = JSON.stringify(upQueries);
        if (deed !== 'turns an index round') expect([deed, now]).not.toEqual([deed, steps]);
        steps = now;
      }
    });
  });

  it('tell of every type that it is none of the others', async () => {
    const types = {
      s: string(20),
      i: integer(),
      d: double(),
      m: money(),
      f: flag(),
      t: text(),
      n: instant(),
      j: json(),
    };
    const columns = Object.entries(types).map(([name, type]) => ({
      name,
      property: name,
      type,
      nullable: true,
      primary: false,
    }));
    await open(database, async ({ dataSource, dialect }) => {
      const runner = dataSource.createQueryRunner();
      const definition = Object.fromEntries(columns.map(({ name, type }) => [name, optional(type)]));
      await createTables(runner, [{ name: 'kinds', columns: definition, primaryKey: [] }]);
      for (const wanted of columns) {
        const model = {
          name: 'kinds',
          columns: columns.map((column) => ({ ...column, type: wanted.type })),
          uniques: [],
          indexes: [],
        };
        const native = (type: ReturnType<typeof text>): string => JSON.stringify(dialect.nativeColumn(type));
        // Some databases keep several types in one way.
        const others = columns.filter(({ type }) => native(type) !== native(wanted.type));
        expect((await schemaDifferences(runner, [model])).map(({ name }) => name)).toEqual(
          others.map(({ name }) => name),
        );
      }
      await runner.release();
    });
  });

  it('are told in sentences', async () => {
    await onMigrated(async (runner, { dialect }) => {
      await changes.addColumns(runner, 'traces', { own: optional(integer()) });
      await changes.changeColumns(runner, 'traces', {
        name: { from: optional(string(255)), to: optional(string(20)) },
      });
      await changes.dropIndexes(runner, 'traces', [['status', 'start_time']]);
      const varchar = dialect.nativeColumn(string(1)).type;
      const told = (await schemaDifferences(runner, ENTITIES)).map(({ sentence }) => sentence);
      expect(told[0]).toContain(`column traces.name is ${varchar}(20)`);
      expect(told[0]).toContain(`, the entities say ${varchar}(`);
      expect(told[1]).toMatch(/^column traces\.own \((int|integer|number\(10,0\))\) is in no entity$/);
      expect(told[2]).toBe('index ix_traces_status_start_time of traces (status, start_time) is missing');
    });
  });
});
