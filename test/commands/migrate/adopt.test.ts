import { afterEach, beforeEach, expect, it } from '@jest/globals';
import { MigrationExecutor, type MigrationInterface, type QueryRunner, Table } from 'typeorm';
import { createTables } from '../../../src/database/model/create-tables.js';
import { instant, integer, string, text } from '../../../src/database/model/logical-type.js';
import { bind, statements } from '../../../src/database/statement.js';
import { forEachDatabase } from '../../support/databases.js';
import { open } from '../../support/open-database.js';
import { runScript } from './support/clients.js';
import { classMigration, Project, sqlMigration } from './support/project.js';

const FIRST = '1767225600000-first';
const SECOND = '1767312000000-second';
const THIRD = '1767398400000-third';
const table = (name: string): string => `CREATE TABLE ${name} (id INTEGER NOT NULL PRIMARY KEY)`;

/** As the class of the file of the same time. */
class First1767225600000 implements MigrationInterface {
  name = 'First1767225600000';
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(table('first'));
  }
  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE first');
  }
}

class Second1767312000000 extends First1767225600000 {
  override name = 'Second1767312000000';
  override up(runner: QueryRunner): Promise<void> {
    return runner.query(table('second'));
  }
}

/** Of a program that does not use dbtool. */
class Elsewhere1767400000000 extends First1767225600000 {
  override name = 'Elsewhere1767400000000';
  override up(runner: QueryRunner): Promise<void> {
    return runner.query(table('elsewhere'));
  }
}

forEachDatabase("another tool's history", (kind) => {
  let project: Project;

  beforeEach(async () => {
    project = await Project.create(kind);
    await project.write(
      `${FIRST}.js`,
      classMigration(
        'First1767225600000',
        [table('first')],
        ['DROP TABLE first'],
        `name = 'First1767225600000';`,
      ),
    );
    await project.write(
      `${SECOND}.js`,
      classMigration('Second1767312000000', [table('second')], ['DROP TABLE second']),
    );
    await project.write(`${THIRD}.sql`, sqlMigration([table('third')], ['DROP TABLE third']));
  });

  afterEach(() => project.drop());

  /** Has TypeORM's own executor run migrations, each in its transaction. */
  const runWithTypeorm = (...migrations: MigrationInterface[]): Promise<void> =>
    open(project.database, async ({ dataSource }) => {
      Object.assign(dataSource, { migrations });
      const executor = new MigrationExecutor(dataSource);
      executor.transaction = 'each';
      await executor.executePendingMigrations();
    });
  const told = async (): Promise<string[]> =>
    (
      (await project.data(['status']))['migrations'] as {
        name: string;
        status: string;
        action: string | null;
      }[]
    ).map(({ name, status, action }) => `${name} ${status} ${action ?? ''}`.trim());
  const entries = async (): Promise<unknown[]> =>
    (await project.history()).map(({ run, name, action, status }) => [run, name, action, status]);
  const typeormRows = (): Promise<unknown[]> => {
    const quote = kind === 'mariadb' || kind === 'mysql' ? '`' : '"';
    return project.query(`SELECT * FROM ${quote}migrations${quote}`);
  };

  it('of TypeORM is adopted, and only what is new is run', async () => {
    await runWithTypeorm(new First1767225600000(), new Second1767312000000(), new Elsewhere1767400000000());
    const before = await typeormRows();
    const adopted = [`${FIRST} applied adopt`, `${SECOND} applied adopt`];
    expect(await told()).toEqual([...adopted, `${THIRD} pending`]);
    expect(await project.data(['plan'])).toMatchObject({ plans: [{ name: THIRD }] });
    expect((await project.state()).history).toBeNull();
    expect(await project.data(['up'])).toMatchObject({ applied: [{ name: THIRD }] });
    expect(await entries()).toEqual([
      [1, FIRST, 'adopt', 'done'],
      [2, SECOND, 'adopt', 'done'],
      [3, THIRD, 'up', 'done'],
    ]);
    expect(await told()).toEqual([...adopted, `${THIRD} applied up`]);
    await project.data(['status', '--check']);
    expect(await project.data(['up'])).toEqual({ applied: [] });
    // What was taken back here is not adopted again, whatever TypeORM says.
    await project.data(['down', '--yes', '--step', '2']);
    expect(await told()).toEqual([`${FIRST} applied adopt`, `${SECOND} pending`, `${THIRD} pending`]);
    expect(await project.data(['up'])).toMatchObject({ applied: [{ name: SECOND }, { name: THIRD }] });
    expect(await typeormRows()).toEqual(before);
  });

  it('of TypeORM is adopted by a script', async () => {
    await runWithTypeorm(new First1767225600000());
    const script = (await project.data(['script']))['script'] as string;
    expect(await runScript(project.database, script)).toEqual({ code: 0, stderr: '' });
    expect(await entries()).toEqual([
      [1, FIRST, 'adopt', 'done'],
      [2, SECOND, 'script', 'done'],
      [3, THIRD, 'script', 'done'],
    ]);
  });

  it('of TypeORM is adopted also when there is a history of other folders', async () => {
    await project.write('other/20250101000000-other.sql', sqlMigration([table('other')]));
    await project.data(['up', '--folder', './other']);
    await runWithTypeorm(new First1767225600000());
    expect(await project.data(['up', '--to', SECOND])).toMatchObject({ applied: [{ name: SECOND }] });
    expect(await project.data(['up'])).toMatchObject({ applied: [{ name: THIRD }] });
    expect(await entries()).toEqual([
      [1, '20250101000000-other', 'up', 'done'],
      [2, FIRST, 'adopt', 'done'],
      [3, SECOND, 'up', 'done'],
      [4, THIRD, 'up', 'done'],
    ]);
  });

  it('is adopted after a crash that left the history empty', async () => {
    await runWithTypeorm(new First1767225600000());
    await project.write('empty/readme.md', '');
    await project.data(['up', '--folder', './empty']);
    expect((await project.state()).history).toEqual([]);
    expect(await project.data(['up'])).toMatchObject({ applied: [{ name: SECOND }, { name: THIRD }] });
    expect(await entries()).toHaveLength(3);
    expect((await entries())[0]).toEqual([1, FIRST, 'adopt', 'done']);
  });

  it('of others in a table of the same name is none of ours', async () => {
    await open(project.database, async ({ dataSource }) => {
      const runner = dataSource.createQueryRunner();
      // Laravel's.
      const column = { isNullable: true, type: kind === 'oracle' ? 'varchar2' : 'varchar', length: '255' };
      await runner.createTable(
        new Table({
          name: 'migrations',
          columns: [
            { name: 'id', ...column },
            { name: 'migration', ...column },
          ],
        }),
      );
      await runner.release();
    });
    expect(await told()).toEqual([`${FIRST} pending`, `${SECOND} pending`, `${THIRD} pending`]);
    expect(await project.data(['up'])).toMatchObject({ applied: [{}, {}, {}] });
  });

  it('of TypeORM with other times is none of these migrations', async () => {
    await runWithTypeorm(new Elsewhere1767400000000());
    const quote = kind === 'mariadb' || kind === 'mysql' ? '`' : '"';
    // A time that is the beginning of another.
    await project.query(
      `UPDATE ${quote}migrations${quote} SET ${quote}timestamp${quote} = 17673, ${quote}name${quote} = 'Elsewhere17673'`,
    );
    expect(await told()).toEqual([`${FIRST} pending`, `${SECOND} pending`, `${THIRD} pending`]);
  });

  it("of dbtool's former table is taken over", async () => {
    await project.runner(async (runner) => {
      await runner.query(table('first'));
      await createTables(runner, [
        {
          name: 'dbtool_migrations',
          columns: {
            name: { type: string(255) },
            status: { type: string(20) },
            applied_at: { type: instant() },
            duration_ms: { type: integer(), nullable: true },
            tool_version: { type: string(50) },
            error: { type: text(), nullable: true },
          },
          primaryKey: ['name'],
        },
      ]);
      await statements(runner)`
        INSERT INTO dbtool_migrations (name, status, applied_at, duration_ms, tool_version)
        VALUES (${bind(string(255), FIRST)}, 'applied', ${bind(instant(), new Date('2025-12-31T12:00:00.500Z'))}, 12, '0.1.0')`;
    });
    expect((await project.data(['status']))['migrations']).toMatchObject([
      { name: FIRST, status: 'applied', appliedAt: '2025-12-31T12:00:00.500Z', durationMs: 12, edited: null },
      { status: 'pending' },
      { status: 'pending' },
    ]);
    expect(await project.data(['up'])).toMatchObject({ applied: [{ name: SECOND }, { name: THIRD }] });
    expect(await entries()).toEqual([
      [1, FIRST, 'up', 'done'],
      [2, SECOND, 'up', 'done'],
      [3, THIRD, 'up', 'done'],
    ]);
    expect(await project.data(['down', '--yes', '--step', '3'])).toMatchObject({
      reverted: [{ name: THIRD }, { name: SECOND }, { name: FIRST }],
    });
  });
});
