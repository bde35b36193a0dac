import * as Args from '@oclif/core/args';
import { BaseCommand } from '../cli/base-command.js';
import type { CommandResult } from '../cli/failure.js';
import { renderHelp } from '../cli/help.js';
import { resolveHelp } from '../cli/resolve.js';

export default class Help extends BaseCommand<typeof Help> {
  static override summary = 'Show the help of a command or a topic.';
  static override description =
    'Without a name it lists all topics and commands. The same help is shown by --help after a command.';
  static override examples = [
    { description: 'List all commands.', command: '<%= config.bin %> help' },
    { description: 'Show what a command takes.', command: '<%= config.bin %> help report traces' },
  ];
  static override args = {
    command: Args.string({ description: 'The name of a command or a topic, in words.', multiple: true }),
  };

  protected override async execute(): Promise<CommandResult<{ help: string }>> {
    const words = this.args.command ?? [];
    const help = await renderHelp(this.config, resolveHelp(words, this.config));
    this.out.data(help);
    return { data: { help } };
  }
}
