import type { QueryRunner } from 'typeorm';
import { explain, type OpenDatabase } from '../database/data-source.js';
import { inTransaction } from '../database/transaction.js';
import { DbtoolError } from '../errors/dbtool-error.js';
import { describeHolder, holderDetails, type LockHolder } from '../lock/holder.js';
import { type LockRow, LockTable } from '../lock/lock-table.js';
import { isGone, isHere, newToken, thisProcess } from '../lock/this-process.js';

const TABLE = new LockTable('import_lock');
/** A holder on another host that died is known to be dead after so long. */
const LEASE_MS = 60_000;
const RENEWALS_PER_LEASE = 4;

/**
 * Lets one import write at a time. The lock is a row with a lease, which each batch renews in its own
 * transaction: whoever lost it cannot commit, and whoever takes it from a process that died waits until
 * the database has ended what that one was doing.
 */
export class ImportLock {
  private readonly timer: NodeJS.Timeout;
  private renewing: Promise<void> | undefined;

  private constructor(
    private readonly database: OpenDatabase,
    private readonly token: string,
    private readonly leaseMs: number,
  ) {
    this.timer = setInterval(() => {
      this.renewing ??= this.renew().finally(() => (this.renewing = undefined));
    }, leaseMs / RENEWALS_PER_LEASE);
    // It must not keep a process alive that has nothing else to do.
    this.timer.unref();
  }

  /**
   * @param options.onStale called when the lock was left behind by a process that died
   * @throws DbtoolError `import.lock.held` with the holder in why and details
   */
  static async take(
    database: OpenDatabase,
    options: { toolVersion: string; leaseMs?: number; onStale?: (holder: LockHolder) => void },
  ): Promise<ImportLock> {
    const token = newToken();
    const leaseMs = options.leaseMs ?? LEASE_MS;
    let before: LockRow | undefined;
    let isOurs = false;
    try {
      isOurs = await inTransaction(database, async (runner) => {
        before = await TABLE.read(runner);
        if (before && !isStale(before, database)) return false;
        const mine = {
          ...thisProcess(),
          token,
          kind: 'row' as const,
          session: null,
          toolVersion: options.toolVersion,
        };
        if (before) {
          // Of a holder that is not known to be dead, only what ran out.
          await TABLE.replace(runner, before.token, mine, leaseMs, !isGone(before, before.token));
        } else await TABLE.insert(runner, mine, leaseMs);
        return TABLE.isRowOf(runner, token);
      });
    } catch (error) {
      // Another one was faster.
      const code = codeOf(error, database);
      if (code !== 'database.row.unique' && code !== 'database.locked') throw error;
    }
    if (!isOurs) throw held(await importHolder(database));
    if (before) options.onStale?.(holderOf(before, database));
    return new ImportLock(database, token, leaseMs);
  }

  /** The import that has the lock, as `import_runs` names it. */
  get runId(): string {
    return runIdOf(this.token);
  }

  /**
   * Renews the lease. To be called first in each transaction that writes: until it ends nobody can take
   * the lock.
   * @throws DbtoolError `import.lock.lost`
   */
  async check(runner: QueryRunner): Promise<void> {
    if (!(await TABLE.renew(runner, this.token, this.leaseMs))) throw lost();
  }

  /** Best effort: what cannot be released ends with the process or the lease. */
  async release(): Promise<void> {
    clearInterval(this.timer);
    await this.renewing;
    await inTransaction(this.database, (runner) => TABLE.delete(runner, this.token)).catch(() => undefined);
  }

  private async renew(): Promise<void> {
    // The next renewal may succeed; a batch that finds the lock lost says so.
    await inTransaction(this.database, (runner) => TABLE.renew(runner, this.token, this.leaseMs)).catch(
      () => undefined,
    );
  }
}

/** The import that is running, or the one that died last and left its lock behind; undefined for none. */
export async function importHolder(
  database: OpenDatabase,
): Promise<(LockHolder & { runId: string }) | undefined> {
  const runner = database.dataSource.createQueryRunner();
  try {
    const row = await TABLE.read(runner);
    return row && { ...holderOf(row, database), runId: runIdOf(row.token) };
  } catch (error) {
    throw explain(error, database);
  } finally {
    await runner.release();
  }
}

const runIdOf = (token: string): string => token.split('.')[0] ?? token;

function holderOf(row: LockRow, database: OpenDatabase): LockHolder {
  const { user, host, pid, since, toolVersion } = row;
  return { user, host, pid, since, session: null, toolVersion, isStale: isStale(row, database) };
}

function isStale(row: LockRow, { dialect }: OpenDatabase): boolean {
  if (isGone(row, row.token)) return true;
  // A long transaction on SQLite keeps its holder from renewing the lease: one that is seen running has it.
  if (dialect.embedded && isHere(row.host, row.token)) return false;
  return row.isExpired;
}

function codeOf(error: unknown, database: OpenDatabase): string | undefined {
  const explained = explain(error, database);
  return explained instanceof DbtoolError ? explained.code : undefined;
}

function held(holder: LockHolder | undefined): DbtoolError {
  return new DbtoolError('import.lock.held', {
    message: 'Another process is importing into this database',
    why: holder
      ? `It is ${describeHolder(holder)}.`
      : 'It took the import lock in the same moment, and has ended since.',
    fix: 'Wait for it to end; `dbtool import status` shows how far it is. A process on another host that died loses the lock within a minute.',
    details: holder && { holder: holderDetails(holder) },
  });
}

function lost(): DbtoolError {
  return new DbtoolError('import.lock.lost', {
    message: 'This process lost the import lock',
    why: 'It did not renew its lease in time, because it was stopped or cut off from the database, and another import took the lock.',
    fix: 'Run the same command again when the other import has ended: it goes on where this one stopped.',
  });
}
