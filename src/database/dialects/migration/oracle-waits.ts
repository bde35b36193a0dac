import type { QueryRunner } from 'typeorm';
import type { Blocker, LockWaits } from '../../lock-waits.js';

/** Of DDL only: statements on rows wait without a limit, unless they say one themselves. */
async function limit(runner: QueryRunner, ms: number): Promise<() => Promise<void>> {
  const before = await currentSeconds(runner);
  await setSeconds(runner, Math.max(1, Math.ceil(ms / 1000)));
  return async () => {
    await setSeconds(runner, before);
  };
}

async function setSeconds(runner: QueryRunner, seconds: number): Promise<void> {
  await runner.query(`ALTER SESSION SET DDL_LOCK_TIMEOUT = ${seconds}`);
}

/** Who may not read V$PARAMETER gets what Oracle has by itself. */
async function currentSeconds(runner: QueryRunner): Promise<number> {
  try {
    const [row] = (await runner.query(`SELECT value FROM v$parameter WHERE name = 'ddl_lock_timeout'`)) as {
      VALUE: string;
    }[];
    return Number(row?.VALUE ?? 0);
  } catch {
    return 0;
  }
}

interface Session {
  SID: number;
  SERIAL: number;
  DBUSER: string | null;
  HOST: string | null;
  APPLICATION: string | null;
  STATE: string | null;
  SINCE: Date | null;
}

async function blockers(runner: QueryRunner, session: string): Promise<Blocker[]> {
  const rows = (await runner.query(
    `SELECT b.sid AS sid, b.serial# AS serial, b.username AS dbuser, b.machine AS host,
       b.program AS application, b.status AS state, SYSDATE - b.last_call_et / 86400 AS since
     FROM v$session w JOIN v$session b ON b.sid = w.blocking_session WHERE w.sid = :1`,
    [Number(session)],
  )) as Session[];
  return rows.map((row) => ({
    session: `${row.SID},${row.SERIAL}`,
    user: row.DBUSER ?? undefined,
    host: row.HOST ?? undefined,
    application: row.APPLICATION ?? undefined,
    state: row.STATE === 'INACTIVE' ? 'idle in transaction' : row.STATE?.toLowerCase(),
    since: row.SINCE ?? undefined,
    certain: true,
  }));
}

export const oracleWaits: LockWaits = {
  limit,
  sessionOf: async (runner) => {
    const [row] = (await runner.query(`SELECT SYS_CONTEXT('USERENV', 'SID') AS sid FROM dual`)) as [
      { SID: string | number },
    ];
    return String(row.SID);
  },
  blockers,
  endStatement: (session) => `ALTER SYSTEM DISCONNECT SESSION '${session}' IMMEDIATE`,
};
