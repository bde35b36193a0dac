import { folderFlag, MigrateCommand } from '../../cli/migrate-command.js';
import type { Finding } from '../../errors/dbtool-error.js';
import { BUILTIN_FOLDER } from '../../config/settings.js';

export default class MigrateCheck extends MigrateCommand<typeof MigrateCheck> {
  static override summary = 'Look for everything that a pipeline should stop at.';
  static override description = `Each fault is a finding of its own; the gravest gives the exit code: a migration that stopped half-way (2), \
edited after it was applied (8), applied but without its file (9), out of order (7), a schema that is not what \
the migrations make (10), dangers in pending migrations that they do not acknowledge (11), pending migrations (5). \
Migration classes are run dry to compare their statements with those that were applied.`;
  static override examples = [
    { description: 'The last step before a deployment:', command: '<%= config.bin %> migrate check' },
  ];
  static override flags = { folder: folderFlag };

  protected async execute() {
    const [{ Migrator }, { checkMigrations }, { ALL_ENTITIES }] = await Promise.all([
      import('../../migrate/migrator.js'),
      import('../../migrate/check.js'),
      import('../../entities/all-entities.js'),
    ]);
    const { folders } = (await this.settings()).migrate;
    const options = await this.migratorOptions();
    const { findings, details } = await this.withDatabase({ emptyIfMissing: true }, (database) =>
      checkMigrations(new Migrator(database, options), {
        // Without dbtool's own migrations the tables of its entities are none of theirs.
        entities: folders.includes(BUILTIN_FOLDER) ? ALL_ENTITIES : [],
        isOwnOnly: folders.length === 1,
      }),
    );
    if (findings.length === 0)
      this.out.data('Nothing was found: all migrations are applied, as they are, and the schema is theirs.');
    for (const { code, message } of findings) this.out.data(`${code}: ${message}`);
    return { data: details, findings: findings satisfies Finding[] };
  }
}
