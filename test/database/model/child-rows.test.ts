import { afterEach, beforeEach, expect, it } from '@jest/globals';
import { fileURLToPath } from 'node:url';
import { Migrator } from '../../../src/migrate/migrator.js';
import { createTestDatabase, forEachDatabase, type TestDatabase } from '../../support/databases.js';
import { open } from '../../support/open-database.js';
import { useTempFolder } from '../../support/temp-folder.js';

const model = (name: string): string =>
  fileURLToPath(new URL(`../../../src/database/model/${name}.ts`, import.meta.url));

const IMPORTS = `
import * as changes from '${model('change-tables')}';
import { createTables } from '${model('create-tables')}';
import { string } from '${model('logical-type')}';
`;

/** Parents and children that go with them, a column of the parents, and how `down` takes that back. */
const FIRST = `${IMPORTS}
export class First {
  async up(runner) {
    await createTables(runner, [
      { name: 'parents', columns: { id: { type: string(20) }, code: { type: string(20), nullable: true } }, primaryKey: ['id'] },
      {
        name: 'children',
        columns: {
          id: { type: string(20) },
          parent_id: { type: string(20), references: { table: 'parents', column: 'id', onDelete: 'CASCADE' } },
        },
        primaryKey: ['id'],
      },
    ]);
  }
  async down() {}
}`;

const second = (down: string): string => `${IMPORTS}
export class Second {
  async up(runner) {
    await changes.addColumns(runner, 'parents', { extra: { type: string(20), nullable: true } });
  }
  async down(runner) {
    const id = (name) => (runner.dataSource.options.type === 'oracle' ? name.toUpperCase() : name);
    ${down}
  }
}`;

forEachDatabase('a migration that drops a column of a table that others refer to', (kind) => {
  const folder = useTempFolder();
  let database: TestDatabase;
  beforeEach(async () => {
    database = await createTestDatabase(kind);
  });
  afterEach(() => database.drop());

  it.each([
    ['as dbtool does it', `await changes.dropColumns(runner, 'parents', ['extra']);`],
    ['as TypeORM does it', `await runner.dropColumn(id('parents'), id('extra'));`],
    [
      'and changes the rest of the table',
      `await changes.dropColumns(runner, 'parents', ['extra']);
       const form = { from: { type: string(20), nullable: true }, to: { type: string(30), nullable: true } };
       await changes.changeColumns(runner, 'parents', { code: form });
       await changes.addUniques(runner, 'parents', [['code']]);`,
    ],
  ])('keeps the rows that refer to it, %s', async (_, down) => {
    await folder.write('20250101000000-first.js', FIRST);
    await folder.write('20250102000000-second.js', second(down));
    await open(database, async (opened) => {
      const migrator = new Migrator(opened, { folders: [folder.path], toolVersion: 'test' });
      await migrator.up();
      const run = (sql: string): Promise<unknown> => opened.dataSource.query(sql);
      for (const id of ['a', 'b']) {
        await run(`INSERT INTO parents (id, extra) VALUES ('${id}', 'x')`);
        await run(`INSERT INTO children (id, parent_id) VALUES ('${id}', '${id}')`);
      }
      const names = await migrator.downTargets({});
      expect((await migrator.down(names)).map(({ name }) => name)).toEqual(['20250102000000-second']);
      expect(await run('SELECT id FROM children')).toHaveLength(2);
      expect(await run('SELECT id FROM parents')).toHaveLength(2);
      await expect(run('SELECT extra FROM parents')).rejects.toThrow();
      // They refer to it still, and go with it.
      await run(`DELETE FROM parents WHERE id = 'a'`);
      expect(await run('SELECT id FROM children')).toHaveLength(1);
    });
  });
});
