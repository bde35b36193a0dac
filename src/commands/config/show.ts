import { DatabaseCommand } from '../../cli/database-command.js';
import { type Column, renderTable } from '../../cli/table.js';
import { shownSettings, type ShownSetting } from '../../config/shown-settings.js';

const COLUMNS: readonly Column<ShownSetting>[] = [
  { key: 'key', header: 'SETTING' },
  { key: 'value', header: 'VALUE', align: 'left' },
  { key: 'origin', header: 'FROM' },
];

export default class ConfigShow extends DatabaseCommand<typeof ConfigShow> {
  static override summary = 'Show every setting, its value and where it comes from.';
  static override description = `Later ones beat earlier ones: defaults, the user's file, the project's dbtool.config.json or .yaml, the chosen \
environment in these files, environment variables, flags. Secrets are masked.`;
  static override examples = [
    { description: 'What is in force here:', command: '<%= config.bin %> config show' },
    {
      description: 'What another environment would mean:',
      command: '<%= config.bin %> config show --env staging',
    },
  ];

  protected async execute() {
    const settings = await this.settings();
    const shown = shownSettings(settings);
    this.out.note(
      `Environment: ${settings.environment ?? 'none'}. Files: ${settings.files.join(', ') || 'none'}.`,
    );
    this.out.data(
      await renderTable(COLUMNS, shown, { width: process.stdout.isTTY ? process.stdout.columns : undefined }),
    );
    return { data: { environment: settings.environment ?? null, files: settings.files, settings: shown } };
  }
}
