import { folderFlag, MigrateCommand, targetFlags } from '../../cli/migrate-command.js';
import { renderPlan } from '../../cli/render-plan.js';

export default class MigratePlan extends MigrateCommand<typeof MigratePlan> {
  static override summary = 'Show the SQL that `migrate up` would run, in order.';
  static override description = `Prints the statements of every pending migration as this database would get them, and the dangers in \
them. Nothing is changed: migration classes are run dry, in a transaction that may only read. Of a class that \
decides by what it reads, the statements are those of this moment; of one that needs what an earlier pending \
migration makes, it may be that they cannot be told.`;
  static override examples = [
    { description: 'What would happen to the default database:', command: '<%= config.bin %> migrate plan' },
  ];
  static override flags = {
    ...targetFlags('Stop behind this migration.', 'Show so many at most.'),
    folder: folderFlag,
  };

  protected async execute() {
    const { Migrator } = await import('../../migrate/migrator.js');
    const { to, step } = this.flags;
    const options = await this.migratorOptions();
    const planned = await this.withDatabase({ emptyIfMissing: true }, (database) =>
      new Migrator(database, options).plan({ to, step }),
    );
    this.out.data(renderPlan(planned));
    return { data: planned };
  }
}
