import * as Flags from '@oclif/core/flags';
import { yesFlag } from '../../cli/base-flags.js';
import { folderFlag, MigrateCommand, runFlags, targetFlags } from '../../cli/migrate-command.js';
import { productionFlag, refuseProduction } from '../../cli/production.js';
import { renderPlan } from '../../cli/render-plan.js';

export default class MigrateDown extends MigrateCommand<typeof MigrateDown> {
  static override summary = 'Take back the newest migration, or several.';
  static override description = `Undoes the migration that was applied last, or more with --step or --to. What they created goes, with all \
data in it: it asks first, needs --yes where nobody can be asked, and refuses a database that is marked as \
production.`;
  static override examples = [
    {
      description: 'Take back the newest migration, without being asked:',
      command: '<%= config.bin %> migrate down --yes',
    },
    {
      description: 'See the SQL of it first:',
      command: '<%= config.bin %> migrate down --dry-run',
    },
  ];
  static override flags = {
    ...targetFlags('Take back what was applied after this migration, which stays.', 'Take back so many.'),
    'dry-run': Flags.boolean({ summary: 'Show the SQL that would run and change nothing.' }),
    yes: yesFlag,
    'allow-production': productionFlag,
    ...runFlags,
    folder: folderFlag,
  };

  protected override interruptible = true;

  protected async execute() {
    const { Migrator } = await import('../../migrate/migrator.js');
    const { to, step, 'dry-run': isDry } = this.flags;
    const options = await this.tellingOptions();
    return this.withDatabase({}, async (database) => {
      const migrator = new Migrator(database, options);
      if (isDry) {
        const plans = await migrator.planDown(await migrator.downTargets({ to, step }));
        this.out.data(plans.length === 0 ? '-- Nothing is applied.' : renderPlan({ plans, dangers: [] }));
        return { data: { plans } };
      }
      await refuseProduction(database, this.flags['allow-production'], 'Taking back a migration');
      const names = await migrator.downTargets({ to, step });
      if (names.length > 0) {
        await this.confirm(`Take back ${names.join(', ')} on ${database.url.display}?`, {
          destroys: `what ${names.join(', ')} created, with all data in it`,
        });
      }
      const runs = names.length > 0 ? await migrator.down(names) : [];
      if (runs.length === 0) this.out.data('No migration is applied.');
      return { data: { reverted: runs } };
    });
  }
}
