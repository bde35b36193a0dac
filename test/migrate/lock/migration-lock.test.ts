import { afterEach, beforeEach, expect, it } from '@jest/globals';
import { hostname } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import type { OpenDatabase } from '../../../src/database/data-source.js';
import {
  type HeldLock,
  lockHolder,
  type LockHolder,
  type LockOptions,
  withMigrationLock,
} from '../../../src/migrate/lock/migration-lock.js';
import { caught } from '../../support/caught.js';
import { createTestDatabase, forEachDatabase, type TestDatabase } from '../../support/databases.js';
import { open } from '../../support/open-database.js';

const options = (more: Partial<LockOptions> = {}): LockOptions => ({
  waitMs: 10_000,
  toolVersion: '1.2.3',
  ...more,
});

/** Holds the lock until it is told to let go. */
async function hold(
  opened: OpenDatabase,
  more: Partial<LockOptions> = {},
): Promise<{ lock: HeldLock; letGo: () => Promise<void> }> {
  return new Promise((resolve, reject) => {
    let end: () => void = () => undefined;
    const until = new Promise<void>((done) => (end = done));
    const work = withMigrationLock(opened, options(more), async (_runner, lock) => {
      resolve({
        lock,
        letGo: async () => {
          end();
          await work;
        },
      });
      await until;
    });
    work.catch(reject);
  });
}

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
        open(database, (opened) => withMigrationLock(opened, options({ waitMs: 30_000 }), work)),
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
          withMigrationLock(second, options({ waitMs: 600, onWait: (holder) => named.push(holder) }), () =>
            Promise.reject(new Error('two at once')),
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
        withMigrationLock(opened, options(), () => Promise.resolve('mine')),
      );
      await sleep(600);
      await letGo();
      expect(await second).toBe('mine');
    });
  });

  it('ends with work that throws, whatever work left open', async () => {
    await open(database, async (opened) => {
      const failed = withMigrationLock(opened, options(), async (runner) => {
        await opened.dialect.beginWrite(runner);
        throw new Error('the work itself');
      });
      await expect(failed).rejects.toThrow('the work itself');
      expect(await lockHolder(opened)).toBeUndefined();
      expect(await withMigrationLock(opened, options({ waitMs: 0 }), () => Promise.resolve(1))).toBe(1);
    });
  });

  it('stops waiting when it is told to', async () => {
    await open(database, async (first) => {
      const { letGo } = await hold(first);
      const stop = new AbortController();
      const second = open(database, (opened) =>
        withMigrationLock(opened, options({ signal: stop.signal }), () => Promise.resolve()),
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
});
