import { describe, expect, it, jest } from '@jest/globals';
import { access } from 'node:fs/promises';
import path from 'node:path';
import { useTempFolder } from '../support/temp-folder.js';

interface Outcome {
  passed: number;
  failed: number;
  skipped: { name: string; reason: string }[];
  lines: string[];
}
const script = new URL('../../scripts/lib/oracle-syntax.mjs', import.meta.url).href;
const { checkOracleSyntax } = (await import(script)) as {
  checkOracleSyntax: (file: string, options: { cache: string }) => Promise<Outcome>;
};

const RIGHT = [
  'SELECT a FROM t WHERE b = :1',
  `SELECT "A" FROM "T" WHERE "B" IN (:1, :2, :3, :4)`,
  "INSERT INTO t (a) VALUES ('x') RETURNING a INTO :out",
  'BEGIN :result := DBMS_LOCK.REQUEST(1, DBMS_LOCK.X_MODE, 0, FALSE); END;',
];

// The parser takes a minute to start where others want the processor, too.
jest.setTimeout(300_000);

describe('the check of Oracle syntax', () => {
  const folder = useTempFolder();
  const check = async (statements: string[]): Promise<Outcome> =>
    checkOracleSyntax(await folder.write('statements.json', JSON.stringify(statements)), {
      cache: path.join(folder.path, 'cache.json'),
    });

  it('passes what is right, and parses it once', async () => {
    const first = await check(RIGHT);
    expect(first).toMatchObject({ passed: 1, failed: 0, skipped: [] });
    expect(first.lines).toEqual([
      expect.stringMatching(/^PASS check: Oracle syntax \(4 statements, 4 new, /),
    ]);
    // Names of test users stand in strings, and are new in every run.
    const again = await check([...RIGHT.slice(0, 2), RIGHT[2]!.replace('x', 'y'), 'SELECT c FROM u']);
    expect(again.lines).toEqual([expect.stringMatching(/^PASS .*\(4 statements, 1 new, /)]);
  });

  it.each([
    // LIMIT might be an alias.
    ['SELECT a FROM t LIMIT 5', '1:23', "'5'"],
    ['SELECT FROM t', '1:8', 'FROM'],
    ['SELECT a\nFROM t WHERE (b = 1', '2:8', 'WHERE'],
    ['SELECT a FROM t;', '1:16', ';'],
    ['BEGIN NULL; END', '1:16', "';'"],
    ['SELECT a FROM t WHERE b = `c`', '1:27', '`'],
  ])('fails %s, with the place', async (statement, place, near) => {
    const outcome = await check([...RIGHT, statement]);
    expect(outcome).toMatchObject({ passed: 0, failed: 1 });
    const [verdict, message, line, mark] = outcome.lines;
    expect(verdict).toMatch(/^FAIL check: Oracle syntax/);
    expect(message).toContain(` ${place} `);
    expect(message).toContain(near);
    expect(line?.trim()).toBe(statement.split('\n').at(-1));
    expect(mark?.length).toBe(4 + Number(place.split(':')[1]));
    // What is wrong stays wrong: it is not remembered.
    expect((await check([statement])).failed).toBe(1);
  });

  it('is no check where nothing was sent', async () => {
    expect(await check([])).toMatchObject({ passed: 0, failed: 0, skipped: [] });
  });

  it('says so where no stand-in ran', async () => {
    const file = path.join(folder.path, 'nowhere.json');
    await expect(access(file)).rejects.toThrow();
    expect(await checkOracleSyntax(file, { cache: '' })).toMatchObject({
      passed: 0,
      failed: 0,
      skipped: [{ name: 'check: Oracle syntax', reason: expect.stringContaining('stand-in') }],
    });
  });
});
