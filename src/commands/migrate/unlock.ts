import * as Flags from '@oclif/core/flags';
import { yesFlag } from '../../cli/base-flags.js';
import { DatabaseCommand } from '../../cli/database-command.js';

export default class MigrateUnlock extends DatabaseCommand<typeof MigrateUnlock> {
  static override summary = 'Show who holds the migration lock, and free it.';
  static override description = `Frees the lock that a process left behind when it died; the next migrate up would do so by itself. A holder that \
is alive is refused without --force, which ends its session, or on SQLite and behind a connection pooler takes its \
lease away. What it was doing then stops half-way: see migrate status. On Oracle a DBA has to end the session, and the \
command says how.`;
  static override examples = [
    {
      description: 'See who holds the lock, and free it if that process is gone:',
      command: '<%= config.bin %> migrate unlock --yes',
    },
    {
      description: 'End a deployer that hangs:',
      command: '<%= config.bin %> migrate unlock --force --yes',
    },
  ];
  static override flags = {
    yes: yesFlag,
    force: Flags.boolean({ summary: 'End a holder that is alive, too.' }),
  };

  protected async execute() {
    const [{ unlock }, { describeHolder, holderDetails }] = await Promise.all([
      import('../../migrate/lock/unlock.js'),
      import('../../lock/holder.js'),
    ]);
    const holder = await this.withDatabase({}, (database) =>
      unlock(database, {
        force: this.flags.force,
        confirm: async (found) => {
          const state = found.isStale ? 'is gone and left the lock behind' : 'is alive';
          this.out.note(`Held by ${describeHolder(found)}, which ${state}.`);
          await this.confirm(`Free the migration lock of ${database.url.display}?`, {
            destroys: found.isStale ? 'the lock of a process that is gone' : 'the work of that process',
          });
        },
      }),
    );
    this.out.data(
      holder ? `freed the lock of ${describeHolder(holder)}` : 'Nobody holds the migration lock.',
    );
    return { data: { freed: holder ? holderDetails(holder) : null } };
  }
}
