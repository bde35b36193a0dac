import { outputFlag } from '../../cli/formats.js';
import { folderFlag, MigrateCommand, targetFlags } from '../../cli/migrate-command.js';
import { openOutput } from '../../cli/output-target.js';

export default class MigrateScript extends MigrateCommand<typeof MigrateScript> {
  static override summary = 'Write the pending migrations as one SQL script for a DBA to run.';
  static override description = `The script is for the database's own client (psql, mariadb, mysql, sqlite3, sqlplus). It stops at the first \
error, and writes the history as well: \`migrate status\` tells the truth afterwards. Each migration begins with \
its row of the history, so that a script that is run twice, or after somebody else migrated, stops before it \
changes anything. Where DDL cannot be rolled back that row says \`running\` until the migration is through.`;
  static override examples = [
    {
      description: 'What the default database lacks, as a file:',
      command: '<%= config.bin %> migrate script --output upgrade.sql',
    },
  ];
  static override flags = {
    ...targetFlags('Stop behind this migration.', 'Write so many at most.'),
    output: outputFlag,
    folder: folderFlag,
  };

  protected async execute() {
    const [{ MigrationSession }, { migrationScript }] = await Promise.all([
      import('../../migrate/session.js'),
      import('../../migrate/script.js'),
    ]);
    const { to, step, output } = this.flags;
    const options = await this.migratorOptions();
    const target = await openOutput(output, this.out);
    try {
      const script = await this.withDatabase({ emptyIfMissing: true }, (database) =>
        migrationScript(new MigrationSession(database, options), { to, step }),
      );
      await target.write(script);
      await target.end();
      return { data: { script } };
    } catch (error) {
      await target.abort();
      throw error;
    }
  }
}
