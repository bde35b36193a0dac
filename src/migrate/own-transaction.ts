import type { QueryRunner } from 'typeorm';
import { dialectOf } from '../database/dialects.js';
import type { Progress } from './recorder.js';
import { transactionControl } from './sql/transaction-control.js';

/**
 * A transaction that a migration opens by itself, where none is around it. What is counted in it goes with it when
 * it is rolled back.
 */
export class OwnTransaction {
  private isOpen = false;
  /** How far the migration was when it began. */
  private before: Progress | undefined;

  constructor(private readonly runner: QueryRunner) {}

  /**
   * Runs a statement that belongs to such a transaction, with the count of it.
   * @param at the progress before the statement
   * @returns undefined for a statement that does not
   */
  async take(
    text: string,
    at: Progress,
    execute: () => Promise<unknown>,
    count: () => Promise<void>,
  ): Promise<{ result: unknown } | undefined> {
    const control = transactionControl(text, dialectOf(this.runner.dataSource).name);
    const isEnd = /^(?:COMMIT|END|ROLLBACK|ABORT)/.test(control ?? '');
    const isInside = this.isOpen || this.runner.isTransactionActive;
    if (!isInside && (control === undefined || isEnd)) return undefined;
    if (!isEnd) {
      if (!this.isOpen) this.before = at;
      const result = await execute();
      this.isOpen = true;
      await count();
      return { result };
    }
    // The last count is committed with the rest; of what is rolled back nothing is to be counted.
    if (/^(?:COMMIT|END)/.test(control ?? '')) await count();
    const result = await execute();
    this.isOpen = false;
    return { result };
  }

  /**
   * Rolls back what is still open, when the migration has failed.
   * @returns how far it was before
   */
  async giveUp(): Promise<Progress | undefined> {
    if (!this.isOpen) return undefined;
    this.isOpen = false;
    if (this.runner.isTransactionActive) await this.runner.rollbackTransaction().catch(() => undefined);
    else await this.runner.query('ROLLBACK').catch(() => undefined);
    return this.before;
  }
}
