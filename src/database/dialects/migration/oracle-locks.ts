import { createHash } from 'node:crypto';
import type { Connection } from 'oracledb';
import type { QueryRunner } from 'typeorm';
import type { LockAttempt, SessionLocks } from '../../session-locks.js';
import { explain } from '../oracle-errors.js';

/** DBMS_LOCK.REQUEST's answers. */
const TAKEN = 0;
const TIMED_OUT = 1;
const ALREADY_OURS = 4;

interface Place {
  schema: string;
  session: string;
}

async function placeOf(runner: QueryRunner): Promise<Place> {
  const [row] = (await runner.query(
    `SELECT SYS_CONTEXT('USERENV', 'CURRENT_SCHEMA') AS place, SYS_CONTEXT('USERENV', 'SID') AS sid FROM dual`,
  )) as [{ PLACE: string; SID: string | number }];
  return { schema: row.PLACE, session: String(row.SID) };
}

/**
 * Ids are 0 to 1,073,741,823 and the whole instance's; the schema's name makes this one. Names of locks
 * would need ALLOCATE_UNIQUE, which commits.
 */
function lockId(schema: string): number {
  return createHash('sha256').update(`dbtool.migrate.${schema}`).digest().readUInt32BE() % 2 ** 30;
}

async function call(runner: QueryRunner, expression: string): Promise<number> {
  const { default: oracledb } = await import('oracledb');
  const connection = (await runner.connect()) as Connection;
  const { outBinds } = await connection.execute<{ result: number }>(`BEGIN :result := ${expression}; END;`, {
    result: { dir: oracledb.BIND_OUT, type: oracledb.NUMBER },
  });
  return outBinds?.result ?? -1;
}

async function request(runner: QueryRunner, schema: string): Promise<number> {
  // It outlives the commits that Oracle makes around DDL.
  return call(runner, `DBMS_LOCK.REQUEST(${lockId(schema)}, DBMS_LOCK.X_MODE, 0, FALSE)`);
}

async function takeLock(runner: QueryRunner): Promise<LockAttempt> {
  const { schema, session } = await placeOf(runner);
  try {
    const answer = await request(runner, schema);
    if (answer === TAKEN || answer === ALREADY_OURS) return { outcome: 'taken', session };
    if (answer === TIMED_OUT) return { outcome: 'held', session };
    throw new Error(`DBMS_LOCK.REQUEST answered ${answer}`);
  } catch (error) {
    if (explain(error, '')?.code !== 'database.privilege') throw error;
    return { outcome: 'unavailable', reason: 'privilege', session };
  }
}

async function releaseLock(runner: QueryRunner): Promise<void> {
  const { schema } = await placeOf(runner);
  await call(runner, `DBMS_LOCK.RELEASE(${lockId(schema)})`);
}

/** V$LOCK is the DBA's: whether the lock is free shows in taking it for a moment, by whom not. */
async function lockOwner(runner: QueryRunner): Promise<string | null | undefined> {
  const attempt = await takeLock(runner);
  if (attempt.outcome === 'unavailable') return undefined;
  if (attempt.outcome === 'held') return UNKNOWN_SESSION;
  await releaseLock(runner);
  return null;
}

/** An owner of whom nothing is known but that it is there. */
const UNKNOWN_SESSION = 'unknown';

export const oracleLocks: SessionLocks = {
  clock: (plusMs) => `(SYSTIMESTAMP + NUMTODSINTERVAL(${plusMs / 1000}, 'SECOND'))`,
  takeLock,
  releaseLock,
  lockOwner,
};
