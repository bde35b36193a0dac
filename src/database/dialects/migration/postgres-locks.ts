import type { QueryRunner } from 'typeorm';
import type { LockAttempt, SessionLocks } from '../../session-locks.js';

/** Advisory locks are a database's own; the key tells its schemas apart. */
const KEY = `hashtextextended('dbtool.migrate.' || coalesce(current_schema(), ''), 0)`;

interface Client {
  /** The backend that greeted this client; a pooler gives a number of its own. */
  processID: number | null;
}

/**
 * Tried, not waited for: a session that waits for a lock holds a snapshot, and CREATE INDEX CONCURRENTLY
 * of the lock's holder would wait for that.
 */
async function takeLock(runner: QueryRunner): Promise<LockAttempt> {
  const client = (await runner.connect()) as Client;
  // In one statement, so that a pooler cannot put two different sessions behind the two questions.
  const [row] = (await runner.query(
    `SELECT pg_backend_pid() AS pid,
       CASE WHEN pg_backend_pid() = $1::integer THEN pg_try_advisory_lock(${KEY}) END AS taken`,
    [client.processID],
  )) as [{ pid: number; taken: boolean | null }];
  const session = String(row.pid);
  if (row.taken === null) return { outcome: 'unavailable', reason: 'pooler', session: null };
  return { outcome: row.taken ? 'taken' : 'held', session };
}

/** The lock as pg_locks has it. */
const GRANTED = `locktype = 'advisory' AND granted AND objsubid = 1
  AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
  AND ((classid::bigint << 32) | objid::bigint) = ${KEY}`;

async function lockOwner(runner: QueryRunner): Promise<string | null> {
  const rows = (await runner.query(`SELECT pid FROM pg_locks WHERE ${GRANTED}`)) as { pid: number }[];
  return rows[0] ? String(rows[0].pid) : null;
}

export const postgresLocks: SessionLocks = {
  clock: (plusMs) => `(clock_timestamp() + interval '${plusMs} milliseconds')`,
  takeLock,
  releaseLock: async (runner) => {
    await runner.query(`SELECT pg_advisory_unlock(${KEY})`);
  },
  lockOwner,
  endOwner: async (runner, session) => {
    await runner.query(
      `SELECT pg_terminate_backend(pid) FROM pg_locks WHERE ${GRANTED} AND pid = $1::integer`,
      [session],
    );
  },
};
