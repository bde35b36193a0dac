import * as Args from '@oclif/core/args';
import { ImportCommand, importFlags } from '../../cli/import-command.js';

export default class ImportRetry extends ImportCommand<typeof ImportRetry> {
  static override summary = 'Import rejected documents again, from the file they were written to.';
  static override description = `Takes a rejects file of import mongo, a JSON object a line, after its documents were mended there, or after what \
they refer to was imported. Each line holds the collection and, as \`document\`, the whole document in canonical \
Extended JSON; lines may be changed and taken out. What still does not fit goes to a new rejects file, and the exit \
code is 4.`;
  static override examples = [
    {
      description: 'Import what was mended:',
      command: '<%= config.bin %> import retry dbtool-rejects-20261122T030000000Z.ndjson',
    },
  ];
  static override args = {
    file: Args.string({ required: true, description: 'A rejects file.' }),
  };
  static override flags = importFlags;

  protected async execute() {
    const { RejectsSource } = await import('../../import/sources/rejects-source.js');
    return this.importFrom(() => RejectsSource.open(this.args.file), {
      collections: [],
      since: { kind: 'all' },
      asked: { retry: this.args.file },
      isOneOff: true,
    });
  }
}
