import { describe, expect, it } from '@jest/globals';

interface Summary {
  passed: number;
  failed: number;
  skipped: { name: string; reason: string }[];
}
const script = new URL('../../scripts/lib/report.mjs', import.meta.url).href;
const { describeServers, describeSkips, summariseJest } = (await import(script)) as {
  summariseJest: (results: unknown, exitCode: number) => Summary;
  describeSkips: (skipped: Summary['skipped']) => string[];
  describeServers: (facts: unknown) => { lines: string[]; notTested: string[] };
};

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

  it('tells servers that were used, missing, or never asked for apart', () => {
    const { lines, notTested } = describeServers({
      servers: [
        { kind: 'postgres', version: 'PostgreSQL 15', origin: 'already running' },
        { kind: 'mariadb', reason: 'nothing listens', byUrlOnly: false },
        { kind: 'mysql', reason: 'no DBTOOL_TEST_MYSQL_URL', byUrlOnly: true },
      ],
      mongo: { kind: 'mongod', version: '8', describe: 'MongoDB: 8, started' },
    });
    expect(lines).toContain('  postgres: PostgreSQL 15, already running');
    expect(lines).toContain('  mariadb: none (nothing listens)');
    expect(lines).toContain('  MongoDB: 8, started');
    expect(notTested).toEqual(['not tested: MySQL 8 (no DBTOOL_TEST_MYSQL_URL)']);
  });
});
