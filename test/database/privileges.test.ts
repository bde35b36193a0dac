import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { ObjectId, type Document } from 'bson';
import { writeDump } from '../../scripts/demo-data/dump-writer.mjs';
import { type CliResult, runCli } from '../support/cli.js';
import { contentHashes } from '../support/content-hash.js';
import { forEachDatabase, type TestDatabase } from '../support/databases.js';
import {
  type DatabaseUser,
  documentedGrants,
  dropStaleUsers,
  GrantedDatabase,
  type Reduced,
  withoutEach,
} from '../support/grants.js';
import { open } from '../support/open-database.js';
import type { ServerKind } from '../support/servers/types.js';

const TRACE = new ObjectId('65cd6db93a8d335865cd6db9').toHexString();

function dumpOf(name: string, spans: string[]): Record<string, Document[]> {
  const start_time = new Date('2025-08-07T11:54:39.327Z');
  return {
    providers: [{ _id: 'p', system_name: 'OPENAI', name }],
    models: [{ _id: 'm', system_name: 'GPT', provider_system_name: 'OPENAI', name }],
    traces: [{ _id: new ObjectId(TRACE), name, start_time, spans: spans.map((id) => ({ id, name })) }],
    metrics: [{ _id: 'x', feature_type: name, start_time }],
  };
}

/** What dbtool's own migrations do not need yet and others will. */
const OWN_MIGRATION = `-- migrate:up
CREATE TABLE own_notes (id INTEGER PRIMARY KEY);
ALTER TABLE own_notes ADD weight INTEGER;
CREATE INDEX ix_own_notes ON own_notes (weight);
-- migrate:down
DROP TABLE own_notes;
`;

let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'dbtool-privileges-'));
  await writeDump(join(folder, 'first', 'genai'), dumpOf('first', ['a', 'b']), { gzip: false });
  // Another name, and a span less: rows are updated and deleted.
  await writeDump(join(folder, 'second', 'genai'), dumpOf('second', ['b']), { gzip: false });
  await mkdir(join(folder, 'migrations'));
  await writeFile(join(folder, 'migrations', '20261201000000-own.sql'), OWN_MIGRATION);
});

afterAll(() => rm(folder, { recursive: true }));

const dbtool = (user: DatabaseUser, args: readonly string[]): Promise<CliResult> =>
  runCli([...args], {
    env: {
      DBTOOL_DATABASE_URL: user.url,
      DBTOOL_MIGRATE_FOLDERS: `builtin,${join(folder, 'migrations')}`,
    },
  });
const importOf = (dump: string): string[] => ['import', 'mongo', '--from', join(folder, dump, 'genai')];

/** What docs/databases.md promises each role, in an order in which it can be done. */
const READS = (): string[][] => [
  ['report', 'traces', '--format', 'csv'],
  ['report', 'trace', TRACE],
  ['migrate', 'status', '--check'],
  ['doctor'],
];
const WRITES = (): string[][] => [
  importOf('first'),
  importOf('second'),
  ['database', 'mark', 'development'],
  ...READS(),
];
const OWNS = (): string[][] => [
  ['migrate', 'up'],
  ['database', 'mark', 'production'],
  ...WRITES(),
  ['migrate', 'down', '--step', '3', '--yes'],
  ['migrate', 'up'],
];

/** The first command that does not end with 0. */
async function firstRefused(user: DatabaseUser, commands: string[][]): Promise<CliResult | undefined> {
  for (const command of commands) {
    const result = await dbtool(user, command);
    if (result.code !== 0) return result;
  }
  return undefined;
}

async function expectRefused(user: DatabaseUser, command: readonly string[]): Promise<void> {
  const { code, stdout, stderr } = await dbtool(user, command);
  expect(stderr).toContain('(database.privilege)');
  expect({ command, code, stdout }).toEqual({ command, code: 2, stdout: '' });
}

/** All rows of all tables, and which tables there are; read as administrator. */
async function stateOf(database: TestDatabase): Promise<unknown> {
  return open(database, async (opened) => {
    const schema = opened.dialect.name === 'postgres' ? 'current_schema()' : 'DATABASE()';
    const all = (sql: string): Promise<Record<string, unknown>[]> => opened.dataSource.query(sql);
    const tables = (
      await all(`SELECT table_name AS name FROM information_schema.tables WHERE table_schema = ${schema}`)
    ).map((row) => String(row['name']));
    const rowsOf = (table: string): Promise<unknown> | null =>
      tables.includes(table) ? all(`SELECT * FROM ${table} ORDER BY name`) : null;
    return {
      tables: tables.sort(),
      history: await rowsOf('dbtool_migration_history'),
      properties: await rowsOf('dbtool_properties'),
      // Before all migrations are applied entities have columns that tables lack.
      rows: tables.includes('import_runs') ? await contentHashes(opened) : null,
    };
  });
}

/** Statements that make a user, and what it can do then. */
interface Role {
  title: string;
  /** Whether the user is made before there are tables. */
  early: boolean;
  commands: () => string[][];
  statements: string[];
  /** The statements without one privilege: not all that was promised works then. */
  reduced: Reduced[];
}

function ownerRole(kind: ServerKind, grants: Map<string, string[]>): Role {
  const also = kind === 'mysql' ? (grants.get('owner, on MySQL also') ?? []) : [];
  const statements = [...(grants.get('owner') ?? []), ...also];
  return { title: 'owner', early: true, commands: OWNS, statements, reduced: withoutEach(statements) };
}

/** Readers and writers. */
function otherRoles(grants: Map<string, string[]>): Role[] {
  return [...grants].flatMap(([title, statements]): Role[] => {
    const [name = '', when] = title.split(', ');
    if (!/^(reader|writer)/.test(name)) return [];
    const commands = name === 'writer' ? WRITES : READS;
    if (when !== 'for tables that are there')
      return [
        { title, early: when !== 'after migrate up', commands, statements, reduced: withoutEach(statements) },
      ];
    const before = grants.get(`${name}, before the first migrate up`) ?? [];
    const with_ = (those: string[]): string[] => [...before, ...those];
    const reduced = withoutEach(statements).map((one) => ({ ...one, statements: with_(one.statements) }));
    return [{ title, early: false, commands, statements: with_(statements), reduced }];
  });
}

forEachDatabase(
  'a user with the privileges of docs/databases.md',
  (kind) => {
    const server = kind as ServerKind;
    const grants = documentedGrants(server);
    const ownerOf = ownerRole(server, grants);
    const roles = otherRoles(grants);
    const early = new Map<string[], DatabaseUser>();
    let granted: GrantedDatabase;
    let owner: DatabaseUser;

    const started = async (): Promise<GrantedDatabase> => {
      const created = await GrantedDatabase.create(server);
      await created.administer(grants.get('once for the database') ?? []);
      return created;
    };
    const userOf = async (statements: string[]): Promise<DatabaseUser> =>
      early.get(statements) ?? granted.user(statements);
    const expectUnchanged = async (work: () => Promise<void>): Promise<void> => {
      const before = await stateOf(granted.database!);
      await work();
      expect(await stateOf(granted.database!)).toEqual(before);
    };

    beforeAll(async () => {
      await dropStaleUsers(server);
      granted = await started();
      owner = await granted.owner(ownerOf.statements);
      for (const role of roles.filter((one) => one.early)) {
        for (const { statements } of [role, ...role.reduced])
          early.set(statements, await granted.user(statements));
      }
    });

    afterAll(() => granted.drop());

    for (const { title, statements } of roles.filter((role) => role.early)) {
      it(`creates nothing as ${title}`, async () => {
        const user = await userOf(statements);
        await expectUnchanged(async () => {
          for (const command of [
            ['migrate', 'up'],
            ['database', 'mark', 'production'],
          ])
            await expectRefused(user, command);
        });
      });
    }

    it('does all that there is as owner', async () => {
      expect(await firstRefused(owner, ownerOf.commands())).toBeUndefined();
    });

    it('leaves pending migrations as they are, for the owner to apply', async () => {
      expect(
        await firstRefused(owner, [
          ['migrate', 'up'],
          ['migrate', 'down', '--step', '3', '--yes'],
        ]),
      ).toBeUndefined();
      for (const { statements } of roles.filter((role) => role.early)) {
        const user = await userOf(statements);
        await expectUnchanged(() => expectRefused(user, ['migrate', 'up']));
      }
      expect(await dbtool(owner, ['migrate', 'up'])).toMatchObject({ code: 0 });
    });

    for (const { title, statements, commands, reduced } of roles) {
      it(`does what is promised as ${title}`, async () => {
        expect(await firstRefused(owner, [importOf('first')])).toBeUndefined();
        expect(await firstRefused(await userOf(statements), commands())).toBeUndefined();
      });

      it(`changes nothing else as ${title}`, async () => {
        const user = await userOf(statements);
        await expectUnchanged(async () => {
          await expectRefused(user, ['migrate', 'down', '--yes']);
          if (commands === READS) {
            await expectRefused(user, importOf('first'));
            await expectRefused(user, ['database', 'mark', 'production']);
          }
        });
        expect(await dbtool(owner, ['migrate', 'status', '--check'])).toMatchObject({ code: 0 });
      });

      it.each(reduced)(`does not do it as ${title} without $missing`, async (role) => {
        const refused = await firstRefused(await userOf(role.statements), commands());
        expect(refused?.stderr).toContain('(database.privilege)');
        expect(refused?.code).toBe(2);
      });
    }

    const recommended = grants.get('owner, recommended');
    if (recommended) {
      it('migrates by a lease as owner without what is recommended, and says so', async () => {
        const other = await started();
        try {
          const { code, stderr } = await dbtool(await other.owner(ownerOf.statements), ['migrate', 'up']);
          expect({ code, stderr }).toMatchObject({
            code: 0,
            stderr: expect.stringMatching(/Warning: .*lease/s),
          });
        } finally {
          await other.drop();
        }
      });

      it('migrates by a lock of its session as owner with what is recommended', async () => {
        const other = await started();
        try {
          const all = [...ownerOf.statements, ...recommended];
          const { code, stderr } = await dbtool(await other.owner(all), ['migrate', 'up']);
          expect(code).toBe(0);
          expect(stderr).not.toContain('Warning');
        } finally {
          await other.drop();
        }
      });
    }

    it.each(ownerOf.reduced)('does not do all as owner without $missing', async ({ statements }) => {
      const other = await started();
      try {
        const refused = await firstRefused(await other.owner(statements), ownerOf.commands());
        expect(refused?.stderr).toMatch(/\((database\.(privilege|authentication)|migrate\.failed)\)/);
        expect(refused?.stderr).toMatch(/denied|ORA-01031|ORA-01045|ORA-01950|PLS-00201/);
      } finally {
        await other.drop();
      }
    });
  },
  { only: ['postgres', 'mariadb', 'mysql', 'oracle'] },
);
