/*
 * npm run bench:migrate [-- --runs 7] [-- --only REGEXP]
 *
 * How long 200 migrations of one CREATE TABLE each take, and a run with nothing to do, by dbtool and by
 * other tools, on Postgres and SQLite. Whole processes are measured, as a user waits for them, each tool
 * through its own command line on a fresh database. The tools take turns, so that a busy moment hits all
 * of them. Exits with 1 if dbtool's median is above a limit: dbtool commits each migration with its
 * history, and must be faster than every Node tool that does so, and than TypeORM in any mode.
 *
 * --only measures the cases whose "database tool" matches; limits between cases that were left out are
 * not judged. The tools are installed into bench/node_modules on first use.
 */
import { spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { build } from '../scripts/build.mjs';
import { ROOT } from '../scripts/lib/process.mjs';
import { createDatabase } from './lib/bench-database.mjs';
import { ensurePeers } from './lib/ensure-peers.mjs';
import { migrationTools, writeMigrations } from './lib/migration-tools.mjs';

const COUNT = 200;
const IDLE_RUNS = 3;
/** Counts the tables that the migrations made, none of a tool's own. */
const COUNT_TABLES = {
  postgres: String.raw`SELECT count(*)::int AS n FROM pg_tables WHERE tablename ~ '^t\d+$'`,
  sqlite: "SELECT count(*) AS n FROM sqlite_schema WHERE type = 'table' AND name GLOB 't[0-9]*'",
};
const option = (name) =>
  process.argv.includes(name) ? process.argv[process.argv.indexOf(name) + 1] : undefined;
const runs = Math.max(1, Number(option('--runs')) || 7);
const only = new RegExp(option('--only') ?? '', 'i');

// Settings such as NODE_EXTRA_CA_CERTS slow every node down and so make any ratio look good.
const { PATH, HOME } = process.env;
const ENVIRONMENT = { PATH, HOME };

await build();
await ensurePeers();
// Below node_modules, where the tools' configuration files find the tools, and nothing else looks.
const folder = mkdtempSync(join(ROOT, 'bench', 'node_modules', '.run-'));
try {
  const cases = ['postgres', 'sqlite'].flatMap((database) =>
    migrationTools()
      .filter((tool) => tool.databases.includes(database) && only.test(`${database} ${tool.name}`))
      .map((tool) => ({ database, tool, full: [], idle: [] })),
  );
  await measure(cases);
  process.exitCode = report(cases) ? 0 : 1;
} finally {
  rmSync(folder, { recursive: true });
}

/** Fills in milliseconds of every run of every case; the first round warms the caches and is not counted. */
async function measure(cases) {
  const folders = writeMigrations(folder, COUNT);
  for (let round = 0; round <= runs; round += 1) {
    for (const [index, one] of cases.entries()) {
      const times = await runCase(one, folders, `dbtool_bench_${process.pid}_${round}_${index}`);
      if (round === 0) continue;
      one.full.push(times.full);
      one.idle.push(...times.idle);
    }
  }
}

async function runCase({ database: kind, tool }, folders, name) {
  const work = join(folder, name);
  mkdirSync(work);
  const database = await createDatabase(kind, work, name);
  try {
    const call = tool.call({ folders, work, url: database.url });
    const full = await runOnce(tool.name, call, work);
    const [{ n: tables }] = await database.query(COUNT_TABLES[kind]);
    if (tables !== COUNT) throw new Error(`${tool.name} made ${tables} tables on ${kind}, not ${COUNT}`);
    const idle = [];
    for (let run = 0; run < IDLE_RUNS; run += 1) idle.push(await runOnce(tool.name, call, work));
    return { full, idle };
  } finally {
    await database.drop();
    rmSync(work, { recursive: true });
  }
}

/** @returns {Promise<number>} milliseconds from the start of the process to its end */
function runOnce(name, { command = process.execPath, args, env }, cwd) {
  return new Promise((resolve, reject) => {
    const start = performance.now();
    const child = spawn(command, args, {
      cwd,
      env: { ...ENVIRONMENT, ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let output = '';
    for (const stream of [child.stdout, child.stderr])
      stream.setEncoding('utf8').on('data', (chunk) => (output += chunk));
    let time = 0;
    child.on('error', reject);
    child.on('exit', () => (time = performance.now() - start));
    child.on('close', (code) => {
      if (code === 0) resolve(time);
      else reject(new Error(`${name} ended with exit code ${code}: ${output}`));
    });
  });
}

function report(cases) {
  for (const database of new Set(cases.map((one) => one.database))) {
    const ofDatabase = cases.filter((one) => one.database === database);
    console.log(`\n${database}, ${runs} runs: ms for ${COUNT} migrations (median, min), for none (the same)`);
    for (const { tool, full, idle } of ofDatabase) {
      const numbers = [median(full), Math.min(...full), median(idle), Math.min(...idle)];
      console.log(`  ${tool.name.padEnd(24)}${numbers.map((ms) => ms.toFixed(0).padStart(7)).join('')}`);
    }
  }
  console.log('');
  return cases
    .filter(({ tool }) => tool.isDbtool)
    .flatMap((dbtool) => judge(dbtool, cases))
    .every(Boolean);
}

function judge(dbtool, cases) {
  const peers = cases.filter(({ database, tool }) => database === dbtool.database && !tool.isDbtool);
  const hold = (what, peer, key, limit) => {
    const ratio = median(dbtool[key]) / median(peer[key]);
    const ofMinima = Math.min(...dbtool[key]) / Math.min(...peer[key]);
    const holds = ratio <= limit;
    console.log(
      `${dbtool.database}: ${dbtool.tool.name}, ${what}: ${ratio.toFixed(2)}x ${peer.tool.name} ` +
        `(of minima ${ofMinima.toFixed(2)}x), limit ${limit}: ${holds ? 'holds' : 'EXCEEDED'}`,
    );
    return holds;
  };
  return peers.flatMap((peer) => [
    ...(peer.tool.commitsEach || peer.tool.isTypeorm ? [hold(`${COUNT}`, peer, 'full', 1)] : []),
    ...(peer.tool.isDbmate ? [hold(`${COUNT}`, peer, 'full', 2)] : []),
    ...(peer.tool.isTypeorm ? [hold('none', peer, 'idle', 1)] : []),
  ]);
}

function median(times) {
  const sorted = times.toSorted((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)];
}
