import { afterEach, beforeEach, expect, it } from '@jest/globals';
import { setTimeout as sleep } from 'node:timers/promises';
import type { QueryRunner } from 'typeorm';
import type { OpenDatabase } from '../../../src/database/data-source.js';
import type { NewLockRow } from '../../../src/lock/lock-table.js';
import type { LockHolder } from '../../../src/lock/holder.js';
import { lockHolder, MIGRATION_LOCK, withMigrationLock } from '../../../src/migrate/lock/migration-lock.js';
import { caught } from '../../support/caught.js';
import { createTestDatabase, forEachDatabase, type TestDatabase } from '../../support/databases.js';
import { documentedGrants, GrantedDatabase } from '../../support/grants.js';
import { open } from '../../support/open-database.js';
import { hold, lockOptions, spawnHolder, withoutSessionLocks } from './support/locking.js';

async function withRunner<T>(opened: OpenDatabase, work: (runner: QueryRunner) => Promise<T>): Promise<T> {
  const runner = opened.dataSource.createQueryRunner();
  try {
    return await work(runner);
  } finally {
    await runner.release();
  }
}

const ELSEWHERE: NewLockRow = {
  token: 'a-token.of-another.host',
  kind: 'row',
  user: 'deploy',
  host: 'elsewhere',
  pid: 1,
  session: null,
  toolVersion: '1.0.0',
};

forEachDatabase('a lock that is a row', (kind) => {
  let database: TestDatabase;

  beforeEach(async () => {
    database = await createTestDatabase(kind);
  });

  afterEach(() => database.drop());

  const openRow = <T>(work: (opened: OpenDatabase) => Promise<T>): Promise<T> =>
    open(database, (opened) => work(withoutSessionLocks(opened)));

  it('lets one in at a time', async () => {
    let inside = 0;
    let most = 0;
    let count = 0;
    const work = async (): Promise<void> => {
      most = Math.max(most, (inside += 1));
      await sleep(50);
      inside -= 1;
      count += 1;
    };
    const eight = Array.from({ length: 8 }, () =>
      openRow((opened) => withMigrationLock(opened, lockOptions({ waitMs: 30_000 }), work)),
    );
    await Promise.all(eight);
    expect({ most, count }).toEqual({ most: 1, count: 8 });
  });

  it('is renewed while its holder works', async () => {
    await openRow(async (first) => {
      const { lock, letGo } = await hold(first, { leaseMs: 900 });
      expect(lock.kind).toBe('row');
      await openRow(async (second) => {
        const error = await caught(() =>
          withMigrationLock(second, lockOptions({ waitMs: 2500 }), () => Promise.resolve()),
        );
        expect(error.code).toBe('migrate.lock.held');
      });
      await lock.check();
      await letGo();
    });
  });

  it('is kept through a transaction that is longer than the lease', async () => {
    await openRow(async (first) => {
      const held = withMigrationLock(first, lockOptions({ leaseMs: 900 }), async (runner, lock) => {
        await first.dialect.beginWrite(runner);
        await lock.check();
        await sleep(1500);
        await lock.check();
        await runner.commitTransaction();
        await lock.check();
      });
      await held;
      expect(await lockHolder(first)).toBeUndefined();
    });
  });

  it('of another host is free when its lease is over, not before', async () => {
    await openRow(async (opened) => {
      await withRunner(opened, async (runner) => {
        await MIGRATION_LOCK.ensure(runner);
        await MIGRATION_LOCK.insert(runner, ELSEWHERE, 1500);
      });
      const error = await caught(() =>
        withMigrationLock(opened, lockOptions({ waitMs: 0 }), () => Promise.resolve()),
      );
      expect(error.why).toContain('deploy@elsewhere, process 1');
      const stale: LockHolder[] = [];
      await withMigrationLock(opened, lockOptions({ onStale: (one) => stale.push(one) }), () =>
        Promise.resolve(),
      );
      expect(stale).toMatchObject([{ host: 'elsewhere', isStale: true }]);
    });
  });

  it('is lost when somebody removes it, which its holder finds out', async () => {
    await openRow(async (opened) => {
      const { lock, letGo } = await hold(opened);
      await lock.check();
      await withRunner(opened, async (runner) => {
        const row = await MIGRATION_LOCK.read(runner);
        await MIGRATION_LOCK.delete(runner, row!.token);
      });
      expect((await caught(() => lock.check())).code).toBe('migrate.lock.lost');
      expect((await caught(() => lock.check())).code).toBe('migrate.lock.lost');
      await letGo();
    });
  });

  if (kind === 'sqlite') return;

  it('goes to the next when its holder is stopped, who finds out when it goes on', async () => {
    const { child, nextLine } = await spawnHolder(database, { asRow: true, leaseMs: 1000 });
    try {
      child.kill('SIGSTOP');
      await openRow(async (opened) => {
        const stale: LockHolder[] = [];
        const { letGo } = await hold(opened, { onStale: (one) => stale.push(one) });
        expect(stale).toMatchObject([{ pid: child.pid }]);
        child.kill('SIGCONT');
        expect(await nextLine()).toBe('lost');
        await letGo();
      });
    } finally {
      child.kill('SIGKILL');
    }
  });

  it('is free at once when its process on this host was killed', async () => {
    const { child } = await spawnHolder(database, { asRow: true, leaseMs: 60_000 });
    child.kill('SIGKILL');
    await openRow(async (opened) => {
      expect(await withMigrationLock(opened, lockOptions(), () => Promise.resolve(1))).toBe(1);
    });
  });

  it('and one of a session keep each other out', async () => {
    await open(database, async (direct) => {
      const pooled = withoutSessionLocks(direct);
      for (const [first, second] of [
        [direct, pooled],
        [pooled, direct],
      ] as const) {
        const { letGo } = await hold(first);
        const error = await caught(() =>
          withMigrationLock(second, lockOptions({ waitMs: 0 }), () => Promise.resolve()),
        );
        expect(error.code).toBe('migrate.lock.held');
        expect(error.why).toContain(`process ${process.pid}`);
        await letGo();
      }
    });
  });
});

forEachDatabase(
  'on Oracle without DBMS_LOCK',
  () => {
    let granted: GrantedDatabase;

    beforeEach(async () => {
      granted = await GrantedDatabase.create('oracle');
    });

    afterEach(() => granted.drop());

    it('the lock is a row, which is told', async () => {
      const grants = documentedGrants('oracle')
        .get('owner')!
        .filter((statement) => !statement.includes('DBMS_LOCK'));
      const { url } = await granted.owner(grants);
      await open({ kind: 'oracle', url, drop: () => Promise.resolve() }, async (opened) => {
        const notices: string[] = [];
        const { lock, letGo } = await hold(opened, { onNotice: (text) => notices.push(text) });
        expect(lock.kind).toBe('row');
        expect(notices).toEqual([expect.stringContaining('DBMS_LOCK')]);
        const error = await caught(() =>
          withMigrationLock(opened, lockOptions({ waitMs: 0 }), () => Promise.resolve()),
        );
        expect(error.code).toBe('migrate.lock.held');
        await letGo();
      });
    });
  },
  { only: ['oracle'] },
);

forEachDatabase(
  'two schemas of a database',
  (kind) => {
    it('do not block each other', async () => {
      const granted = await GrantedDatabase.create('postgres');
      try {
        const statements = [
          `CREATE USER genai_writer PASSWORD 'change-me'`,
          'CREATE SCHEMA AUTHORIZATION genai_writer',
        ];
        const urls = [(await granted.user(statements)).url, (await granted.user(statements)).url];
        const [one, two] = urls.map((url): TestDatabase => ({ kind, url, drop: () => Promise.resolve() }));
        await open(one!, async (first) => {
          const { letGo } = await hold(first);
          await open(two!, async (second) => {
            expect(await lockHolder(second)).toBeUndefined();
            expect(
              await withMigrationLock(second, lockOptions({ waitMs: 0 }), () => Promise.resolve(1)),
            ).toBe(1);
          });
          await letGo();
        });
      } finally {
        await granted.drop();
      }
    });
  },
  { only: ['postgres'] },
);
