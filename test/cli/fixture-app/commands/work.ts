import { setTimeout as sleep } from 'node:timers/promises';
import { BaseCommand } from '../../../../src/cli/base-command.js';
import type { CommandResult } from '../../../../src/cli/failure.js';
import { createProgress, spin } from '../../../../src/cli/progress.js';

export default class Work extends BaseCommand<typeof Work> {
  static override summary = 'Work and show how far it is.';
  static override examples = ['<%= config.bin %> work'];

  protected override async execute(): Promise<CommandResult> {
    const answer = await spin(this.out, 'Connecting', () => sleep(150, 42));
    const progress = createProgress(this.out);
    // Two stretches at once, of which the first is over before it can be drawn.
    void progress.start('Looking around');
    await progress.start('Importing traces', 1200);
    for (let count = 0; count <= 1200; count += 100) {
      progress.update(count);
      await sleep(20);
    }
    this.out.note('half-way note');
    progress.succeed('Imported 1,200 traces');
    return { data: answer };
  }
}
