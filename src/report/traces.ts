import type { TraceFilter, TraceRepository, TraceSummary } from '../repositories/trace-repository.js';

/** One line of `report traces`. Times are UTC, latency is in milliseconds, cost is a decimal. */
export interface TraceRow {
  id: string;
  start_time: Date;
  name: string | null;
  type: string | null;
  status: string | null;
  channel: string | null;
  source: string | null;
  user_id: string | null;
  feature: string | null;
  latency_ms: number | null;
  spans: number;
  tokens: number | null;
  cost: string | null;
}

/** The traces that pass the filter, newest first. */
export async function* traceRows(
  traces: TraceRepository,
  filter: TraceFilter,
  limit?: number,
): AsyncGenerator<TraceRow> {
  for await (const summary of traces.list(filter, limit)) yield rowOf(summary);
}

function rowOf({ trace, spans, tokens }: TraceSummary): TraceRow {
  return {
    id: trace.id,
    start_time: trace.startTime,
    name: trace.name,
    type: trace.type,
    status: trace.status,
    channel: trace.channel,
    source: trace.source,
    user_id: trace.userId,
    feature: trace.featureSystemName,
    latency_ms: trace.latency,
    spans,
    tokens,
    cost: trace.costTotal,
  };
}
