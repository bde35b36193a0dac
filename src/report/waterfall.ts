import type { Span } from '../entities/span.js';
import type { SpanNode, TraceTree } from './trace-tree.js';

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

/**
 * Draws the spans of a trace along its time line.
 * @param width columns of the time line
 */
export function waterfall(tree: TraceTree, width: number): WaterfallLine[] {
  const scale = scaleOf(tree, width);
  const lines: WaterfallLine[] = [];
  const draw = (nodes: readonly SpanNode[], indent: string): void => {
    nodes.forEach((node, index) => {
      const last = index === nodes.length - 1;
      lines.push(line(node.span, `${indent}${last ? '└─ ' : '├─ '}`, scale));
      draw(node.children, `${indent}${last ? '   ' : '│  '}`);
    });
  };
  draw(tree.roots, '');
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
  const collect = (nodes: readonly SpanNode[]): void => {
    for (const { span, children } of nodes) {
      if (span.startTime) times.push(span.startTime.getTime());
      if (span.endTime) times.push(span.endTime.getTime());
      collect(children);
    }
  };
  collect(roots);
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
  if (!span.endTime) return `${' '.repeat(from)}${FULL}${OPEN_END}`;
  const to = Math.min(width, Math.round((span.endTime.getTime() - start) * perMs));
  return ' '.repeat(from) + (to > from ? FULL.repeat(to - from) : THIN);
}

/** Milliseconds as people read them. */
export function formatMs(ms: number | null): string {
  if (ms === null) return '';
  if (ms < 1000) return `${ms < 10 ? ms.toFixed(1) : Math.round(ms)} ms`;
  return ms < 60_000
    ? `${(ms / 1000).toFixed(2)} s`
    : `${Math.floor(ms / 60_000)} m ${Math.round((ms % 60_000) / 1000)} s`;
}
