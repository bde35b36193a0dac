import { setTimeout as sleep } from 'node:timers/promises';
import type { QueryRunner } from 'typeorm';
import { dialectOf } from '../database/dialects.js';
import { createTables } from '../database/model/create-tables.js';
import { instant, integer, type LogicalType, string } from '../database/model/logical-type.js';
import type { LogicalValue } from '../database/model/logical-type.js';

/** What the lock's row says of its holder. */
export interface LockRow {
  token: string;
  /** `session`: the truth is a lock of the session, the row tells of it. `row`: the row is the lock. */
  kind: 'session' | 'row';
  user: string;
  host: string;
  pid: number;
  session: string | null;
  since: Date;
  toolVersion: string;
  /** Whether the lease ended, by the database's clock; a row of kind `session` has none. */
  isExpired: boolean;
}

export type NewLockRow = Omit<LockRow, 'since' | 'isExpired'>;

const TOKEN = string(100);
const KIND = string(10);
const NAME = string(128);
const HOST = string(255);
const SESSION = string(64);
const VERSION = string(50);
const CREATION_TRIES = 20;
const CREATION_PAUSE_MS = 50;

const LOCK_TABLE = {
  columns: {
    id: { type: integer() },
    token: { type: TOKEN },
    kind: { type: KIND },
    user_name: { type: NAME },
    host: { type: HOST },
    pid: { type: integer() },
    session_id: { type: SESSION, nullable: true },
    since: { type: instant() },
    expires_at: { type: instant(), nullable: true },
    tool_version: { type: VERSION },
  },
  primaryKey: ['id'],
};

type Bound = [LogicalType, LogicalValue];

/** A table of one row, which tells who holds a lock or is the lock itself. */
export class LockTable {
  constructor(private readonly name: string) {}

  exists(runner: QueryRunner): Promise<boolean> {
    return dialectOf(runner.dataSource).hasTable(runner, this.name);
  }

  /** Makes the table unless it is there; several processes may do so at once. */
  async ensure(runner: QueryRunner): Promise<void> {
    if (await this.exists(runner)) return;
    try {
      await createTables(runner, [{ name: this.name, ...LOCK_TABLE }]);
    } catch (error) {
      // Another process may be about to make it; which error tells so depends on the moment.
      for (let tries = 0; tries < CREATION_TRIES; tries += 1) {
        if (await this.exists(runner)) return;
        await sleep(CREATION_PAUSE_MS);
      }
      throw error;
    }
  }

  /** The row of the holder; undefined when there is none. */
  async read(runner: QueryRunner): Promise<LockRow | undefined> {
    const { sessionLocks, fromDriver } = dialectOf(runner.dataSource);
    const [row] = await run(
      runner,
      `SELECT token, kind, user_name, host, pid, session_id, since, tool_version,
       CASE WHEN expires_at < ${sessionLocks.clock(0)} THEN 1 ELSE 0 END AS is_expired
     FROM ${this.name} WHERE id = 1`,
    );
    if (!row) return undefined;
    return {
      token: String(row['token']),
      kind: row['kind'] as LockRow['kind'],
      user: String(row['user_name']),
      host: String(row['host']),
      pid: Number(row['pid']),
      session: row['session_id'] as string | null,
      since: fromDriver(instant(), row['since']) as Date,
      toolVersion: String(row['tool_version']),
      isExpired: Number(row['is_expired']) === 1,
    };
  }

  /**
   * Puts a row where there is none.
   * @throws the driver's error of a key that is there already, when another was faster
   */
  async insert(runner: QueryRunner, row: NewLockRow, leaseMs: number | null): Promise<void> {
    const { clock } = dialectOf(runner.dataSource).sessionLocks;
    await run(
      runner,
      `INSERT INTO ${this.name} (id, token, kind, user_name, host, pid, session_id, tool_version, since, expires_at)
     VALUES (1, ?, ?, ?, ?, ?, ?, ?, ${clock(0)}, ${leaseMs === null ? 'NULL' : clock(leaseMs)})`,
      values(row),
    );
  }

  /**
   * Takes the place of the row with that token. Whether it did shows in the row that is there afterwards.
   * @param onlyExpired leaves a row alone whose lease was renewed since it was read
   */
  async replace(
    runner: QueryRunner,
    token: string,
    row: NewLockRow,
    leaseMs: number | null,
    onlyExpired: boolean,
  ): Promise<void> {
    const { clock } = dialectOf(runner.dataSource).sessionLocks;
    await run(
      runner,
      `UPDATE ${this.name} SET token = ?, kind = ?, user_name = ?, host = ?, pid = ?, session_id = ?,
       tool_version = ?, since = ${clock(0)}, expires_at = ${leaseMs === null ? 'NULL' : clock(leaseMs)}
     WHERE id = 1 AND token = ?${onlyExpired ? ` AND expires_at < ${clock(0)}` : ''}`,
      [...values(row), [TOKEN, token]],
    );
  }

  /** Lets the lease begin anew. @returns false when the row is another's by now, or gone */
  async renew(runner: QueryRunner, token: string, leaseMs: number): Promise<boolean> {
    const { clock } = dialectOf(runner.dataSource).sessionLocks;
    await run(runner, `UPDATE ${this.name} SET expires_at = ${clock(leaseMs)} WHERE id = 1 AND token = ?`, [
      [TOKEN, token],
    ]);
    return this.isRowOf(runner, token);
  }

  /** Tokens are used once, so whoever's token is there now has been there all the time since. */
  async isRowOf(runner: QueryRunner, token: string): Promise<boolean> {
    const [row] = await run(runner, `SELECT token FROM ${this.name} WHERE id = 1`);
    return row?.['token'] === token;
  }

  async delete(runner: QueryRunner, token: string): Promise<void> {
    await run(runner, `DELETE FROM ${this.name} WHERE id = 1 AND token = ?`, [[TOKEN, token]]);
  }
}

function values(row: NewLockRow): Bound[] {
  return [
    [TOKEN, row.token],
    [KIND, row.kind],
    [NAME, row.user.slice(0, 128)],
    [HOST, row.host.slice(0, 255)],
    [integer(), row.pid],
    [SESSION, row.session],
    [VERSION, row.toolVersion.slice(0, 50)],
  ];
}

/** Runs a statement whose `?` are bound, and returns rows with lower-case names. */
async function run(
  runner: QueryRunner,
  text: string,
  bound: readonly Bound[] = [],
): Promise<Record<string, unknown>[]> {
  const dialect = dialectOf(runner.dataSource);
  let position = 0;
  const statement = text.replaceAll('?', () => dialect.placeholder((position += 1)));
  const rows: unknown = await runner.query(
    statement,
    bound.map(([type, value]) => dialect.toDriver(type, value)),
  );
  if (!Array.isArray(rows)) return [];
  return (rows as Record<string, unknown>[]).map((row) =>
    Object.fromEntries(Object.entries(row).map(([name, value]) => [name.toLowerCase(), value])),
  );
}
