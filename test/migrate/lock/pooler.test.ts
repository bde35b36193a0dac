import { afterAll, expect, it } from '@jest/globals';
import { setTimeout as sleep } from 'node:timers/promises';
import { withMigrationLock } from '../../../src/migrate/lock/migration-lock.js';
import { caught } from '../../support/caught.js';
import { createTestDatabase, forEachDatabase, type TestDatabase } from '../../support/databases.js';
import { open } from '../../support/open-database.js';
import { currentRun } from '../../support/servers/current-run.js';
import { startPgbouncer } from '../../support/servers/pgbouncer.js';
import { hold, lockOptions, spawnHolder } from './support/locking.js';

const { postgres } = currentRun().servers;
const pooler = postgres.available ? await startPgbouncer(postgres.url) : 'no Postgres server';

afterAll(async () => {
  if (typeof pooler !== 'string') await pooler.stop();
});

forEachDatabase(
  'the migration lock through a connection pooler',
  (kind) => {
    if (typeof pooler === 'string') {
      it.skip(`on pgbouncer (skipped: ${pooler})`, () => undefined);
      return;
    }

    async function withPooled(
      work: (pooled: TestDatabase, direct: TestDatabase) => Promise<void>,
    ): Promise<void> {
      const direct = await createTestDatabase(kind);
      try {
        const url = typeof pooler === 'string' ? '' : pooler.through(direct.url);
        await work({ kind, url, drop: () => Promise.resolve() }, direct);
      } finally {
        await direct.drop();
      }
    }

    it('notices the pooler, says so once, and lets one in at a time', async () => {
      await withPooled(async (pooled) => {
        const notices: string[] = [];
        const events: string[] = [];
        const migrate = (name: string): Promise<void> =>
          open(pooled, (opened) =>
            withMigrationLock(
              opened,
              lockOptions({ waitMs: 30_000, onNotice: (text) => notices.push(text) }),
              async (runner, lock) => {
                expect(lock.kind).toBe('row');
                events.push(`${name} begins`);
                for (let step = 0; step < 5; step += 1) {
                  await lock.check();
                  await runner.startTransaction();
                  await runner.query('SELECT pg_sleep(0.02)');
                  await lock.check();
                  await runner.commitTransaction();
                }
                events.push(`${name} ends`);
              },
            ),
          );
        const names = ['a', 'b', 'c', 'd'];
        await Promise.all(names.map(migrate));
        expect(events).toHaveLength(8);
        for (let at = 0; at < events.length; at += 2)
          expect(events[at + 1]).toBe(events[at]!.replace('begins', 'ends'));
        expect(notices).toHaveLength(4);
        expect(notices[0]).toContain('pooler');
      });
    });

    it('keeps out a process that comes without the pooler, and the other way round', async () => {
      await withPooled(async (pooled, direct) => {
        for (const [holder, other] of [
          [pooled, direct],
          [direct, pooled],
        ] as const)
          await open(holder, async (opened) => {
            const { letGo } = await hold(opened);
            const error = await caught(() =>
              open(other, (second) =>
                withMigrationLock(second, lockOptions({ waitMs: 300 }), () => Promise.resolve()),
              ),
            );
            expect(error.code).toBe('migrate.lock.held');
            expect(error.why).toContain(`process ${process.pid}`);
            await letGo();
          });
      });
    });

    it('is free soon after its holder was killed', async () => {
      await withPooled(async (pooled) => {
        const { child } = await spawnHolder(pooled);
        child.kill('SIGKILL');
        await sleep(100);
        await open(pooled, async (opened) => {
          expect(
            await withMigrationLock(opened, lockOptions({ waitMs: 3000 }), () => Promise.resolve(1)),
          ).toBe(1);
        });
      });
    });
  },
  { only: ['postgres'] },
);
