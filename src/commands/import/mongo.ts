import * as Flags from '@oclif/core/flags';
import type { Document } from 'bson';
import { createProgress } from '../../cli/progress.js';
import { importSummary } from '../../cli/import-summary.js';
import { SourceCommand, sourceFlags } from '../../cli/source-command.js';
import { DbtoolError, type Finding } from '../../errors/dbtool-error.js';
import type { OpenDatabase } from '../../database/data-source.js';
import type { ImportOptions, ImportResult, Since } from '../../import/importer.js';
import type { ImportSource } from '../../import/sources/source.js';
import type { RejectsFile } from '../../import/rejects.js';
import { parsePointInTime } from '../../time/point-in-time.js';

export default class ImportMongo extends SourceCommand<typeof ImportMongo> {
  static override aliases = ['import-mongo'];
  static override summary = 'Import collections from MongoDB.';
  static override description = `Reads a live server, a folder or an archive that mongodump wrote, or Extended JSON, and writes rows. A second run \
changes nothing: the same document has the same id, in every run and on every database. A document that \
does not fit goes to the rejects file with its reason, the others are in, and the exit code is 4.

--since reads only what is new: since a date, an age, or the last completed import of this source. A \
document that has no date to tell by is always read.`;
  static override examples = [
    { description: 'Everything from a dump:', command: '<%= config.bin %> import mongo --from ./dump/genai' },
    {
      description: 'What is new on a live server; its password comes from DBTOOL_IMPORT_PASSWORD:',
      command: '<%= config.bin %> import mongo --from mongodb://reader@mongo1/genai --since last',
    },
    {
      description: 'One collection, only looking what would happen:',
      command: '<%= config.bin %> import mongo --from ./dump/genai --collection traces --dry-run',
    },
  ];
  static override flags = {
    from: sourceFlags.from,
    since: Flags.string({
      summary: 'Only what is new since a date, an age (7d), or `last`.',
      helpValue: 'TIME',
    }),
    collection: sourceFlags.collection,
    until: Flags.string({ summary: 'Only what lies before a date or an age.', helpValue: 'TIME' }),
    where: Flags.string({
      summary: 'Only what a MongoDB filter finds; needs one --collection.',
      helpValue: 'JSON',
    }),
    'batch-size': Flags.string({ summary: 'Documents per transaction.', helpValue: 'N' }),
    rejects: Flags.string({ summary: 'File for documents that do not fit.', helpValue: 'FILE' }),
    'dry-run': Flags.boolean({ summary: 'Read and check everything, write nothing.' }),
  };

  protected override interruptible = true;

  protected override settingFlags() {
    const { 'batch-size': batchSize } = this.flags;
    return {
      ...super.settingFlags(),
      ...(batchSize === undefined ? {} : { 'import.batchSize': { flag: '--batch-size', value: batchSize } }),
    };
  }

  protected async execute() {
    const settings = await this.settings();
    const now = new Date();
    const since = sinceOf(this.flags.since, now);
    const until =
      this.flags.until === undefined ? undefined : parsePointInTime(this.flags.until, '--until', now);
    const [{ ALL_ENTITIES }, { refuseUnknownCollections }, { RejectsFile }] = await Promise.all([
      import('../../entities/all-entities.js'),
      import('../../import/choose-mappings.js'),
      import('../../import/rejects.js'),
    ]);
    const { collections } = this;
    refuseUnknownCollections(collections);
    const where = await this.where();
    await this.requireSource();
    const rejects = await RejectsFile.prepare(this.flags.rejects ?? defaultRejects(new Date()));
    const source = await this.openSource();
    try {
      const result = await this.withDatabase({ entities: ALL_ENTITIES, migrated: true }, (database) =>
        this.runImport(source, database, rejects, {
          since,
          until,
          where,
          collections,
          batchSize: settings.import.batchSize,
        }),
      );
      return await this.report(result, rejects);
    } finally {
      await rejects.close();
      await source.close();
    }
  }

  private async where(): Promise<Document | undefined> {
    if (this.flags.where === undefined) return undefined;
    const { parseWhere } = await import('../../import/where.js');
    return parseWhere(this.flags.where, this.collections);
  }

  private async runImport(
    source: ImportSource,
    database: OpenDatabase,
    rejects: RejectsFile,
    options: Pick<ImportOptions, 'since' | 'until' | 'where' | 'collections' | 'batchSize'>,
  ): Promise<ImportResult> {
    const { importCollections } = await import('../../import/importer.js');
    const progress = createProgress(this.out);
    try {
      return await importCollections(source, database, rejects, {
        ...options,
        dryRun: this.flags['dry-run'],
        signal: this.abortSignal,
        onStart: (collection, total, from) => {
          if (options.since.kind === 'last' && !from)
            this.out.note(`${collection}: no import of this source is on record, so everything is read.`);
          void progress.start(`${collection}${from ? ` since ${from.toISOString()}` : ''}`, total);
        },
        onNotice: (text) => {
          this.out.note(text);
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

  private async report(result: ImportResult, rejects: RejectsFile) {
    const rejected = result.collections.reduce((sum, collection) => sum + collection.rejected, 0);
    this.out.data(await importSummary(result, this.flags['dry-run']));
    if (result.leftAlone.length > 0)
      this.out.note(`Not imported, since dbtool has no mapping for them: ${result.leftAlone.join(', ')}.`);
    const data = { ...result, dryRun: this.flags['dry-run'], rejects: rejected > 0 ? rejects.path : null };
    if (!result.complete && this.abortSignal.reason instanceof DbtoolError) {
      throw new DbtoolError(this.abortSignal.reason.code, {
        message: 'The import was stopped',
        why: `${result.collections.reduce((sum, one) => sum + one.imported, 0)} documents are in, in whole batches.`,
        fix: 'Run the same command again to go on: what is in already stays as it is, nothing is doubled.',
        details: data,
      });
    }
    const findings: Finding[] =
      rejected === 0
        ? []
        : [
            {
              code: 'import.rejects',
              message: `${rejected} ${rejected === 1 ? 'document does' : 'documents do'} not fit`,
              why: `Each stands in ${rejects.path} with its reasons; all others are ${this.flags['dry-run'] ? 'good' : 'in'}.`,
              fix: 'Mend them at the source and import again.',
            },
          ];
    return { data, findings };
  }
}

function sinceOf(text: string | undefined, now: Date): Since {
  if (text === undefined) return { kind: 'all' };
  if (text === 'last') return { kind: 'last' };
  return { kind: 'time', from: parsePointInTime(text, '--since', now) };
}

/** A new name for each run, so that no run's rejects hide another's. */
function defaultRejects(now: Date): string {
  return `dbtool-rejects-${now.toISOString().replaceAll(/[-:.]/g, '')}.ndjson`;
}
