import { afterEach, beforeEach, expect, it } from '@jest/globals';
import { hostname } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import type { LockHolder } from '../../../src/lock/holder.js';
import { lockHolder, withMigrationLock } from '../../../src/migrate/lock/migration-lock.js';
import { caught } from '../../support/caught.js';
import { createTestDatabase, forEachDatabase, type TestDatabase } from '../../support/databases.js';
import { open } from '../../support/open-database.js';
import { disconnectAll } from '../../conformance/support/disconnect.js';
import { hold, lockOptions, spawnHolder } from './support/locking.js';

forEachDatabase('the migration lock', (kind) => {
  let database: TestDatabase;

  beforeEach(async () => {
    database = await createTestDatabase(kind);
  });

  afterEach(() => database.drop());

  it('lets one in at a time', async () => {
    let inside = 0;
    let most = 0;
    let count = 0;
    const work = async (): Promise<void> => {
      inside += 1;
      count += 1;
      most = Math.max(most, inside);
      await sleep(50);
      inside -= 1;
    };
    // Eight at once also race for making the table.
    await Promise.all(
      Array.from({ length: 8 }, () =>
        open(database, (opened) => withMigrationLock(opened, lockOptions({ waitMs: 30_000 }), work)),
      ),
    );
    expect(count).toBe(8);
    expect(most).toBe(1);
    expect(await open(database, lockHolder)).toBeUndefined();
  });

  it('names the holder to whoever waits', async () => {
    await open(database, async (first) => {
      const { lock, letGo } = await hold(first);
      expect(lock.kind).toBe(kind === 'sqlite' ? 'row' : 'session');
      await lock.check();
      await open(database, async (second) => {
        const named: (LockHolder | undefined)[] = [];
        const error = await caught(() =>
          withMigrationLock(
            second,
            lockOptions({ waitMs: 600, onWait: (holder) => named.push(holder) }),
            () => Promise.reject(new Error('two at once')),
          ),
        );
        expect(error.code).toBe('migrate.lock.held');
        expect(error.why).toContain(`@${hostname()}, process ${process.pid}`);
        expect(error.details).toMatchObject({ holder: { pid: process.pid, toolVersion: '1.2.3' } });
        expect(named).toHaveLength(1);
        expect(named[0]).toMatchObject({ host: hostname(), pid: process.pid, isStale: false });
        expect(Math.abs(named[0]!.since.getTime() - Date.now())).toBeLessThan(60_000);
        if (kind !== 'sqlite') expect(named[0]!.session).toMatch(/^\d+$/);
        expect(await lockHolder(second)).toEqual(named[0]);
      });
      await letGo();
      expect(await lockHolder(first)).toBeUndefined();
    });
  });

  it('is given to whoever waits long enough', async () => {
    await open(database, async (first) => {
      const { letGo } = await hold(first);
      const second = open(database, (opened) =>
        withMigrationLock(opened, lockOptions(), () => Promise.resolve('mine')),
      );
      await sleep(600);
      await letGo();
      expect(await second).toBe('mine');
    });
  });

  it('ends with work that throws, whatever work left open', async () => {
    await open(database, async (opened) => {
      const failed = withMigrationLock(opened, lockOptions(), async (runner) => {
        await opened.dialect.beginWrite(runner);
        throw new Error('the work itself');
      });
      await expect(failed).rejects.toThrow('the work itself');
      expect(await lockHolder(opened)).toBeUndefined();
      expect(await withMigrationLock(opened, lockOptions({ waitMs: 0 }), () => Promise.resolve(1))).toBe(1);
    });
  });

  it('stops waiting when it is told to', async () => {
    await open(database, async (first) => {
      const { letGo } = await hold(first);
      const stop = new AbortController();
      const second = open(database, (opened) =>
        withMigrationLock(opened, lockOptions({ signal: stop.signal }), () => Promise.resolve()),
      );
      setTimeout(() => {
        stop.abort(new Error('enough'));
      }, 300);
      const started = performance.now();
      await expect(second).rejects.toThrow('enough');
      expect(performance.now() - started).toBeLessThan(5000);
      await letGo();
    });
  });

  it('frees the lock of a process that was killed', async () => {
    const { child } = await spawnHolder(database);
    await open(database, async (opened) => {
      expect(await lockHolder(opened)).toMatchObject({
        pid: child.pid,
        toolVersion: 'child',
        isStale: false,
      });
      const stale: LockHolder[] = [];
      const next = withMigrationLock(opened, lockOptions({ onStale: (holder) => stale.push(holder) }), () =>
        Promise.resolve(performance.now()),
      );
      await sleep(500);
      const killed = performance.now();
      child.kill('SIGKILL');
      expect((await next) - killed).toBeLessThan(3000);
      expect(stale).toMatchObject([{ pid: child.pid, isStale: true }]);
      expect(await lockHolder(opened)).toBeUndefined();
    });
  });

  it('shows a holder that died as one', async () => {
    const { child } = await spawnHolder(database);
    child.kill('SIGKILL');
    await sleep(500);
    expect(await open(database, lockHolder)).toMatchObject({ pid: child.pid, isStale: true });
  });

  if (kind !== 'sqlite')
    it('tells what work ended with, also when the connection is lost', async () => {
      await open(database, async (opened) => {
        const failed = withMigrationLock(opened, lockOptions(), async () => {
          await disconnectAll(database);
          throw new Error('the work itself');
        });
        await expect(failed).rejects.toThrow('the work itself');
      });
      await open(database, async (opened) => {
        expect(await withMigrationLock(opened, lockOptions(), () => Promise.resolve(1))).toBe(1);
      });
    });
});
