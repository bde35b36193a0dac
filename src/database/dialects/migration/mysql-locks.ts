import type { QueryRunner } from 'typeorm';
import type { LockAttempt, SessionLocks } from '../../session-locks.js';

/** Names of locks are the server's, and have at most 64 characters: this one holds the database's. */
const NAME = "CONCAT('dbtool.migrate.', SHA1(DATABASE()))";
/** The handshake tells the lower half of the session's id. */
const HANDSHAKE_IDS = 2 ** 32;

async function takeLock(runner: QueryRunner): Promise<LockAttempt> {
  const { threadId } = (await runner.connect()) as { threadId: number | null };
  // One statement: a lock is asked for only in the very session that greeted this client.
  const [row] = (await runner.query(
    `SELECT CONNECTION_ID() AS session_id,
       CASE WHEN CONNECTION_ID() % ${HANDSHAKE_IDS} = ? THEN GET_LOCK(${NAME}, 0) END AS taken`,
    [threadId],
  )) as [{ session_id: number | string; taken: number | string | null }];
  if (row.taken === null) return { outcome: 'unavailable', reason: 'pooler', session: null };
  return { outcome: Number(row.taken) === 1 ? 'taken' : 'held', session: String(row.session_id) };
}

async function lockOwner(runner: QueryRunner): Promise<string | null> {
  const [row] = (await runner.query(`SELECT IS_USED_LOCK(${NAME}) AS owner`)) as [
    { owner: number | string | null },
  ];
  return row.owner === null ? null : String(row.owner);
}

export const mysqlLocks: SessionLocks = {
  clock: (plusMs) => `(UTC_TIMESTAMP(3) + INTERVAL ${plusMs * 1000} MICROSECOND)`,
  takeLock,
  releaseLock: async (runner) => {
    await runner.query(`SELECT RELEASE_LOCK(${NAME})`);
  },
  lockOwner,
  endOwner: async (runner, session) => {
    if ((await lockOwner(runner)) === session) await runner.query(`KILL ${Number(session)}`);
  },
};
