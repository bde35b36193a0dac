import * as Flags from '@oclif/core/flags';
import { DatabaseCommand } from '../../cli/database-command.js';
import { createRowWriter, formatFlag, outputFlag } from '../../cli/formats.js';
import { openOutput } from '../../cli/output-target.js';
import type { Column } from '../../cli/table.js';
import type { TraceRow } from '../../report/traces.js';
import { parseTimeRange } from '../../time/time-range.js';

/** A table for people is short unless they ask for more. */
const TABLE_LIMIT = 50;

const COLUMNS: readonly Column<TraceRow>[] = [
  { key: 'id', header: 'ID' },
  { key: 'start_time', header: 'START (UTC)' },
  { key: 'name', header: 'NAME' },
  { key: 'type', header: 'TYPE' },
  { key: 'status', header: 'STATUS' },
  { key: 'channel', header: 'CHANNEL' },
  { key: 'source', header: 'SOURCE' },
  { key: 'user_id', header: 'USER' },
  { key: 'feature', header: 'FEATURE' },
  { key: 'latency_ms', header: 'LATENCY MS', align: 'right' },
  { key: 'spans', header: 'SPANS', align: 'right' },
  { key: 'tokens', header: 'TOKENS', align: 'right' },
  { key: 'cost', header: 'COST', align: 'right' },
];

export default class ReportTraces extends DatabaseCommand<typeof ReportTraces> {
  static override summary = 'List traces: what was asked, by whom, how long it took, what it cost.';
  static override description = `Lists traces, newest first. Times are UTC, latency is in milliseconds from the first start to the last end of a \
trace, cost is the sum over its spans; an unknown cost is empty, which is not 0. Tables show ${TABLE_LIMIT} traces \
unless --limit says otherwise; the other formats are complete.`;
  static override examples = [
    { description: 'The newest traces:', command: '<%= config.bin %> report traces' },
    {
      description: 'All failures of a month as CSV:',
      command:
        '<%= config.bin %> report traces --from 2025-08-01 --to 2025-09-01 --status error --format csv',
    },
    {
      description: 'What one user did in the last seven days:',
      command: '<%= config.bin %> report traces --from 7d --user anna@example.com',
    },
  ];
  static override flags = {
    from: Flags.string({
      summary: 'Start at or after this date, time or age (2025-08-20, 7d).',
      helpValue: 'TIME',
    }),
    to: Flags.string({ summary: 'Start before this date, time or age.', helpValue: 'TIME' }),
    status: Flags.string({ summary: 'Only traces with this status (success, error, running).' }),
    type: Flags.string({ summary: 'Only traces of this kind of feature (rag-tool, agent, …).' }),
    channel: Flags.string({ summary: 'Only traces of this channel (production, preview, …).' }),
    user: Flags.string({ summary: 'Only traces of this user.' }),
    limit: Flags.integer({ summary: 'At most so many traces.', min: 1, helpValue: 'N' }),
    format: formatFlag,
    output: outputFlag,
  };

  protected override interruptible = true;

  protected async execute() {
    const { flags } = this;
    const { from, to } = parseTimeRange(flags.from, flags.to, new Date());
    const asTable = flags.format === 'table' && !this.out.json;
    const limit = flags.limit ?? (asTable ? TABLE_LIMIT : undefined);
    const [{ ALL_ENTITIES }, { TraceRepository }, { traceRows }] = await Promise.all([
      import('../../entities/all-entities.js'),
      import('../../repositories/trace-repository.js'),
      import('../../report/traces.js'),
    ]);
    const target = await openOutput(flags.output, this.out);
    const filter = {
      from,
      to,
      status: flags.status,
      type: flags.type,
      channel: flags.channel,
      userId: flags.user,
    };
    const rows: TraceRow[] = [];
    let count = 0;
    try {
      const writer = createRowWriter(flags.format, COLUMNS, target);
      await this.withDatabase({ entities: ALL_ENTITIES, migrated: true }, async (database) => {
        for await (const row of traceRows(new TraceRepository(database), filter, limit)) {
          this.abortSignal.throwIfAborted();
          count += 1;
          if (this.out.json) rows.push(row);
          else await writer.write(row);
        }
      });
      await writer.end();
      await target.end();
    } catch (error) {
      await target.abort();
      throw error;
    }
    if (count === 0) this.out.note('No trace passes the filter.');
    else if (asTable && flags.limit === undefined && count === TABLE_LIMIT)
      this.out.note(`The newest ${TABLE_LIMIT} are shown; --limit shows more.`);
    return { data: { traces: rows } };
  }
}
