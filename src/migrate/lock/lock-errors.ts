import { redact } from '../../config/redact.js';
import { driverError } from '../../database/driver-error.js';
import type { Blocker, LockWaits } from '../../database/lock-waits.js';
import { DbtoolError } from '../../errors/dbtool-error.js';
import { describeHolder, holderDetails, type LockHolder, moment } from '../../lock/holder.js';

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

const STATEMENT_LENGTH = 200;

/** A statement for people: on one line, without the texts in it, which are somebody's data, and not too long. */
export function withoutValues(statement: string): string {
  const line = redact(statement.replace(/'(?:[^'\\]|''|\\.)*('|$)/g, "'…'"))
    .replace(/\s+/g, ' ')
    .trim();
  return line.length > STATEMENT_LENGTH ? `${line.slice(0, STATEMENT_LENGTH - 1)}…` : line;
}

/** `session 4711 of app@10.0.0.5 (psql), idle in transaction since 2025-11-22 10:00:01 UTC: SELECT …`. */
export function describeBlocker({
  session,
  isProcess,
  state,
  since,
  statement,
  ...blocker
}: Blocker): string {
  const { user, host, application } = blocker;
  const who = [user, host].filter((part) => part !== undefined).join('@');
  const doing = [state ?? '', since ? `since ${moment(since)}` : ''].filter(Boolean).join(' ');
  return [
    `${isProcess ? 'process' : 'session'} ${session}`,
    who && ` of ${who}`,
    application ? ` (${application})` : '',
    doing && `, ${doing}`,
    statement ? `: ${statement}` : '',
  ].join('');
}

export interface LockTimeout {
  blockers: readonly Blocker[];
  /** Why nobody could be named. */
  reason: string | undefined;
  attempts: number;
  waits: Pick<LockWaits, 'endStatement'>;
  cause: unknown;
}

export function lockTimeout({ blockers, reason, attempts, waits, cause }: LockTimeout): DbtoolError {
  return new DbtoolError('migrate.lock.timeout', {
    message: `The migration did not get a lock that it needs, in ${attempts === 1 ? 'one attempt' : `${attempts} attempts`}`,
    why: `${blame(blockers, reason)} The database said: ${redact(driverError(cause).message)}`,
    fix:
      blockers.length === 0
        ? 'Find the transaction that was left open on what the migration changes, let it end, and run the command again.'
        : `Let it end its transaction and run the command again. A DBA ends a session with ${blockers.map(({ session }) => `\`${waits.endStatement(session)}\``).join(', ')}.`,
    details: {
      attempts,
      blockers: blockers.map((one) => ({ ...one, since: one.since?.toISOString() })),
    },
    cause,
  });
}

function blame(blockers: readonly Blocker[], reason: string | undefined): string {
  if (blockers.length === 0)
    return reason === undefined
      ? 'Who holds it is not known.'
      : `Who holds it could not be found out: ${reason}.`;
  const list = blockers.map(describeBlocker).join('; ');
  return blockers.every(({ certain }) => certain)
    ? `It is held by ${list}.`
    : `The database does not tell who holds it; open transactions are: ${list}.`;
}
