import type { Repository } from 'typeorm';
import type { OpenDatabase } from '../database/data-source.js';
import { ImportCheckpoint } from '../entities/import-checkpoint.js';

/** The columns of an entity, without its class. */
type Plain<T> = { [K in keyof T]: T[K] };

/** How far each collection of each source has been imported. */
export class ImportCheckpointRepository {
  private readonly repository: Repository<ImportCheckpoint>;

  constructor(database: OpenDatabase) {
    this.repository = database.dataSource.getRepository(ImportCheckpoint);
  }

  async find(source: string, collection: string): Promise<ImportCheckpoint | null> {
    return this.repository.findOneBy({ source, collection });
  }

  /** The watermark never goes back: an import of an older range does not undo what is known. */
  async save(checkpoint: Plain<ImportCheckpoint>): Promise<void> {
    const before = await this.find(checkpoint.source, checkpoint.collection);
    const watermark =
      before?.watermark && (!checkpoint.watermark || before.watermark > checkpoint.watermark)
        ? before.watermark
        : checkpoint.watermark;
    await this.repository.save(this.repository.create({ ...checkpoint, watermark }));
  }
}
