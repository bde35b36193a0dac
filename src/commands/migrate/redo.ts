import * as Flags from '@oclif/core/flags';
import { yesFlag } from '../../cli/base-flags.js';
import { folderFlag, MigrateCommand, runFlags } from '../../cli/migrate-command.js';
import { productionFlag, refuseProduction } from '../../cli/production.js';

export default class MigrateRedo extends MigrateCommand<typeof MigrateRedo> {
  static override summary = 'Take back the newest migration and apply it again.';
  static override description = `For working on a migration: both ways are run, under one lock. The data in what the migration created goes, \
so it asks first, needs --yes where nobody can be asked, and refuses a database that is marked as production.`;
  static override examples = [
    {
      description: 'After a change to the newest migration:',
      command: '<%= config.bin %> migrate redo --yes',
    },
  ];
  static override flags = {
    step: Flags.integer({ summary: 'Do it with so many of the newest.', helpValue: 'N', min: 1 }),
    yes: yesFlag,
    'allow-production': productionFlag,
    ...runFlags,
    folder: folderFlag,
  };

  protected async execute() {
    const { Migrator } = await import('../../migrate/migrator.js');
    const options = await this.tellingOptions();
    return this.withDatabase({}, async (database) => {
      await refuseProduction(database, this.flags['allow-production'], 'Taking back a migration');
      const migrator = new Migrator(database, options);
      const names = await migrator.downTargets({ step: this.flags.step });
      if (names.length > 0) {
        await this.confirm(`Take back ${names.join(', ')} on ${database.url.display} and apply it again?`, {
          destroys: `the data in what ${names.join(', ')} created`,
        });
      }
      const runs = names.length > 0 ? await migrator.redo(names) : [];
      if (runs.length === 0) this.out.data('No migration is applied.');
      return { data: { runs } };
    });
  }
}
