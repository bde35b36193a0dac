import { setTimeout as sleep } from 'node:timers/promises';
import type { QueryRunner } from 'typeorm';
import type { OpenDatabase } from '../../database/data-source.js';
import { DbtoolError } from '../../errors/dbtool-error.js';
import { describeHolder, holderDetails, type LockHolder } from '../../lock/holder.js';
import { isGone, isHere } from '../../lock/this-process.js';
import { type LockState, lockState, MIGRATION_LOCK } from './migration-lock.js';

const FREE_WITHIN_MS = 5000;
const POLL_MS = 100;

export interface UnlockOptions {
  /** Whether to end a holder that is alive, too. */
  force: boolean;
  /** Asked before anything is ended; throws to leave it as it is. */
  confirm: (holder: LockHolder) => Promise<void>;
}

/**
 * Frees the migration lock from a holder that died or, by force, from one that is alive: its session is ended
 * where the lock is a session's, and its lease taken away where it is a row.
 * @returns who held it; undefined when nobody did
 * @throws DbtoolError `migrate.lock.held` when the holder is alive and may not or cannot be ended;
 *   `database.privilege`; what `confirm` throws
 */
export async function unlock(
  database: OpenDatabase,
  { force, confirm }: UnlockOptions,
): Promise<LockHolder | undefined> {
  const runner = database.dataSource.createQueryRunner();
  try {
    const state = await lockState(database, runner);
    if (!state) return undefined;
    if (!state.holder.isStale && !force) throw alive(state);
    await confirm(state.holder);
    await end(database, runner, state);
    return state.holder;
  } finally {
    await runner.release();
  }
}

async function end(database: OpenDatabase, runner: QueryRunner, state: LockState): Promise<void> {
  const { sessionLocks } = database.dialect;
  const { holder, row, owner } = state;
  if (typeof owner === 'string' && row?.kind !== 'row') {
    if (!sessionLocks.endOwner) throw onlyDba(database, holder);
    await sessionLocks.endOwner(runner, owner);
    const deadline = performance.now() + FREE_WITHIN_MS;
    while (performance.now() < deadline && (await sessionLocks.lockOwner(runner)) === owner)
      await sleep(POLL_MS);
  }
  // Of that holder only: another may have come by now.
  if (row) await MIGRATION_LOCK.delete(runner, row.token);
}

function alive({ holder, row }: LockState): DbtoolError {
  const runs =
    row && isHere(row.host, row.token) && !isGone(row, row.token)
      ? ` Process ${row.pid} is running on this host.`
      : '';
  return new DbtoolError('migrate.lock.held', {
    message: 'The holder of the migration lock is alive',
    why: `It is ${describeHolder(holder)}.${runs}`,
    fix: 'Wait for it to end. If it hangs, end it, or add --force: what it does then stops half-way.',
    details: { holder: holderDetails(holder) },
  });
}

function onlyDba({ dialect }: OpenDatabase, holder: LockHolder): DbtoolError {
  const sid = holder.session ?? 'SID';
  return new DbtoolError('migrate.lock.held', {
    message: 'The session that holds the migration lock can be ended by a DBA only',
    why: `It is ${describeHolder(holder)}.`,
    fix: `End its process, or have a DBA run \`SELECT sid, serial# FROM v$session WHERE sid = ${sid}\` and then \`${dialect.lockWaits.endStatement(`${sid},SERIAL#`)}\`.`,
    details: { holder: holderDetails(holder) },
  });
}
