/*
 * npm test                    install, build, all checks, all tests
 * npm test -- test/migrate    build and only these tests, no checks but that of Oracle's syntax; any of
 *                             jest's own arguments
 * npm run test:full           as npm test, with the randomised tests at their full counts (long)
 *
 * Needs Node and npm only, in a fresh clone too. The last line is "N passed, N failed, N skipped".
 */
import { existsSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { runChecks } from './lib/checks.mjs';
import { ensureInstalled } from './lib/install.mjs';
import { checkOracleSyntax } from './lib/oracle-syntax.mjs';
import { ROOT, run } from './lib/process.mjs';
import {
  availableKinds,
  countByDatabase,
  describeServers,
  describeSkips,
  findUntested,
  summariseJest,
} from './lib/report.mjs';

const JEST_RESULT = join(ROOT, 'test-results', 'jest.json');
const SERVERS = join(ROOT, 'test-results', 'servers.json');
const ORACLE_STATEMENTS = join(ROOT, 'test-results', 'oracle-statements.json');

const full = process.argv.includes('--full');
const jestArgs = process.argv.slice(2).filter((argument) => argument !== '--full');

await ensureInstalled();
// Only now: the build's own imports are installed packages.
const { build } = await import('./build.mjs');
await build();

const everything = jestArgs.length === 0;
const checks = everything ? await runChecks() : { passed: 0, failed: 0, skipped: [] };
const tests = await runJest();
const syntax = await checkOracleSyntax(ORACLE_STATEMENTS);
for (const line of syntax.lines) console.log(line);
const databases = examineDatabases();
report(checks, tests, syntax, databases);

async function runJest() {
  for (const file of [JEST_RESULT, SERVERS, ORACLE_STATEMENTS]) rmSync(file, { force: true });
  const node = ['--experimental-vm-modules', '--disable-warning=ExperimentalWarning'];
  const jest = [
    join(ROOT, 'node_modules/jest/bin/jest.js'),
    '--json',
    `--outputFile=${JEST_RESULT}`,
    ...jestArgs,
  ];
  const env = full ? { DBTOOL_TEST_CAMPAIGN: '1' } : {};
  const { code } = await run(process.execPath, [...node, ...jest], { env });
  // Without a result file jest itself broke down: that is a failure, never "nothing to do".
  if (!existsSync(JEST_RESULT)) return { passed: 0, failed: 1, skipped: [] };
  return summariseJest(JSON.parse(readFileSync(JEST_RESULT, 'utf8')), code);
}

/** How the tests went on each database; in a full run also that every database had its tests. */
function examineDatabases() {
  const none = { passed: 0, failed: 0, skipped: [], lines: [] };
  // Then jest broke down, which is counted as a failure already.
  if (!existsSync(SERVERS) || !existsSync(JEST_RESULT)) return none;
  const facts = JSON.parse(readFileSync(SERVERS, 'utf8'));
  const counts = countByDatabase(JSON.parse(readFileSync(JEST_RESULT, 'utf8')), availableKinds(facts));
  const { lines, notTested } = describeServers(facts, counts);
  const untested = everything ? findUntested(counts) : [];
  return { ...none, failed: untested.length, lines: [...lines, ...notTested, ...untested] };
}

function report(...parts) {
  const passed = parts.reduce((sum, part) => sum + part.passed, 0);
  const failed = parts.reduce((sum, part) => sum + part.failed, 0);
  const skipped = parts.flatMap((part) => part.skipped);
  console.log('');
  for (const line of [...databases.lines, ...describeSkips(skipped)]) console.log(line);
  console.log(`${passed} passed, ${failed} failed, ${skipped.length} skipped`);
  process.exitCode = failed > 0 || passed === 0 ? 1 : 0;
}
