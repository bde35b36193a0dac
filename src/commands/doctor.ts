import { DatabaseCommand } from '../cli/database-command.js';
import { type Column, renderTable } from '../cli/table.js';
import type { Check } from '../doctor/doctor.js';
import { DbtoolError, type Finding } from '../errors/dbtool-error.js';

const COLUMNS: readonly Column<Check>[] = [
  { key: 'status', header: 'STATUS' },
  { key: 'name', header: 'CHECK' },
  { key: 'message', header: 'WHAT WAS FOUND' },
];

export default class Doctor extends DatabaseCommand<typeof Doctor> {
  static override summary = 'Check Node, settings, connection, server, privileges, clocks and migrations.';
  static override description =
    'Looks at everything that dbtool needs and tells for each fault how to mend it. Exits with 6 when a check failed.';
  static override examples = [
    { description: 'Before the first deployment:', command: '<%= config.bin %> doctor --env production' },
    { description: 'The default database:', command: '<%= config.bin %> doctor' },
  ];

  protected async execute() {
    const checks = await this.examine();
    this.out.data(await renderTable(COLUMNS, checks, {}));
    for (const { name, fix, status } of checks)
      if (fix !== undefined && status !== 'ok') this.out.data(`${name}: ${fix}`);
    const failed = checks.filter((check) => check.status === 'fail');
    const findings: Finding[] =
      failed.length === 0
        ? []
        : [
            {
              code: 'doctor.findings',
              message: `${failed.length === 1 ? 'One check' : `${failed.length} checks`} failed`,
              why: failed.map(({ name, message }) => `${name}: ${message}`).join('; '),
              fix: failed[0]?.fix,
            },
          ];
    return { data: { checks }, findings };
  }

  private async examine(): Promise<Check[]> {
    const { checkConfig, checkDatabase, checkNode, failedCheck } = await import('../doctor/doctor.js');
    const checks: Check[] = [checkNode(process.versions.node)];
    try {
      const settings = await this.settings();
      checks.push(checkConfig(settings));
      return await this.withDatabase({}, async (database) => [
        ...checks,
        ...(await checkDatabase(database, settings, await this.migratorOptions())),
      ]);
    } catch (error) {
      // What the doctor is there to find, it reports; a bug goes on its way.
      if (!(error instanceof DbtoolError) || error.code === 'internal.bug') throw error;
      return [...checks, failedCheck(error.code.startsWith('config.') ? 'config' : 'connection', error)];
    }
  }
}
