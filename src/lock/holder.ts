/** Who holds a lock. */
export interface LockHolder {
  user: string;
  host: string;
  pid: number;
  since: Date;
  /** The database's id of the session; null where the lock is a row. */
  session: string | null;
  /** The holder is gone and only its row is left: the next one that asks gets the lock. */
  isStale: boolean;
  toolVersion: string;
}

/** `deploy@web-3, process 4711, since 2025-11-22 10:00:01 UTC, dbtool 1.2.0`. */
export function describeHolder({ user, host, pid, since, session, toolVersion }: LockHolder): string {
  if (pid === 0) return `session ${session ?? 'unknown'} of the database, which left no name`;
  const sessionText = session === null ? '' : `, session ${session} of the database`;
  return `${user}@${host}, process ${pid}${sessionText}, since ${moment(since)}, with dbtool ${toolVersion}`;
}

/** The holder as plain JSON. */
export function holderDetails(holder: LockHolder): Record<string, unknown> {
  return { ...holder, since: holder.since.toISOString() };
}

/** `2025-11-22 10:00:01 UTC`. */
export function moment(date: Date): string {
  return `${date.toISOString().slice(0, 19).replace('T', ' ')} UTC`;
}
