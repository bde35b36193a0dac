import * as Flags from '@oclif/core/flags';
import type { Document } from 'bson';
import { ImportCommand, importFlags } from '../../cli/import-command.js';
import { sourceFlags, parseSince } from '../../cli/source-command.js';
import { DbtoolError } from '../../errors/dbtool-error.js';
import type { MostDeletes } from '../../import/deletes.js';
import { parsePointInTime } from '../../time/point-in-time.js';

const MINUTE_MS = 60_000;

export default class ImportMongo extends ImportCommand<typeof ImportMongo> {
  static override aliases = ['import-mongo'];
  static override summary = 'Import collections from MongoDB.';
  static override description = `Reads a live server, a folder or an archive that mongodump wrote, or Extended JSON, and writes rows. A second run \
changes nothing: the same document has the same id, in every run and on every database, and what has not \
changed since is not written. A document that does not fit goes to the rejects file with its reason, the others \
are in, and the exit code is 4.

An import that was stopped or killed goes on where it was when the same is asked for again. Only one at a time \
can run; another is refused with the name of the one that runs.

--since reads only what is new: since a date, an age, or the last completed import of this source. A \
document that has no date to tell by is always read.

--deletes compares the ids of all documents with the rows that were imported, and reports, marks (in \
source_deleted_at) or removes those whose documents are gone. More than a tenth of them is refused, unless \
--max-deletes allows it.`;
  static override examples = [
    { description: 'Everything from a dump:', command: '<%= config.bin %> import mongo --from ./dump/genai' },
    {
      description: 'What is new on a live server; its password comes from DBTOOL_IMPORT_PASSWORD:',
      command: '<%= config.bin %> import mongo --from mongodb://reader@mongo1/genai --since last',
    },
    {
      description: 'Every night for an hour at most, also what was deleted at the source:',
      command: '<%= config.bin %> import mongo --deletes mark --max-minutes 60',
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
    limit: Flags.integer({
      summary: 'Read at most so many documents of each collection; the next run goes on behind them.',
      helpValue: 'N',
      min: 1,
    }),
    'max-minutes': Flags.integer({
      summary: 'Stop after so long; the next run goes on there.',
      helpValue: 'N',
      min: 1,
    }),
    deletes: Flags.option({
      options: ['report', 'mark', 'remove'] as const,
      summary: 'What to do with rows whose documents are gone at the source.',
    })(),
    'max-deletes': Flags.string({
      summary: 'Mark or remove at most so many rows of a collection, or that share (default 10%).',
      helpValue: 'N|N%',
      dependsOn: ['deletes'],
    }),
    restart: Flags.boolean({ summary: 'Do not go on where an import was stopped: read from the start.' }),
    overwrite: Flags.boolean({
      summary: 'Write also what has not changed at the source, over what was changed in the database.',
    }),
    ...importFlags,
  };

  protected async execute() {
    const now = new Date();
    const { since, until, limit, deletes, restart, overwrite, 'max-minutes': maxMinutes } = this.flags;
    const point = parseSince(since, now);
    const end = until === undefined ? undefined : parsePointInTime(until, '--until', now);
    const maxDeletes = mostDeletes(this.flags['max-deletes']);
    const { refuseUnknownCollections } = await import('../../import/choose-mappings.js');
    const { collections } = this;
    refuseUnknownCollections(collections);
    const where = await this.where();
    await this.requireSource();
    return this.importFrom(() => this.openSource(), {
      collections,
      since: point,
      until: end,
      where,
      asked: { since: since ?? null, until: until ?? null, where: this.flags.where ?? null },
      limit,
      maxMs: maxMinutes === undefined ? undefined : maxMinutes * MINUTE_MS,
      deletes,
      maxDeletes,
      restart,
      overwrite,
    });
  }

  private async where(): Promise<Document | undefined> {
    if (this.flags.where === undefined) return undefined;
    const { parseWhere } = await import('../../import/where.js');
    return parseWhere(this.flags.where, this.collections);
  }
}

function mostDeletes(text: string | undefined): MostDeletes | undefined {
  if (text === undefined) return undefined;
  const [, digits, percent] = /^(\d{1,15})(%)?$/.exec(text) ?? [];
  const number = Number(digits);
  if (digits === undefined || (percent && number > 100))
    throw new DbtoolError('usage.flag.invalid', {
      message: `--max-deletes does not take "${text}"`,
      why: 'It takes a number of rows, or a share of them from 0% to 100%.',
      fix: 'Write for example --max-deletes 5000 or --max-deletes 25%.',
    });
  return percent ? { share: number / 100 } : { count: number };
}
