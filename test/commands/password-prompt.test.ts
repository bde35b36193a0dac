import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from '@jest/globals';
import { ObjectId } from 'bson';
import { createConnection } from 'mysql2/promise';
import { Trace } from '../../src/entities/trace.js';
import { createTestDatabase, forEachDatabase, type TestDatabase } from '../support/databases.js';
import { loadDocuments } from '../support/mongo/load.js';
import { PRELOAD } from '../support/oracle/driver/paths.js';
import { startStandIn } from '../support/mongo/server.js';
import { migrateUp, open } from '../support/open-database.js';

const PROGRAM = fileURLToPath(new URL('../../bin/dbtool.js', import.meta.url));
// For Oracle's stand-in, as in test/support/cli.ts.
const NODE_OPTIONS = `--require="${PRELOAD}"`;
const PASSWORD = 'op3n-Sesame?';

/** Runs the program on a pseudo-terminal and types the answer when it is asked for a password. */
function onTerminal(
  args: string,
  typed: string,
  env: Record<string, string>,
): Promise<{ code: number | null; shown: string }> {
  return new Promise((resolve, reject) => {
    const child = spawn('script', ['-qec', `${process.execPath} ${PROGRAM} ${args}`, '/dev/null'], {
      env: { PATH: process.env['PATH'], HOME: '/nonexistent', TERM: 'xterm', NODE_OPTIONS, ...env },
    });
    let shown = '';
    let asked = false;
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      shown += text;
      if (asked || !/Password for .*: $/.test(shown)) return;
      asked = true;
      child.stdin.write(typed);
    });
    child.on('error', reject);
    child.on('close', (code) => {
      resolve({ code, shown });
    });
  });
}

// On SQLite only: the password is MongoDB's.
describe('a password that nobody gave', () => {
  it('for MongoDB is asked for on a terminal, and never shown', async () => {
    const server = await startStandIn({ users: [{ user: 'reader', password: PASSWORD }] });
    const database = await createTestDatabase('sqlite');
    try {
      await migrateUp(database);
      const url = (password: string): string => server.url.replace('//', `//reader${password}@`);
      await loadDocuments(url(`:${encodeURIComponent(PASSWORD)}`), 'genai', {
        traces: [{ _id: new ObjectId(), start_time: new Date() }],
      });
      const env = { DBTOOL_DATABASE_URL: database.url };
      const args = `import mongo --from '${url('')}/genai?authSource=admin'`;
      // A typing error is taken back on the way.
      const right = await onTerminal(args, `${PASSWORD}x\u007F\r`, env);
      expect(right.shown).toMatch(/Password for mongodb:\/\/reader@/);
      expect(right.shown).not.toContain('Sesame');
      expect(right.code).toBe(0);
      expect(await open(database, ({ dataSource }) => dataSource.getRepository(Trace).count())).toBe(1);
      const wrong = await onTerminal(args, 'guess-Work\r', env);
      expect(wrong.shown).toContain('import.source.authentication');
      expect(wrong.shown).not.toContain('guess-Work');
      expect(wrong.code).toBe(2);
      const stopped = await onTerminal(args, 'abc\u0003', env);
      expect(stopped.code).toBe(130);
    } finally {
      await server.stop();
      await database.drop();
    }
  });
});

/** A user of the database with the password, and how it goes. On Oracle the database is a user itself. */
async function userOf(
  database: TestDatabase,
): Promise<{ url: URL; password: string; drop: () => Promise<void> }> {
  const url = new URL(database.url);
  if (database.kind === 'oracle') return { url, password: url.password, drop: () => Promise.resolve() };
  const admin = await createConnection(database.url.replace(/^mariadb:/, 'mysql:'));
  const user = `dbtool_${new ObjectId().toHexString().slice(-12)}`;
  await admin.query(`CREATE USER '${user}'@'%' IDENTIFIED BY '${PASSWORD}'`);
  await admin.query(`GRANT ALL ON \`${url.pathname.slice(1)}\`.* TO '${user}'@'%'`);
  url.username = user;
  const drop = async (): Promise<void> => {
    await admin.query(`DROP USER '${user}'@'%'`);
    await admin.end();
  };
  return { url, password: PASSWORD, drop };
}

forEachDatabase(
  'a password that nobody gave for the database',
  (kind) => {
    it('is asked for on a terminal', async () => {
      const database = await createTestDatabase(kind);
      try {
        await migrateUp(database);
        const { url, password, drop } = await userOf(database);
        url.password = '';
        const env = { DBTOOL_DATABASE_URL: url.href };
        const { code, shown } = await onTerminal('migrate status', `${password}\r`, env);
        await drop();
        expect(shown).toContain(`Password for ${url.href}: `);
        expect(shown).toMatch(/^applied /m);
        expect(shown).not.toContain(password);
        expect(code).toBe(0);
      } finally {
        await database.drop();
      }
    });
  },
  // A Postgres that trusts every local user asks for no password.
  { only: ['mariadb', 'mysql', 'oracle'] },
);
