import * as Flags from '@oclif/core/flags';
import { BaseCommand } from '../../../../src/cli/base-command.js';
import type { CommandResult } from '../../../../src/cli/failure.js';

const LINE = `${'x'.repeat(99)}\n`;
const LINES = 15_000;

/** Prints 1.5 MB. */
export default class Spew extends BaseCommand<typeof Spew> {
  static override summary = 'Print a lot.';
  static override examples = ['<%= config.bin %> spew'];
  static override flags = {
    at: Flags.string({ default: 'stream' }),
    fail: Flags.boolean(),
    endless: Flags.boolean(),
  };

  protected override async execute(): Promise<CommandResult> {
    if (this.flags.at === 'once') this.out.data(LINE.repeat(LINES));
    else for (let i = 0; i < LINES || this.flags.endless; i++) await this.out.write(LINE);
    // Something of a driver stays open; the process must end all the same.
    setInterval(() => undefined, 1000);
    if (this.flags.fail) throw new Error('afterwards');
    return { data: this.out.json ? LINE.repeat(LINES) : null };
  }
}
