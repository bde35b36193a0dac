import { DbtoolError } from '../../errors/dbtool-error.js';
import type { LockHolder } from './migration-lock.js';

/** `deploy@web-3, process 4711, since 2025-11-22 10:00:01 UTC, dbtool 1.2.0`. */
export function describeHolder({ user, host, pid, since, session, toolVersion }: LockHolder): string {
  if (pid === 0) return `session ${session ?? 'unknown'} of the database, which left no name`;
  const sessionText = session === null ? '' : `, session ${session} of the database`;
  const sinceText = `${since.toISOString().slice(0, 19).replace('T', ' ')} UTC`;
  return `${user}@${host}, process ${pid}${sessionText}, since ${sinceText}, with dbtool ${toolVersion}`;
}

/** The holder as plain JSON. */
export function holderDetails(holder: LockHolder): Record<string, unknown> {
  return { ...holder, since: holder.since.toISOString() };
}

export function lockHeld(holder: LockHolder | undefined): DbtoolError {
  return new DbtoolError('migrate.lock.held', {
    message: 'Another process is migrating this database',
    why: holder
      ? `The migration lock is held by ${describeHolder(holder)}.`
      : 'It holds the migration lock, so that two deployers never interleave; it left no name.',
    fix: 'Wait for it to end, then run `dbtool migrate status`; `dbtool migrate unlock` ends one that hangs.',
    details: holder && { holder: holderDetails(holder) },
  });
}

export function lockLost(successor: LockHolder | undefined): DbtoolError {
  return new DbtoolError('migrate.lock.lost', {
    message: 'This process lost the migration lock',
    why: successor
      ? `It did not renew its lease in time, and the lock went to ${describeHolder(successor)}.`
      : 'Its row was removed, by `dbtool migrate unlock` or by another process that took the lock and gave it back.',
    fix: 'Run `dbtool migrate status` to see what is applied, then run the command again.',
    details: successor && { holder: holderDetails(successor) },
  });
}
