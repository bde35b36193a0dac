import { yesFlag } from '../../../../src/cli/base-flags.js';
import { BaseCommand } from '../../../../src/cli/base-command.js';
import type { CommandResult } from '../../../../src/cli/failure.js';

export default class Destroy extends BaseCommand<typeof Destroy> {
  static override summary = 'Drop everything.';
  static override examples = ['<%= config.bin %> destroy --yes'];
  static override flags = { yes: yesFlag };

  protected override async execute(): Promise<CommandResult> {
    await this.confirm('Drop all tables?', { destroys: 'all tables' });
    this.out.data('gone');
    return { data: 'gone' };
  }
}
