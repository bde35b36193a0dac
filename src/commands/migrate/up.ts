import { DatabaseCommand } from '../../cli/database-command.js';

export default class MigrateUp extends DatabaseCommand<typeof MigrateUp> {
  static override summary = 'Apply the pending migrations.';
  static override description = `Applies what is pending, oldest first, one at a time. Two deployers may run it at once: one waits for the \
other. Where the database can roll back DDL (Postgres, SQLite) a migration is all or nothing; elsewhere \
one that fails is marked, and nothing more is applied until it has been dealt with.`;
  static override examples = [
    { description: 'Bring the default database up to date:', command: '<%= config.bin %> migrate up' },
    {
      description: 'Another database; its password comes from DBTOOL_DATABASE_PASSWORD:',
      command: '<%= config.bin %> migrate up --database postgres://deploy@db1/genai',
    },
  ];

  protected async execute() {
    const { Migrator } = await import('../../migrate/migrator.js');
    const runs = await this.withDatabase({ create: true }, (database) =>
      new Migrator(database, {
        folder: this.migrationsFolder,
        toolVersion: this.config.version,
        onStart: (name) => {
          this.out.note(`Applying ${name}…`);
        },
      }).up(),
    );
    for (const run of runs) this.out.data(`applied ${run.name} (${run.durationMs} ms)`);
    if (runs.length === 0) this.out.data('Nothing is pending.');
    return { data: { applied: runs } };
  }
}
