import { setTimeout as sleep } from 'node:timers/promises';
import * as Flags from '@oclif/core/flags';
import { BaseCommand } from '../../../../src/cli/base-command.js';
import type { CommandResult } from '../../../../src/cli/failure.js';
import { DbtoolError } from '../../../../src/errors/dbtool-error.js';

/** Works in batches until it is told to stop. */
export default class Slow extends BaseCommand<typeof Slow> {
  static override summary = 'Work for long.';
  static override examples = ['<%= config.bin %> slow'];
  static override flags = {
    how: Flags.string({ default: 'return', options: ['return', 'throw', 'fail', 'coded', 'deaf', 'print'] }),
  };

  protected override interruptible = true;

  protected override async execute(): Promise<CommandResult> {
    process.stderr.write('READY\n');
    let batches = 0;
    while (batches < 400 && (this.flags.how === 'deaf' || !this.abortSignal.aborted)) {
      await sleep(25);
      batches++;
      if (this.flags.how === 'print') await this.out.write(`batch ${batches}\n`);
    }
    if (this.flags.how === 'throw') this.abortSignal.throwIfAborted();
    if (this.flags.how === 'fail') throw new Error('the rollback failed');
    if (this.flags.how === 'coded') {
      throw new DbtoolError('signal.interrupt', {
        message: 'Stopped after batch 7',
        fix: 'Go on with --resume.',
      });
    }
    process.stderr.write('CLEANED UP\n');
    return { data: { done: 'some' } };
  }
}
