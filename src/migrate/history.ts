import type { QueryRunner } from 'typeorm';
import { dialectOf } from '../database/dialects.js';
import { createTables } from '../database/model/create-tables.js';
import { instant, integer, string, text } from '../database/model/logical-type.js';
import { bind, statements } from '../database/statement.js';

/** `running` and `failed` are left behind where DDL cannot be rolled back and a migration stopped half-way. */
export type HistoryStatus = 'applied' | 'running' | 'failed';

export interface HistoryEntry {
  name: string;
  status: HistoryStatus;
  appliedAt: Date;
  /** Null while it runs. */
  durationMs: number | null;
  toolVersion: string;
  error: string | null;
}

const TABLE = 'dbtool_migrations';
const NAME = string(200);
const STATUS = string(20);

export async function hasHistory(runner: QueryRunner): Promise<boolean> {
  return dialectOf(runner.dataSource).hasTable(runner, TABLE);
}

export async function createHistory(runner: QueryRunner): Promise<void> {
  await createTables(runner, [
    {
      name: TABLE,
      columns: {
        name: { type: NAME },
        status: { type: STATUS },
        applied_at: { type: instant() },
        duration_ms: { type: integer(), nullable: true },
        tool_version: { type: string(50) },
        error: { type: text(), nullable: true },
      },
      primaryKey: ['name'],
    },
  ]);
}

/** All entries, oldest first; none when the table is not there yet. */
export async function readHistory(runner: QueryRunner): Promise<HistoryEntry[]> {
  if (!(await hasHistory(runner))) return [];
  const { fromDriver } = dialectOf(runner.dataSource);
  const rows = await statements(runner)`
    SELECT name, status, applied_at, duration_ms, tool_version, error FROM dbtool_migrations ORDER BY name`;
  return rows.map((row) => ({
    name: String(row['name']),
    status: row['status'] as HistoryStatus,
    appliedAt: fromDriver(instant(), row['applied_at']) as Date,
    durationMs: fromDriver(integer(), row['duration_ms']) as number | null,
    toolVersion: String(row['tool_version']),
    error: row['error'] as string | null,
  }));
}

export async function insertEntry(
  runner: QueryRunner,
  entry: Pick<HistoryEntry, 'name' | 'status' | 'toolVersion' | 'durationMs'>,
): Promise<void> {
  // The clock of this host: the time is for people, no decision rests on it.
  await statements(runner)`
    INSERT INTO dbtool_migrations (name, status, applied_at, duration_ms, tool_version)
    VALUES (${bind(NAME, entry.name)}, ${bind(STATUS, entry.status)}, ${bind(instant(), new Date())},
      ${bind(integer(), entry.durationMs)}, ${bind(string(50), entry.toolVersion)})`;
}

export async function updateEntry(
  runner: QueryRunner,
  name: string,
  outcome: Pick<HistoryEntry, 'status' | 'durationMs' | 'error'>,
): Promise<void> {
  await statements(runner)`
    UPDATE dbtool_migrations
    SET status = ${bind(STATUS, outcome.status)}, duration_ms = ${bind(integer(), outcome.durationMs)},
      error = ${bind(text(), outcome.error)}
    WHERE name = ${bind(NAME, name)}`;
}

export async function deleteEntry(runner: QueryRunner, name: string): Promise<void> {
  await statements(runner)`DELETE FROM dbtool_migrations WHERE name = ${bind(NAME, name)}`;
}
