import { describe, expect, it } from '@jest/globals';
import { isEqual, verifySummary } from '../../../src/cli/verify-summary.js';
import type { VerifyResult } from '../../../src/import/verify/verifier.js';

const EQUAL: VerifyResult = {
  ...{ collection: 'traces', table: 'traces', since: null, until: null },
  ...{ read: 3, unfit: 0, unfitReasons: [], stored: 3, marked: 0 },
  ...{ missing: 0, different: 0, outdated: 0, extra: 0, settled: 0, unexamined: 0 },
  ...{ differences: [], dangling: [], durationMs: 1234 },
};
const linesOf = async (results: VerifyResult[]): Promise<string[]> =>
  (await verifySummary(results)).split('\n').map((line) => line.replaceAll(/ {2,}/g, '  ').trim());

describe('the summary of a verification', () => {
  it('is the table alone where all is equal', async () => {
    const lines = await linesOf([EQUAL]);
    expect(lines.filter(Boolean)).toHaveLength(3);
    expect(lines).toContain('traces  equal  3  0  3  0  0  0  0  1.2 s');
    expect(isEqual(EQUAL)).toBe(true);
    for (const kind of ['missing', 'different', 'outdated', 'extra', 'unexamined'] as const)
      expect(isEqual({ ...EQUAL, [kind]: 1 })).toBe(false);
    expect(isEqual({ ...EQUAL, extra: null, unfit: 1, settled: 1 })).toBe(true);
  });

  it('tells how many rows are marked as gone, which is no difference', async () => {
    const lines = await linesOf([
      { ...EQUAL, marked: 1 },
      { ...EQUAL, collection: 'metrics', marked: 2 },
    ]);
    expect(lines).toContain('traces: 1 row is marked so, and its document is');
    expect(lines).toContain('metrics: 2 rows are marked so, and their documents are');
    expect(isEqual({ ...EQUAL, marked: 2 })).toBe(true);
  });

  it('tells what each difference is, and how many there are beyond', async () => {
    const differs: VerifyResult = {
      ...EQUAL,
      ...{ missing: 2, different: 1, outdated: 1, extra: 1, unexamined: 7, settled: 1 },
      differences: [
        { id: 'a', sourceId: 'A', kind: 'missing', details: [] },
        { id: 'b', sourceId: null, kind: 'extra', details: [] },
        {
          id: 'c',
          sourceId: 'C',
          kind: 'outdated',
          details: ['latency must be a number', 'name is missing'],
        },
        { id: 'd', sourceId: 'D', kind: 'different', details: ['x: 1 at the source, 2 in the database'] },
      ],
    };
    const lines = await linesOf([differs, { ...EQUAL, collection: 'metrics', unexamined: 2 }]);
    const from = lines.indexOf('What differs:');
    expect(lines.slice(from + 1, from + 9)).toEqual([
      'traces A: is not in the database',
      'traces b: is not at the source',
      'traces C: its document no longer fits: latency must be a number; name is missing',
      'traces D: x: 1 at the source, 2 in the database',
      'traces: 1 more',
      'traces: 7 documents more were not looked at one by one',
      'metrics: 2 documents in ranges that differ, and none that was looked at explains it',
      '',
    ]);
    expect(lines).toContain('traces: 1 document differed at first, and no longer when read once more');
  });

  it('says which dates were compared, and what was not looked for', async () => {
    const [since, until] = [new Date('2025-08-02T00:00:00Z'), new Date('2025-08-06T00:00:00Z')];
    const lines = await linesOf([
      { ...EQUAL, since, until, extra: null },
      { ...EQUAL, collection: 'metrics', since, until, extra: null },
      { ...EQUAL, collection: 'jobs', until, extra: null },
      { ...EQUAL, collection: 'models' },
    ]);
    expect(lines).toContain('traces  equal  3  0  3  0  0  0  -  1.2 s');
    const rest = 'and those without a date; rows that are only in the database were not looked for';
    const from = lines.indexOf('What was compared:');
    expect(lines.slice(from + 1, from + 4)).toEqual([
      `traces, metrics: only documents since 2025-08-02T00:00:00.000Z and before 2025-08-06T00:00:00.000Z, ${rest}`,
      `jobs: only documents before 2025-08-06T00:00:00.000Z, ${rest}`,
      '',
    ]);
  });

  it('has a table of what does not fit', async () => {
    const unfit: VerifyResult = {
      ...EQUAL,
      unfit: 3,
      unfitReasons: [
        { field: 'spans.id', reason: 'is missing', documents: 2, examples: ['A', 'B'] },
        { field: null, reason: 'cannot be decoded: why', documents: 1, examples: [] },
      ],
    };
    const lines = await linesOf([unfit]);
    expect(lines).toContain('Documents that do not fit:');
    expect(lines).toContain('COLLECTION  FIELD  REASON  DOCUMENTS  FOR EXAMPLE');
    expect(lines).toContain('traces  spans.id  is missing  2  A, B');
    expect(lines).toContain('traces  -  cannot be decoded: why  1');
  });

  it('lets no id and no value steer the terminal', async () => {
    const id = '\u001b[2J\u009b1m';
    const hostile: VerifyResult = {
      ...EQUAL,
      unfitReasons: [{ field: id, reason: id, documents: 1, examples: [id] }],
      differences: [{ id, sourceId: id, kind: 'different', details: [id] }],
      dangling: [{ from: 'a.b', to: 'c.d', rows: 1, examples: [id] }],
    };
    const text = await verifySummary([hostile]);
    expect(text).toContain('\\x1b[2J');
    // eslint-disable-next-line no-control-regex -- finding control characters is the point
    expect(text).not.toMatch(/[\u001b\u009b]/);
  });
});
