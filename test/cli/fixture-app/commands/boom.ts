import * as Flags from '@oclif/core/flags';
import { BaseCommand } from '../../../../src/cli/base-command.js';
import type { CommandResult } from '../../../../src/cli/failure.js';
import { registerSecret } from '../../../../src/config/redact.js';
import { DbtoolError } from '../../../../src/errors/dbtool-error.js';

const SECRET_URL = 'postgres://bob:hunter2@db.example/x';

/** Fails in every way a command can fail. */
export default class Boom extends BaseCommand<typeof Boom> {
  static override summary = 'Fail.';
  static override examples = ['<%= config.bin %> boom'];
  static override flags = {
    how: Flags.string({ default: 'bug' }),
    must: Flags.string({ dependsOn: ['how'] }),
  };

  protected override execute(): Promise<CommandResult> {
    const { how } = this.flags;
    const act = FAILURES[how];
    if (act !== undefined) return act();
    if (how === 'oclif-error') this.error('no such luck');
    if (how === 'oclif-error-1') this.error('no such luck', { exit: 1 });
    if (how === 'exit-0') this.exit(0);
    if (how === 'exit-7') this.exit(7);
    throw new TypeError(`cannot read ${SECRET_URL}`);
  }
}

const FAILURES: Readonly<Record<string, () => Promise<CommandResult>>> = {
  coded: () => {
    throw new DbtoolError('import.source.missing', {
      message: 'The dump folder ./dmp does not exist',
      why: `It is not on this disk; ${SECRET_URL}`,
      fix: 'Name one\nthat is there.',
      details: { url: SECRET_URL, tries: [1, { last: SECRET_URL }] },
    });
  },
  registered: () => {
    registerSecret('correct horse/battery');
    throw new DbtoolError('database.authentication', {
      message: `Refused: correct horse/battery, ${encodeURIComponent('correct horse/battery')}`,
    });
  },
  escape: () => {
    throw new DbtoolError('database.failed', { message: 'title \u001B]0;pwned\u0007 end' });
  },
  string: () => {
    // eslint-disable-next-line @typescript-eslint/only-throw-error -- what must be coped with
    throw 'just text';
  },
  cause: () => {
    throw new Error('outer', { cause: new Error(`inner ${SECRET_URL}`) });
  },
  stray: async () => {
    void Promise.reject(new Error(`stray ${SECRET_URL}`));
    await new Promise((resolve) => setTimeout(resolve, 5000));
    return { data: null };
  },
  late: async () => {
    setTimeout(() => {
      throw new Error('thrown by a timer');
    }, 10);
    await new Promise((resolve) => setTimeout(resolve, 5000));
    return { data: null };
  },
  circular: () => {
    const data: Record<string, unknown> = {};
    data['self'] = data;
    return Promise.resolve({ data });
  },
};
