import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { cursorOf, valueAtKeys } from '../../src/import/document-path.js';
import { campaign } from '../support/campaign.js';

describe('valueAtKeys', () => {
  const document = { a: { b: { c: 1 }, list: [{ x: 2 }], nothing: null, text: 'abc' }, 'a.b': 3 };

  it.each<[string[], unknown]>([
    [[], document],
    [['a', 'b', 'c'], 1],
    [['a', 'b'], { c: 1 }],
    [['a', 'list', '0', 'x'], 2],
    [['a', 'nothing'], null],
    [['a.b'], 3],
    [['a', 'missing'], undefined],
    [['a', 'nothing', 'c'], undefined],
    [['a', 'b', 'c', 'd'], undefined],
    [['a', 'text', 'length'], undefined],
    [['a', 'list', '1'], undefined],
    // What every object has is no field of a document.
    [['constructor'], undefined],
    [['a', '__proto__'], undefined],
    [['a', 'toString', 'name'], undefined],
  ])('%j', (keys, value) => {
    expect(valueAtKeys(document, keys)).toEqual(value);
  });

  it('finds every value of any document under its own path', () => {
    const walk = (value: unknown, keys: string[], root: object): void => {
      expect(valueAtKeys(root, keys)).toBe(value);
      if (typeof value === 'object' && value !== null)
        for (const [key, inner] of Object.entries(value)) walk(inner, [...keys, key], root);
    };
    fc.assert(
      fc.property(fc.dictionary(fc.string(), fc.jsonValue(), { noNullPrototype: true }), (root) => {
        walk(root, [], root);
      }),
      { numRuns: campaign(500) },
    );
  });
});

describe('cursorOf', () => {
  const [first, second] = [new Date(1), new Date(2)];

  it.each<[object, Date | undefined]>([
    [{ a: first, b: { c: second } }, first],
    [{ b: { c: second } }, second],
    [{ a: null, b: { c: second } }, second],
    // Only a date is a cursor: a text in its place says nothing of when.
    [{ a: '2025-08-07', b: { c: second } }, second],
    [{ a: new Date(Number.NaN), b: { c: second } }, second],
    [{ a: 5, b: 'x' }, undefined],
    [{}, undefined],
  ])('%j', (document, cursor) => {
    expect(cursorOf(document, ['a', 'b.c'])).toBe(cursor);
  });
});
