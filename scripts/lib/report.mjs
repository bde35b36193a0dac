/** Turns jest's result file into counts and named skips. */
export function summariseJest(results, exitCode) {
  const skipped = [];
  for (const file of results.testResults) {
    for (const test of file.assertionResults) {
      if (!['pending', 'todo', 'skipped', 'disabled'].includes(test.status)) continue;
      // Reasons stand in the test's name: "postgres (skipped: nothing listens)".
      const reason =
        /\((?:skipped: )(.*)\)$/.exec(test.title)?.[1] ??
        (test.status === 'todo' ? 'todo' : 'no reason given');
      skipped.push({ name: test.fullName.replace(/ \(skipped: .*\)$/, ''), reason });
    }
  }
  // A file that does not even load has no failed tests of its own.
  let failed = results.numFailedTests + results.numRuntimeErrorTestSuites;
  if (exitCode !== 0 && failed === 0) failed = 1;
  return { passed: results.numPassedTests, failed, skipped };
}

/**
 * Counts the tests of each database, by the describe block that forEachDatabase makes for it.
 *
 * @param {string[]} kinds the databases that could be had
 * @returns {Record<string, { passed: number, failed: number, skipped: number, conformance: number }>} by kind;
 *   `conformance` is how many of the passed and failed ones are of test/conformance
 */
export function countByDatabase(results, kinds) {
  const counts = Object.fromEntries(
    kinds.map((kind) => [kind, { passed: 0, failed: 0, skipped: 0, conformance: 0 }]),
  );
  for (const file of results.testResults) {
    const isConformance = file.name.includes('/test/conformance/');
    for (const test of file.assertionResults) {
      // The first title is what the tests are about; the database stands below it.
      const count = counts[test.ancestorTitles.slice(1).find((title) => kinds.includes(title))];
      if (count === undefined) continue;
      const outcome = test.status === 'passed' || test.status === 'failed' ? test.status : 'skipped';
      count[outcome] += 1;
      if (isConformance && outcome !== 'skipped') count.conformance += 1;
    }
  }
  return counts;
}

/** The databases that could be had, as `test/support/databases.ts` names them. */
export function availableKinds({ servers }) {
  return ['sqlite', ...servers.filter((server) => server.version !== undefined).map(({ kind }) => kind)];
}

/**
 * What a full run left out although the database was there: such a run proves less than it seems to.
 *
 * @returns {string[]} a line for each, which counts as a failure
 */
export function findUntested(counts) {
  const kinds = Object.entries(counts);
  const hasConformance = kinds.some(([, { conformance }]) => conformance > 0);
  return kinds.flatMap(([kind, { passed, failed, conformance }]) => {
    if (passed + failed === 0) return [`FAIL ${kind} is there, and no test ran on it`];
    return hasConformance && conformance === 0
      ? [`FAIL ${kind} is there, and no conformance test ran on it`]
      : [];
  });
}

const STAND_IN = /^stand-in: */;

/** Lines that tell what the tests ran against, and how they went there. */
export function describeServers({ servers, mongo }, counts) {
  const line = (kind, server) => `  ${kind}: ${describeCount(counts[kind])} (${server})`;
  const lines = ['Databases:', line('sqlite', 'better-sqlite3, in the process')];
  const notTested = [];
  for (const { kind, version, origin, reason, byUrlOnly } of servers) {
    if (version === undefined) {
      if (byUrlOnly) notTested.push(`not tested: ${NAMES[kind]} (${reason})`);
      else lines.push(`  ${kind}: none (${reason})`);
    } else if (STAND_IN.test(origin)) {
      const name = version.includes('stand-in') ? version : `a stand-in, ${version}`;
      lines.push(line(kind, `${name}, ${origin.replace(STAND_IN, '')}`));
      notTested.push(`not tested: ${NAMES[kind]} itself (no DBTOOL_TEST_${kind.toUpperCase()}_URL)`);
    } else lines.push(line(kind, `${version}, ${origin}`));
  }
  lines.push(`  ${mongo.describe}`);
  return { lines, notTested };
}

function describeCount({ passed, failed, skipped, conformance }) {
  if (passed + failed + skipped === 0) return 'no tests';
  return [
    `${passed} passed, ${failed} failed`,
    ...(skipped > 0 ? [`${skipped} skipped`] : []),
    ...(conformance > 0 ? [`conformance ${conformance}`] : []),
  ].join(', ');
}

const NAMES = { mysql: 'MySQL 8', oracle: 'Oracle' };

/** Skips of one reason are shown together, since a missing server skips many. */
export function describeSkips(skipped) {
  const reasons = new Set(skipped.map((skip) => skip.reason));
  return [...reasons].flatMap((reason) => [
    `skipped (${reason}):`,
    ...skipped.filter((skip) => skip.reason === reason).map((skip) => `  ${skip.name}`),
  ]);
}
