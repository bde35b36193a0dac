import type { Command } from '@oclif/core/command';
import * as Flags from '@oclif/core/flags';
import type { OpenDatabase } from '../database/data-source.js';
import { DbtoolError, type Finding } from '../errors/dbtool-error.js';
import type { ImportOptions, ImportResult } from '../import/importer.js';
import type { RejectsFile } from '../import/rejects.js';
import type { ImportSource } from '../import/sources/source.js';
import type { CommandResult } from './failure.js';
import { importSummary } from './import-summary.js';
import { createProgress } from './progress.js';
import { SourceCommand } from './source-command.js';

/** Flags of every command that imports. */
export const importFlags = {
  'batch-size': Flags.string({ summary: 'Most documents per transaction.', helpValue: 'N' }),
  rejects: Flags.string({ summary: 'File for documents that do not fit.', helpValue: 'FILE' }),
  'max-rejects': Flags.integer({
    summary: 'Stop when more documents than that do not fit.',
    helpValue: 'N',
    min: 0,
  }),
  'dry-run': Flags.boolean({ summary: 'Read and check everything, write nothing.' }),
};

/** What `importFlags` come to. */
interface GivenFlags {
  'batch-size'?: string;
  rejects?: string;
  'max-rejects'?: number;
  'dry-run': boolean;
}

/** What a command asks for beyond what `importFlags` say. */
type Wanted = Omit<
  ImportOptions,
  'batchSize' | 'dryRun' | 'signal' | 'maxRejects' | 'toolVersion' | 'onStart' | 'onProgress' | 'onNotice'
>;

/** A command that writes documents into the database. */
export abstract class ImportCommand<T extends typeof Command> extends SourceCommand<T> {
  protected override interruptible = true;

  private get given(): GivenFlags {
    return this.flags as unknown as GivenFlags;
  }

  protected override settingFlags(): Record<string, { flag: string; value: string }> {
    const { 'batch-size': batchSize } = this.given;
    return {
      ...super.settingFlags(),
      ...(batchSize === undefined ? {} : { 'import.batchSize': { flag: '--batch-size', value: batchSize } }),
    };
  }

  /** Imports from a source, closes it, and tells what came of it. */
  protected async importFrom(open: () => Promise<ImportSource>, wanted: Wanted): Promise<CommandResult> {
    const [{ ALL_ENTITIES }, { RejectsFile }] = await Promise.all([
      import('../entities/all-entities.js'),
      import('../import/rejects.js'),
    ]);
    const rejects = await RejectsFile.prepare(this.given.rejects ?? defaultRejects(new Date()));
    const source = await open();
    try {
      const result = await this.withDatabase({ entities: ALL_ENTITIES, migrated: true }, (database) =>
        this.runImport(source, database, rejects, wanted),
      );
      return await this.report(result, rejects);
    } finally {
      await rejects.close();
      await source.close();
    }
  }

  private async runImport(
    source: ImportSource,
    database: OpenDatabase,
    rejects: RejectsFile,
    wanted: Wanted,
  ): Promise<ImportResult> {
    const [{ importCollections }, { describeHolder }] = await Promise.all([
      import('../import/importer.js'),
      import('../lock/holder.js'),
    ]);
    const { batchSize } = (await this.settings()).import;
    const progress = createProgress(this.out);
    void progress.start('Looking the source through');
    try {
      return await importCollections(source, database, rejects, {
        ...wanted,
        batchSize,
        dryRun: this.given['dry-run'],
        maxRejects: this.given['max-rejects'],
        toolVersion: this.config.version,
        signal: this.abortSignal,
        onStart: (collection, total, from) => {
          void progress.start(`${collection}${from ? ` since ${from.toISOString()}` : ''}`, total);
        },
        onNotice: (text) => {
          this.out.note(text);
        },
        onStale: (holder) => {
          this.out.note(`An import that was killed had left its lock behind: ${describeHolder(holder)}.`);
        },
        onProgress: (result) => {
          progress.update(result.imported + result.rejected);
          this.out.detail(`${result.collection}: ${result.imported} imported, ${result.rejected} rejected`);
        },
      });
    } finally {
      progress.stop();
    }
  }

  private async report(result: ImportResult, rejects: RejectsFile): Promise<CommandResult> {
    const dryRun = this.given['dry-run'];
    const rejected = result.collections.reduce((sum, collection) => sum + collection.rejected, 0);
    this.out.data(await importSummary(result, dryRun));
    if (result.leftAlone.length > 0)
      this.out.note(`Not imported, since dbtool has no mapping for them: ${result.leftAlone.join(', ')}.`);
    const same = result.collections.filter(({ sameSource }) => sameSource);
    if (same.length > 0)
      this.out.note(
        `Not read, since the file is the one that was imported last: ${same.map(({ collection }) => collection).join(', ')}.`,
      );
    const data = { ...result, dryRun, rejects: rejected > 0 ? rejects.path : null };
    if (!result.complete && this.abortSignal.reason instanceof DbtoolError) {
      throw new DbtoolError(this.abortSignal.reason.code, {
        message: 'The import was stopped',
        why: `${result.collections.reduce((sum, one) => sum + one.imported, 0)} documents are in, in whole batches.`,
        fix: 'Run the same command again: it goes on where this one stopped, and doubles nothing.',
        details: data,
      });
    }
    return { data, findings: findingsOf(result, rejected, rejects.path, dryRun) };
  }
}

function findingsOf(result: ImportResult, rejected: number, file: string, dryRun: boolean): Finding[] {
  const earlier = result.collections.reduce((sum, { resumed }) => sum + (resumed?.rejected ?? 0), 0);
  if (rejected + earlier === 0) return [];
  const here = `Each stands in ${file} with its reasons; all others are ${dryRun ? 'good' : 'in'}.`;
  const before = `The import that this one took up had rejected ${earlier}: \`dbtool import history\` names their file.`;
  return [
    {
      code: 'import.rejects',
      message: `${rejected + earlier} ${rejected + earlier === 1 ? 'document does' : 'documents do'} not fit`,
      why: [rejected > 0 ? here : '', earlier > 0 ? before : ''].filter(Boolean).join(' '),
      fix: dryRun
        ? 'Mend them at the source.'
        : 'Mend them at the source and import again, or in the file and run `dbtool import retry FILE`.',
    },
  ];
}

/** A new name for each run, so that no run's rejects hide another's. */
function defaultRejects(now: Date): string {
  return `dbtool-rejects-${now.toISOString().replaceAll(/[-:.]/g, '')}.ndjson`;
}
