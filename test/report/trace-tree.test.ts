import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { Span } from '../../src/entities/span.js';
import { Trace } from '../../src/entities/trace.js';
import {
  plainTraceTree,
  readTraceTree,
  type SpanNode,
  spanTree,
  walkSpans,
} from '../../src/report/trace-tree.js';
import type { TraceRepository } from '../../src/repositories/trace-repository.js';
import { campaign } from '../support/campaign.js';
import { caught } from '../support/caught.js';
import { spanOf, traceTreeOf } from '../support/spans.js';

/** `a(b c(d))`: each tree as a text. */
const shape = (nodes: readonly SpanNode[]): string =>
  nodes
    .map(({ span, children }) => (children.length === 0 ? span.id : `${span.id}(${shape(children)})`))
    .join(' ');
/** `b>a`: a span b whose parent is a. */
const spansOf = (...texts: string[]): Span[] =>
  texts.map((text) => {
    const [id = '', parent] = text.split('>');
    return spanOf(id, parent ?? null);
  });

describe('spanTree', () => {
  it.each([
    [[], ''],
    [['a'], 'a'],
    [['a>t', 'b>a', 'c>a', 'd>c'], 'a(b c(d))'],
    // Children before their parents, as the platform writes them.
    [['d>c', 'c>a', 'b>a', 'a>t'], 'a(c(d) b)'],
    [['a>gone', 'b>gone'], 'a b'],
    [['a>t', 'b', 'c>b'], 'a b(c)'],
    [['a>a'], 'a'],
    [['a>a', 'b>a'], 'a(b)'],
    [['a>b', 'b>a'], 'a(b)'],
    [['b>a', 'a>c', 'c>b'], 'b(c(a))'],
    // What hangs on a round stays there, though it comes first.
    [['x>b', 'a>b', 'b>a'], 'a(b(x))'],
    [['x>a', 'y>x', 'a>b', 'b>a', 'r>t'], 'a(x(y) b) r'],
    [['a>b', 'b>a', 'c>d', 'd>c'], 'a(b) c(d)'],
  ])('%j becomes %s', (texts, expected) => {
    expect(shape(spanTree(spansOf(...texts)))).toBe(expected);
  });

  it('has every span exactly once, under its parent wherever that can be, siblings in their order', () => {
    const graph = fc.integer({ min: 0, max: 12 }).chain((count) =>
      fc.array(fc.oneof(fc.nat({ max: Math.max(0, count) }), fc.constant(null)), {
        minLength: count,
        maxLength: count,
      }),
    );
    fc.assert(
      fc.property(graph, (parents) => {
        const spans = parents.map((parent, id) =>
          spanOf(String(id), parent === null ? null : String(parent)),
        );
        const roots = spanTree(spans);
        const visited = [...walkSpans(roots)];
        expect(visited.map(({ span }) => span.id).sort()).toEqual(spans.map(({ id }) => id).sort());
        for (const { span, children } of visited) {
          for (const child of children) expect(child.span.parentId).toBe(span.id);
          const places = children.map((child) => Number(child.span.id));
          expect(places).toEqual([...places].sort((a, b) => a - b));
        }
        const ancestors = (span: Span): Set<string> => {
          const found = new Set<string>();
          let at = spans.find(({ id }) => id === span.parentId);
          while (at && !found.has(at.id)) {
            found.add(at.id);
            at = spans.find(({ id }) => id === at?.parentId);
          }
          return found;
        };
        // A root has no parent here, or is its own ancestor and the first of those that are.
        for (const { span } of roots) {
          if (!spans.some(({ id }) => id === span.parentId)) continue;
          const round = ancestors(span);
          expect(round.has(span.id)).toBe(true);
          expect(Math.min(...[...round].map(Number))).toBe(Number(span.id));
        }
      }),
      { numRuns: campaign(3000) },
    );
  });

  it('takes chains and rounds of 10,000 spans', () => {
    const deep = [...Array(10_000).keys()];
    const chain = deep.map((id) => spanOf(String(id), id === 0 ? 't' : String(id - 1)));
    for (const spans of [chain, [...chain].reverse()]) {
      const visited = [...walkSpans(spanTree(spans))];
      expect(visited.map(({ span }) => Number(span.id))).toEqual(deep);
    }
    const round = deep.map((id) => spanOf(String(id), String((id + 1) % deep.length)));
    const roots = spanTree(round);
    expect(roots.map(({ span }) => span.id)).toEqual(['0']);
    expect([...walkSpans(roots)]).toHaveLength(deep.length);
    const own = deep.map((id) => spanOf(String(id), String(id)));
    expect(spanTree(own)).toHaveLength(deep.length);
  });
});

describe('plainTraceTree', () => {
  it('nests spans under the names of their columns', () => {
    const tree = traceTreeOf([spanOf('a', 't', { name: 'first', tokensTotal: 5 }), spanOf('b', 'a')]);
    expect(plainTraceTree(tree)).toMatchObject({
      id: 't',
      name: 'n',
      spans: [{ id: 'a', parent_id: 't', name: 'first', tokens_total: 5, spans: [{ id: 'b', spans: [] }] }],
    });
  });

  it('can be written as JSON however deep it is, with every span once', () => {
    const spans = [...Array(10_000).keys()].map((id) => spanOf(String(id), id === 0 ? 't' : String(id - 1)));
    const text = JSON.stringify(plainTraceTree(traceTreeOf([...spans, spanOf('last', '700')])));
    const ids = [...text.matchAll(/"trace_id":"t","id":"(\w+)","parent_id":"(\w+)"/g)].map(
      ([, id, parent]) => [id, parent],
    );
    expect(ids).toHaveLength(10_001);
    expect(new Set(ids.map(([id]) => id)).size).toBe(10_001);
    expect(JSON.parse(text)).toBeTruthy();
  });

  it('keeps to the nesting of the tree down to a depth that no trace has', () => {
    const spans = [...Array(400).keys()].map((id) => spanOf(String(id), id === 0 ? 't' : String(id - 1)));
    let level = plainTraceTree(traceTreeOf(spans))['spans'] as { id: string; spans: never[] }[];
    for (const { id } of spans) {
      expect(level.map((one) => one.id)).toEqual([id]);
      level = level[0]!.spans;
    }
    expect(level).toEqual([]);
  });
});

describe('readTraceTree', () => {
  /** A repository of traces with these ids, none of which has spans but `abc1`. */
  const repository = (...ids: string[]): TraceRepository =>
    ({
      find: (id: string) => Promise.resolve(ids.includes(id) ? Object.assign(new Trace(), { id }) : null),
      idsLike: (prefix: string, limit: number) =>
        Promise.resolve(ids.filter((id) => id.startsWith(prefix)).slice(0, limit)),
      spans: (id: string) => Promise.resolve(id === 'abc1' ? spansOf('b>a', 'a>abc1') : []),
    }) as unknown as TraceRepository;

  it('finds a trace by its id, with its spans', async () => {
    const { trace, roots } = await readTraceTree(repository('abc1', 'abc12'), 'abc1');
    expect(trace.id).toBe('abc1');
    expect(shape(roots)).toBe('a(b)');
  });

  it('finds it by the beginning of its id when there is no other', async () => {
    expect((await readTraceTree(repository('abc1', 'xyz'), 'ab')).trace.id).toBe('abc1');
  });

  it('refuses what several traces begin with, and names some of them', async () => {
    const ids = [1, 2, 3, 4, 5, 6, 7].map((digit) => `abc${digit}`);
    const error = await caught(() => readTraceTree(repository(...ids), 'abc'));
    expect(error).toMatchObject({
      code: 'report.trace.unknown',
      message: 'Several traces begin with "abc"',
      why: 'Among them are abc1, abc2, abc3, abc4, abc5.',
    });
  });

  it('says that there is none', async () => {
    const error = await caught(() => readTraceTree(repository('abc1'), 'zzz'));
    expect(error).toMatchObject({ code: 'report.trace.unknown', message: 'There is no trace "zzz"' });
  });
});
