import { explain, type OpenDatabase } from '../database/data-source.js';
import { inTransaction } from '../database/transaction.js';
import type { ImportRun, ImportRunStatus } from '../entities/import-run.js';
import { DbtoolError } from '../errors/dbtool-error.js';
import { thisProcess } from '../lock/this-process.js';
import type { Plain } from '../repositories/import-progress-repository.js';
import { ImportRunRepository } from '../repositories/import-run-repository.js';
import type { CollectionResult } from './collection-result.js';
import type { ImportLock } from './import-lock.js';
import type { ImportOptions, ImportResult } from './importer.js';
import type { RejectsFile } from './rejects.js';

/** An import in the history, from its beginning to its end. */
export class RunRecord {
  private collections: readonly CollectionResult[] = [];

  private constructor(
    private readonly database: OpenDatabase,
    private readonly lock: ImportLock,
    private readonly run: Plain<ImportRun>,
  ) {}

  /** Notes that an import begins; those that never noted their end were killed. */
  static async begin(
    database: OpenDatabase,
    lock: ImportLock,
    source: string,
    options: ImportOptions,
    rejects: RejectsFile,
  ): Promise<RunRecord> {
    const { user: userName, host, pid } = thisProcess();
    const now = new Date();
    const run: Plain<ImportRun> = {
      id: lock.runId,
      source,
      scope: {
        ...options.asked,
        ...(options.collections.length > 0 && { collections: options.collections }),
      },
      status: 'running',
      userName: userName.slice(0, 128),
      host: host.slice(0, 255),
      pid,
      toolVersion: (options.toolVersion ?? 'unknown').slice(0, 50),
      startedAt: now,
      updatedAt: now,
      endedAt: null,
      documentsRead: 0,
      documentsWritten: 0,
      documentsUnchanged: 0,
      documentsRejected: 0,
      documentsGone: 0,
      // Known from the beginning: of an import that is killed nobody will tell later.
      rejectsFile: rejects.path.slice(0, 1000),
      errorCode: null,
      errorMessage: null,
      collections: null,
    };
    const repository = new ImportRunRepository(database);
    await inTransaction(database, async (runner) => {
      await lock.check(runner);
      await repository.markKilled(runner, run.id);
      await repository.save(runner, run);
    });
    return new RunRecord(database, lock, run);
  }

  /** What is through so far. */
  note(collections: readonly CollectionResult[]): void {
    this.collections = collections;
  }

  async end(result: ImportResult, rejects: RejectsFile): Promise<void> {
    await this.save(result.complete ? 'completed' : 'stopped', rejects);
  }

  /** Best effort: the error that it tells of is the news. */
  async fail(error: unknown, rejects: RejectsFile): Promise<void> {
    const explained = explain(error, this.database);
    const { code, message } =
      explained instanceof DbtoolError
        ? explained
        : {
            code: 'internal.bug',
            message: explained instanceof Error ? explained.message : String(explained),
          };
    // Another import has the lock, and has noted of this one that it was killed.
    if (code === 'import.lock.lost') return;
    await this.save('failed', rejects, { code, message }).catch(() => undefined);
  }

  private async save(
    status: ImportRunStatus,
    rejects: RejectsFile,
    error?: { code: string; message: string },
  ): Promise<void> {
    const sum = (count: (one: CollectionResult) => number): number =>
      this.collections.reduce((total, one) => total + count(one), 0);
    const now = new Date();
    await inTransaction(this.database, async (runner) => {
      await this.lock.check(runner);
      await new ImportRunRepository(this.database).save(runner, {
        ...this.run,
        status,
        updatedAt: now,
        endedAt: now,
        documentsRead: sum(({ read }) => read),
        documentsWritten: sum(({ imported, unchanged }) => imported - unchanged),
        documentsUnchanged: sum(({ unchanged }) => unchanged),
        documentsRejected: rejects.count,
        documentsGone: sum(({ deletes }) => deletes?.gone ?? 0),
        rejectsFile: rejects.count > 0 ? rejects.path.slice(0, 1000) : null,
        errorCode: error?.code ?? null,
        errorMessage: error?.message ?? null,
        collections: this.collections,
      });
    });
  }
}
