import type { QueryRunner } from 'typeorm';
import type { Blocker, LockWaits } from '../../lock-waits.js';

async function limit(runner: QueryRunner, ms: number): Promise<() => Promise<void>> {
  // Behind a pooler only what is set in a transaction is sure to hold for it, and for nobody else.
  const isLocal = runner.isTransactionActive;
  const set = (value: string): Promise<unknown> =>
    runner.query(`SELECT set_config('lock_timeout', $1, $2)`, [value, isLocal]);
  const [row] = (await runner.query(`SELECT current_setting('lock_timeout') AS before`)) as [
    { before: string },
  ];
  await set(`${ms}ms`);
  return async () => {
    await set(row.before);
  };
}

interface Activity {
  pid: number;
  user: string | null;
  host: string | null;
  application: string | null;
  since: Date | null;
  state: string | null;
  statement: string | null;
}

/** Of other users' sessions one without pg_read_all_stats sees the id, user and application only. */
async function blockers(runner: QueryRunner, session: string): Promise<Blocker[]> {
  const rows = (await runner.query(
    `SELECT b.pid, a.usename AS "user", coalesce(a.client_hostname, host(a.client_addr)) AS host,
       a.application_name AS application, a.xact_start AS since, a.state, left(a.query, 1000) AS statement
     FROM (SELECT DISTINCT unnest(pg_blocking_pids($1::integer)) AS pid) b
     LEFT JOIN pg_stat_activity a ON a.pid = b.pid`,
    [Number(session)],
  )) as Activity[];
  return rows.map((row) => ({
    session: String(row.pid),
    user: row.user ?? undefined,
    host: row.host ?? undefined,
    application: row.application ?? undefined,
    since: row.since ?? undefined,
    // Such a one has no session: it waits for COMMIT PREPARED.
    state: row.pid === 0 ? 'prepared transaction' : (row.state ?? undefined),
    statement: row.statement === '<insufficient privilege>' ? undefined : (row.statement ?? undefined),
    certain: true,
  }));
}

export const postgresWaits: LockWaits = {
  limit,
  sessionOf: async (runner) => String(((await runner.connect()) as { processID: number }).processID),
  blockers,
  endStatement: (session) =>
    session === '0' ? 'ROLLBACK PREPARED …' : `SELECT pg_terminate_backend(${session})`,
};
