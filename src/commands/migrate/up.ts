import * as Flags from '@oclif/core/flags';
import { folderFlag, MigrateCommand, runFlags, targetFlags } from '../../cli/migrate-command.js';
import { renderPlan } from '../../cli/render-plan.js';

export default class MigrateUp extends MigrateCommand<typeof MigrateUp> {
  static override summary = 'Apply the pending migrations.';
  static override description = `Applies what is pending, oldest first, one at a time. Two deployers may run it at once: one waits for the \
other. Where the database can roll back DDL (Postgres, SQLite) a migration is all or nothing; elsewhere \
one that fails is marked with the statement it stopped at, and nothing more is applied until \
\`dbtool migrate repair\` has settled it. Before anything is run it refuses migrations that were changed \
after being applied, that are out of order, that would create a table that is there, or that endanger a \
table which holds data. A statement does not wait for ever for a table that others use: it gives up after \
the lock timeout, says who blocks it, and is tried again.`;
  static override examples = [
    { description: 'Bring the default database up to date:', command: '<%= config.bin %> migrate up' },
    {
      description: 'See the SQL first:',
      command: '<%= config.bin %> migrate up --dry-run',
    },
    {
      description: 'Another database; its password comes from DBTOOL_DATABASE_PASSWORD:',
      command: '<%= config.bin %> migrate up --database postgres://deploy@db1/genai',
    },
  ];
  static override flags = {
    ...targetFlags('Stop behind this migration.', 'Apply so many at most.'),
    'dry-run': Flags.boolean({
      summary: 'Show the SQL that would run, as `migrate plan` does, and change nothing.',
    }),
    'out-of-order': Flags.option({
      options: ['refuse', 'apply'] as const,
      summary: 'What to do with a pending migration that is older than one of its folder that is applied.',
    })(),
    dangers: Flags.option({
      options: ['refuse', 'warn'] as const,
      summary: 'What to do when a migration endangers a table that holds data.',
    })(),
    ...runFlags,
    folder: folderFlag,
  };

  protected override interruptible = true;

  protected async execute() {
    const { to, step, 'dry-run': isDry } = this.flags;
    const { Migrator } = await import('../../migrate/migrator.js');
    const options = await this.tellingOptions();
    if (isDry) {
      const planned = await this.withDatabase({ emptyIfMissing: true }, (database) =>
        new Migrator(database, options).plan({ to, step }),
      );
      this.out.data(renderPlan(planned));
      return { data: planned };
    }
    const runs = await this.withDatabase({ create: true }, (database) =>
      new Migrator(database, options).up({ to, step }),
    );
    if (runs.length === 0) this.out.data('Nothing is pending.');
    return { data: { applied: runs } };
  }
}
