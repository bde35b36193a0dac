import * as Args from '@oclif/core/args';
import * as Flags from '@oclif/core/flags';
import path from 'node:path';
import { DatabaseCommand } from '../../cli/database-command.js';
import { SQL_DIALECTS } from '../../migrate/create/write-migration.js';

export default class MigrateCreate extends DatabaseCommand<typeof MigrateCreate> {
  static override summary = 'Write an empty migration.';
  static override description = `Writes a file with the time of now and NAME in its name, which is newer than all that are beside it: a \
TypeScript class, or SQL with --sql. Nothing is overwritten, and no database is asked.`;
  static override examples = [
    {
      description: 'A class for every database:',
      command: '<%= config.bin %> migrate create add-users --folder migrations',
    },
    {
      description: 'SQL, a file for each of two databases:',
      command:
        '<%= config.bin %> migrate create add-users --sql --for postgres --for sqlite --folder migrations',
    },
  ];
  static override args = {
    name: Args.string({ required: true, description: 'What it does, in a few words such as `add-users`.' }),
  };
  static override flags = {
    folder: Flags.string({
      summary: 'Write into this folder; else into the last of migrate.folders.',
      helpValue: 'DIR',
    }),
    sql: Flags.boolean({ summary: 'Write SQL instead of a class.' }),
    for: Flags.string({
      summary: "With --sql: a file of this database's own; repeatable.",
      options: SQL_DIALECTS,
      multiple: true,
      multipleNonGreedy: true,
      dependsOn: ['sql'],
    }),
  };

  protected async execute() {
    const [{ nameIn, targetFolder, writeMigration }, templates] = await Promise.all([
      import('../../migrate/create/write-migration.js'),
      import('../../migrate/create/templates.js'),
    ]);
    const folder = targetFolder(this.flags.folder, (await this.settings()).migrate.folders);
    const { name, className } = await nameIn(folder, this.args.name, new Date());
    const isOwn = folder === path.join(this.config.root, 'migrations');
    const endings = this.flags.sql
      ? [...new Set(this.flags.for ?? [''])].map((dialect) => `${dialect && `.${dialect}`}.sql`)
      : ['.ts'];
    const content = this.flags.sql ? templates.SQL_TEMPLATE : templates.classTemplate(className, isOwn);
    const paths: string[] = [];
    for (const ending of endings) paths.push(await writeMigration(folder, `${name}${ending}`, content));
    for (const file of paths) this.out.data(file);
    return { data: { name, paths } };
  }
}
