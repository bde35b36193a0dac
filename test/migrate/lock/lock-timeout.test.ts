import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, expect, it } from '@jest/globals';
import type { QueryRunner } from 'typeorm';
import type { OpenDatabase } from '../../../src/database/data-source.js';
import { withDatabase } from '../../../src/database/data-source.js';
import { createTables } from '../../../src/database/model/create-tables.js';
import { integer } from '../../../src/database/model/logical-type.js';
import {
  type Blocker,
  type LockTimeoutOptions,
  retryOnLockTimeout,
  withLockTimeout,
} from '../../../src/migrate/lock/lock-timeout.js';
import { caught } from '../../support/caught.js';
import { createTestDatabase, forEachDatabase, type TestDatabase } from '../../support/databases.js';
import { documentedGrants, GrantedDatabase } from '../../support/grants.js';
import { open, settingsFor } from '../../support/open-database.js';

async function withRunner<T>(opened: OpenDatabase, work: (runner: QueryRunner) => Promise<T>): Promise<T> {
  const runner = opened.dataSource.createQueryRunner();
  try {
    return await work(runner);
  } finally {
    await runner.release();
  }
}

async function createNotes(database: TestDatabase): Promise<void> {
  await open(database, (opened) =>
    withRunner(opened, async (runner) => {
      await createTables(runner, [
        { name: 'notes', columns: { id: { type: integer() } }, primaryKey: ['id'] },
      ]);
      await runner.query('INSERT INTO notes VALUES (1)');
    }),
  );
}

/** A session that began a transaction with these statements and does nothing more. */
async function whileOpen<T>(
  database: TestDatabase,
  statements: string[],
  work: (blocker: { session: string; end: () => Promise<void> }) => Promise<T>,
): Promise<T> {
  return open(database, (opened) =>
    withRunner(opened, async (runner) => {
      const session = await opened.dialect.lockWaits.sessionOf(runner);
      await runner.startTransaction();
      for (const statement of statements) await runner.query(statement);
      const end = async (): Promise<void> => {
        if (runner.isTransactionActive) await runner.rollbackTransaction();
      };
      try {
        return await work({ session, end });
      } finally {
        await end();
      }
    }),
  );
}

const ADD = 'ALTER TABLE notes ADD note INTEGER';

/** Runs statements as one migration would, with a lock timeout. */
async function migrate(
  opened: OpenDatabase,
  statements: string[],
  options: Partial<LockTimeoutOptions> = {},
): Promise<void> {
  const { dialect } = opened;
  const all = { timeoutMs: 1000, attempts: 2, ...options };
  await withRunner(opened, (runner) =>
    withLockTimeout(runner, all, () =>
      retryOnLockTimeout(opened, runner, all, async () => {
        await dialect.beginWrite(runner);
        try {
          for (const statement of statements) await runner.query(statement);
          await runner.commitTransaction();
        } catch (error) {
          await runner.rollbackTransaction();
          throw error;
        }
      }),
    ),
  );
}

forEachDatabase(
  'a migration that waits for a lock',
  (kind) => {
    let database: TestDatabase;

    beforeEach(async () => {
      database = await createTestDatabase(kind);
      await createNotes(database);
    });

    afterEach(() => database.drop());

    it('gives up after its attempts, and names the transaction that was left open', async () => {
      await whileOpen(database, ['SELECT * FROM notes'], async ({ session }) => {
        const told: [Blocker[], number][] = [];
        const started = performance.now();
        const error = await caught(() =>
          open(database, (opened) =>
            migrate(opened, [ADD], { onBlocked: (blockers, attempt) => told.push([blockers, attempt]) }),
          ),
        );
        expect(performance.now() - started).toBeLessThan(6000);
        expect(error.code).toBe('migrate.lock.timeout');
        expect(error.exitCode).toBe(2);
        const user = decodeURIComponent(new URL(database.url).username);
        expect(error.why).toContain(`session ${session} of ${user}@`);
        expect(error.why).toContain('idle in transaction');
        expect(error.fix).toContain(session);
        expect(told.map(([, attempt]) => attempt)).toEqual([1, 2]);
        // Where the database does not tell who blocks, the transactions of all other tests are named too.
        const [named] = told;
        if (kind === 'postgres') expect(named![0]).toHaveLength(1);
        const blocker = named![0].find((one) => one.session === session);
        expect(blocker).toMatchObject({ user, certain: kind === 'postgres' });
        const since = blocker!.since!.getTime();
        expect(Math.abs(since - Date.now())).toBeLessThan(60_000);
      });
    });

    it('succeeds when the blocker goes away', async () => {
      await whileOpen(database, ['SELECT * FROM notes'], async ({ end }) => {
        await open(database, async (opened) => {
          let attempts = 0;
          await migrate(opened, [ADD], {
            attempts: 5,
            onBlocked: (_blockers, attempt) => {
              attempts = attempt;
              if (attempt === 2) void end();
            },
          });
          expect(attempts).toBeGreaterThanOrEqual(2);
          await withRunner(opened, (runner) => runner.query('SELECT note FROM notes'));
        });
      });
    });

    it('names who changed a row, for certain, also with a single connection', async () => {
      await whileOpen(database, ['UPDATE notes SET id = 2'], async ({ session }) => {
        const told: Blocker[][] = [];
        const error = await caught(() =>
          withDatabase(settingsFor(database, { poolSize: 1 }), [], (opened) =>
            migrate(opened, ['UPDATE notes SET id = 3 WHERE id = 1'], {
              attempts: 1,
              onBlocked: (blockers) => told.push(blockers),
            }),
          ),
        );
        expect(error.code).toBe('migrate.lock.timeout');
        expect(told).toMatchObject([[{ session, certain: true }]]);
      });
    });

    it('leaves other failures as they are, after one attempt', async () => {
      await open(database, async (opened) => {
        let attempts = 0;
        await withRunner(opened, async (runner) => {
          const work = retryOnLockTimeout(opened, runner, { timeoutMs: 500, attempts: 3 }, () => {
            attempts += 1;
            return runner.query('SELECT nothing FROM nowhere');
          });
          await expect(work).rejects.toThrow();
        });
        expect(attempts).toBe(1);
      });
    });

    it('stops between its attempts when it is told to', async () => {
      await whileOpen(database, ['SELECT * FROM notes'], async () => {
        const stop = new AbortController();
        const work = open(database, (opened) =>
          migrate(opened, [ADD], {
            attempts: 100,
            signal: stop.signal,
            onBlocked: () => {
              stop.abort(new Error('enough'));
            },
          }),
        );
        await expect(work).rejects.toThrow('enough');
      });
    });
  },
  { only: ['postgres', 'mariadb', 'mysql'] },
);

forEachDatabase(
  'a user who may not see who blocks',
  (kind) => {
    it('is told so', async () => {
      const granted = await GrantedDatabase.create('mariadb');
      try {
        const owner = await granted.owner(documentedGrants('mariadb').get('owner')!);
        const asOwner: TestDatabase = { kind, url: owner.url, drop: () => Promise.resolve() };
        await createNotes(asOwner);
        await whileOpen(granted.database!, ['SELECT * FROM notes'], async () => {
          const error = await caught(() =>
            open(asOwner, (opened) => migrate(opened, [ADD], { attempts: 1 })),
          );
          expect(error.code).toBe('migrate.lock.timeout');
          expect(error.why).toMatch(/could not be found out: .*(may not|refused|denied)/);
        });
      } finally {
        await granted.drop();
      }
    });
  },
  { only: ['mariadb'] },
);

forEachDatabase(
  'a migration on SQLite while another process writes',
  (kind) => {
    it('gives up after its attempts, names the process, and succeeds when that has ended', async () => {
      const database = await createTestDatabase(kind);
      await createNotes(database);
      const program = `const d = new (require('better-sqlite3'))(process.argv[1]);
        d.exec('BEGIN IMMEDIATE; INSERT INTO notes VALUES (2)');
        console.log('writing'); setInterval(() => {}, 1000)`;
      const writer = spawn(process.execPath, ['-e', program, database.url.replace('sqlite:', '')], {
        cwd: fileURLToPath(new URL('../../..', import.meta.url)),
      });
      try {
        await once(writer.stdout, 'data');
        await open(database, async (opened) => {
          const error = await caught(() => migrate(opened, [ADD], { timeoutMs: 300 }));
          expect(error.code).toBe('migrate.lock.timeout');
          if (process.platform === 'linux')
            expect(error.why).toContain(`process ${writer.pid} (node), writing`);
          await migrate(opened, [ADD], { timeoutMs: 300, onBlocked: () => writer.kill('SIGKILL') });
        });
      } finally {
        writer.kill('SIGKILL');
        await database.drop();
      }
    });
  },
  { only: ['sqlite'] },
);

forEachDatabase(
  'a migration on Oracle',
  (kind) => {
    it('is tried again when it was refused a lock', async () => {
      const database = await createTestDatabase(kind);
      await createNotes(database);
      try {
        await whileOpen(database, ['UPDATE notes SET id = 2'], async ({ end }) => {
          await open(database, async (opened) => {
            const asked = ['SELECT id FROM notes FOR UPDATE NOWAIT'];
            const error = await caught(() => migrate(opened, asked));
            expect(error.code).toBe('migrate.lock.timeout');
            expect(error.why).toContain('ORA-00054');
            const attempts: number[] = [];
            await migrate(opened, asked, {
              attempts: 5,
              onBlocked: (_blockers, attempt) => {
                attempts.push(attempt);
                void end();
              },
            });
            expect(attempts).toEqual([1]);
          });
        });
      } finally {
        await database.drop();
      }
    });
  },
  { only: ['oracle'] },
);

forEachDatabase('the lock timeout of a session', (kind) => {
  const READ: Record<string, string> = {
    postgres: 'SHOW lock_timeout',
    mariadb: 'SELECT CONCAT(@@lock_wait_timeout, @@innodb_lock_wait_timeout) AS both_seconds',
    mysql: 'SELECT CONCAT(@@lock_wait_timeout, @@innodb_lock_wait_timeout) AS both_seconds',
    sqlite: 'PRAGMA busy_timeout',
  };
  const EXPECTED: Record<string, unknown> = {
    postgres: { lock_timeout: '2500ms' },
    mariadb: { both_seconds: '33' },
    mysql: { both_seconds: '33' },
    sqlite: { timeout: 2500 },
  };
  let database: TestDatabase;

  beforeEach(async () => {
    database = await createTestDatabase(kind);
  });

  afterEach(() => database.drop());

  it('holds for the work and is then what it was before, whatever comes of the work', async () => {
    await open(database, (opened) =>
      withRunner(opened, async (runner) => {
        const sent: string[] = [];
        const query = runner.query.bind(runner) as (sql: string, ...rest: unknown[]) => Promise<unknown>;
        Object.assign(runner, {
          query: (sql: string, ...rest: unknown[]) => {
            sent.push(sql);
            return query(sql, ...rest);
          },
        });
        const now = async (): Promise<unknown> =>
          kind === 'oracle' ? undefined : ((await query(READ[kind]!)) as unknown[])[0];
        const before = await now();
        await withLockTimeout(runner, { timeoutMs: 2500 }, async () => {
          expect(await now()).toEqual(EXPECTED[kind]);
        });
        expect(await now()).toEqual(before);
        const failed = withLockTimeout(runner, { timeoutMs: 2500 }, async () => {
          await opened.dialect.beginWrite(runner);
          try {
            await runner.query('SELECT nothing FROM nowhere');
          } finally {
            await runner.rollbackTransaction();
          }
        });
        await expect(failed).rejects.toThrow();
        expect(await now()).toEqual(before);
        if (kind === 'oracle')
          expect(sent.filter((sql) => sql.startsWith('ALTER'))).toEqual([
            'ALTER SESSION SET DDL_LOCK_TIMEOUT = 3',
            'ALTER SESSION SET DDL_LOCK_TIMEOUT = 0',
            'ALTER SESSION SET DDL_LOCK_TIMEOUT = 3',
            'ALTER SESSION SET DDL_LOCK_TIMEOUT = 0',
          ]);
        sent.length = 0;
        await withLockTimeout(runner, { timeoutMs: 0 }, () => Promise.resolve());
        expect(sent).toEqual([]);
      }),
    );
  });
});
