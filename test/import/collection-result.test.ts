import { describe, expect, it } from '@jest/globals';
import { emptyResult, perSecond, totalOf } from '../../src/import/collection-result.js';
import { providers } from '../../src/import/mappings/providers.js';

describe('documents a second', () => {
  it.each([
    [0, 0, null],
    [0, 5000, null],
    [1, 0, 1000],
    [1, 0.25, 1000],
    [1000, 3000, 333.3],
    [2, 60_000, 0],
    [3_000_000, 1000, 3_000_000],
  ])('%d in %d ms are %d', (documents, durationMs, expected) => {
    expect(perSecond(documents, durationMs)).toBe(expected);
  });
});

describe('the total of an import', () => {
  it('is the sum of its collections, in the time of the whole', () => {
    const one = { ...emptyResult(providers), read: 10, bytes: 700, imported: 8, unchanged: 3, rejected: 2 };
    const other = { ...emptyResult(providers), read: 5, bytes: 300, imported: 5, unchanged: 0, rejected: 0 };
    expect(
      totalOf(
        [
          { ...one, durationMs: 100 },
          { ...other, durationMs: 50 },
        ],
        1500.4,
      ),
    ).toEqual({
      read: 15,
      bytes: 1000,
      imported: 13,
      unchanged: 3,
      rejected: 2,
      durationMs: 1500,
      documentsPerSecond: 10,
    });
    expect(totalOf([], 12)).toMatchObject({ read: 0, bytes: 0, durationMs: 12, documentsPerSecond: null });
  });
});
