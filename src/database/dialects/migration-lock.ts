import { DbtoolError } from '../../errors/dbtool-error.js';

export function migrationLockHeld(): DbtoolError {
  return new DbtoolError('migrate.lock.held', {
    message: 'Another process is migrating this database',
    why: 'It holds the migration lock, so that two deployers never interleave.',
    fix: 'Wait for it to end, then run `dbtool migrate status`.',
  });
}
