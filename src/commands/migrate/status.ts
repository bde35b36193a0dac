import * as Flags from '@oclif/core/flags';
import { folderFlag, MigrateCommand, stateInWords } from '../../cli/migrate-command.js';
import type { Finding } from '../../errors/dbtool-error.js';

export default class MigrateStatus extends MigrateCommand<typeof MigrateStatus> {
  static override summary = 'Show which migrations are applied and which are pending.';
  static override description = `Lists every migration, oldest first: applied, pending, failed or running half-way, missing (applied, but its \
file is gone), or for another database. Tells also which SQL files were changed after being applied, which \
are out of order, and who is migrating at this moment.`;
  static override examples = [
    { description: 'Look at the default database:', command: '<%= config.bin %> migrate status' },
    {
      description: 'Fail a pipeline while migrations are pending:',
      command: '<%= config.bin %> migrate status --check',
    },
  ];
  static override flags = {
    check: Flags.boolean({ summary: 'Exit with 5 unless every migration is applied.' }),
    folder: folderFlag,
  };

  protected async execute() {
    const { Migrator } = await import('../../migrate/migrator.js');
    const options = await this.migratorOptions();
    const { migrations, holder } = await this.withDatabase({}, async (database) => {
      const migrator = new Migrator(database, options);
      return { migrations: await migrator.status('sql'), holder: await migrator.lockHolder() };
    });
    const width = Math.max(8, ...migrations.map((state) => stateInWords(state).length));
    const nameWidth = Math.max(0, ...migrations.map(({ name }) => name.length));
    for (const state of migrations) {
      const { name, appliedAt } = state;
      this.out.data(
        `${stateInWords(state).padEnd(width)} ${appliedAt ? `${name.padEnd(nameWidth)}  ${appliedAt.toISOString()}` : name}`,
      );
    }
    if (migrations.length === 0) this.out.data('There are no migrations.');
    if (holder !== undefined) this.out.note(`The migration lock is held by ${holder}.`);
    return { data: { migrations, lock: holder ?? null }, findings: this.findings(migrations) };
  }

  private findings(migrations: readonly { name: string; status: string }[]): Finding[] {
    const open = migrations.filter(
      ({ status }) => status === 'pending' || status === 'running' || status === 'failed',
    );
    if (!this.flags.check || open.length === 0) return [];
    return [
      {
        code: 'migrate.pending',
        message: `${open.length === 1 ? 'One migration is' : `${open.length} migrations are`} not applied`,
        why: `${open.map(({ name, status }) => `${name} is ${status}`).join(', ')}.`,
        fix: 'Run `dbtool migrate up`.',
      },
    ];
  }
}
