import type { QueryRunner } from 'typeorm';
import { dialectOf } from '../database/dialects.js';
import { instant, integer } from '../database/model/logical-type.js';
import { statements } from '../database/statement.js';
import { createHistory, type HistoryEntry, hasHistory, insertEntry, readHistory } from './history.js';
import type { Operator } from './executor.js';
import type { Migration } from './sources.js';

/** The table in which dbtool kept the state of migrations before it kept their history. */
const FORMER_TABLE = 'dbtool_migrations';
const TYPEORM_TABLE = 'migrations';

/**
 * The history; where there is none yet, what another one tells of the migrations: TypeORM's table, or the
 * one that dbtool had before. Nothing is written.
 */
export async function readOrAdopt(
  runner: QueryRunner,
  migrations: readonly Migration[],
  operator: Operator,
): Promise<{ history: HistoryEntry[]; exists: boolean }> {
  if (await hasHistory(runner)) return { history: await readHistory(runner), exists: true };
  const former = await ofFormerTable(runner);
  const history = former.length > 0 ? former : await ofTypeorm(runner, migrations, operator);
  return { history, exists: false };
}

/** Creates the history with what `readOrAdopt` found. Without effect where another process did. */
export async function ensureHistory(runner: QueryRunner, adopted: readonly HistoryEntry[]): Promise<void> {
  const dialect = dialectOf(runner.dataSource);
  if (!dialect.transactionalDdl) {
    // Entry by entry, and again after a crash: those that are there are not adopted twice.
    if (!(await hasHistory(runner))) await createHistory(runner);
    const there = new Set((await readHistory(runner)).map(({ run }) => run));
    for (const entry of adopted) if (!there.has(entry.run)) await insertEntry(runner, entry);
    return;
  }
  await dialect.beginWrite(runner);
  try {
    if (!(await hasHistory(runner))) {
      await createHistory(runner);
      for (const entry of adopted) await insertEntry(runner, entry);
    }
    await runner.commitTransaction();
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
  return rows.map((row, index) => ({
    run: index + 1,
    name: String(row['name']),
    action: 'up',
    direction: 'up',
    status: row['status'] === 'applied' ? 'done' : (row['status'] as 'running' | 'failed'),
    checksum: null,
    readsData: false,
    appliedAt: fromDriver(instant(), row['applied_at']) as Date,
    appliedBy: '',
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
      run: found.length + 1,
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
  if (!hasColumn('timestamp') || !hasColumn('name')) return [];
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
  const sameTime = migrations.filter(({ name }) => name.startsWith(String(row.timestamp)));
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
