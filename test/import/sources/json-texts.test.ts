import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { jsonTexts } from '../../../src/import/sources/json-texts.js';
import { campaign } from '../../support/campaign.js';

interface Text {
  text: string;
  line: number;
}

async function* chunked(bytes: Buffer, cuts: readonly number[]): AsyncGenerator<Buffer> {
  let from = 0;
  for (const to of [...new Set(cuts)].sort((a, b) => a - b).concat(bytes.length)) {
    if (to > bytes.length || to < from) continue;
    await Promise.resolve();
    yield bytes.subarray(from, to);
    from = to;
  }
}

async function read(source: string | Buffer, cuts: readonly number[] = []): Promise<Text[]> {
  const texts: Text[] = [];
  const truncated = (what: string, at: { line: number }): Error => new Error(`${what} on line ${at.line}`);
  for await (const { text, line } of jsonTexts(chunked(Buffer.from(source), cuts), truncated))
    texts.push({ text, line });
  return texts;
}

const everyByte = (source: string): number[] => [...Array(Buffer.byteLength(source)).keys()];

/** Values with everything in them that could be taken for the end of a document. */
const hard = fc.dictionary(
  fc.string({ unit: 'binary', maxLength: 5 }),
  fc.oneof(
    fc.jsonValue({ maxDepth: 2 }),
    fc.stringMatching(/^[{}[\]",:\\\n ]{0,8}$/),
    fc.string({ unit: 'grapheme', maxLength: 5 }),
  ),
  { maxKeys: 4, noNullPrototype: true },
);

/** The ways in which documents stand in a file. */
const LAYOUTS: Record<string, (documents: object[]) => string> = {
  lines: (documents) => documents.map((one) => `${JSON.stringify(one)}\n`).join(''),
  'lines without an end': (documents) => documents.map((one) => JSON.stringify(one)).join('\n'),
  'Windows lines': (documents) => documents.map((one) => `${JSON.stringify(one)}\r\n`).join(''),
  'one after the other': (documents) => documents.map((one) => JSON.stringify(one)).join(''),
  'over several lines': (documents) => documents.map((one) => JSON.stringify(one, null, 2)).join('\n\n'),
  'an array': (documents) => JSON.stringify(documents),
  'an array over several lines': (documents) => JSON.stringify(documents, null, 2),
  'an array, a document a line': (documents) =>
    `[${documents.map((one) => JSON.stringify(one)).join(',\n')}]\n`,
  'with a byte order mark': (documents) => `\ufeff${documents.map((one) => JSON.stringify(one)).join('\n')}`,
};

describe('jsonTexts', () => {
  it.each(Object.keys(LAYOUTS))('%s: gives every document, however the stream is cut', async (layout) => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(hard, { maxLength: 4 }),
        fc.array(fc.nat({ max: 400 }), { maxLength: 12 }),
        async (documents, cuts) => {
          const source = LAYOUTS[layout]!(documents);
          const whole = await read(source);
          expect(whole.map(({ text }) => JSON.parse(text) as unknown)).toEqual(
            JSON.parse(JSON.stringify(documents)),
          );
          expect(await read(source, cuts)).toEqual(whole);
          expect(await read(source, everyByte(source))).toEqual(whole);
        },
      ),
      { numRuns: campaign(150) },
    );
  });

  it('tells the line on which a document starts', async () => {
    const source = '{"a":\n1}\n\n{"b":\n\n2} {"c":3}\n[\n4]';
    const lines = [
      ['{"a":\n1}', 1],
      ['{"b":\n\n2}', 4],
      ['{"c":3}', 6],
      ['[\n4]', 7],
    ];
    expect((await read(source)).map(({ text, line }) => [text, line])).toEqual(lines);
    expect((await read(source, everyByte(source))).map(({ line }) => line)).toEqual([1, 4, 6, 7]);
  });

  it.each(['', ' \n\t', '[]', ' [\n] ', '\ufeff'])('%j holds nothing', async (source) => {
    expect(await read(source)).toEqual([]);
  });

  it.each([
    '{"a":"}"}',
    '{"a":"\\""}',
    '{"a":"\\\\"}',
    '{"a":"\\\\\\"}"}',
    '{"a":["{",{"b":"]"}]}',
    '{"}":"{"}',
    '{"ä":"😀"}',
  ])('%s is one document, cut at each of its bytes', async (source) => {
    for (const at of everyByte(source)) expect(await read(source, [at])).toEqual([{ text: source, line: 1 }]);
  });

  it('ends with the error it was given when the stream ends inside a document, wherever that is', async () => {
    const source = '{"a":"x\\"😀","b":[{"c":1}]}';
    for (const at of everyByte(source).slice(1)) {
      const cut = Buffer.from(source).subarray(0, at);
      await expect(read(cut)).rejects.toThrow('truncated on line 1');
      await expect(read(Buffer.concat([Buffer.from('\n[\n'), cut]))).rejects.toThrow('truncated on line 3');
    }
    await expect(read('[{"a":1}')).rejects.toThrow('truncated on line 1');
    await expect(read('[{"a":1},\n')).rejects.toThrow('truncated on line 2');
    await expect(read('[')).rejects.toThrow('truncated on line 1');
  });

  it.each([
    ['hello', ['h', 'e', 'l', 'l', 'o']],
    ['5', ['5']],
    ['"text"', ['"text"']],
    ['{"a":1}x', ['{"a":1}', 'x']],
    ['{]', ['{]']],
    ['}', ['}']],
    ['{"a":1}]', ['{"a":1}', ']']],
    ['[{"a":1}]]', ['{"a":1}', ']']],
    // A second list is no list of documents any more.
    ['{"a":1}[{"b":1}]', ['{"a":1}', '[{"b":1}]']],
  ])('hands on what is no document, so that whoever parses it refuses it: %s', async (source, texts) => {
    expect((await read(source)).map(({ text }) => text)).toEqual(texts);
    expect((await read(source, everyByte(source))).map(({ text }) => text)).toEqual(texts);
  });

  it('never loses garbage: what is left out is white space, commas and the brackets of one array', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.constantFrom('{', '}', '[', ']', '"', '\\', ',', ':', '1', 'x', ' ', '\n', 'ä'), {
          maxLength: 20,
        }),
        fc.array(fc.nat({ max: 24 })),
        async (parts, cuts) => {
          const source = parts.join('');
          const attempt = (at: readonly number[]): Promise<Text[] | string> =>
            read(source, at).catch((error: unknown) => (error as Error).message);
          const whole = await attempt([]);
          expect(await attempt(cuts)).toEqual(whole);
          if (typeof whole === 'string') expect(whole).toMatch(/^(truncated|not-utf8) on line \d+$/);
          else {
            const bare = (text: string): string => text.replaceAll(/[\s,]/g, '');
            const kept = bare(whole.map(({ text }) => text).join(''));
            const all = bare(source);
            expect([all, withoutArray(all)]).toContain(kept);
          }
        },
      ),
      { numRuns: campaign(3000) },
    );
  });

  it('keeps what one document needs, not the stream', async () => {
    const line = Buffer.from(`${JSON.stringify({ a: 'x'.repeat(1000) })}\n`.repeat(100));
    async function* stream(): AsyncGenerator<Buffer> {
      for (let index = 0; index < 200; index += 1) {
        await Promise.resolve();
        yield line;
      }
    }
    let count = 0;
    let longest = 0;
    for await (const { text } of jsonTexts(stream(), () => new Error('truncated'))) {
      count += 1;
      longest = Math.max(longest, text.length);
    }
    expect([count, longest]).toEqual([20_000, 1008]);
  });
});

/** A list of documents without its two brackets: the first one, and the one that closes it. */
function withoutArray(text: string): string {
  if (!text.startsWith('[')) return text;
  let depth = 0;
  let inString = false;
  for (let at = 0; at < text.length; at += 1) {
    const char = text[at];
    if (inString) {
      if (char === '\\') at += 1;
      else if (char === '"') inString = false;
    } else if (char === '"') inString = true;
    else if (char === '{' || char === '[') depth += 1;
    else if (char === '}' || char === ']') {
      depth = Math.max(depth - 1, char === '}' ? 1 : 0);
      if (depth === 0) return text.slice(1, at) + text.slice(at + 1);
    }
  }
  return text.slice(1);
}
