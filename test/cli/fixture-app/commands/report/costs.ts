import { BaseCommand } from '../../../../../src/cli/base-command.js';
import type { CommandResult } from '../../../../../src/cli/failure.js';

export default class ReportCosts extends BaseCommand<typeof ReportCosts> {
  static override summary = 'Sum up costs.';
  static override examples = ['<%= config.bin %> report costs'];

  protected override execute(): Promise<CommandResult> {
    this.out.note('Summing up.');
    this.out.detail('In detail: 0.');
    this.out.data('0');
    return Promise.resolve({ data: 0 });
  }
}
