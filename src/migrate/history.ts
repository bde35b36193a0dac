import type { QueryRunner } from 'typeorm';
import { dialectOf } from '../database/dialects.js';
import { createTables } from '../database/model/create-tables.js';
import { flag, instant, integer, type LogicalType, string, text } from '../database/model/logical-type.js';
import type { Statement } from '../database/dialect.js';
import { bind, run, statementFor, statements } from '../database/statement.js';

/**
 * What was done with a migration. `up`, `down`: it was run; `resume`: the rest of one that had stopped
 * half-way was run; `baseline`, `adopt`, `mark`: it was taken as it is without running anything, since an
 * admin said so, another tool's history did, or in the course of a repair; `accept`: a changed file was
 * taken for right; `script`: a DBA ran the SQL script.
 */
export type HistoryAction = 'up' | 'down' | 'resume' | 'baseline' | 'adopt' | 'mark' | 'accept' | 'script';

/** `running` stays behind when the process dies, where a transaction does not take all back. */
export type HistoryStatus = 'running' | 'failed' | 'done';

/** A row of the history. Rows are never deleted: a migration stands where its last row says. */
export interface HistoryEntry {
  /** 1, 2, 3, … in the order in which things were done. */
  run: number;
  name: string;
  action: HistoryAction;
  /** Whether the migration is there (`up`) or gone (`down`) when the action is done. */
  direction: 'up' | 'down';
  status: HistoryStatus;
  /** SHA-256 of the statements that have been run, in hexadecimal; null where none is known. */
  checksum: string | null;
  /** Whether the statements depend on what is in the database, so that the checksum may differ elsewhere. */
  readsData: boolean;
  /** When it began. */
  appliedAt: Date;
  /** `user@host` of whoever ran dbtool, or the database's user where a script was run. */
  appliedBy: string;
  pid: number | null;
  toolVersion: string;
  /** Null while it runs, and where nothing was timed. */
  durationMs: number | null;
  /** Statements that are complete. */
  statements: number | null;
  error: string | null;
}

/** Who ran what a history tells that kept no names; on Oracle an empty one would be none. */
export const NOBODY_KNOWN = 'unknown';

export const HISTORY_TABLE = 'dbtool_migration_history';

/** The columns of the table, in its order, with the property of an entry that each holds. */
export const HISTORY_COLUMNS: readonly {
  name: string;
  property: keyof HistoryEntry;
  type: LogicalType;
  nullable?: boolean;
}[] = [
  { name: 'run', property: 'run', type: integer() },
  { name: 'name', property: 'name', type: string(200) },
  { name: 'action', property: 'action', type: string(20) },
  { name: 'direction', property: 'direction', type: string(4) },
  { name: 'status', property: 'status', type: string(20) },
  { name: 'checksum', property: 'checksum', type: string(64), nullable: true },
  { name: 'reads_data', property: 'readsData', type: flag() },
  { name: 'applied_at', property: 'appliedAt', type: instant() },
  { name: 'applied_by', property: 'appliedBy', type: string(255) },
  { name: 'pid', property: 'pid', type: integer(), nullable: true },
  { name: 'tool_version', property: 'toolVersion', type: string(50) },
  { name: 'duration_ms', property: 'durationMs', type: integer(), nullable: true },
  { name: 'statements', property: 'statements', type: integer(), nullable: true },
  { name: 'error', property: 'error', type: text(), nullable: true },
];

const TYPES = Object.fromEntries(HISTORY_COLUMNS.map(({ property, type }) => [property, type])) as Record<
  keyof HistoryEntry,
  LogicalType
>;

export async function hasHistory(runner: QueryRunner): Promise<boolean> {
  return dialectOf(runner.dataSource).hasTable(runner, HISTORY_TABLE);
}

export async function createHistory(runner: QueryRunner): Promise<void> {
  await createTables(runner, [
    {
      name: HISTORY_TABLE,
      columns: Object.fromEntries(
        HISTORY_COLUMNS.map(({ name, type, nullable }) => [name, { type, nullable }]),
      ),
      // Two that would write the same run get in each other's way: a second guard beside the lock.
      primaryKey: ['run'],
    },
  ]);
}

/** All entries in the order of their runs; none when the table is not there yet. */
export async function readHistory(runner: QueryRunner): Promise<HistoryEntry[]> {
  if (!(await hasHistory(runner))) return [];
  return toEntries(
    runner,
    await statements(runner)`
      SELECT run, name, action, direction, status, checksum, reads_data, applied_at, applied_by, pid, tool_version,
        duration_ms, statements, error
      FROM dbtool_migration_history ORDER BY run`,
  );
}

/** The last entry of one migration, and the highest run of all (0 for none). */
export async function readNewest(
  runner: QueryRunner,
  name: string,
): Promise<{ newest: HistoryEntry | undefined; lastRun: number }> {
  const entries = toEntries(
    runner,
    await statements(runner)`
      SELECT run, name, action, direction, status, checksum, reads_data, applied_at, applied_by, pid, tool_version,
        duration_ms, statements, error
      FROM dbtool_migration_history
      WHERE run = (SELECT MAX(run) FROM dbtool_migration_history)
        OR run = (SELECT MAX(run) FROM dbtool_migration_history WHERE name = ${bind(TYPES.name, name)})`,
  );
  return {
    newest: entries.findLast((entry) => entry.name === name),
    lastRun: Math.max(0, ...entries.map((entry) => entry.run)),
  };
}

function toEntries(runner: QueryRunner, rows: readonly Record<string, unknown>[]): HistoryEntry[] {
  const { fromDriver } = dialectOf(runner.dataSource);
  return rows.map(
    (row) =>
      Object.fromEntries(
        HISTORY_COLUMNS.map(({ name, property, type }) => [property, fromDriver(type, row[name])]),
      ) as unknown as HistoryEntry,
  );
}

/** The statement that writes an entry. */
export function insertionOf(runner: QueryRunner, entry: HistoryEntry): Statement {
  const value = (property: keyof HistoryEntry): ReturnType<typeof bind> =>
    bind(TYPES[property], entry[property]);
  return statementFor(runner)`
    INSERT INTO dbtool_migration_history (run, name, action, direction, status, checksum, reads_data, applied_at,
      applied_by, pid, tool_version, duration_ms, statements, error)
    VALUES (${value('run')}, ${value('name')}, ${value('action')}, ${value('direction')}, ${value('status')},
      ${value('checksum')}, ${value('readsData')}, ${value('appliedAt')}, ${value('appliedBy')}, ${value('pid')},
      ${value('toolVersion')}, ${value('durationMs')}, ${value('statements')}, ${value('error')})`;
}

export async function insertEntry(runner: QueryRunner, entry: HistoryEntry): Promise<void> {
  await run(runner, insertionOf(runner, entry));
}

/** Says how far the run has come. */
export async function updateEntry(
  runner: QueryRunner,
  run: number,
  outcome: Pick<HistoryEntry, 'status' | 'checksum' | 'readsData' | 'durationMs' | 'statements' | 'error'>,
): Promise<void> {
  await statements(runner)`
    UPDATE dbtool_migration_history
    SET status = ${bind(TYPES.status, outcome.status)}, checksum = ${bind(TYPES.checksum, outcome.checksum)},
      reads_data = ${bind(TYPES.readsData, outcome.readsData)},
      duration_ms = ${bind(TYPES.durationMs, outcome.durationMs)},
      statements = ${bind(TYPES.statements, outcome.statements)}, error = ${bind(TYPES.error, outcome.error)}
    WHERE run = ${bind(TYPES.run, run)}`;
}
