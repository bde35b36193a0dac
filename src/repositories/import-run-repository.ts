import { In, Not, type QueryRunner } from 'typeorm';
import type { OpenDatabase } from '../database/data-source.js';
import type { LogicalRow } from '../database/dialect.js';
import { tableOf } from '../database/model/table-model.js';
import { ImportRun } from '../entities/import-run.js';
import type { Plain } from './import-progress-repository.js';

/** The history of imports. */
export class ImportRunRepository {
  private readonly table = tableOf(ImportRun);

  constructor(private readonly database: OpenDatabase) {}

  /** The latest ones first. */
  latest(limit: number, source?: string): Promise<ImportRun[]> {
    return this.database.dataSource.getRepository(ImportRun).find({
      where: source === undefined ? {} : { source },
      order: { startedAt: 'DESC', id: 'ASC' },
      take: limit,
    });
  }

  async save(runner: QueryRunner, run: Plain<ImportRun>): Promise<void> {
    await this.database.dialect.upsert(runner, this.table, [this.rowOf(run)]);
  }

  /**
   * Notes of imports that say they are running that they were killed. To be called by the holder of the lock:
   * no other can be running.
   */
  async markKilled(runner: QueryRunner, but: string): Promise<void> {
    await runner.manager
      .getRepository(ImportRun)
      .update({ status: In(['running']), id: Not(but) }, { status: 'killed' });
  }

  private rowOf(run: Plain<ImportRun>): LogicalRow {
    const { scope, collections, ...rest } = run;
    return {
      ...rest,
      scope: JSON.stringify(scope),
      collections: collections === null ? null : JSON.stringify(collections),
    };
  }
}
