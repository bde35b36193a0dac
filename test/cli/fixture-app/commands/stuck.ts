import { setTimeout as sleep } from 'node:timers/promises';
import { BaseCommand } from '../../../../src/cli/base-command.js';
import type { CommandResult } from '../../../../src/cli/failure.js';

/** Never looks at the signal. */
export default class Stuck extends BaseCommand<typeof Stuck> {
  static override summary = 'Hang.';
  static override examples = ['<%= config.bin %> stuck'];

  protected override async execute(): Promise<CommandResult> {
    process.stderr.write('READY\n');
    await sleep(10_000);
    return { data: null };
  }
}
