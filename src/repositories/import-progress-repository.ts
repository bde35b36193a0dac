import type { QueryRunner } from 'typeorm';
import type { OpenDatabase } from '../database/data-source.js';
import { deleteByKeys } from '../database/portable-sql.js';
import { tableOf } from '../database/model/table-model.js';
import { ImportProgress } from '../entities/import-progress.js';

/** The columns of an entity, without its class. */
export type Plain<T> = { [K in keyof T]: T[K] };

/** How far imports came that have not ended. */
export class ImportProgressRepository {
  private readonly table = tableOf(ImportProgress);

  constructor(private readonly database: OpenDatabase) {}

  find(source: string, collection: string): Promise<ImportProgress | null> {
    return this.database.dataSource.getRepository(ImportProgress).findOneBy({ source, collection });
  }

  all(): Promise<ImportProgress[]> {
    return this.database.dataSource
      .getRepository(ImportProgress)
      .find({ order: { source: 'ASC', collection: 'ASC' } });
  }

  /** In the transaction of the rows that it speaks of. */
  async save(runner: QueryRunner, progress: Plain<ImportProgress>): Promise<void> {
    await this.database.dialect.upsert(runner, this.table, [{ ...progress }]);
  }

  /** Forgets how far the import came: it is through, or begins anew. */
  async delete(runner: QueryRunner, source: string, collection: string): Promise<void> {
    const key = this.table.columns.filter((column) => column.primary);
    await deleteByKeys(runner, this.table, key, [[source, collection]]);
  }
}
