import * as Args from '@oclif/core/args';
import * as Flags from '@oclif/core/flags';
import { BaseCommand } from '../../../../../src/cli/base-command.js';
import type { CommandResult } from '../../../../../src/cli/failure.js';
import { createRowWriter, formatFlag, outputFlag } from '../../../../../src/cli/formats.js';
import { openOutput } from '../../../../../src/cli/output-target.js';
import { DbtoolError } from '../../../../../src/errors/dbtool-error.js';

export default class ReportTraces extends BaseCommand<typeof ReportTraces> {
  static override summary = 'List traces.';
  static override examples = ['<%= config.bin %> report traces --format csv'];
  static override args = {
    trace: Args.string({ description: 'Only this trace.' }),
    depth: Args.integer({ description: 'How deep.' }),
  };
  static override flags = {
    format: formatFlag,
    output: outputFlag,
    limit: Flags.integer({ summary: 'At most so many rows.', min: 1 }),
    since: Flags.string({
      summary: 'Not before this time.',
      exclusive: ['last'],
      parse: (text) =>
        text === 'never'
          ? Promise.reject(
              new DbtoolError('usage.time.invalid', { message: `"${text}" is no time`, fix: 'Use 24h.' }),
            )
          : Promise.resolve(text),
    }),
    last: Flags.string({ summary: 'The last so many hours.' }),
  };

  protected override async execute(): Promise<CommandResult> {
    const rows = [{ id: 'a', tokens: 12 }].slice(0, this.flags.limit);
    const target = await openOutput(this.flags.output, this.out);
    const writer = createRowWriter(
      this.flags.format,
      [
        { key: 'id', header: 'Trace' },
        { key: 'tokens', header: 'Tokens' },
      ],
      target,
    );
    for (const row of rows) await writer.write(row);
    await writer.end();
    await target.end();
    const { env, database, verbose } = this.globals;
    return {
      data: { rows, trace: this.args.trace ?? null, env: env ?? null, database: database ?? null, verbose },
    };
  }
}
