import * as Args from '@oclif/core/args';
import { BaseCommand } from '../cli/base-command.js';
import { completionScript, SHELLS } from '../cli/completion.js';
import type { CommandResult } from '../cli/failure.js';

export default class Completion extends BaseCommand<typeof Completion> {
  static override summary = 'Print a completion script for your shell.';
  static override description =
    'The script completes commands, flags and their values. It is static text: make it anew after an update.';
  static override examples = [
    { description: 'Complete in this bash session.', command: 'source <(<%= config.bin %> completion bash)' },
    {
      description: 'Complete in every fish session.',
      command: '<%= config.bin %> completion fish > ~/.config/fish/completions/<%= config.bin %>.fish',
    },
  ];
  static override args = {
    shell: Args.option({ options: SHELLS })({ required: true, description: 'The shell you use.' }),
  };

  protected override execute(): Promise<CommandResult<{ shell: string; script: string }>> {
    const { shell } = this.args;
    const script = completionScript(shell, this.config);
    this.out.data(script);
    return Promise.resolve({ data: { shell, script } });
  }
}
