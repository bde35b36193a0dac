/*
 * npm run bench:import [-- --documents 50000]
 *
 * How fast `dbtool import mongo` takes traces of about 7 KB with 5 spans each from a .bson file into
 * Postgres: the whole process with all its checks, as a multiple of `psql \copy` of the same rows into the
 * same tables, empty and with the same indexes. Then the same import again, which must write next to
 * nothing (bytes of the write-ahead log, as a share of the first). Exits with 1 if a limit is broken.
 */
import { spawn } from 'node:child_process';
import { closeSync, mkdirSync, mkdtempSync, openSync, rmSync, statSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { serialize } from 'bson';
import { build } from '../scripts/build.mjs';
import { ROOT } from '../scripts/lib/process.mjs';
import { createDatabase, query } from './lib/bench-database.mjs';
import { traceDocument } from './lib/trace-documents.mjs';

/** Least share of the speed of `psql \copy`. */
const SPEED_LIMIT = 0.7;
/** Most memory of the process, in MB. */
const MEMORY_LIMIT = 250;
/** Most that a repeated import writes to the log, as a share of the first. */
const REPEATED_LIMIT = 0.01;

const option = (name) =>
  process.argv.includes(name) ? process.argv[process.argv.indexOf(name) + 1] : undefined;
const documents = Math.max(1, Number(option('--documents')) || 50_000);
const { PATH, HOME } = process.env;

await build();
mkdirSync(join(ROOT, 'bench', 'node_modules'), { recursive: true });
const folder = mkdtempSync(join(ROOT, 'bench', 'node_modules', '.import-'));
try {
  process.exitCode = (await measure()) ? 0 : 1;
} finally {
  rmSync(folder, { recursive: true });
}

async function measure() {
  const file = writeDocuments();
  console.log(`${documents} documents, ${(statSync(file).size / 1e6).toFixed(0)} MB of BSON, into Postgres`);
  const target = await createDatabase('postgres', folder, `dbtool_bench_${process.pid}_import`);
  const peer = await createDatabase('postgres', folder, `dbtool_bench_${process.pid}_copy`);
  try {
    for (const { url } of [target, peer]) await dbtool(url, ['migrate', 'up']);
    const args = ['import', 'mongo', '--from', file];
    const first = await logged(target.url, () => dbtool(target.url, args));
    await refuseOtherCount(target.url);
    const repeated = await logged(target.url, () => dbtool(target.url, args));
    const copy = await copyTables(target.url, peer.url);
    await refuseOtherCount(peer.url);
    return report({ first, repeated, copy });
  } finally {
    await target.drop();
    await peer.drop();
  }
}

function writeDocuments() {
  const file = join(folder, 'traces.bson');
  const descriptor = openSync(file, 'w');
  for (let index = 0; index < documents; index += 1) writeSync(descriptor, serialize(traceDocument(index)));
  closeSync(descriptor);
  return file;
}

async function refuseOtherCount(url) {
  const [{ traces, spans }] = await query(
    url,
    'SELECT (SELECT count(*)::int FROM traces) AS traces, (SELECT count(*)::int FROM spans) AS spans',
  );
  if (traces !== documents || spans !== documents * 5)
    throw new Error(
      `There are ${traces} traces and ${spans} spans instead of ${documents} and ${documents * 5}`,
    );
}

/** @returns what `work` took, and the bytes that the server wrote to its log meanwhile */
async function logged(url, work) {
  const [{ lsn }] = await query(url, 'SELECT pg_current_wal_lsn()::text AS lsn');
  const run = await work();
  const [{ bytes }] = await query(
    url,
    `SELECT pg_wal_lsn_diff(pg_current_wal_lsn(), '${lsn}')::float AS bytes`,
  );
  return { ...run, bytes };
}

function dbtool(url, args) {
  const program = ['--import', join(ROOT, 'bench', 'tell-memory.mjs'), join(ROOT, 'bin', 'dbtool.js')];
  return run(process.execPath, [...program, ...args], { DBTOOL_DATABASE_URL: url });
}

/** Copies the rows out, which is not measured, and into the other database's empty tables. */
async function copyTables(from, to) {
  const tables = ['traces', 'spans'];
  const commands = (direction) =>
    tables.flatMap((table) => ['-c', String.raw`\copy ${table} ${direction} '${join(folder, table)}.copy'`]);
  await run('psql', ['-X', '-q', '-v', 'ON_ERROR_STOP=1', ...commands('to'), from]);
  return run('psql', ['-X', '-q', '-v', 'ON_ERROR_STOP=1', ...commands('from'), to]);
}

/** @returns {Promise<{ms: number, memory: number}>} memory: the most, in MB, that a dbtool had; else NaN */
function run(command, args, env = {}) {
  return new Promise((resolve, reject) => {
    const start = performance.now();
    const child = spawn(command, args, {
      cwd: folder,
      env: { PATH, HOME, ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let output = '';
    for (const stream of [child.stdout, child.stderr])
      stream.setEncoding('utf8').on('data', (chunk) => (output += chunk));
    let ms = 0;
    child.on('error', reject);
    child.on('exit', () => (ms = performance.now() - start));
    child.on('close', (code) => {
      if (code !== 0) reject(new Error(`${command} ended with exit code ${code}: ${output}`));
      else resolve({ ms, memory: Number(/^peak memory: (\d+) kB$/m.exec(output)?.[1]) / 1000 });
    });
  });
}

function report({ first, repeated, copy }) {
  const line = (what, { ms, memory, bytes }) =>
    console.log(
      `  ${what.padEnd(22)}${(ms / 1000).toFixed(1).padStart(7)} s${(documents / (ms / 1000)).toFixed(0).padStart(8)}/s` +
        (bytes === undefined
          ? ''
          : `${memory.toFixed(0).padStart(6)} MB${(bytes / 1e6).toFixed(1).padStart(9)} MB of log`),
    );
  line('dbtool import', first);
  line('the same again', repeated);
  line(String.raw`psql \copy`, copy);
  const judge = (what, value, holds, limit) => {
    console.log(`${what}: ${value}, limit ${limit}: ${holds ? 'holds' : 'EXCEEDED'}`);
    return holds;
  };
  const speed = copy.ms / first.ms;
  const share = repeated.bytes / first.bytes;
  const memory = Math.max(first.memory, repeated.memory);
  return [
    judge(String.raw`speed as a share of psql \copy`, speed.toFixed(2), speed >= SPEED_LIMIT, SPEED_LIMIT),
    judge(
      'log of the repeated import, as a share',
      share.toFixed(4),
      share <= REPEATED_LIMIT,
      REPEATED_LIMIT,
    ),
    judge('peak memory in MB', memory.toFixed(0), memory <= MEMORY_LIMIT, MEMORY_LIMIT),
  ].every(Boolean);
}
