import type { HistoryEntry } from './history.js';
import { compareNames, type Migration } from './sources.js';

/**
 * Where a migration stands. `running`: it is being run, or its process died; `failed`: it stopped half-way;
 * `missing`: applied, but its file is gone; `other-database`: its files are for other databases only.
 */
export type MigrationStatus = 'applied' | 'pending' | 'running' | 'failed' | 'missing' | 'other-database';

export interface MigrationState {
  name: string;
  status: MigrationStatus;
  appliedAt: Date | null;
  appliedBy: string | null;
  durationMs: number | null;
  /** How it came to be applied; null while it is pending. */
  action: HistoryEntry['action'] | null;
  /** Pending, and older than one of the same folder that is applied. */
  outOfOrder: boolean;
  /** Its statements are others now than when it was applied; null where that was not looked at. */
  edited: boolean | null;
  /** Whether what it does depends on what is in the database. */
  readsData: boolean;
}

/** What is known of one migration: its file, if there is one, and what was done with it. */
export interface Known {
  name: string;
  migration: Migration | undefined;
  /** Its last entry; undefined when nothing was ever done with it. */
  newest: HistoryEntry | undefined;
  /** The entry that applied it, where it is applied. */
  applied: HistoryEntry | undefined;
  /** The checksum that its statements should have. */
  checksum: string | null;
}

/** Everything that is known by its file or by the history, oldest first. */
export function known(migrations: readonly Migration[], history: readonly HistoryEntry[]): Known[] {
  const byName = new Map<string, HistoryEntry[]>();
  for (const entry of history) byName.set(entry.name, [...(byName.get(entry.name) ?? []), entry]);
  const files = new Map(migrations.map((migration) => [migration.name, migration]));
  const names = new Set([...files.keys(), ...byName.keys()]);
  return [...names].sort(compareNames).map((name) => {
    const entries = byName.get(name) ?? [];
    const newest = entries.at(-1);
    return {
      name,
      migration: files.get(name),
      newest,
      applied: isApplied(newest) ? entries.findLast(({ action }) => action !== 'accept') : undefined,
      checksum: newest?.checksum ?? null,
    };
  });
}

function isApplied(entry: HistoryEntry | undefined): boolean {
  return entry?.status === 'done' && entry.direction === 'up';
}

/** It stopped half-way, up or down. */
export function isDirty({ newest }: Known): boolean {
  return newest !== undefined && newest.status !== 'done';
}

export function isPending({ migration, newest }: Known): boolean {
  return migration?.file !== undefined && (newest === undefined || isTakenBack(newest));
}

function isTakenBack(entry: HistoryEntry): boolean {
  return entry.status === 'done' && entry.direction === 'down';
}

/** The names of pending migrations that are older than one of their folder that is applied. */
export function outOfOrder(all: readonly Known[]): Set<string> {
  const newestApplied = new Map<string, string>();
  for (const one of all) if (one.applied && one.migration) newestApplied.set(one.migration.folder, one.name);
  return new Set(
    all
      .filter((one) => {
        const newest = newestApplied.get(one.migration?.folder ?? '');
        return isPending(one) && newest !== undefined && compareNames(one.name, newest) < 0;
      })
      .map(({ name }) => name),
  );
}

export function statusOf(one: Known): MigrationStatus | undefined {
  if (one.newest && isDirty(one)) return one.newest.status === 'failed' ? 'failed' : 'running';
  if (one.applied) return one.migration ? 'applied' : 'missing';
  if (!one.migration) return undefined;
  return one.migration.file === undefined ? 'other-database' : 'pending';
}

/** The state for people and programs; undefined for one that was taken back and whose file is gone. */
export function stateOf(
  one: Known,
  late: ReadonlySet<string>,
  edited: boolean | null,
): MigrationState | undefined {
  const status = statusOf(one);
  if (status === undefined) return undefined;
  const entry = one.applied ?? (isDirty(one) ? one.newest : undefined);
  return {
    name: one.name,
    status,
    appliedAt: entry?.appliedAt ?? null,
    appliedBy: entry?.appliedBy ?? null,
    durationMs: entry?.durationMs ?? null,
    action: entry?.action ?? null,
    outOfOrder: late.has(one.name),
    edited,
    readsData: one.newest?.readsData ?? false,
  };
}

/** Applied migrations, in the order in which they were applied. */
export function inOrderOfApplication(all: readonly Known[]): Known[] {
  return all
    .filter((one) => one.applied !== undefined)
    .sort((a, b) => (a.applied?.run ?? 0) - (b.applied?.run ?? 0));
}
