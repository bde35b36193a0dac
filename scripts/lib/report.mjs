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

/** Lines that tell what the tests ran against. */
export function describeServers({ servers, mongo }) {
  const lines = ['Databases:', '  sqlite: always (better-sqlite3)'];
  const notTested = [];
  for (const server of servers) {
    if (server.version !== undefined) lines.push(`  ${server.kind}: ${server.version}, ${server.origin}`);
    else if (server.byUrlOnly) notTested.push(`not tested: ${NAMES[server.kind]} (${server.reason})`);
    else lines.push(`  ${server.kind}: none (${server.reason})`);
  }
  lines.push(`  ${mongo.describe}`);
  return { lines, notTested };
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
