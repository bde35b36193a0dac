import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { Span } from '../../src/entities/span.js';
import { formatMs, waterfall } from '../../src/report/waterfall.js';
import { campaign } from '../support/campaign.js';
import { after, spanOf, traceTreeOf } from '../support/spans.js';

const timed = (
  id: string,
  parent: string,
  from: number | null,
  to: number | null,
  more: Partial<Span> = {},
): Span =>
  spanOf(id, parent, {
    startTime: from === null ? null : after(from),
    endTime: to === null ? null : after(to),
    ...more,
  });

describe('waterfall', () => {
  it('draws the tree, and each span where it lies in time', () => {
    const spans = [
      timed('a', 't', 0, 100, { name: 'whole', type: 'span', status: 'success' }),
      timed('b', 'a', 0, 50, { name: 'first half', tokensTotal: 7, costTotal: '0.5' }),
      timed('c', 'a', 50, 100, { name: 'second half' }),
      timed('d', 'c', 90, 100),
      timed('e', 't', 100, 100, { latency: 0.25 }),
    ];
    const lines = waterfall(traceTreeOf(spans, { endTime: after(100) }), 10);
    expect(lines.map(({ span, timeline }) => `${span.padEnd(20)}|${timeline}`)).toEqual([
      '├─ whole            |██████████',
      '│  ├─ first half    |█████',
      '│  └─ second half   |     █████',
      '│     └─ d          |         █',
      '└─ e                |         ▏',
    ]);
    expect(lines[0]).toMatchObject({ type: 'span', status: 'success', duration: '100 ms', tokens: null });
    expect(lines[1]).toMatchObject({ tokens: 7, cost: '0.5', duration: '50 ms' });
    expect(lines[4]?.duration).toBe('0.3 ms');
  });

  it('draws nothing without spans', () => {
    expect(waterfall(traceTreeOf([]), 10)).toEqual([]);
  });

  it('draws a span that has no end as open to the right, and one without a start not at all', () => {
    const spans = [
      timed('a', 't', 0, null, { status: 'running' }),
      timed('b', 't', 50, null),
      timed('c', 't', 100, null),
      timed('d', 't', null, 100),
      timed('e', 't', null, null, { latency: 5 }),
    ];
    const lines = waterfall(traceTreeOf(spans), 10);
    expect(lines.map(({ timeline }) => timeline)).toEqual(['█▶', '     █▶', '         ▶', '', '']);
    expect(lines.map(({ duration }) => duration)).toEqual(['', '', '', '', '5.0 ms']);
  });

  it('draws a trace of one instant, and times that run backwards', () => {
    expect(waterfall(traceTreeOf([timed('a', 't', 0, 0)]), 10).map(({ timeline }) => timeline)).toEqual([
      '▏',
    ]);
    const lines = waterfall(traceTreeOf([timed('a', 't', 80, 20), timed('b', 't', 0, 100)]), 10);
    expect(lines.map(({ timeline }) => timeline)).toEqual(['        ▏', '██████████']);
  });

  it('takes the time line from whatever begins first and ends last', () => {
    const tree = traceTreeOf([timed('a', 't', -100, 0), timed('b', 't', 0, 100)], { endTime: after(50) });
    expect(waterfall(tree, 10).map(({ timeline }) => timeline)).toEqual(['█████', '     █████']);
  });

  it('keeps every bar within the width, and gives each span that has a start one', () => {
    const time = fc.option(fc.integer({ min: -1000, max: 1000 }), { nil: null });
    const span = fc.tuple(time, time, fc.nat({ max: 6 }));
    fc.assert(
      fc.property(
        fc.array(span, { maxLength: 8 }),
        time,
        fc.integer({ min: 1, max: 60 }),
        (list, end, width) => {
          const spans = list.map(([from, to, parent], id) => timed(String(id), String(parent), from, to));
          const lines = waterfall(traceTreeOf(spans, { endTime: end === null ? null : after(end) }), width);
          expect(lines).toHaveLength(spans.length);
          for (const { span: text, timeline } of lines) {
            const one = spans.find(({ id }) => text.endsWith(` ${id}`));
            expect(timeline.length).toBeLessThanOrEqual(width);
            expect(timeline).toMatch(one?.startTime ? /^ *(█+|█?▶|▏)$/ : /^$/);
            expect(timeline.endsWith('▶')).toBe(Boolean(one?.startTime && !one.endTime));
          }
        },
      ),
      { numRuns: campaign(2000) },
    );
  });

  it('draws a chain of 10,000 spans, each with its level where the tree would grow too wide', () => {
    const spans = [...Array(10_000).keys()].map((id) => spanOf(String(id), id === 0 ? 't' : String(id - 1)));
    const lines = waterfall(traceTreeOf(spans), 10);
    expect(lines).toHaveLength(10_000);
    expect(lines[1]?.span).toBe('   └─ 1');
    expect(lines[39]?.span).toBe(`${'   '.repeat(39)}└─ 39`);
    expect(lines[40]?.span).toBe(`${'   '.repeat(40)}…41 └─ 40`);
    expect(lines[9999]?.span).toBe(`${'   '.repeat(40)}…10000 └─ 9999`);
  });
});

describe('formatMs', () => {
  it.each([
    [null, ''],
    [0, '0.0 ms'],
    [0.04, '0.0 ms'],
    [1.25, '1.3 ms'],
    [9.94, '9.9 ms'],
    [9.96, '10 ms'],
    [87.4, '87 ms'],
    [999.4, '999 ms'],
    [999.5, '1.00 s'],
    [1000, '1.00 s'],
    [1236, '1.24 s'],
    [59_990, '59.99 s'],
    [59_999, '1 m 0 s'],
    [60_000, '1 m 0 s'],
    [119_400, '1 m 59 s'],
    [119_600, '2 m 0 s'],
    [3_600_000, '60 m 0 s'],
  ])('%j is %j', (ms, text) => {
    expect(formatMs(ms)).toBe(text);
  });

  it('never shows 60 seconds or 1000 milliseconds', () => {
    fc.assert(
      fc.property(fc.double({ min: 0, max: 1e7, noNaN: true }), (ms) => {
        expect(formatMs(ms)).not.toMatch(/^1000 ms|^60\.00 s| 60 s|^10\.0 ms/);
      }),
      { numRuns: campaign(5000) },
    );
  });
});
