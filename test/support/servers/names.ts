import { randomInt } from 'node:crypto';

/*
 * A test database is called dbtool_test_<start of its run>_<process of its run>_<random>. Lower case
 * letters, digits and underscores only, 30 bytes at most: a plain identifier on every DBMS.
 */
const PREFIX = 'dbtool_test_';
const DAY_IN_SECONDS = 86_400;

export function newRunId(now = new Date()): string {
  return `${Math.floor(now.getTime() / 1000).toString(36)}_${process.pid.toString(36)}`;
}

export function newDatabaseName(runId: string): string {
  return `${PREFIX}${runId}_${randomInt(36 ** 5)
    .toString(36)
    .padStart(5, '0')}`;
}

export function isOfRun(name: string, runId: string): boolean {
  return name.startsWith(`${PREFIX}${runId}_`);
}

/** Left by a run that began more than a day ago, so no run of now can be using it. */
export function isStale(name: string, now = new Date()): boolean {
  const match = /^dbtool_test_([0-9a-z]{6})_[0-9a-z]+_[0-9a-z]{5}$/.exec(name);
  if (match?.[1] === undefined) return false;
  return now.getTime() / 1000 - Number.parseInt(match[1], 36) > DAY_IN_SECONDS;
}
