import { instanceToPlain } from 'class-transformer';
import { DbtoolError } from '../errors/dbtool-error.js';
import type { Span } from '../entities/span.js';
import type { Trace } from '../entities/trace.js';
import type { TraceRepository } from '../repositories/trace-repository.js';

/** A span with the spans that were started by it. */
export interface SpanNode {
  span: Span;
  children: SpanNode[];
}

export interface TraceTree {
  trace: Trace;
  roots: SpanNode[];
}

const SUGGESTIONS = 5;

/**
 * Reads a trace with all its spans.
 * @param id the trace's id, or the beginning of it when only one trace has it
 * @throws DbtoolError `report.trace.unknown`
 */
export async function readTraceTree(traces: TraceRepository, id: string): Promise<TraceTree> {
  const trace = (await traces.find(id)) ?? (await byPrefix(traces, id));
  return { trace, roots: spanTree(await traces.spans(trace.id)) };
}

async function byPrefix(traces: TraceRepository, prefix: string): Promise<Trace> {
  const ids = await traces.idsLike(prefix, SUGGESTIONS + 1);
  const only = ids.length === 1 && ids[0] !== undefined ? await traces.find(ids[0]) : null;
  if (only) return only;
  throw new DbtoolError('report.trace.unknown', {
    message: ids.length > 1 ? `Several traces begin with "${prefix}"` : `There is no trace "${prefix}"`,
    why:
      ids.length > 1
        ? `Among them are ${ids.slice(0, SUGGESTIONS).join(', ')}.`
        : 'No trace has this id, nor one that begins so.',
    fix:
      ids.length > 1
        ? 'Write more of the id.'
        : 'List traces with `dbtool report traces`; import newer ones with `dbtool import mongo`.',
  });
}

/**
 * The spans as trees. A span whose parent is not among them is a root (its parent is the trace, as a
 * rule); spans that are each other's parents are cut open at the first one.
 * @param spans in the order in which siblings are to stand
 */
export function spanTree(spans: readonly Span[]): SpanNode[] {
  const nodes = new Map(spans.map((span) => [span.id, { span, children: [] }]));
  const roots: SpanNode[] = [];
  for (const node of nodes.values()) {
    const parent = node.span.parentId === null ? undefined : nodes.get(node.span.parentId);
    (parent && parent !== node ? parent.children : roots).push(node);
  }
  const reached = new Set<SpanNode>();
  const reach = (node: SpanNode): void => {
    reached.add(node);
    node.children = node.children.filter((child) => !reached.has(child));
    node.children.forEach(reach);
  };
  roots.forEach(reach);
  for (const node of nodes.values()) {
    if (reached.has(node)) continue;
    roots.push(node);
    reach(node);
  }
  return roots;
}

/** The trace as plain JSON values under the columns' names, spans nested under `spans`. */
export function plainTraceTree(tree: TraceTree): Record<string, unknown> {
  const plainNode = ({ span, children }: SpanNode): Record<string, unknown> => ({
    ...instanceToPlain(span, { excludeExtraneousValues: true }),
    spans: children.map(plainNode),
  });
  return {
    ...instanceToPlain(tree.trace, { excludeExtraneousValues: true }),
    spans: tree.roots.map(plainNode),
  };
}
