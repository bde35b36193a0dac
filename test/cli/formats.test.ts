import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { createRowWriter, type Format } from '../../src/cli/formats.js';
import { type Column, renderTable } from '../../src/cli/table.js';

const COLUMNS: Column[] = [
  { key: 'id', header: 'Id' },
  { key: 'cost', header: 'Cost', render: (value) => `${String(value)} €` },
  { key: 'at', header: 'At' },
];

async function written(format: Format, rows: Record<string, unknown>[], columns = COLUMNS): Promise<string> {
  const chunks: string[] = [];
  const writer = createRowWriter(format, columns, {
    write: (chunk) => {
      chunks.push(chunk);
      return Promise.resolve();
    },
  });
  for (const row of rows) await writer.write(row);
  await writer.end();
  return chunks.join('');
}

const AT = new Date('2026-01-02T03:04:05.006Z');

describe('csv', () => {
  it('quotes only what needs it, and has nothing for null and for the empty string', async () => {
    const rows = [
      { id: 'plain', cost: 1.5, at: AT },
      { id: 'a,b', cost: null, at: 'say "hi"' },
      { id: '', cost: undefined, at: 'two\nlines' },
      { id: true, cost: 12345678901234567890n, at: { a: [1, null], b: 2n } },
      { id: '=1+1', cost: -0.25, at: '\u001B[31m' },
    ];
    expect(await written('csv', rows)).toBe(
      'id,cost,at\n' +
        'plain,1.5,2026-01-02T03:04:05.006Z\n' +
        '"a,b",,"say ""hi"""\n' +
        ',,"two\nlines"\n' +
        'true,12345678901234567890,"{""a"":[1,null],""b"":""2""}"\n' +
        '=1+1,-0.25,\u001B[31m\n',
    );
  });

  it('has no empty line, which readers skip', async () => {
    const rows = [{ id: '' }, { id: null }, { id: 'a' }];
    expect(await written('csv', rows, [{ key: 'id', header: 'Id' }])).toBe('id\n""\n""\na\n');
  });

  it('has a header without rows', async () => {
    expect(await written('csv', [])).toBe('id,cost,at\n');
  });

  it('gives every text back to a reader of RFC 4180', async () => {
    const cell = fc.option(fc.string({ unit: 'binary', maxLength: 12 }), { nil: null });
    await fc.assert(
      fc.asyncProperty(fc.array(fc.tuple(cell, cell)), async (pairs) => {
        const columns = [
          { key: 'a', header: 'A' },
          { key: 'b', header: 'B' },
        ];
        const text = await written(
          'csv',
          pairs.map(([a, b]) => ({ a, b })),
          columns,
        );
        expect(readCsv(text).slice(1)).toEqual(pairs.map((pair) => pair.map((value) => value ?? '')));
      }),
    );
  });
});

/** A strict reader. */
function readCsv(text: string): string[][] {
  const rows: string[][] = [];
  let at = 0;
  while (at < text.length) {
    const row: string[] = [];
    for (;;) {
      let cell = '';
      if (text[at] === '"') {
        for (at++; text[at] !== '"' || text[at + 1] === '"'; at++) {
          if (text[at] === '"') at++;
          cell += text[at]!;
        }
        at++;
      } else {
        while (text[at] !== ',' && text[at] !== '\n') cell += text[at++]!;
      }
      row.push(cell);
      if (text[at++] === '\n') break;
    }
    rows.push(row);
  }
  return rows;
}

describe('json and ndjson', () => {
  const rows = [
    { at: AT, cost: 1n, id: 'b\n"' },
    { id: null, extra: 'not asked for' },
  ];

  it('are one object per line, keys in column order', async () => {
    expect(await written('ndjson', rows)).toBe(
      '{"id":"b\\n\\"","cost":"1","at":"2026-01-02T03:04:05.006Z"}\n{"id":null,"cost":null,"at":null}\n',
    );
  });

  it('is one array', async () => {
    const text = await written('json', rows);
    expect(JSON.parse(text)).toHaveLength(2);
    expect(text.split('\n')).toHaveLength(5);
    expect(await written('json', [])).toBe('[]\n');
  });

  it('streams: what is held back stays small', async () => {
    const sizes: number[] = [];
    const writer = createRowWriter('csv', [{ key: 'a', header: 'A' }], {
      write: (chunk) => {
        sizes.push(chunk.length);
        return Promise.resolve();
      },
    });
    for (let i = 0; i < 20_000; i++) await writer.write({ a: 'x'.repeat(50) });
    await writer.end();
    expect(sizes.length).toBeGreaterThan(10);
    expect(Math.max(...sizes)).toBeLessThan(70_000);
  });
});

describe('a table', () => {
  it('stands numbers right, renders cells, shows nothing for null', async () => {
    const rows = [
      { id: 'a', cost: 1, at: 10 },
      { id: 'long name', cost: 22, at: null },
    ];
    expect(await written('table', rows)).toBe(
      'Id         Cost  At\n' + //
        '─────────  ────  ──\n' +
        'a           1 €  10\n' +
        'long name  22 €\n',
    );
  });

  it('keeps columns in line with wide characters, emoji and accents', async () => {
    const names = ['日本語', '👨‍👩‍👧', '🫠', 'e\u0301te', '🇩🇪', 'x'];
    const table = await renderTable(
      [
        { key: 'n', header: 'Name' },
        { key: 'v', header: 'V' },
      ],
      names.map((n) => ({ n, v: 1 })),
    );
    // Widths on a terminal: 6, 2, 2, 3, 2, 1; the column is 6 wide, two blanks follow.
    expect(table.split('\n').slice(2, 8)).toEqual([
      '日本語  1',
      '👨‍👩‍👧      1',
      '🫠      1',
      'e\u0301te     1',
      '🇩🇪      1',
      'x       1',
    ]);
  });

  it('makes escape sequences, line ends and direction marks in data harmless', async () => {
    const table = await renderTable(
      [{ key: 'a', header: 'A' }],
      [{ a: '\u001B]0;pwned\u0007' }, { a: 'two\nlines\r\t' }, { a: 'a\u202Eb\u009B31m' }],
    );
    expect(table.split('\n').slice(2)).toEqual([
      String.raw`\x1b]0;pwned\x07`,
      String.raw`two\nlines\r\t`,
      String.raw`a\u202eb\x9b31m`,
      '',
    ]);
  });

  it('never lets a control character through, whatever the data', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.string({ unit: 'binary' }), { maxLength: 5 }), async (texts) => {
        const table = await renderTable(
          [{ key: 'a', header: 'A' }],
          texts.map((a) => ({ a })),
        );
        expect(table.replaceAll('\n', '')).not.toMatch(/\p{Cc}|[\u202A-\u202E\u2066-\u2069]/u);
        expect(table.split('\n')).toHaveLength(texts.length + 3);
      }),
      { numRuns: 50 },
    );
  });

  it('keeps within a width by cutting the widest columns, and cuts nothing without one', async () => {
    const columns = [
      { key: 'id', header: 'Id' },
      { key: 'text', header: 'Text' },
    ];
    const rows = [{ id: 'abcdef', text: '日本語'.repeat(40) }];
    const cut = await renderTable(columns, rows, { width: 20 });
    expect(cut.split('\n')[2]).toBe('abcdef  日本語日本…');
    expect(await renderTable(columns, rows)).toContain('日本語'.repeat(40));
  });
});
