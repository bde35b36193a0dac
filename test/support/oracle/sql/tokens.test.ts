import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { type TokenKind, tokenize } from './tokens.js';

const read = (statement: string): [TokenKind, string][] =>
  tokenize(statement)
    .filter(({ kind }) => kind !== 'space')
    .map(({ kind, value }) => [kind, value]);

describe('tokenize', () => {
  it('tells words, names, strings, numbers and binds apart', () => {
    expect(read(`select "Ab", 'it''s' from t$1#a where x_1 >= :n1 and y=:"Q"`)).toEqual([
      ['word', 'SELECT'],
      ['name', 'Ab'],
      ['operator', ','],
      ['string', "it's"],
      ['word', 'FROM'],
      ['word', 'T$1#A'],
      ['word', 'WHERE'],
      ['word', 'X_1'],
      ['operator', '>='],
      ['bind', 'n1'],
      ['word', 'AND'],
      ['word', 'Y'],
      ['operator', '='],
      ['bind', '"Q"'],
    ]);
  });

  it.each([
    ["q'[it's]'", "it's"],
    ["Q'{a}b}'", 'a}b'],
    ["nq'!x!'", 'x'],
    ["N'x'", 'x'],
    ["''", ''],
    ["''''", "'"],
  ])('reads %s as a string', (text, value) => {
    expect(read(text)).toEqual([['string', value]]);
  });

  it.each(['1', '1.5', '.5', '1.', '1e10', '1.5E-3', '2d', '1.5F'])('reads %s as a number', (text) => {
    expect(read(text)).toEqual([['number', text]]);
  });

  it('reads comments and hints as such, and what they hold as nothing else', () => {
    expect(read(`/*+ FULL(t) */ a -- 'b'\n/* "c */`)).toEqual([
      ['comment', '/*+ FULL(t) */'],
      ['word', 'A'],
      ['comment', "-- 'b'"],
      ['comment', '/* "c */'],
    ]);
  });

  it.each([
    ["'a", "'"],
    ["q'[a'", "'"],
    ['"a', '"'],
    ['/* a', '/*'],
    ['`a`', '`'],
    ['::int', ':'],
    ['%', '%'],
  ])('finds fault with %s', (text, value) => {
    expect(read(text)[0]).toEqual(['invalid', value]);
  });

  it('loses nothing: the tokens joined are the statement', () => {
    const pieces = fc.constantFrom(
      ...[' ', '\n', "'", '"', 'q', "q'[", "]'", '/*', '*/', '--', ':', '::', '1', '.', 'e', 'd', '|', '||'],
      ...['<', '=', '>', '!', '^', '(', ')', 'select', 'Ж', '_', '$', '`', '😀', ','],
    );
    const statements = fc.oneof(
      fc.array(pieces).map((parts) => parts.join('')),
      fc.string({ unit: 'binary' }),
    );
    fc.assert(
      fc.property(statements, (statement) => {
        const tokens = tokenize(statement);
        expect(tokens.map(({ text }) => text).join('')).toBe(statement);
        expect(tokens.every(({ text }) => text !== '')).toBe(true);
      }),
      { numRuns: 2000 },
    );
  });
});
