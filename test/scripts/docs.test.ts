import { describe, expect, it } from '@jest/globals';
import { dbtoolCalls } from '../support/command-lines.js';

const script = new URL('../../scripts/docs/markdown.mjs', import.meta.url).href;
const { fillBlocks, table } = (await import(script)) as {
  fillBlocks: (file: string, text: string, blocks: Map<string, string>) => string;
  table: (headers: string[], rows: string[][]) => string;
};

describe('fillBlocks', () => {
  const page = 'by hand\n\n<!-- generated:a -->\nold\n<!-- /generated -->\n\nby hand too\n';

  it('replaces what stands between markers and nothing else, again and again', () => {
    const filled = fillBlocks('p.md', page, new Map([['a', '$& new']]));
    expect(filled).toBe('by hand\n\n<!-- generated:a -->\n\n$& new\n\n<!-- /generated -->\n\nby hand too\n');
    expect(fillBlocks('p.md', filled, new Map([['a', '$& new']]))).toBe(filled);
  });

  it('refuses markers that nothing belongs to, and blocks without markers', () => {
    expect(() => fillBlocks('p.md', page, new Map())).toThrow('p.md has markers for "a"');
    expect(() => fillBlocks('p.md', 'none', new Map([['b', 'x']]))).toThrow('p.md lacks the markers');
  });
});

it('keeps a table cell in its cell', () => {
  expect(table(['A'], [['a|b\n  c']])).toBe('| A |\n| --- |\n| a\\|b c |');
});

it('finds the calls of dbtool in shell', () => {
  expect(
    dbtoolCalls(`$ dbtool report traces --user 'Anna B' | head  # dbtool nope
source <(dbtool completion bash)
cd x && ../bin/dbtool.js help; dbtool migrate \\
  up > ~/dbtool.log`),
  ).toEqual([
    ['report', 'traces', '--user', 'Anna B'],
    ['completion', 'bash'],
    ['migrate', 'up'],
  ]);
});
