import { createRowWriter, formatFlag, outputFlag } from '../../cli/formats.js';
import { MigrateCommand } from '../../cli/migrate-command.js';
import { openOutput } from '../../cli/output-target.js';
import type { Column } from '../../cli/table.js';
import type { HistoryEntry } from '../../migrate/history.js';

interface HistoryRow {
  run: number;
  applied_at: Date;
  name: string;
  action: string;
  direction: string;
  status: string;
  applied_by: string;
  duration_ms: number | null;
  statements: number | null;
  tool_version: string;
  checksum: string | null;
  reads_data: boolean;
  pid: number | null;
  error: string | null;
}

const COLUMNS: readonly Column<HistoryRow>[] = [
  { key: 'run', header: 'RUN', align: 'right' },
  { key: 'applied_at', header: 'AT (UTC)' },
  { key: 'name', header: 'MIGRATION' },
  { key: 'action', header: 'ACTION' },
  { key: 'direction', header: 'DIRECTION' },
  { key: 'status', header: 'STATUS' },
  { key: 'applied_by', header: 'BY' },
  { key: 'duration_ms', header: 'MS', align: 'right' },
  { key: 'statements', header: 'STATEMENTS', align: 'right' },
  { key: 'tool_version', header: 'DBTOOL' },
  { key: 'error', header: 'ERROR' },
];

/** What a person rarely looks at. */
const MORE_COLUMNS: readonly Column<HistoryRow>[] = [
  { key: 'checksum', header: 'CHECKSUM' },
  { key: 'reads_data', header: 'READS DATA' },
  { key: 'pid', header: 'PID', align: 'right' },
];

export default class MigrateHistory extends MigrateCommand<typeof MigrateHistory> {
  static override summary = 'List all that was done with migrations: when, by whom, how long it took.';
  static override description = `A row for everything that ever was applied, taken back, resumed, baselined, adopted from TypeORM, marked or \
accepted in a repair, or run as a script; in the order in which it was done. Rows are never deleted.`;
  static override examples = [
    { description: 'The default database:', command: '<%= config.bin %> migrate history' },
    { description: 'For an audit:', command: '<%= config.bin %> migrate history --format csv' },
  ];
  static override flags = { format: formatFlag, output: outputFlag };

  protected async execute() {
    const { readHistory } = await import('../../migrate/history.js');
    const entries = await this.withDatabase({}, async ({ dataSource }) => {
      const runner = dataSource.createQueryRunner();
      try {
        return await readHistory(runner);
      } finally {
        await runner.release();
      }
    });
    const rows = entries.map(toRow);
    const target = await openOutput(this.flags.output, this.out);
    try {
      const columns = this.flags.format === 'table' ? COLUMNS : [...COLUMNS, ...MORE_COLUMNS];
      const writer = createRowWriter(this.flags.format, columns, target);
      for (const row of rows) await writer.write(row);
      await writer.end();
      await target.end();
    } catch (error) {
      await target.abort();
      throw error;
    }
    if (rows.length === 0) this.out.note('Nothing was done yet.');
    return { data: { history: rows } };
  }
}

function toRow(entry: HistoryEntry): HistoryRow {
  return {
    run: entry.run,
    applied_at: entry.appliedAt,
    name: entry.name,
    action: entry.action,
    direction: entry.direction,
    status: entry.status,
    applied_by: entry.appliedBy,
    duration_ms: entry.durationMs,
    statements: entry.statements,
    tool_version: entry.toolVersion,
    checksum: entry.checksum,
    reads_data: entry.readsData,
    pid: entry.pid,
    error: entry.error,
  };
}
