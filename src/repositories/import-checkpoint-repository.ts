import type { QueryRunner } from 'typeorm';
import type { OpenDatabase } from '../database/data-source.js';
import { tableOf } from '../database/model/table-model.js';
import { ImportCheckpoint } from '../entities/import-checkpoint.js';
import type { Plain } from './import-progress-repository.js';

/** How far each collection of each source has been imported. */
export class ImportCheckpointRepository {
  private readonly table = tableOf(ImportCheckpoint);

  constructor(private readonly database: OpenDatabase) {}

  find(source: string, collection: string): Promise<ImportCheckpoint | null> {
    return this.database.dataSource.getRepository(ImportCheckpoint).findOneBy({ source, collection });
  }

  all(): Promise<ImportCheckpoint[]> {
    return this.database.dataSource
      .getRepository(ImportCheckpoint)
      .find({ order: { source: 'ASC', collection: 'ASC' } });
  }

  /** The watermark never goes back: an import of an older range does not undo what is known. */
  async save(runner: QueryRunner, checkpoint: Plain<ImportCheckpoint>): Promise<void> {
    const { source, collection } = checkpoint;
    const before = await runner.manager.getRepository(ImportCheckpoint).findOneBy({ source, collection });
    const watermark =
      before?.watermark && (!checkpoint.watermark || before.watermark > checkpoint.watermark)
        ? before.watermark
        : checkpoint.watermark;
    await this.database.dialect.upsert(runner, this.table, [{ ...checkpoint, watermark }]);
  }
}
