/*
 * npm run bench:import [-- --documents 50000] [--rounds 1] [--database postgres|mariadb|sqlite] [--large]
 *
 * How fast `dbtool import mongo` takes traces of about 7 KB with 5 spans each from a .bson file: the whole process with
 * all its checks, beside the database's own tool with files of the same rows, into the same tables, empty and with the
 * same indexes. Then the same import again, which must write next to nothing. On Postgres there are limits, also to a
 * loop of TypeORM's `repository.save` and to memory; exits with 1 if one is broken.
 *
 * --database may be repeated; without it all are measured that can be had. Of more than one round the medians count.
 * --large imports four times the documents into Postgres besides: memory must stay the same, and a second run with
 * `--since last` must be over soon. CONTRIBUTING.md tells how to read what is printed.
 */
import { closeSync, mkdirSync, mkdtempSync, openSync, rmSync, statSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { serialize } from 'bson';
import { build } from '../scripts/build.mjs';
import { ROOT } from '../scripts/lib/process.mjs';
import { whyUnreachable } from './lib/bench-database.mjs';
import { bulkTool, isInstalled } from './lib/bulk-tools.mjs';
import { reportLarge, reportRounds } from './lib/import-report.mjs';
import { measureLarge, measureRound } from './lib/import-round.mjs';
import { stopGently } from './lib/program.mjs';
import { traceDocument } from './lib/trace-documents.mjs';

const KINDS = ['postgres', 'mariadb', 'sqlite'];
/** How many times the documents `--large` imports. */
const LARGE = 4;

const options = readOptions();
await build();
mkdirSync(join(ROOT, 'bench', 'node_modules'), { recursive: true });
const folder = mkdtempSync(join(ROOT, 'bench', 'node_modules', '.import-'));
stopGently();
try {
  process.exitCode = (await measure()) ? 0 : 1;
} finally {
  rmSync(folder, { recursive: true });
}

function readOptions() {
  const { values } = parseArgs({
    options: {
      documents: { type: 'string', default: '50000' },
      rounds: { type: 'string', default: '1' },
      database: { type: 'string', multiple: true },
      large: { type: 'boolean', default: false },
    },
  });
  const unknown = values.database?.find((kind) => !KINDS.includes(kind));
  if (unknown !== undefined) throw new Error(`--database takes ${KINDS.join(', ')}, not ${unknown}`);
  if (values.large && values.database?.includes('postgres') === false)
    throw new Error('--large measures Postgres, which --database leaves out');
  return {
    documents: wholeNumber('documents', values.documents),
    rounds: wholeNumber('rounds', values.rounds),
    wanted: values.database,
    large: values.large,
  };
}

function wholeNumber(name, text) {
  if (!/^[1-9]\d*$/.test(text)) throw new Error(`--${name} takes a number from 1, not ${text}`);
  return Number(text);
}

/** @returns whether all limits hold */
async function measure() {
  const { documents, rounds, large } = options;
  const missing = await findMissing();
  const source = writeDocuments('rounds', documents);
  const measured = new Map(KINDS.filter((kind) => !missing.has(kind)).map((kind) => [kind, []]));
  // The databases take turns, so that a busy time hits all of them.
  for (let round = 0; round < rounds; round += 1)
    for (const [kind, results] of measured) {
      const place = join(source.folder, kind);
      mkdirSync(place, { recursive: true });
      results.push(await measureRound(kind, { ...source, folder: place, isFirst: round === 0 }));
    }
  console.log(`${describe(source)}, ${rounds === 1 ? 'one round' : `medians of ${rounds} rounds`}`);
  const holds = [...measured].map(([kind, results]) => reportRounds(kind, bulkTool(kind).name, results));
  const before = measured.get('postgres');
  if (large && before) holds.push(await measureAtScale(before));
  for (const [kind, why] of missing) console.log(`not measured: ${kind}: ${why}`);
  return holds.every(Boolean);
}

async function measureAtScale(before) {
  const source = writeDocuments('large', options.documents * LARGE);
  const runs = await measureLarge(source);
  console.log(`\n${describe(source)}, with --since last`);
  return reportLarge(runs, before);
}

/** @returns {Promise<Map<string, string>>} why each database that is left out cannot be measured */
async function findMissing() {
  const missing = new Map();
  for (const kind of KINDS) {
    const isAsked = options.wanted?.includes(kind);
    if (isAsked === false) missing.set(kind, 'left out by --database');
    const why = isAsked === false ? undefined : await whyImpossible(kind);
    if (why === undefined) continue;
    if (isAsked) throw new Error(`${kind} cannot be measured: ${why}`);
    missing.set(kind, why);
  }
  return missing;
}

async function whyImpossible(kind) {
  const { program } = bulkTool(kind);
  if (program !== undefined && !isInstalled(program)) return `there is no ${program} on the PATH`;
  return whyUnreachable(kind);
}

/** A file's name is its collection's, so each has a folder of its own. */
function writeDocuments(name, documents) {
  const place = join(folder, name);
  mkdirSync(place);
  const file = join(place, 'traces.bson');
  const descriptor = openSync(file, 'w');
  for (let index = 0; index < documents; index += 1) writeSync(descriptor, serialize(traceDocument(index)));
  closeSync(descriptor);
  return { file, documents, folder: place };
}

function describe({ file, documents }) {
  const { size } = statSync(file);
  return `${documents} documents, ${(size / 1e6).toFixed(0)} MB of BSON (${(size / documents / 1000).toFixed(1)} KB each)`;
}
