import * as Args from '@oclif/core/args';
import { DatabaseCommand } from '../../cli/database-command.js';

export default class DatabaseMark extends DatabaseCommand<typeof DatabaseMark> {
  static override summary = 'Mark the database as production or development.';
  static override description =
    'The mark is stored in the database itself. On one that is marked as production, commands that destroy data refuse without --allow-production.';
  static override examples = [
    { description: 'Protect a database:', command: '<%= config.bin %> database mark production' },
  ];
  static override args = {
    purpose: Args.string({
      description: 'What the database is for.',
      required: true,
      options: ['production', 'development'],
    }),
  };

  protected async execute() {
    const purpose = this.args.purpose as 'production' | 'development';
    const { writePurpose } = await import('../../database/production-mark.js');
    const database = await this.withDatabase({}, async (open) => {
      await writePurpose(open, purpose);
      return open.url.display;
    });
    this.out.data(`${database} is marked as ${purpose}.`);
    return { data: { database, purpose } };
  }
}
