import { expect, it } from '@jest/globals';
import { describeBlocker, withoutValues } from '../../../src/migrate/lock/lock-errors.js';

it.each([
  ["SELECT *\n  FROM t WHERE name = 'Ann'", "SELECT * FROM t WHERE name = '…'"],
  ["UPDATE t SET a = 'it''s', b = 'c'", "UPDATE t SET a = '…', b = '…'"],
  [String.raw`UPDATE t SET a = 'it\'s secret', b = 1`, "UPDATE t SET a = '…', b = 1"],
  ["UPDATE t SET a = 'cut off in the midd", "UPDATE t SET a = '…'"],
])('shows %j without its texts', (statement, shown) => {
  expect(withoutValues(statement)).toBe(shown);
});

it('cuts a long statement', () => {
  expect(withoutValues(`SELECT ${'a, '.repeat(200)}b`)).toHaveLength(200);
});

it('tells of a session what is known', () => {
  expect(describeBlocker({ session: '7', certain: true })).toBe('session 7');
  expect(
    describeBlocker({
      session: '7',
      user: 'app',
      host: '10.0.0.5',
      application: 'psql',
      state: 'idle in transaction',
      since: new Date('2025-11-22T10:00:01.500Z'),
      statement: 'SELECT 1',
      certain: true,
    }),
  ).toBe('session 7 of app@10.0.0.5 (psql), idle in transaction since 2025-11-22 10:00:01 UTC: SELECT 1');
});
