/*
 * npm run bench:startup [-- --runs 40]
 *
 * How long dbtool takes to start, as a multiple of `node -e 0` measured in the same minutes: seconds
 * depend on the machine, the ratio hardly does. The commands take turns, so that a busy moment hits
 * all of them. Exits with 1 if the median is above a limit. TypeORM's own command line is measured
 * beside dbtool for comparison; it has no limit.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { build } from '../scripts/build.mjs';
import { ROOT } from '../scripts/lib/process.mjs';

const runs = Math.max(20, Number(process.argv[process.argv.indexOf('--runs') + 1]) || 20);
const folder = mkdtempSync(join(tmpdir(), 'dbtool-bench-'));

// Settings such as NODE_EXTRA_CA_CERTS slow every node down and so make any ratio look good.
const { PATH, HOME } = process.env;
const ENVIRONMENT = { PATH, HOME };

const dbtool = join(ROOT, 'bin', 'dbtool.js');
const typeorm = join(ROOT, 'node_modules', 'typeorm', 'cli.js');
const database = ['--database', `sqlite:${join(folder, 'bench.sqlite')}`];
const dataSource = join(folder, 'data-source.cjs');

const CASES = [
  { name: 'node -e 0', args: ['-e', '0'] },
  { name: 'dbtool --version', args: [dbtool, '--version'], limit: 2.2 },
  {
    name: 'dbtool migrate status',
    args: [dbtool, 'migrate', 'status', ...database],
    limit: 4.5,
  },
  { name: 'typeorm --version', args: [typeorm, '--version'] },
  { name: 'typeorm migration:show', args: [typeorm, 'migration:show', '-d', dataSource] },
];

try {
  await build();
  if (!existsSync(dbtool)) throw new Error('there is no bin/dbtool.js to measure');
  writeFileSync(dataSource, typeormDataSource());
  // `migrate status` asks for a database that is there.
  runOnce('dbtool migrate up', [dbtool, 'migrate', 'up', ...database]);
  process.exitCode = report(measure()) ? 0 : 1;
} finally {
  rmSync(folder, { recursive: true });
}

function typeormDataSource() {
  const [orm, driver] = ['typeorm', 'better-sqlite3'].map((name) =>
    JSON.stringify(join(ROOT, 'node_modules', name)),
  );
  const database = JSON.stringify(join(folder, 'typeorm.sqlite'));
  return `const { DataSource } = require(${orm});
module.exports = new DataSource({ type: 'better-sqlite3', driver: require(${driver}), database: ${database} });`;
}

/** Milliseconds of every run of every case; the first round warms the disk cache and is not counted. */
function measure() {
  const times = CASES.map(() => []);
  for (let round = -1; round < runs; round += 1) {
    CASES.forEach(({ name, args }, index) => {
      const time = runOnce(name, args);
      if (round >= 0) times[index].push(time);
    });
  }
  return times;
}

function runOnce(name, args) {
  const start = performance.now();
  const { status, stderr } = spawnSync(process.execPath, args, {
    cwd: folder,
    env: ENVIRONMENT,
    encoding: 'utf8',
  });
  const time = performance.now() - start;
  if (status !== 0) throw new Error(`${name} ended with exit code ${status}: ${stderr}`);
  return time;
}

function report(times) {
  const [bare, ...rest] = CASES.map(({ name, limit }, index) => {
    const sorted = times[index].sort((a, b) => a - b);
    return { name, limit, median: sorted[Math.floor(sorted.length / 2)], min: sorted[0] };
  });
  console.log(
    `${bare.name}: median ${bare.median.toFixed(1)} ms, min ${bare.min.toFixed(1)} ms, ${runs} runs`,
  );
  const judged = rest.map((measured) => {
    const { name, limit, median, min } = measured;
    const ratio = median / bare.median;
    const holds = limit === undefined || ratio <= limit;
    const verdict = limit === undefined ? '' : `, limit ${limit}: ${holds ? 'holds' : 'EXCEEDED'}`;
    const times = `median ${median.toFixed(1)} ms, min ${min.toFixed(1)} ms`;
    console.log(
      `${name}: ${ratio.toFixed(2)}x (of minima ${(min / bare.min).toFixed(2)}x), ${times}${verdict}`,
    );
    return holds;
  });
  return judged.every(Boolean);
}
