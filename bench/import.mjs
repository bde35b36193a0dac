/*
 * npm run bench:import [-- --documents 50000] [--database postgres] [--large]
 *
 * How fast `dbtool import mongo` takes traces of about 7 KB with 5 spans each from a .bson file: the whole process
 * with all its checks, beside the database's own tool for many rows, which writes the same rows into the same
 * tables, empty and with the same indexes. On Postgres, where there are limits, also beside a loop of TypeORM's
 * `repository.save` (a 25th of the documents), and the same import again, which must write next to nothing (bytes
 * of the write-ahead log, as a share of the first). For MariaDB and SQLite the figures stand beside it.
 *
 * --large imports four times as many documents into Postgres as well: it must take no more memory, and an import
 * with `--since last` behind it, of a file that has not changed, must be done at once.
 *
 * Exits with 1 if a limit is broken.
 */
import {
  closeSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  renameSync,
  rmSync,
  statSync,
  utimesSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';
import { serialize } from 'bson';
import { build } from '../scripts/build.mjs';
import { ROOT } from '../scripts/lib/process.mjs';
import { createDatabase, query } from './lib/bench-database.mjs';
import { BULK_PEERS } from './lib/bulk-peers.mjs';
import { dbtool } from './lib/processes.mjs';
import { saveTraces } from './lib/save-loop.mjs';
import { traceDocument } from './lib/trace-documents.mjs';

/** Least share of the speed of `psql \copy`. */
const SPEED_LIMIT = 0.7;
/** Least multiple of the speed of `repository.save`. */
const SAVE_LIMIT = 10;
/** Most memory of the process, in MB, and most of it for four times as many documents, as a multiple. */
const MEMORY_LIMIT = 250;
const GROWTH_LIMIT = 1.1;
/** Most that a repeated import writes to the log, as a share of the first. */
const REPEATED_LIMIT = 0.01;
/** Most seconds of an import of what is new, where nothing is. */
const NOTHING_NEW_LIMIT = 3;

/** One of so many documents is saved by `repository.save`: all of them would take minutes. */
const SAVED_SHARE = 25;
const TABLES = ['traces', 'spans'];

const option = (name) =>
  process.argv.includes(name) ? process.argv[process.argv.indexOf(name) + 1] : undefined;
const documents = Math.max(1, Number(option('--documents')) || 50_000);
const kinds = option('--database')?.split(',') ?? Object.keys(BULK_PEERS);
let databasesMade = 0;
const verdicts = [];
const missing = [];

await build();
mkdirSync(join(ROOT, 'bench', 'node_modules'), { recursive: true });
const folder = mkdtempSync(join(ROOT, 'bench', 'node_modules', '.import-'));
try {
  await measureAll();
} finally {
  rmSync(folder, { recursive: true });
}
for (const { what, value, limit, holds } of verdicts)
  console.log(`${what}: ${value}, limit ${limit}: ${holds ? 'holds' : 'EXCEEDED'}`);
for (const line of missing) console.log(`not measured: ${line}`);
process.exitCode = verdicts.every(({ holds }) => holds) ? 0 : 1;

async function measureAll() {
  const file = writeDocuments(documents);
  let first;
  for (const kind of kinds) {
    if (!Object.hasOwn(BULK_PEERS, kind)) throw new Error(`There is no bench for ${kind}`);
    try {
      const measured = await measure(kind, file);
      if (kind === 'postgres') first = measured;
    } catch (error) {
      // A server that is not there is no failure of the bench, but has to be told.
      if (kind === 'postgres' || !/^No /.test(error.message)) throw error;
      missing.push(error.message);
    }
  }
  if (process.argv.includes('--large') && first) await measureLarge(first);
}

function writeDocuments(count) {
  const file = join(folder, 'traces.bson');
  const descriptor = openSync(file, 'w');
  for (let index = 0; index < count; index += 1) writeSync(descriptor, serialize(traceDocument(index)));
  closeSync(descriptor);
  console.log(`${count} documents, ${(statSync(file).size / 1e6).toFixed(0)} MB of BSON`);
  return file;
}

/** @returns what the import took */
async function measure(kind, file) {
  console.log(kind);
  return withDatabases(kind, 2, async ([target, peer]) => {
    const args = ['import', 'mongo', '--from', file];
    const first = await logged(target.url, () => dbtool(target.url, args));
    line('dbtool import', first);
    await refuseOtherCount(kind, target.url);
    const again = await logged(target.url, () => dbtool(target.url, args));
    line('the same again', again);
    const { what, copy } = BULK_PEERS[kind];
    const copied = await copy(target.url, peer.url, TABLES, folder);
    line(what, copied);
    await refuseOtherCount(kind, peer.url);
    const share = copied.ms / first.ms;
    if (kind === 'postgres') await judge(first, again, share);
    else console.log(`  ${share.toFixed(2)} of the speed of ${what}`);
    return first;
  });
}

/** What had fewer rows to write was no slower. */
async function refuseOtherCount(kind, url) {
  const counts = await BULK_PEERS[kind].count(url, TABLES);
  const expected = [documents, documents * 5];
  if (counts.join() !== expected.join())
    throw new Error(`There are ${counts.join(' and ')} rows instead of ${expected.join(' and ')}`);
}

async function judge(first, again, share) {
  const count = Math.max(1, Math.round(documents / SAVED_SHARE));
  const saved = await withDatabases('postgres', 1, ([{ url }]) => saveTraces(url, count));
  line('repository.save', saved, count);
  const multiple = saved.ms / count / (first.ms / documents);
  const memory = Math.max(first.memory, again.memory);
  verdict(String.raw`speed as a share of psql \copy`, share.toFixed(2), SPEED_LIMIT, share >= SPEED_LIMIT);
  verdict('speed as a multiple of repository.save', multiple.toFixed(1), SAVE_LIMIT, multiple >= SAVE_LIMIT);
  const log = again.bytes / first.bytes;
  verdict('log of the repeated import, as a share', log.toFixed(4), REPEATED_LIMIT, log <= REPEATED_LIMIT);
  verdict('peak memory in MB', memory.toFixed(0), MEMORY_LIMIT, memory <= MEMORY_LIMIT);
}

async function measureLarge(first) {
  const count = documents * 4;
  const file = writeDocuments(count);
  await withDatabases('postgres', 1, async ([{ url }]) => {
    const args = ['import', 'mongo', '--from', file];
    const large = await dbtool(url, args);
    line('dbtool import', large, count);
    const latest = await dbtool(url, [...args, '--since', 'last']);
    line('--since last', latest, count);
    // Not the file that it was, for all that can be seen without reading it.
    utimesSync(file, new Date(), new Date());
    renameSync(file, `${file}.before`);
    renameSync(`${file}.before`, file);
    line('--since last, reading', await dbtool(url, [...args, '--since', 'last']), count);
    const growth = large.memory / first.memory;
    const seconds = latest.ms / 1000;
    verdict('memory for four times as many', growth.toFixed(2), GROWTH_LIMIT, growth <= GROWTH_LIMIT);
    verdict(
      'peak memory in MB of these',
      large.memory.toFixed(0),
      MEMORY_LIMIT,
      large.memory <= MEMORY_LIMIT,
    );
    verdict(
      '--since last without news, in s',
      seconds.toFixed(1),
      NOTHING_NEW_LIMIT,
      seconds <= NOTHING_NEW_LIMIT,
    );
  });
}

/** Makes databases with their tables, and drops them; those with rows must have all of them. */
async function withDatabases(kind, count, work) {
  const databases = [];
  try {
    for (let index = 0; index < count; index += 1) {
      databasesMade += 1;
      const name = `dbtool_bench_${process.pid}_${databasesMade}`;
      databases.push(await createDatabase(kind, folder, name));
      await dbtool(databases[index].url, ['migrate', 'up']);
    }
    return await work(databases);
  } finally {
    for (const database of databases) await database.drop();
  }
}

/** @returns what `work` took, and on Postgres the bytes that the server wrote to its log meanwhile */
async function logged(url, work) {
  if (!url.startsWith('postgres')) return work();
  const [{ lsn }] = await query(url, 'SELECT pg_current_wal_lsn()::text AS lsn');
  const run = await work();
  const [{ bytes }] = await query(
    url,
    `SELECT pg_wal_lsn_diff(pg_current_wal_lsn(), '${lsn}')::float AS bytes`,
  );
  return { ...run, bytes };
}

function line(what, { ms, memory, bytes }, count = documents) {
  const parts = [
    `  ${what.padEnd(24)}${(ms / 1000).toFixed(1).padStart(7)} s${(count / (ms / 1000)).toFixed(0).padStart(8)}/s`,
    ...(memory ? [`${memory.toFixed(0).padStart(6)} MB`] : []),
    ...(bytes === undefined ? [] : [`${(bytes / 1e6).toFixed(1).padStart(9)} MB of log`]),
  ];
  console.log(parts.join(''));
}

function verdict(what, value, limit, holds) {
  verdicts.push({ what, value, limit, holds });
}
