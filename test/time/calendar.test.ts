import { describe, expect, it } from '@jest/globals';
import { calendarDateExists, isKeepableInstant } from '../../src/time/calendar.js';

describe('isKeepableInstant', () => {
  it.each([
    ['0001-01-01T00:00:00.000Z', true],
    ['0000-12-31T23:59:59.999Z', false],
    ['9999-12-31T23:59:59.999Z', true],
    ['+010000-01-01T00:00:00.000Z', false],
    ['1970-01-01T00:00:00.000Z', true],
  ])('%s: %s', (iso, keepable) => {
    expect(isKeepableInstant(new Date(iso))).toBe(keepable);
  });

  it('knows an invalid date', () => {
    expect(isKeepableInstant(new Date(Number.NaN))).toBe(false);
  });
});

describe('calendarDateExists', () => {
  it.each([
    ['2024-02-29', true],
    ['2025-02-29', false],
    ['1900-02-29', false],
    ['2000-02-29T10:00:00Z', true],
    ['2025-02-30T10:00:00Z', false],
    ['2025-04-31', false],
    ['2025-12-31', true],
    ['2025-13-01', false],
    ['2025-00-01', false],
    ['2025-01-00', false],
    ['0004-02-29', true],
    ['0005-02-29', false],
    ['0099-01-01', true],
  ])('%s: %s', (text, exists) => {
    expect(calendarDateExists(text)).toBe(exists);
  });
});
