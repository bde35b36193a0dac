import type { QueryRunner } from 'typeorm';
import { driverError } from '../../driver-error.js';
import type { Blocker, LockWaits } from '../../lock-waits.js';

async function limit(runner: QueryRunner, ms: number): Promise<() => Promise<void>> {
  // The first is that of table definitions, the second that of rows.
  const set = (table: number, row: number): Promise<unknown> =>
    runner.query(`SET SESSION lock_wait_timeout = ${table}, SESSION innodb_lock_wait_timeout = ${row}`);
  const [before] = (await runner.query(
    'SELECT @@session.lock_wait_timeout AS of_tables, @@session.innodb_lock_wait_timeout AS of_rows',
  )) as [{ of_tables: number | string; of_rows: number | string }];
  const seconds = Math.max(1, Math.ceil(ms / 1000));
  await set(seconds, seconds);
  return async () => {
    await set(Number(before.of_tables), Number(before.of_rows));
  };
}

/** A way to find who blocks a session, as ids of sessions. */
interface Source {
  sql: string;
  /** Whether what it lists is what the session waits for; `one` where only a single one must be. */
  certain: boolean | 'one';
}

/**
 * In the order of what they tell. Each is there on some servers only, and needs privileges of its own. The
 * last two do not know what the session waits for: they list who may be it, and only while it waits.
 */
const SOURCES: Source[] = [
  {
    sql: 'SELECT blocking_pid AS id FROM sys.schema_table_lock_waits WHERE waiting_pid = ? AND blocking_pid <> waiting_pid',
    certain: true,
  },
  { sql: 'SELECT blocking_pid AS id FROM sys.innodb_lock_waits WHERE waiting_pid = ?', certain: true },
  {
    sql: `SELECT b.trx_mysql_thread_id AS id FROM information_schema.innodb_lock_waits w
      JOIN information_schema.innodb_trx r ON r.trx_id = w.requesting_trx_id
      JOIN information_schema.innodb_trx b ON b.trx_id = w.blocking_trx_id
      WHERE r.trx_mysql_thread_id = ?`,
    certain: true,
  },
  {
    sql: `SELECT m.thread_id AS id FROM information_schema.metadata_lock_info m
      JOIN information_schema.processlist p ON p.id = ?
      WHERE p.state LIKE 'Waiting for%metadata lock' AND m.thread_id <> p.id AND m.table_schema = DATABASE()`,
    certain: 'one',
  },
  {
    sql: `SELECT t.trx_mysql_thread_id AS id FROM information_schema.innodb_trx t
      JOIN information_schema.processlist p ON p.id = ?
      WHERE p.state LIKE 'Waiting for%lock' AND t.trx_mysql_thread_id NOT IN (0, p.id)`,
    certain: false,
  },
];

/** No such table, view, database or column; no privilege to ask. */
const NOT_TO_BE_HAD = new Set([1044, 1049, 1054, 1109, 1142, 1143, 1146, 1227, 1356]);

async function blockers(runner: QueryRunner, session: string): Promise<Blocker[]> {
  let refusal: unknown;
  for (const { sql, certain } of SOURCES) {
    try {
      const rows = (await runner.query(sql, [Number(session)])) as { id: number | string }[];
      refusal = undefined;
      const ids = [...new Set(rows.map(({ id }) => Number(id)))];
      if (ids.length > 0) return await describe(runner, ids, certain === 'one' ? ids.length === 1 : certain);
    } catch (error) {
      if (!NOT_TO_BE_HAD.has(driverError(error).errno ?? 0)) throw error;
      refusal = error;
    }
  }
  // The last one would have named somebody, if it could be asked.
  if (refusal !== undefined) throw refusal as Error;
  return [];
}

interface Process {
  id: number | string;
  user: string;
  host: string;
  state: string | null;
  command: string;
  statement: string | null;
  since: string;
}

async function describe(runner: QueryRunner, ids: readonly number[], certain: boolean): Promise<Blocker[]> {
  const rows = (await runner.query(
    `SELECT id, user, host, command, state, LEFT(info, 1000) AS statement,
       DATE_FORMAT(UTC_TIMESTAMP() - INTERVAL time SECOND, '%Y-%m-%dT%H:%i:%sZ') AS since
     FROM information_schema.processlist WHERE id IN (${ids.map(() => '?').join(', ')})`,
    [...ids],
  )) as Process[];
  return rows.map((row) => ({
    session: String(row.id),
    user: row.user,
    host: row.host.replace(/:\d+$/, ''),
    since: new Date(row.since),
    // It holds a lock and does nothing: that is what the other databases call so.
    state: row.command === 'Sleep' ? 'idle in transaction' : (row.state ?? row.command),
    // Here double quotes are texts' too.
    statement: row.statement?.replace(/"(?:[^"\\]|""|\\.)*("|$)/g, '"…"') ?? undefined,
    certain,
  }));
}

export const mysqlWaits: LockWaits = {
  limit,
  sessionOf: async (runner) => String(((await runner.connect()) as { threadId: number }).threadId),
  blockers,
  endStatement: (session) => `KILL ${session}`,
};
