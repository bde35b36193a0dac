import { describe, expect, it } from '@jest/globals';
import { cleanText } from '../../../src/import/plain-json.js';
import { describeDifference, shortened } from '../../../src/import/verify/shown-value.js';

const values = (line: string): string[] => {
  const [, source = '', database = ''] = /^name: (.*) at the source, (.*) in the database$/s.exec(line) ?? [];
  return [source, database];
};

describe('a difference as it is shown', () => {
  it('has both values, in JSON, with members in one order', () => {
    expect(describeDifference('name', { b: 1, a: [new Date(0), null] }, 'x', false)).toBe(
      'name: {"a":["1970-01-01T00:00:00.000Z",null],"b":1} at the source, "x" in the database',
    );
    expect(values(describeDifference('name', undefined, null, false))).toEqual(['absent', 'null']);
  });

  it('is cut to 60 characters, and what differs is among them', () => {
    const same = 'x'.repeat(5000);
    const shown = values(describeDifference('name', `${same}1${same}`, `${same}2`, false));
    expect(shown).toEqual([`…${'x'.repeat(15)}1${'x'.repeat(42)}…`, `…${'x'.repeat(15)}2"`]);
    expect(shown[0]).toHaveLength(60);
    expect(values(describeDifference('name', `1${same}`, '2', false))[0]).toBe(`"1${'x'.repeat(57)}…`);
    // Exactly as long as may be.
    expect(values(describeDifference('name', 'y'.repeat(58), 'z', false))[0]).toBe(`"${'y'.repeat(58)}"`);
  });

  it('never ends or begins within a character', () => {
    for (let before = 0; before < 4; before++) {
      const text = `${'a'.repeat(before)}${'😀'.repeat(100)}`;
      expect(cleanText(shortened(text))).toBe(shortened(text));
      const shown = describeDifference('name', `${text}b`, `${text}c`, false);
      expect(cleanText(shown)).toBe(shown);
      expect(shown).toMatch(/b" at.*c" in/);
    }
  });

  it('shows nothing secret: by the column, by a name inside, by what a text is', () => {
    expect(values(describeDifference('name', 'hush', 'other', true))).toEqual([
      '(secret)',
      '(another secret)',
    ]);
    expect(values(describeDifference('name', 'hush', null, true))).toEqual(['(secret)', 'null']);
    for (const field of [
      'password',
      'clientSecret',
      'X-Api-Key',
      'access_token',
      'Authorization',
      'cookies',
    ]) {
      const shown = describeDifference('name', { a: [{ [field]: { is: 'hush' } }] }, { a: 1 }, false);
      expect(shown).not.toContain('hush');
    }
    const url = describeDifference('name', 'see mongodb://reader:hush@host/db', 'none', false);
    expect(url).toContain('mongodb://reader:***@host/db');
    // What differs is the secret alone.
    expect(values(describeDifference('name', { pwd: 'hush' }, { pwd: 'hush!' }, false))).toEqual([
      '(secret)',
      '(another secret)',
    ]);
    expect(values(describeDifference('name', { prompt_tokens: 7 }, { prompt_tokens: 8 }, false))).toEqual([
      '{"prompt_tokens":7}',
      '{"prompt_tokens":8}',
    ]);
  });
});
