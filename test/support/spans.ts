import { Span } from '../../src/entities/span.js';
import { Trace } from '../../src/entities/trace.js';
import { spanTree, type TraceTree } from '../../src/report/trace-tree.js';

export const TRACE_START = new Date('2025-08-07T11:54:39.000Z');

/** A span as the repository reads it: every property there, null where nothing is known. */
export function spanOf(id: string, parentId: string | null, fields: Partial<Span> = {}): Span {
  return Object.assign(
    new Span(),
    {
      traceId: 't',
      id,
      parentId,
      position: 0,
      name: null,
      type: null,
      status: null,
      statusMessage: null,
      startTime: null,
      endTime: null,
      latency: null,
      tokensTotal: null,
      costTotal: null,
    },
    fields,
  );
}

/** A point in time so many milliseconds after the trace's start. */
export const after = (ms: number): Date => new Date(TRACE_START.getTime() + ms);

/** A trace with these spans; it starts at TRACE_START. */
export function traceTreeOf(spans: readonly Span[], fields: Partial<Trace> = {}): TraceTree {
  const trace = Object.assign(
    new Trace(),
    { id: 't', startTime: TRACE_START, endTime: null, name: 'n' },
    fields,
  );
  return { trace, roots: spanTree(spans) };
}
