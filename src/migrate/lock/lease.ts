import type { DataSource, QueryRunner } from 'typeorm';
import type { OpenDatabase } from '../../database/data-source.js';
import type { LockTable } from '../../lock/lock-table.js';
import { openSideConnection } from './side-connection.js';

/** Renewed that often within its time, so that two renewals may fail. */
const RENEWALS_PER_LEASE = 3;

/**
 * Keeps the lease of the lock's row alive while its holder works: on a connection of its own, since the
 * holder's is busy with a migration. SQLite has one connection only, and nobody else can write while that
 * one is in a transaction.
 */
export class Lease {
  /** Whether a renewal found the row to be another's. */
  isLost = false;
  private readonly timer: NodeJS.Timeout;
  private renewedAt = performance.now();
  private renewing: Promise<void> | undefined;
  private side: DataSource | undefined;

  constructor(
    private readonly table: LockTable,
    private readonly database: OpenDatabase,
    private readonly runner: QueryRunner,
    private readonly token: string,
    private readonly leaseMs: number,
  ) {
    this.timer = setInterval(() => {
      this.renewing ??= this.renew().finally(() => (this.renewing = undefined));
    }, leaseMs / RENEWALS_PER_LEASE);
    // It must not keep a process alive that has nothing else to do.
    this.timer.unref();
  }

  /** Asks the database; in a transaction of the runner, nobody can take the row until that ends. */
  async isOurs(): Promise<boolean> {
    if (this.isLost) return false;
    const isFresh = performance.now() - this.renewedAt < this.leaseMs / RENEWALS_PER_LEASE;
    if (isFresh && !this.runner.isTransactionActive)
      this.isLost = !(await this.table.isRowOf(this.runner, this.token));
    else await this.renewOn(this.runner);
    return !this.isLost;
  }

  async end(): Promise<void> {
    clearInterval(this.timer);
    await this.renewing;
    await this.side?.destroy().catch(() => undefined);
  }

  private async renewOn(runner: QueryRunner): Promise<void> {
    const now = performance.now();
    if (await this.table.renew(runner, this.token, this.leaseMs)) this.renewedAt = now;
    else this.isLost = true;
  }

  private async renew(): Promise<void> {
    try {
      if (this.database.dialect.embedded) {
        if (!this.runner.isTransactionActive) await this.renewOn(this.runner);
        return;
      }
      this.side ??= await openSideConnection(this.database);
      const runner = this.side.createQueryRunner();
      try {
        await this.renewOn(runner);
      } finally {
        await runner.release();
      }
    } catch {
      // The next renewal may succeed; whether the lease is still there, the holder asks before it goes on.
    }
  }
}
