import * as Args from '@oclif/core/args';
import * as Flags from '@oclif/core/flags';
import path from 'node:path';
import { DatabaseCommand } from '../../cli/database-command.js';

export default class MigrateGenerate extends DatabaseCommand<typeof MigrateGenerate> {
  static override summary = 'Write a migration that makes the database what the entities say.';
  static override description = `Compares the database with the entities and writes what differs as a migration whose way down undoes it: a \
class that does it on every database, or this database's SQL with --sql. The database stays as it is; one that lacks \
migrations is refused. Names are compared, so what was renamed is dropped and added anew, with its data lost: change \
the file then. Without a difference nothing is written.`;
  static override examples = [
    {
      description: 'A class for every database:',
      command: '<%= config.bin %> migrate generate new-columns --folder migrations',
    },
    {
      description: 'What it would be in SQL:',
      command: '<%= config.bin %> migrate generate new-columns --sql --folder migrations',
    },
  ];
  static override args = {
    name: Args.string({ required: true, description: 'What it does, in a few words such as `new-columns`.' }),
  };
  static override flags = {
    folder: Flags.string({
      summary: 'Write into this folder; else into the last of migrate.folders.',
      helpValue: 'DIR',
    }),
    sql: Flags.boolean({ summary: "Write this database's SQL instead of a class." }),
  };

  protected async execute() {
    const [{ targetFolder }, { generateMigration }, { ALL_ENTITIES }, { tableOf }] = await Promise.all([
      import('../../migrate/create/write-migration.js'),
      import('../../migrate/diff/generate.js'),
      import('../../entities/all-entities.js'),
      import('../../database/model/table-model.js'),
    ]);
    const folder = targetFolder(this.flags.folder, (await this.settings()).migrate.folders);
    const options = {
      name: this.args.name,
      folder,
      isOwn: folder === path.join(this.config.root, 'migrations'),
      sql: this.flags.sql,
    };
    const { differences, path: file } = await this.withDatabase({ migrated: true }, (database) =>
      generateMigration(database, ALL_ENTITIES.map(tableOf), options),
    );
    for (const { sentence } of differences) this.out.note(sentence);
    this.out.data(file ?? 'The database is what the entities say: there is nothing to write.');
    const found = differences.map(({ object, problem, table, name, sentence }) => ({
      object,
      problem,
      table,
      name,
      sentence,
    }));
    return { data: { path: file ?? null, differences: found } };
  }
}
