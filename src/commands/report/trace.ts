import * as Args from '@oclif/core/args';
import * as Flags from '@oclif/core/flags';
import { DatabaseCommand } from '../../cli/database-command.js';
import { outputFlag } from '../../cli/formats.js';
import { openOutput } from '../../cli/output-target.js';
import { printable } from '../../cli/printable.js';
import { type Column, renderTable } from '../../cli/table.js';
import type { SpanNode, TraceTree } from '../../report/trace-tree.js';
import type { WaterfallLine } from '../../report/waterfall.js';

const TIMELINE_WIDTH = 40;

const COLUMNS: readonly Column<WaterfallLine>[] = [
  { key: 'span', header: 'SPAN' },
  { key: 'type', header: 'TYPE' },
  { key: 'duration', header: 'DURATION', align: 'right' },
  { key: 'tokens', header: 'TOKENS', align: 'right' },
  { key: 'cost', header: 'COST', align: 'right' },
  { key: 'status', header: 'STATUS' },
  { key: 'timeline', header: 'TIMELINE' },
];

export default class ReportTrace extends DatabaseCommand<typeof ReportTrace> {
  static override summary = 'Show one trace as a waterfall of its spans.';
  static override description =
    'Shows the tree of spans with duration, tokens, cost and status, each with its bar on the time line of the trace.';
  static override examples = [
    {
      description: 'By its id, or the beginning of it:',
      command: '<%= config.bin %> report trace 6bf4f4142491b515',
    },
    {
      description: 'With everything that is known of it:',
      command: '<%= config.bin %> report trace 6bf4f4142491b515 --format json',
    },
  ];
  static override args = {
    id: Args.string({ description: "The trace's id, or the beginning of it.", required: true }),
  };
  static override flags = {
    format: Flags.option({
      char: 'f',
      options: ['table', 'json'] as const,
      default: 'table' as const,
      summary: 'Write it in this format.',
    })(),
    output: outputFlag,
  };

  protected async execute() {
    const [{ ALL_ENTITIES }, { TraceRepository }, { readTraceTree, plainTraceTree }] = await Promise.all([
      import('../../entities/all-entities.js'),
      import('../../repositories/trace-repository.js'),
      import('../../report/trace-tree.js'),
    ]);
    const target = await openOutput(this.flags.output, this.out);
    try {
      const tree = await this.withDatabase({ entities: ALL_ENTITIES, migrated: true }, (database) =>
        readTraceTree(new TraceRepository(database), this.args.id),
      );
      const data = plainTraceTree(tree);
      await target.write(
        this.flags.format === 'json'
          ? `${JSON.stringify(data, null, 2)}\n`
          : await this.draw(tree, target.width),
      );
      await target.end();
      return { data: { trace: data } };
    } catch (error) {
      await target.abort();
      throw error;
    }
  }

  private async draw(tree: TraceTree, width: number | undefined): Promise<string> {
    const [{ formatMs, waterfall }, { walkSpans }] = await Promise.all([
      import('../../report/waterfall.js'),
      import('../../report/trace-tree.js'),
    ]);
    const { trace } = tree;
    const head = [
      `${trace.name ?? '(no name)'}  ${trace.id}`,
      [trace.type, trace.status, trace.channel, trace.userId]
        .filter((part) => part !== null && part !== '')
        .join(' · '),
      `${trace.startTime.toISOString()} · ${formatMs(trace.latency) || 'no latency'} · cost ${trace.costTotal ?? 'unknown'}`,
    ];
    const lines = waterfall(tree, TIMELINE_WIDTH);
    const table = lines.length === 0 ? 'It has no spans.\n' : await renderTable(COLUMNS, lines, { width });
    const errors = errorLines(walkSpans(tree.roots));
    return `${head.map(printable).join('\n')}\n\n${table}${errors.length === 0 ? '' : `\n${errors.map(printable).join('\n')}\n`}`;
  }
}

/** What the failed spans said. */
function errorLines(nodes: Iterable<SpanNode>): string[] {
  return [...nodes]
    .map(({ span }) => span)
    .filter(({ status, statusMessage }) => status === 'error' && statusMessage)
    .map((span) => `${span.name ?? span.id}: ${span.statusMessage ?? ''}`);
}
