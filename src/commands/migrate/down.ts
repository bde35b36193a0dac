import { yesFlag } from '../../cli/base-flags.js';
import { DatabaseCommand } from '../../cli/database-command.js';
import { productionFlag, refuseProduction } from '../../cli/production.js';

export default class MigrateDown extends DatabaseCommand<typeof MigrateDown> {
  static override summary = 'Take back the newest migration.';
  static override description = `Undoes the migration that was applied last. What it created goes, with all data in it: it asks first, needs \
--yes where nobody can be asked, and refuses a database that is marked as production.`;
  static override examples = [
    {
      description: 'Take back the newest migration, without being asked:',
      command: '<%= config.bin %> migrate down --yes',
    },
  ];
  static override flags = { yes: yesFlag, 'allow-production': productionFlag };

  protected async execute() {
    const { Migrator } = await import('../../migrate/migrator.js');
    const run = await this.withDatabase({}, async (database) => {
      await refuseProduction(database, this.flags['allow-production'], 'Taking back a migration');
      const migrator = new Migrator(database, {
        folder: this.migrationsFolder,
        toolVersion: this.config.version,
        onStart: (name) => {
          this.out.note(`Taking back ${name}…`);
        },
      });
      const newest = (await migrator.status()).findLast((state) => state.status !== 'pending');
      if (!newest) return undefined;
      await this.confirm(`Take back ${newest.name} on ${database.url.display}?`, {
        destroys: `what ${newest.name} created, with all data in it`,
      });
      return migrator.down();
    });
    this.out.data(run ? `took back ${run.name} (${run.durationMs} ms)` : 'No migration is applied.');
    return { data: { reverted: run ?? null } };
  }
}
