import { describe, expect, it } from '@jest/globals';

interface Summary {
  passed: number;
  failed: number;
  skipped: { name: string; reason: string }[];
}
const script = new URL('../../scripts/lib/report.mjs', import.meta.url).href;
interface Count {
  passed: number;
  failed: number;
  skipped: number;
  conformance: number;
}
const { availableKinds, countByDatabase, describeServers, describeSkips, findUntested, summariseJest } =
  (await import(script)) as {
    summariseJest: (results: unknown, exitCode: number) => Summary;
    describeSkips: (skipped: Summary['skipped']) => string[];
    describeServers: (
      facts: unknown,
      counts: Record<string, Count>,
    ) => { lines: string[]; notTested: string[] };
    availableKinds: (facts: unknown) => string[];
    countByDatabase: (results: unknown, kinds: string[]) => Record<string, Count>;
    findUntested: (counts: Record<string, Count>) => string[];
  };

const count = (passed: number, more: Partial<Count> = {}): Count => ({
  passed,
  failed: 0,
  skipped: 0,
  conformance: 0,
  ...more,
});

const results = (counts: object, tests: object[] = []): object => ({
  numPassedTests: 0,
  numFailedTests: 0,
  numRuntimeErrorTestSuites: 0,
  testResults: [{ assertionResults: tests }],
  ...counts,
});

describe('summariseJest', () => {
  it('counts tests and reads the reason of a skip from its name', () => {
    const title = 'mariadb (skipped: nothing listens (ECONNREFUSED))';
    const tests = [
      { status: 'passed', title: 'a', fullName: 'a' },
      { status: 'pending', title, fullName: `migrate up ${title}` },
      { status: 'todo', title: 'later', fullName: 'later' },
    ];
    expect(summariseJest(results({ numPassedTests: 1 }, tests), 0)).toEqual({
      passed: 1,
      failed: 0,
      skipped: [
        { name: 'migrate up mariadb', reason: 'nothing listens (ECONNREFUSED)' },
        { name: 'later', reason: 'todo' },
      ],
    });
  });

  it('counts a file that does not load as a failure', () => {
    expect(summariseJest(results({ numRuntimeErrorTestSuites: 2, numFailedTests: 1 }), 1).failed).toBe(3);
  });

  it('believes the exit code when no test failed, as when the teardown broke', () => {
    expect(summariseJest(results({ numPassedTests: 5 }), 1).failed).toBe(1);
  });
});

describe('the closing report', () => {
  it('shows skips of one reason together', () => {
    const skipped = [
      { name: 'a', reason: 'no server' },
      { name: 'b', reason: 'no network' },
      { name: 'c', reason: 'no server' },
    ];
    expect(describeSkips(skipped)).toEqual([
      'skipped (no server):',
      '  a',
      '  c',
      'skipped (no network):',
      '  b',
    ]);
  });

  const servers = [
    { kind: 'postgres', version: 'PostgreSQL 15', origin: 'already running' },
    { kind: 'mariadb', reason: 'nothing listens', byUrlOnly: false },
    { kind: 'mysql', reason: 'no DBTOOL_TEST_MYSQL_URL', byUrlOnly: true },
    { kind: 'oracle', version: 'H2 2.1', origin: 'stand-in: the real driver before it' },
  ];

  it('tells servers that were used, stood in for, missing, or never asked for apart', () => {
    const { lines, notTested } = describeServers(
      { servers, mongo: { kind: 'mongod', version: '8', describe: 'MongoDB: 8, started' } },
      { sqlite: count(3), postgres: count(7, { failed: 1, skipped: 2, conformance: 5 }), oracle: count(0) },
    );
    expect(lines).toEqual([
      'Databases:',
      '  sqlite: 3 passed, 0 failed (better-sqlite3, in the process)',
      '  postgres: 7 passed, 1 failed, 2 skipped, conformance 5 (PostgreSQL 15, already running)',
      '  mariadb: none (nothing listens)',
      '  oracle: no tests (a stand-in, H2 2.1, the real driver before it)',
      '  MongoDB: 8, started',
    ]);
    expect(notTested).toEqual([
      'not tested: MySQL 8 (no DBTOOL_TEST_MYSQL_URL)',
      'not tested: Oracle itself (no DBTOOL_TEST_ORACLE_URL)',
    ]);
  });

  it('counts the tests of each database by their describe blocks', () => {
    const test = (status: string, ...ancestorTitles: string[]): object => ({ status, ancestorTitles });
    const file = (name: string, assertionResults: object[]): object => ({ name, assertionResults });
    const testResults = [
      file('/x/test/migrate/migrator.test.ts', [
        test('passed', 'the migrator', 'sqlite'),
        test('failed', 'the migrator', 'postgres'),
        test('pending', 'the migrator', 'postgres', 'when locked'),
        test('passed', 'postgres', 'is a word that a test is about'),
        test('passed', 'on any', 'mariadb'),
      ]),
      file('/x/test/conformance/values.test.ts', [
        test('passed', 'conformance', 'values', 'postgres', 'dates'),
        test('pending', 'conformance', 'values', 'postgres'),
      ]),
    ];
    const kinds = availableKinds({ servers });
    expect(kinds).toEqual(['sqlite', 'postgres', 'oracle']);
    expect(countByDatabase({ testResults }, kinds)).toEqual({
      sqlite: count(1),
      postgres: count(1, { failed: 1, skipped: 2, conformance: 1 }),
      oracle: count(0),
    });
  });

  it('names databases that were there and had no tests, or no conformance tests where others had', () => {
    expect(findUntested({ sqlite: count(1), postgres: count(0, { failed: 1 }) })).toEqual([]);
    expect(
      findUntested({
        sqlite: count(1, { conformance: 1 }),
        postgres: count(1),
        oracle: count(0, { skipped: 3 }),
      }),
    ).toEqual([
      'FAIL postgres is there, and no conformance test ran on it',
      'FAIL oracle is there, and no test ran on it',
    ]);
  });
});
