/*
 * Reads all rows of a table as a stream and prints how many there were and how far the memory grew above
 * what it was before, in bytes. Needs --expose-gc: what is garbage does not count.
 */
import type { DatabaseSettings } from '../../../src/config/settings.js';
import { withDatabase } from '../../../src/database/data-source.js';
import { tableOf } from '../../../src/database/model/table-model.js';
import { streamTable } from '../../../src/database/row-stream.js';
import { Sample } from './sample.js';

const MEASURE_EVERY = 10_000;

function inUse(): number {
  globalThis.gc?.();
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}

const settings = JSON.parse(process.argv[2] ?? '') as DatabaseSettings;
const result = await withDatabase(settings, [Sample], async (opened) => {
  let rows = 0;
  let most = 0;
  const before = inUse();
  for await (const row of streamTable(opened, tableOf(Sample))) {
    if (typeof row['body'] !== 'string') throw new Error('a row without its text');
    rows += 1;
    if (rows % MEASURE_EVERY === 0) most = Math.max(most, inUse());
  }
  return { rows, growth: most - before };
});
process.stdout.write(JSON.stringify(result));
