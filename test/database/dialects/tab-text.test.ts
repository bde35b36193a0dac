import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { tabText } from '../../../src/database/dialects/tab-text.js';
import { integer, type LogicalValue, text } from '../../../src/database/model/logical-type.js';
import type { TableModel } from '../../../src/database/model/table-model.js';
import { campaign } from '../../support/campaign.js';

const column = (name: string, type = text()): TableModel['columns'][number] => ({
  ...{ property: name, name, type },
  ...{ nullable: true, primary: false },
});
const TABLE: TableModel = {
  name: 't',
  columns: [column('a'), column('n', integer()), column('b'), column('c')],
  uniques: [],
  indexes: [],
};
const textOf = (value: LogicalValue): string | null => (value === null ? null : String(value));

/** Reads the text as the servers do. */
function read(bytes: string): (string | null)[][] {
  const lines = bytes.split('\n');
  expect(lines.pop()).toBe('');
  const letters: Record<string, string> = { '\\': '\\', t: '\t', n: '\n', r: '\r' };
  return lines.map((line) =>
    line
      .split('\t')
      .map((field) =>
        field === String.raw`\N`
          ? null
          : field.replace(/\\(.)/gsu, (_, letter: string) => letters[letter] ?? `not escaped: ${letter}`),
      ),
  );
}

const anyText = fc
  .array(
    fc.oneof(
      fc.string({ unit: 'binary', maxLength: 100 }),
      fc.constantFrom('\\', '\t', '\n', '\r', '\\N', '"', 'ü', '語', '😀', 'x'.repeat(63), 'x'.repeat(64)),
    ),
    { maxLength: 8 },
  )
  .map((parts) => parts.join('').replaceAll('\0', ''));

describe('rows as text with tabs', () => {
  it('say what the rows hold', () => {
    const row = fc.record({
      a: fc.option(anyText),
      n: fc.option(fc.integer()),
      b: fc.option(anyText),
      c: fc.option(anyText),
    });
    fc.assert(
      fc.property(fc.array(row, { maxLength: 10 }), (rows) => {
        const bytes = Buffer.concat([...tabText(TABLE, rows, textOf)]).toString();
        expect(read(bytes)).toEqual(rows.map(({ a, n, b, c }) => [a, textOf(n), b, c]));
      }),
      { numRuns: campaign(2000) },
    );
  });

  it('come in parts of whole rows, however long they are', () => {
    const rows = Array.from({ length: 300 }, (_, index) => ({
      a: `${index}`,
      n: index,
      b: '\\ü'.repeat(index * 20),
      c: index === 150 ? '\n'.repeat(1_000_000) : null,
    }));
    const parts = [...tabText(TABLE, rows, textOf)].map((part) => part.toString());
    expect(parts.length).toBeGreaterThan(3);
    expect(parts.flatMap(read)).toEqual(rows.map(({ a, n, b, c }) => [a, `${n}`, b, c]));
    for (const part of parts.filter((one) => !one.includes('\\n')))
      expect(Buffer.byteLength(part)).toBeLessThan(300_000);
  });

  it('refuse what no database keeps', () => {
    const rows = [{ a: 'x' }, { a: 'a\0b' }];
    expect(() => [...tabText(TABLE, rows, textOf)]).toThrow(
      'A row has a value that its column does not take',
    );
  });
});
