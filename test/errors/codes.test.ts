import { readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { SETTINGS } from '../../src/config/settings.js';
import { ERROR_CODES } from '../../src/errors/codes.js';

const SOURCE = resolve(import.meta.dirname, '../../src');
const codes = Object.keys(ERROR_CODES);
const files = readdirSync(SOURCE, { recursive: true, encoding: 'utf8' })
  .filter((file) => file.endsWith('.ts') && !file.endsWith('errors/codes.ts'))
  .map((file) => ({ file, text: readFileSync(join(SOURCE, file), 'utf8') }));

describe('every error code', () => {
  it.each(codes)('%s is used in src', (code) => {
    expect(files.some(({ text }) => text.includes(`'${code}'`))).toBe(true);
  });

  it('has a name of dotted words and a sentence', () => {
    for (const [code, { exit, summary }] of Object.entries(ERROR_CODES)) {
      expect(code).toMatch(/^[a-z]+(\.[a-z]+(-[a-z]+)*)+$/);
      expect(summary).toMatch(/\.$/);
      expect(Number.isInteger(exit) && exit > 0).toBe(true);
    }
  });
});

describe('what looks like an error code in src', () => {
  const topics = [...new Set(codes.map((code) => code.split('.', 1)[0] ?? ''))];
  // In quotes, where the code uses them, or in backticks, where comments name them.
  const pattern = new RegExp(`['\`]((?:${topics.join('|')})\\.[a-z][a-zA-Z.-]*)['\`]`, 'g');
  const isSetting = (text: string): boolean =>
    SETTINGS.some(({ key }) => key === text || key.startsWith(`${text}.`));

  it('is one', () => {
    const found = files.flatMap(({ file, text }) =>
      [...text.matchAll(pattern)].map(([, code = '']) => ({ file, code })),
    );
    expect(found.length).toBeGreaterThan(codes.length / 2);
    const wrong = found.filter(({ code }) => !codes.includes(code) && !isSetting(code));
    expect(wrong).toEqual([]);
  });
});
