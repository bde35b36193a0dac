import * as Flags from '@oclif/core/flags';
import { BaseCommand } from '../../../../src/cli/base-command.js';
import type { CommandResult } from '../../../../src/cli/failure.js';

export default class FindingCommand extends BaseCommand<typeof FindingCommand> {
  static override summary = 'Find something.';
  static override examples = ['<%= config.bin %> finding'];
  static override flags = { none: Flags.boolean(), data: Flags.string({ default: '{"rows":3}' }) };

  protected override execute(): Promise<CommandResult> {
    this.out.warn('mind postgres://bob:hunter2@h/x');
    const data: unknown = this.flags.data === 'undefined' ? undefined : JSON.parse(this.flags.data);
    if (this.flags.none) return Promise.resolve({ data, findings: [] });
    this.out.data('three rows');
    return Promise.resolve({
      data,
      findings: [
        { code: 'import.rejects', message: '2 documents did not fit', fix: 'Look at r.ndjson.' },
        { code: 'doctor.findings', message: 'The clock is off' },
      ],
    });
  }
}
