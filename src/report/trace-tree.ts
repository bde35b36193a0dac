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
 * rule); spans that are each other's parents are cut open at the first one. Walks with lists of its own
 * rather than by calling itself, so that no depth is too deep.
 * @param spans in the order in which siblings are to stand; no id twice
 */
export function spanTree(spans: readonly Span[]): SpanNode[] {
  const nodes = new Map(spans.map((span) => [span.id, { span, children: [] }]));
  const parentOf = (node: SpanNode): SpanNode | undefined =>
    node.span.parentId === null ? undefined : nodes.get(node.span.parentId);
  const cut = firstOfEachCycle([...nodes.values()], parentOf);
  const roots: SpanNode[] = [];
  for (const node of nodes.values()) {
    const parent = cut.has(node) ? undefined : parentOf(node);
    (parent?.children ?? roots).push(node);
  }
  return roots;
}

/** Of all nodes that are their own ancestors: the first of each round of them. */
function firstOfEachCycle(
  nodes: readonly SpanNode[],
  parentOf: (node: SpanNode) => SpanNode | undefined,
): Set<SpanNode> {
  const first = new Set<SpanNode>();
  const place = new Map(nodes.map((node, index) => [node, index]));
  const seen = new Set<SpanNode>();
  for (const start of nodes) {
    const way = new Set<SpanNode>();
    let at: SpanNode | undefined = start;
    while (at && !seen.has(at)) {
      seen.add(at);
      way.add(at);
      at = parentOf(at);
    }
    // Back on the way that led here: from there on it is a round.
    if (!at || !way.has(at)) continue;
    const round = [...way].slice([...way].indexOf(at));
    first.add(round.reduce((a, b) => ((place.get(a) ?? 0) < (place.get(b) ?? 0) ? a : b)));
  }
  return first;
}

/** All nodes of the trees, each before its children, however deep they are. */
export function* walkSpans(roots: readonly SpanNode[]): Generator<SpanNode> {
  const open = [...roots].reverse();
  for (let node = open.pop(); node; node = open.pop()) {
    yield node;
    for (const child of [...node.children].reverse()) open.push(child);
  }
}

/** Deeper than this, JSON writers and readers give up. */
const DEEPEST_NESTING = 500;

/**
 * The trace as plain JSON values under the columns' names, spans nested under `spans`. Below 500 levels
 * spans stand beside their parents instead, which `parent_id` names.
 */
export function plainTraceTree(tree: TraceTree): Record<string, unknown> {
  const spans: unknown[] = [];
  const open = tree.roots.map((node) => ({ node, into: spans, depth: 1 })).reverse();
  for (let next = open.pop(); next; next = open.pop()) {
    const { node, into, depth } = next;
    const below: unknown[] = [];
    into.push({ ...instanceToPlain(node.span, { excludeExtraneousValues: true }), spans: below });
    for (const child of [...node.children].reverse())
      open.push({ node: child, into: depth < DEEPEST_NESTING ? below : into, depth: depth + 1 });
  }
  return { ...instanceToPlain(tree.trace, { excludeExtraneousValues: true }), spans };
}
