import { describe, expect, it } from '@jest/globals';
import { isOfRun, isStale, newDatabaseName, newRunId } from './names.js';

const HOUR = 3_600_000;

describe('names of test databases', () => {
  it('are plain identifiers that every DBMS takes, Oracle 12.1 with its 30 bytes included', () => {
    const name = newDatabaseName(`${newRunId().split('_')[0]!}_${(4_194_304).toString(36)}`);
    expect(name).toMatch(/^[a-z][a-z0-9_]{1,29}$/);
  });

  it('differ between calls and belong to their run only', () => {
    const run = newRunId();
    const [first, second] = [newDatabaseName(run), newDatabaseName(run)];
    expect(first).not.toBe(second);
    expect(isOfRun(first, run)).toBe(true);
    expect(isOfRun(first, `${run}1`)).toBe(false);
  });

  it('are stale a day after their run began', () => {
    const start = new Date('2026-03-01T10:00:00Z');
    const name = newDatabaseName(newRunId(start));
    expect(isStale(name, new Date(start.getTime() + 23 * HOUR))).toBe(false);
    expect(isStale(name, new Date(start.getTime() + 25 * HOUR))).toBe(true);
  });

  it('leave alone what is not named by these tests', () => {
    const muchLater = new Date('2040-01-01T00:00:00Z');
    for (const name of ['dbtool_test_', 'dbtool_test_mine', 'dbtool_production', 'dbtool_test_2024_backup']) {
      expect(isStale(name, muchLater)).toBe(false);
    }
  });
});
