import * as Args from '@oclif/core/args';
import { folderFlag, lockFlags, MigrateCommand } from '../../cli/migrate-command.js';

export default class MigrateBaseline extends MigrateCommand<typeof MigrateBaseline> {
  static override summary = 'Take the migrations up to this one for applied, without running them.';
  static override description = `For a database that has already what they make: it was built by another tool, by hand, or its history was \
lost. Look with \`dbtool migrate check\` afterwards whether the schema is what the migrations make.`;
  static override examples = [
    {
      description: 'The tables are there already:',
      command: '<%= config.bin %> migrate baseline 20251122100000-create-platform-tables',
    },
  ];
  static override args = {
    name: Args.string({
      required: true,
      description: 'The newest migration that is there; a unique beginning will do.',
    }),
  };
  static override flags = { ...lockFlags, folder: folderFlag };

  protected async execute() {
    const [{ MigrationSession }, { baseline }] = await Promise.all([
      import('../../migrate/session.js'),
      import('../../migrate/baseline.js'),
    ]);
    const options = await this.migratorOptions();
    const names = await this.withDatabase({}, (database) =>
      baseline(new MigrationSession(database, options), this.args.name),
    );
    for (const name of names) this.out.data(`taken for applied: ${name}`);
    if (names.length === 0) this.out.data('Nothing up to there is pending.');
    return { data: { baseline: names } };
  }
}
