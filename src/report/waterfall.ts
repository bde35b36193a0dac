import type { Span } from '../entities/span.js';
import { type SpanNode, type TraceTree, walkSpans } from './trace-tree.js';

/** One line of a waterfall: a span, its place in the tree, and its bar on the trace's time line. */
export interface WaterfallLine {
  /** The span's name behind the branches of the tree. */
  span: string;
  type: string | null;
  /** `1.24 s`, `87 ms`; empty when unknown. */
  duration: string;
  tokens: number | null;
  cost: string | null;
  status: string | null;
  timeline: string;
}

const FULL = '█';
const THIN = '▏';
const OPEN_END = '▶';

/** Levels of the tree that are drawn as such; deeper ones stand below one another with their level. */
const DEEPEST_INDENT = 40;

/**
 * Draws the spans of a trace along its time line.
 * @param width columns of the time line, at least 1
 */
export function waterfall(tree: TraceTree, width: number): WaterfallLine[] {
  const scale = scaleOf(tree, width);
  const lines: WaterfallLine[] = [];
  const open: { node: SpanNode; indent: string; level: number; last: boolean }[] = [];
  const add = (nodes: readonly SpanNode[], indent: string, level: number): void => {
    for (const [index, node] of [...nodes.entries()].reverse())
      open.push({ node, indent, level, last: index === nodes.length - 1 });
  };
  add(tree.roots, '', 1);
  for (let next = open.pop(); next; next = open.pop()) {
    const { node, indent, level, last } = next;
    const deep = level > DEEPEST_INDENT;
    lines.push(line(node.span, `${indent}${deep ? `…${level} ` : ''}${last ? '└─ ' : '├─ '}`, scale));
    add(node.children, deep ? indent : `${indent}${last ? '   ' : '│  '}`, level + 1);
  }
  return lines;
}

interface Scale {
  start: number;
  /** Columns for each millisecond. */
  perMs: number;
  width: number;
}

/** From the first start to the last end of anything in the trace. */
function scaleOf({ trace, roots }: TraceTree, width: number): Scale {
  const times: number[] = [trace.startTime.getTime()];
  if (trace.endTime) times.push(trace.endTime.getTime());
  for (const { span } of walkSpans(roots)) {
    if (span.startTime) times.push(span.startTime.getTime());
    if (span.endTime) times.push(span.endTime.getTime());
  }
  const start = times.reduce((min, time) => Math.min(min, time));
  const end = times.reduce((max, time) => Math.max(max, time));
  return { start, perMs: end > start ? width / (end - start) : 0, width };
}

function line(span: Span, branch: string, scale: Scale): WaterfallLine {
  return {
    span: `${branch}${span.name ?? span.id}`,
    type: span.type,
    duration: formatMs(span.latency ?? elapsed(span)),
    tokens: span.tokensTotal,
    cost: span.costTotal,
    status: span.status,
    timeline: bar(span, scale),
  };
}

function elapsed(span: Span): number | null {
  return span.startTime && span.endTime ? span.endTime.getTime() - span.startTime.getTime() : null;
}

function bar(span: Span, { start, perMs, width }: Scale): string {
  if (!span.startTime) return '';
  const from = Math.min(width - 1, Math.floor((span.startTime.getTime() - start) * perMs));
  // Still running, or it never told: open to the right.
  if (!span.endTime)
    return from < width - 1 ? `${' '.repeat(from)}${FULL}${OPEN_END}` : ' '.repeat(from) + OPEN_END;
  const to = Math.min(width, Math.round((span.endTime.getTime() - start) * perMs));
  const lasts = to > from && span.endTime > span.startTime;
  return ' '.repeat(from) + (lasts ? FULL.repeat(to - from) : THIN);
}

/** Milliseconds as people read them. What rounds up to the next unit is shown in that. */
export function formatMs(ms: number | null): string {
  if (ms === null) return '';
  if (ms < 999.5) return `${ms < 9.95 ? ms.toFixed(1) : Math.round(ms)} ms`;
  if (ms < 59_995) return `${(ms / 1000).toFixed(2)} s`;
  const seconds = Math.round(ms / 1000);
  return `${Math.floor(seconds / 60)} m ${seconds % 60} s`;
}
