import * as Flags from '@oclif/core/flags';
import { yesFlag } from '../../cli/base-flags.js';
import { folderFlag, MigrateCommand, runFlags } from '../../cli/migrate-command.js';
import { askYesNo, canAsk } from '../../cli/prompt.js';
import type { Finding } from '../../errors/dbtool-error.js';
import type { DirtyMigration, Repair } from '../../migrate/repair.js';

const SIGNS = {
  done: 'done    ',
  'not done': 'open    ',
  'in doubt': 'IN DOUBT',
  broken: 'BROKEN  ',
} as const;

export default class MigrateRepair extends MigrateCommand<typeof MigrateRepair> {
  static override summary = 'Settle a migration that stopped half-way, or one that was changed.';
  static override description = `Without a flag it shows the statements of the migration that stopped half-way and which of them are done, and \
on a terminal asks whether to go on. --resume runs the rest, beginning with the statement it stopped at. When \
the process died, the catalogue tells whether the last statement took effect; where it does not, --in-doubt \
says what to do with that one. --mark takes the migration for applied or pending after you finished or undid \
it by hand. --accept takes the present statements of applied migrations for right, after a change that was \
meant. All of it is written to the history.`;
  static override examples = [
    { description: 'What is there of a migration that failed:', command: '<%= config.bin %> migrate repair' },
    { description: 'Go on where it stopped:', command: '<%= config.bin %> migrate repair --resume' },
    { description: 'It was undone by hand:', command: '<%= config.bin %> migrate repair --mark pending' },
  ];
  static override flags = {
    resume: Flags.boolean({ summary: 'Run the rest of it.', exclusive: ['mark', 'accept'] }),
    'in-doubt': Flags.option({
      options: ['skip', 'repeat'] as const,
      summary: 'With --resume: what to do with a statement of which it cannot be told whether it is done.',
    })(),
    mark: Flags.option({
      options: ['applied', 'pending'] as const,
      summary: 'Run nothing, and take it for this.',
      exclusive: ['accept'],
    })(),
    accept: Flags.string({
      multiple: true,
      summary: 'Take the present statements of this applied migration for right; repeatable.',
      helpValue: 'NAME',
    }),
    yes: yesFlag,
    ...runFlags,
    folder: folderFlag,
  };

  protected async execute() {
    const [{ MigrationSession }, { Repair }] = await Promise.all([
      import('../../migrate/session.js'),
      import('../../migrate/repair.js'),
    ]);
    const options = await this.tellingOptions();
    return this.withDatabase({}, async (database) => {
      const repair = new Repair(new MigrationSession(database, options));
      const { accept, mark, resume, yes } = this.flags;
      if (accept) return this.accept(repair, accept);
      const dirty = await repair.inspect();
      for (const one of dirty) this.show(one);
      if (dirty.length === 0) {
        this.out.data('No migration stopped half-way.');
        return { data: { dirty } };
      }
      if (mark !== undefined) return this.mark(repair, mark, dirty);
      const canResume = dirty.every(({ statements }) => statements !== undefined);
      const goOn =
        resume ||
        (canResume && (yes || (canAsk() && (await askYesNo('Go on where it stopped?', this.abortSignal)))));
      if (!goOn) return { data: { dirty }, findings: [finding(dirty)] };
      const runs = await repair.resume(this.flags['in-doubt']);
      return { data: { dirty, resumed: runs } };
    });
  }

  private async accept(repair: Repair, given: readonly string[]) {
    const accepted = await repair.accept(given);
    for (const name of accepted) this.out.data(`accepted as it is now: ${name}`);
    if (accepted.length === 0) this.out.data('Nothing was changed.');
    return { data: { accepted } };
  }

  private async mark(repair: Repair, status: 'applied' | 'pending', dirty: readonly DirtyMigration[]) {
    await this.confirm(`Take ${dirty.map(({ name }) => name).join(', ')} for ${status}, running nothing?`, {
      destroys: 'the note of where it stopped',
    });
    const marked = await repair.mark(status);
    for (const name of marked) this.out.data(`taken for ${status}: ${name}`);
    return { data: { dirty, marked } };
  }

  private show({ name, direction, entry, statements, problem }: DirtyMigration): void {
    this.out.data(
      `${name} stopped half-way ${direction === 'up' ? 'up' : 'down'}, begun ${entry.appliedAt.toISOString()} by ${entry.appliedBy}`,
    );
    if (entry.error !== null) this.out.data(`  ${entry.error}`);
    if (!statements)
      this.out.data(`  Its statements cannot be told: ${problem ?? 'nothing is known of them'}`);
    for (const { number, line, text, state } of statements ?? [])
      this.out.data(`  ${SIGNS[state]}  ${number}${line === undefined ? '' : ` (line ${line})`}  ${text}`);
  }
}

function finding(dirty: readonly DirtyMigration[]): Finding {
  return {
    code: 'migrate.dirty',
    message: `${dirty.map(({ name }) => name).join(', ')} stopped half-way`,
    why: 'Nothing was changed now.',
    fix: 'Mend the cause and run `dbtool migrate repair --resume`; or finish or undo it by hand, and run it with `--mark applied` or `--mark pending`.',
  };
}
