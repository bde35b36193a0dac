/**
 * How many cases a randomised test runs: all `full` of them in a campaign (`npm run test:full`), a
 * tenth, at least one, in an ordinary run.
 */
export function campaign(full: number): number {
  const share = Number(process.env['DBTOOL_TEST_CAMPAIGN'] ?? '0.1');
  if (!(share > 0)) throw new Error(`DBTOOL_TEST_CAMPAIGN must be a number above 0`);
  return Math.max(1, Math.round(full * share));
}

/** Prints how the cases of a campaign went: a count by outcome. */
export function tally(title: string, outcomes: Readonly<Partial<Record<string, number>>>): void {
  const counts = Object.entries(outcomes).map(([outcome, count]) => `${count ?? 0} ${outcome}`);
  process.stderr.write(`${title}: ${counts.join(', ')}\n`);
}
