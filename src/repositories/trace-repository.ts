import { In, type SelectQueryBuilder } from 'typeorm';
import type { OpenDatabase } from '../database/data-source.js';
import { instant, type LogicalType, type LogicalValue, string } from '../database/model/logical-type.js';
import { Span } from '../entities/span.js';
import { Trace } from '../entities/trace.js';

/** Which traces are wanted; what is not given does not restrict. */
export interface TraceFilter {
  /** Start time at or after. */
  from?: Date;
  /** Start time before. */
  to?: Date;
  status?: string;
  type?: string;
  channel?: string;
  userId?: string;
}

/** A trace with what its spans add up to. */
export interface TraceSummary {
  trace: Trace;
  spans: number;
  /** Sum over the spans that report tokens; null when none does. */
  tokens: number | null;
}

const PAGE = 500;
const COLUMNS = [
  'id',
  'name',
  'type',
  'status',
  'channel',
  'source',
  'userId',
  'featureSystemName',
  'startTime',
  'endTime',
  'latency',
  'costTotal',
] as const satisfies (keyof Trace)[];

export class TraceRepository {
  constructor(private readonly database: OpenDatabase) {}

  /**
   * Traces, newest first; among those of one moment by id. Read in pages by key, so that memory does
   * not grow with their number, nor time with the square of it.
   * @param limit at most so many
   */
  async *list(filter: TraceFilter, limit = Number.POSITIVE_INFINITY): AsyncGenerator<TraceSummary> {
    let after: Trace | undefined;
    for (let left = limit; left > 0;) {
      const size = Math.min(PAGE, left);
      const traces = await this.page(filter, after, size);
      const sums = await this.spanSums(traces.map((trace) => trace.id));
      for (const trace of traces) yield { trace, ...(sums.get(trace.id) ?? { spans: 0, tokens: null }) };
      after = traces.at(-1);
      if (traces.length < size) return;
      left -= traces.length;
    }
  }

  async find(id: string): Promise<Trace | null> {
    return this.database.dataSource.getRepository(Trace).findOneBy({ id });
  }

  /** The trace's spans in the order of their start. */
  async spans(traceId: string): Promise<Span[]> {
    return this.database.dataSource
      .getRepository(Span)
      .find({ where: { traceId }, order: { startTime: 'ASC', position: 'ASC' } });
  }

  /** Ids that begin so, to find a trace by what a log shows of its id. */
  async idsLike(prefix: string, limit: number): Promise<string[]> {
    const found = await this.query()
      .select('trace.id')
      .where('trace.id >= :prefix AND trace.id < :end', { prefix, end: `${prefix}\u{10ffff}` })
      .orderBy('trace.id')
      .limit(limit)
      .getMany();
    return found.map((trace) => trace.id);
  }

  private query(): SelectQueryBuilder<Trace> {
    return this.database.dataSource.getRepository(Trace).createQueryBuilder('trace');
  }

  private async page(filter: TraceFilter, after: Trace | undefined, size: number): Promise<Trace[]> {
    const query = this.query().select(COLUMNS.map((column) => `trace.${column}`));
    const bound = (type: LogicalType, value: LogicalValue): unknown =>
      this.database.dialect.toDriver(type, value);
    const where = (condition: string, parameter: string, type: LogicalType, value?: LogicalValue): void => {
      if (value !== undefined) query.andWhere(condition, { [parameter]: bound(type, value) });
    };
    where('trace.startTime >= :from', 'from', instant(), filter.from);
    where('trace.startTime < :to', 'to', instant(), filter.to);
    where('trace.status = :status', 'status', string(50), filter.status);
    where('trace.type = :type', 'type', string(100), filter.type);
    where('trace.channel = :channel', 'channel', string(255), filter.channel);
    where('trace.userId = :userId', 'userId', string(255), filter.userId);
    if (after) {
      query.andWhere('(trace.startTime < :time OR (trace.startTime = :time AND trace.id < :id))', {
        time: bound(instant(), after.startTime),
        id: after.id,
      });
    }
    return query.orderBy('trace.startTime', 'DESC').addOrderBy('trace.id', 'DESC').limit(size).getMany();
  }

  private async spanSums(ids: string[]): Promise<Map<string, { spans: number; tokens: number | null }>> {
    if (ids.length === 0) return new Map();
    const rows = await this.database.dataSource
      .getRepository(Span)
      .createQueryBuilder('span')
      .select('span.traceId', 'trace')
      .addSelect('COUNT(*)', 'spans')
      .addSelect('SUM(span.tokensTotal)', 'tokens')
      .where({ traceId: In(ids) })
      .groupBy('span.traceId')
      .getRawMany<{ trace: string; spans: string | number; tokens: string | number | null }>();
    return new Map(
      rows.map((row) => [
        row.trace,
        { spans: Number(row.spans), tokens: row.tokens === null ? null : Number(row.tokens) },
      ]),
    );
  }
}
