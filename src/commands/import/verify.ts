import * as Flags from '@oclif/core/flags';
import { createProgress } from '../../cli/progress.js';
import { SourceCommand, sourceFlags, parseSince } from '../../cli/source-command.js';
import { isEqual, verifySummary } from '../../cli/verify-summary.js';
import type { OpenDatabase } from '../../database/data-source.js';
import type { Finding } from '../../errors/dbtool-error.js';
import type { Mapping } from '../../import/mapping.js';
import type { ImportSource } from '../../import/sources/source.js';
import type { VerifyResult } from '../../import/verify/verifier.js';
import type { VerifyRequest } from '../../import/verify/verify-collections.js';
import { parsePointInTime } from '../../time/point-in-time.js';

export default class ImportVerify extends SourceCommand<typeof ImportVerify> {
  static override summary = 'Compare what MongoDB says with what the database holds.';
  static override description = `Reads everything from both sides and writes nothing. Collections are compared by hashes over all columns, \
range by range; in ranges that differ, document by document and column by column. Documents that do not \
fit are counted apart, with their reasons: an import puts them into its rejects file.

With --since or --until only the documents of these dates are compared, and those without a date. What is only \
in the database is not looked for then.

Exits with 12 when anything differs, with 4 when all is equal but documents do not fit. What the platform wrote \
since the last import differs too: verify a source that stands still, or import again first. Of a live server, \
what differs is read once more at the end, and told if it still does.`;
  static override examples = [
    { description: 'After an import:', command: '<%= config.bin %> import verify --from ./dump/genai' },
    {
      description: 'One collection of a live server, for scripts:',
      command:
        '<%= config.bin %> import verify --from mongodb://reader@mongo1/genai --collection traces --json',
    },
    {
      description: 'What is of the last week:',
      command: '<%= config.bin %> import verify --from ./dump/genai --since 7d',
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
    limit: Flags.integer({
      summary: 'Most differences to show of each collection; all are counted.',
      helpValue: 'N',
      default: 10,
      min: 0,
    }),
  };

  protected override interruptible = true;

  protected async execute() {
    const now = new Date();
    const since = parseSince(this.flags.since, now);
    const until =
      this.flags.until === undefined ? undefined : parsePointInTime(this.flags.until, '--until', now);
    const [{ ALL_ENTITIES }, { chooseMappings, refuseUnknownCollections }] = await Promise.all([
      import('../../entities/all-entities.js'),
      import('../../import/choose-mappings.js'),
    ]);
    refuseUnknownCollections(this.collections);
    await this.requireSource();
    const source = await this.openSource();
    try {
      const { mappings, leftAlone } = await chooseMappings(source, this.collections);
      const totals = await source.verify(mappings.map(({ collection }) => collection));
      const results = await this.withDatabase({ entities: ALL_ENTITIES, migrated: true }, (database) =>
        this.verifyAll(source, database, mappings, { since, until, totals }),
      );
      return await this.report(source, results, leftAlone);
    } finally {
      await source.close();
    }
  }

  private async verifyAll(
    source: ImportSource,
    database: OpenDatabase,
    mappings: readonly Mapping[],
    request: Pick<VerifyRequest, 'since' | 'until' | 'totals'>,
  ): Promise<VerifyResult[]> {
    const { verifyCollections } = await import('../../import/verify/verify-collections.js');
    const progress = createProgress(this.out);
    try {
      return await verifyCollections(source, database, mappings, {
        ...request,
        limit: this.flags.limit,
        signal: this.abortSignal,
        onStage: async (collection, what, total) => {
          this.out.detail(`${collection}: ${what}`);
          await progress.start(`${collection}: ${what}`, total);
        },
        onProgress: (count) => {
          progress.update(count);
        },
        onNotice: (text) => {
          this.out.note(text);
        },
      });
    } finally {
      progress.stop();
    }
  }

  private async report(source: ImportSource, results: VerifyResult[], leftAlone: string[]) {
    this.out.data(await verifySummary(results));
    if (leftAlone.length > 0)
      this.out.note(`Not compared, since dbtool has no mapping for them: ${leftAlone.join(', ')}.`);
    const differing = results.filter((result) => !isEqual(result));
    const unfit = results.reduce((sum, result) => sum + result.unfit, 0);
    const findings: Finding[] = [
      ...(differing.length === 0
        ? []
        : [
            {
              code: 'import.verify.mismatch' as const,
              message: `${differing.map(({ collection }) => collection).join(', ')}: the database does not hold what the source says`,
              why: 'Each difference is told above. Something changed since the last import, at the source or in the database.',
              fix: 'Run `dbtool import mongo --overwrite` without --since and verify again. What is only here stays unless --deletes removes it, and what is outdated until its document fits.',
            },
          ]),
      ...(unfit === 0
        ? []
        : [
            {
              code: 'import.rejects' as const,
              message: `${unfit} ${unfit === 1 ? 'document does' : 'documents do'} not fit`,
              why: 'A rule of a column refuses them, or a key of the database: what they refer to is not there, or their name is taken.',
              fix: 'The reasons are told above; the rejects file of `dbtool import mongo --dry-run` holds the documents that a rule refuses. Mend them at the source.',
            },
          ]),
    ];
    return { data: { source: source.display, collections: results, leftAlone }, findings };
  }
}
