import type { TestRun } from './types.js';

const VARIABLE = 'DBTOOL_TEST_RUN';

/** Hands the run's servers to the test workers, which inherit the environment of the jest process. */
export function publishRun(run: TestRun): void {
  process.env[VARIABLE] = JSON.stringify(run);
}

/** The servers that global setup found for this run. */
export function currentRun(): TestRun {
  const published = process.env[VARIABLE];
  if (published === undefined) throw new Error(`${VARIABLE} is not set: jest's global setup did not run`);
  return JSON.parse(published) as TestRun;
}
