import { describe, expect, it } from '@jest/globals';
import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { ERROR_CODES } from '../../src/errors/codes.js';

const codes = Object.entries(ERROR_CODES) as [string, { exit: number; summary: string }][];

describe('ERROR_CODES', () => {
  it.each(codes)(
    '%s has the form of a code, a summary and an exit code of the contract',
    (code, { exit, summary }) => {
      expect(code).toMatch(/^[a-z]+(\.[a-z]+(-[a-z]+)*){1,3}$/);
      expect(summary).toMatch(/^(dbtool|[A-Z])[^\n]*\.$/);
      expect([1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 130, 143]).toContain(exit);
    },
  );

  it('gives each finding an exit code of its own, since CI tells them apart by it', () => {
    const findings = codes.map(([, { exit }]) => exit).filter((exit) => exit >= 4 && exit < 100);
    expect(new Set(findings).size).toBe(findings.length);
  });

  it('keeps usage errors, declined prompts and signals at the exit codes of the contract', () => {
    for (const [code, { exit }] of codes) {
      if (/^(usage|config)\./.test(code)) expect([code, exit]).toEqual([code, 2]);
      if (code.startsWith('prompt.')) expect([code, exit]).toEqual([code, 3]);
    }
    expect(ERROR_CODES['internal.bug'].exit).toBe(1);
    expect(ERROR_CODES['signal.interrupt'].exit).toBe(130);
    expect(ERROR_CODES['signal.terminate'].exit).toBe(143);
  });

  it('names nothing that nobody reports', async () => {
    const folder = path.resolve('src');
    const files = await readdir(folder, { recursive: true });
    const sources = files.filter((file) => file.endsWith('.ts') && file !== path.join('errors', 'codes.ts'));
    const text = (await Promise.all(sources.map((file) => readFile(path.join(folder, file), 'utf8')))).join(
      '\n',
    );
    expect(codes.map(([code]) => code).filter((code) => !text.includes(`'${code}'`))).toEqual([]);
  });
});
