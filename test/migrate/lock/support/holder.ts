/*
 * Takes the migration lock and says `held`, then asks every 100 ms whether it still has it; says `lost` when it
 * has not, and ends.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { withDatabase } from '../../../../src/database/data-source.js';
import { DbtoolError } from '../../../../src/errors/dbtool-error.js';
import { withMigrationLock } from '../../../../src/migrate/lock/migration-lock.js';
import type { HolderAsked } from './locking.js';
import { withoutSessionLocks } from './locking.js';

const { settings, leaseMs, asRow } = JSON.parse(process.argv[2] ?? '') as HolderAsked;
try {
  await withDatabase(
    settings,
    [],
    (opened) =>
      withMigrationLock(
        asRow ? withoutSessionLocks(opened) : opened,
        { waitMs: 10_000, toolVersion: 'child', leaseMs },
        async (_runner, lock) => {
          process.stdout.write('held\n');
          for (;;) {
            await sleep(100);
            await lock.check();
          }
        },
      ),
    { create: true },
  );
} catch (error) {
  if (!(error instanceof DbtoolError) || error.code !== 'migrate.lock.lost') throw error;
  process.stdout.write('lost\n');
}
