import { describe, expect, it } from '@jest/globals';
import { LOST } from '../../../src/import/plain-json.js';
import type { Problem } from '../../../src/import/problem.js';
import { reasonsOf, reasonText } from '../../../src/import/reason.js';
import { UnfitReasons } from '../../../src/import/verify/unfit-reasons.js';

/** A problem of that text, which begins with its path. */
function problemOf(reason: string, words = reason.indexOf(' ')): Problem {
  const path = reason.slice(0, words);
  return { path, field: path.replaceAll(/\[\d+\]/g, ''), rule: 'invalid', reason };
}

describe('why documents do not fit', () => {
  it.each([
    ['start_time is missing', 'start_time', 'is missing'],
    [
      'spans[12].latency must be a number, not the text "hush 12"',
      'spans.latency',
      'must be a number, not a text',
    ],
    ['key must be a string, not the number 12345', 'key', 'must be a string, not a number'],
    ['name must be a string, not the boolean true', 'name', 'must be a string, not a boolean'],
    ['at must be a time, not a long text', 'at', 'must be a time, not a text'],
    ['spans[1].id "a \\" b" stands twice in the list', 'spans.id', 'stands twice in the list'],
    [
      'status must be shorter than or equal to 50 characters',
      'status',
      'must be shorter than or equal to 50 characters',
    ],
    [`a field of many words ${LOST}`, 'a field of many words', LOST],
  ])('%s', (problem, field, reason) => {
    const path = field.includes(' ') ? field.length : undefined;
    expect(reasonsOf([problemOf(problem, path)])).toEqual([{ field, reason }]);
    expect(reasonText({ field, reason })).toBe(`${field} ${reason}`);
  });

  it('is counted by document, the commonest first, with five of them', () => {
    const reasons = new UnfitReasons();
    reasons.add('x', reasonsOf([problemOf('end_time is missing')]));
    for (let number = 0; number < 7; number++)
      reasons.add(
        `id-${number}`,
        reasonsOf(['spans[0].id is missing', 'spans[1].id is missing'].map((one) => problemOf(one))),
      );
    reasons.add(null, [{ field: null, reason: 'cannot be decoded' }]);
    expect(reasons.groups()).toEqual([
      {
        ...{ field: 'spans.id', reason: 'is missing', documents: 7 },
        examples: ['id-0', 'id-1', 'id-2', 'id-3', 'id-4'],
      },
      { field: 'end_time', reason: 'is missing', documents: 1, examples: ['x'] },
      { field: null, reason: 'cannot be decoded', documents: 1, examples: [] },
    ]);
  });

  it('takes no more memory for documents that are each wrong in their own way', () => {
    const reasons = new UnfitReasons();
    const long = 'i'.repeat(100_000);
    for (let number = 0; number < 5000; number++)
      reasons.add(
        `${long}${number}`,
        reasonsOf([problemOf(`f${number} ${LOST}`), problemOf(`g${number} ${LOST}`)]),
      );
    const groups = reasons.groups();
    expect(groups).toHaveLength(101);
    // Both reasons of a document are among the others: it counts once.
    expect(groups[0]).toMatchObject({ field: null, reason: 'other reasons', documents: 4950 });
    expect(groups[0]?.examples.map(({ length }) => length)).toEqual([255, 255, 255, 255, 255]);
  });
});
