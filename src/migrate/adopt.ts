import type { QueryRunner } from 'typeorm';
import { dialectOf } from '../database/dialects.js';
import { instant, integer } from '../database/model/logical-type.js';
import { statements } from '../database/statement.js';
import {
  createHistory,
  type HistoryEntry,
  hasHistory,
  insertEntry,
  NOBODY_KNOWN,
  readHistory,
} from './history.js';
import type { Operator } from './executor.js';
import type { Migration } from './sources.js';

/** The table in which dbtool kept the state of migrations before it kept their history. */
const FORMER_TABLE = 'dbtool_migrations';
const TYPEORM_TABLE = 'migrations';

/** What is known of the past. */
interface Past {
  /** In the order of the runs, what is adopted last. */
  history: HistoryEntry[];
  /** Those that are not written yet: what other tables tell of migrations that the history does not know. */
  adopted: HistoryEntry[];
  /** Whether there is a history. */
  exists: boolean;
}

/**
 * The history, and what another one tells of migrations that it does not know: TypeORM's table, or the one
 * that dbtool had before. Nothing is written.
 */
export async function readOrAdopt(
  runner: QueryRunner,
  migrations: readonly Migration[],
  operator: Operator,
): Promise<Past> {
  const exists = await hasHistory(runner);
  const written = exists ? await readHistory(runner) : [];
  // Of a crash between making the table and filling it an empty one is left.
  const former = written.length === 0 ? await ofFormerTable(runner) : [];
  const known = new Set([...written, ...former].map(({ name }) => name));
  const unknown = migrations.filter(({ name, file }) => file !== undefined && !known.has(name));
  // The folder of an application may come after dbtool's own.
  const foreign = unknown.length > 0 ? await ofTypeorm(runner, unknown, operator) : [];
  const adopted = [...former, ...foreign].map((entry, index) => ({
    ...entry,
    run: (written.at(-1)?.run ?? 0) + 1 + index,
  }));
  return { history: [...written, ...adopted], adopted, exists };
}

/**
 * Creates the history where there is none, and writes what `readOrAdopt` found elsewhere. Without effect where
 * another process did.
 * @returns the history as it is then
 */
export async function ensureHistory(
  runner: QueryRunner,
  adopted: readonly HistoryEntry[],
): Promise<HistoryEntry[]> {
  const dialect = dialectOf(runner.dataSource);
  // Where creating a table ends the transaction, the rows have one of their own.
  if (!dialect.transactionalDdl && !(await hasHistory(runner))) await createHistory(runner);
  await dialect.beginWrite(runner);
  try {
    if (dialect.transactionalDdl && !(await hasHistory(runner))) await createHistory(runner);
    const written = await readHistory(runner);
    const known = new Set(written.map(({ name }) => name));
    for (const entry of adopted.filter(({ name }) => !known.has(name))) {
      const next = { ...entry, run: (written.at(-1)?.run ?? 0) + 1 };
      await insertEntry(runner, next);
      written.push(next);
    }
    await runner.commitTransaction();
    return written;
  } catch (error) {
    await runner.rollbackTransaction().catch(() => undefined);
    throw error;
  }
}

async function ofFormerTable(runner: QueryRunner): Promise<HistoryEntry[]> {
  const dialect = dialectOf(runner.dataSource);
  const { fromDriver } = dialect;
  if (!(await dialect.hasTable(runner, FORMER_TABLE))) return [];
  const rows = await statements(runner)`
    SELECT name, status, applied_at, duration_ms, tool_version, error FROM dbtool_migrations ORDER BY name`;
  return rows.map((row) => ({
    run: 0,
    name: String(row['name']),
    action: 'up',
    direction: 'up',
    status: row['status'] === 'applied' ? 'done' : (row['status'] as 'running' | 'failed'),
    checksum: null,
    readsData: false,
    appliedAt: fromDriver(instant(), row['applied_at']) as Date,
    appliedBy: NOBODY_KNOWN,
    pid: null,
    toolVersion: String(row['tool_version']),
    durationMs: fromDriver(integer(), row['duration_ms']) as number | null,
    statements: null,
    error: row['error'] as string | null,
  }));
}

/** A row of TypeORM's table: its name ends with its time. */
interface TypeormRow {
  timestamp: number;
  name: string;
}

async function ofTypeorm(
  runner: QueryRunner,
  migrations: readonly Migration[],
  operator: Operator,
): Promise<HistoryEntry[]> {
  const rows = await typeormRows(runner);
  const found: HistoryEntry[] = [];
  for (const row of rows) {
    const migration = await counterpart(row, migrations);
    // Of others nothing is known: the table may be that of the platform's own application.
    if (!migration) continue;
    found.push({
      run: 0,
      name: migration.name,
      action: 'adopt',
      direction: 'up',
      status: 'done',
      checksum: null,
      readsData: false,
      appliedAt: new Date(),
      ...operator,
      durationMs: null,
      statements: null,
      error: null,
    });
  }
  return found;
}

async function typeormRows(runner: QueryRunner): Promise<TypeormRow[]> {
  const table = (await runner.hasTable(TYPEORM_TABLE)) ? await runner.getTable(TYPEORM_TABLE) : undefined;
  const hasColumn = (name: string): boolean => table?.columns.some((column) => column.name === name) ?? false;
  // Other tools have a table of that name, too.
  if (!['id', 'timestamp', 'name'].every(hasColumn)) return [];
  const quote = (name: string): string => runner.dataSource.driver.escape(name);
  const rows = (await runner.query(
    `SELECT ${quote('timestamp')} AS c0, ${quote('name')} AS c1 FROM ${quote(TYPEORM_TABLE)} ORDER BY ${quote('id')}`,
  )) as Record<string, unknown>[];
  return rows.map((row) => ({
    timestamp: Number(row['c0'] ?? row['C0']),
    name: String(row['c1'] ?? row['C1']),
  }));
}

async function counterpart(
  row: TypeormRow,
  migrations: readonly Migration[],
): Promise<Migration | undefined> {
  const sameTime = migrations.filter(({ name }) => /^\d+/.exec(name)?.[0] === String(row.timestamp));
  if (sameTime.length === 1) return sameTime[0];
  for (const migration of sameTime.length > 0 ? sameTime : migrations)
    if (
      migration.file &&
      !migration.file.endsWith('.sql') &&
      (await migration.load()).typeormName === row.name
    )
      return migration;
  return undefined;
}
