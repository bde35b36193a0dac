import * as Flags from '@oclif/core/flags';
import { DatabaseCommand } from '../../cli/database-command.js';
import type { Finding } from '../../errors/dbtool-error.js';

export default class MigrateStatus extends DatabaseCommand<typeof MigrateStatus> {
  static override summary = 'Show which migrations are applied and which are pending.';
  static override description =
    'Lists every migration, oldest first: applied, pending, failed or running half-way, or missing (applied, but its file is gone).';
  static override examples = [
    { description: 'Look at the default database:', command: '<%= config.bin %> migrate status' },
    {
      description: 'Fail a pipeline while migrations are pending:',
      command: '<%= config.bin %> migrate status --check',
    },
  ];
  static override flags = {
    check: Flags.boolean({ summary: 'Exit with 5 unless every migration is applied.' }),
  };

  protected async execute() {
    const { Migrator } = await import('../../migrate/migrator.js');
    const migrations = await this.withDatabase({}, (database) =>
      new Migrator(database, { folder: this.migrationsFolder, toolVersion: this.config.version }).status(),
    );
    for (const { status, name, appliedAt } of migrations)
      this.out.data(`${status.padEnd(8)} ${name}${appliedAt ? `  ${appliedAt.toISOString()}` : ''}`);
    if (migrations.length === 0) this.out.data('There are no migrations.');
    const open = migrations.filter(({ status }) => status !== 'applied');
    const findings: Finding[] =
      this.flags.check && open.length > 0
        ? [
            {
              code: 'migrate.pending',
              message: `${open.length === 1 ? 'One migration is' : `${open.length} migrations are`} not applied`,
              why: `${open.map(({ name, status }) => `${name} is ${status}`).join(', ')}.`,
              fix: 'Run `dbtool migrate up`.',
            },
          ]
        : [];
    return { data: { migrations }, findings };
  }
}
