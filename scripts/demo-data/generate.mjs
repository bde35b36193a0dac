import { realpathSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { argv, stderr, stdout } from 'node:process';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

import { BROKEN_DOCUMENTS } from './broken.mjs';
import { daysAgo } from './clock.mjs';
import { writeDump } from './dump-writer.mjs';
import { evaluationDocuments, evaluationSetDocuments } from './evaluations.mjs';
import { createFeatures } from './features.mjs';
import { IdFactory } from './ids.mjs';
import {
  aiAppDocuments,
  apiKeyDocuments,
  apiToolDocuments,
  jobDocuments,
  serverDocuments,
} from './integrations.mjs';
import { knowledgeDocuments } from './knowledge.mjs';
import { modelDocuments, providerDocuments } from './models.mjs';
import { Rng } from './prng.mjs';
import { trafficDocuments } from './traffic.mjs';

/** @typedef {import('bson').Document} Doc */

const DATABASE = 'genai';
const DEFAULTS = { seed: 20250823, traces: 2000, days: 30 };
const DEFAULT_OUT = 'fixtures/demo-dump';

const USAGE = `Writes the demo data as a gzipped mongodump folder, <out>/${DATABASE}.

Usage: node scripts/demo-data/generate.mjs [options]

  --out <folder>  where the dump goes (default ${DEFAULT_OUT})
  --seed <n>      another seed gives other data of the same make (default ${DEFAULTS.seed})
  --traces <n>    number of traces, the broken ones not counted (default ${DEFAULTS.traces})
  --days <n>      days covered, back from 2025-08-22 (default ${DEFAULTS.days})
`;

/** Collection, id and fault of each document that an import must reject; the same under every seed. */
export const BROKEN = BROKEN_DOCUMENTS.map(({ collection, id, reason }) => ({ collection, id, reason }));

/**
 * Slips the broken documents of a collection in between the others, as they lie in real data.
 * @param {string} collection
 * @param {Doc[]} documents
 */
function withBroken(collection, documents) {
  const broken = BROKEN_DOCUMENTS.filter((candidate) => candidate.collection === collection);
  const result = [...documents];
  broken.forEach(({ document }, index) => {
    result.splice(Math.floor((result.length * (index + 1)) / (broken.length + 1)), 0, document);
  });
  return result;
}

/**
 * All collections of the platform. Equal options give equal documents, byte for byte once serialised.
 * @param {{seed?: number, traces?: number, days?: number}} [options] `traces` does not count the broken
 *   ones; `days` go back from 2025-08-22, that day included
 * @returns {Record<string, Doc[]>} documents by collection name
 */
export function generateDemoData({
  seed = DEFAULTS.seed,
  traces = DEFAULTS.traces,
  days = DEFAULTS.days,
} = {}) {
  const root = new Rng(String(seed));
  /** Each concern draws from its own stream, so that a change in one leaves the others' data alone. */
  const sourcesOf = (/** @type {string} */ concern) => {
    const rng = root.fork(concern);
    return { rng, ids: new IdFactory(rng.fork('ids')) };
  };
  const jobSources = sourcesOf('jobs');
  const syncJob = jobSources.ids.objectId(daysAgo(60));
  const evaluationJob = jobSources.ids.objectId(daysAgo(5));
  const features = createFeatures(sourcesOf('features'));
  const knowledge = knowledgeDocuments(sourcesOf('knowledge'), { jobId: syncJob });
  const sets = evaluationSetDocuments(sourcesOf('evaluation-sets'));
  const evaluations = evaluationDocuments(sourcesOf('evaluations'), { sets, jobId: evaluationJob });
  const traffic = trafficDocuments(sourcesOf('traffic'), { features, days, traces });
  return {
    providers: providerDocuments(sourcesOf('providers')),
    models: withBroken('models', modelDocuments(sourcesOf('models'))),
    ...features.documents,
    api_tools: apiToolDocuments(sourcesOf('api-tools')),
    ai_apps: aiAppDocuments(sourcesOf('ai-apps')),
    ...serverDocuments(sourcesOf('servers')),
    collections: knowledge.collections,
    ...knowledge.documents,
    evaluation_sets: sets,
    evaluations,
    agent_conversations: traffic.agent_conversations,
    traces: withBroken('traces', traffic.traces),
    metrics: withBroken('metrics', traffic.metrics),
    jobs: jobDocuments(jobSources, {
      knowledgeId: String(knowledge.collections[0]?._id),
      evaluationId: String(evaluations[0]?._id),
      jobIds: { sync: syncJob, evaluation: evaluationJob },
    }),
    api_keys: apiKeyDocuments(sourcesOf('api-keys')),
  };
}

/** What was asked for cannot be done; everything else that goes wrong is a bug and shows its stack. */
class RefusalError extends Error {}

/**
 * @param {unknown} error
 * @returns {error is Error}
 */
function isRefusal(error) {
  if (error instanceof RefusalError) return true;
  return error instanceof TypeError && 'code' in error && String(error.code).startsWith('ERR_PARSE_ARGS');
}

/**
 * @param {string} name
 * @param {string} text
 * @param {number} low
 * @param {number} high
 */
function integerOption(name, text, low, high) {
  const value = Number(text);
  if (!/^\d+$/.test(text) || value < low || value > high) {
    throw new RefusalError(
      `--${name} takes a whole number from ${low} to ${high}, not ${JSON.stringify(text)}`,
    );
  }
  return value;
}

/**
 * Refuses a folder with dump files that this run would leave standing among its own: an importer could
 * not tell them apart, and they may be someone's real dump, so that deleting them is not an option.
 * @param {string} dir
 * @param {readonly string[]} collections
 */
async function refuseForeignFiles(dir, collections) {
  const expected = new Set(collections.flatMap((name) => [`${name}.bson.gz`, `${name}.metadata.json.gz`]));
  const present = await readdir(dir).catch((/** @type {NodeJS.ErrnoException} */ error) => {
    if (error.code === 'ENOENT') return [];
    throw error;
  });
  const foreign = present.filter((file) => !expected.has(file));
  if (foreign.length > 0) {
    throw new RefusalError(
      `${dir} holds files of another dump (${foreign.join(', ')}); remove them or choose another --out`,
    );
  }
}

/** @param {Awaited<ReturnType<typeof writeDump>>} written */
function table(written) {
  const total = { collection: 'total', documents: 0, bsonBytes: 0, fileBytes: 0 };
  for (const row of written) {
    total.documents += row.documents;
    total.bsonBytes += row.bsonBytes;
    total.fileBytes += row.fileBytes;
  }
  const rows = [
    ['collection', 'documents', 'BSON bytes', 'gzip bytes'],
    ...[...written, total].map((row) =>
      [row.collection, row.documents, row.bsonBytes, row.fileBytes].map(String),
    ),
  ];
  const width = Math.max(...rows.map((row) => row[0]?.length ?? 0));
  return rows
    .map(([name = '', ...numbers]) => name.padEnd(width) + numbers.map((cell) => cell.padStart(13)).join(''))
    .join('\n');
}

/** @param {string[]} args */
async function main(args) {
  const { values } = parseArgs({
    args,
    options: {
      out: { type: 'string', default: DEFAULT_OUT },
      seed: { type: 'string', default: String(DEFAULTS.seed) },
      traces: { type: 'string', default: String(DEFAULTS.traces) },
      days: { type: 'string', default: String(DEFAULTS.days) },
      help: { type: 'boolean', short: 'h', default: false },
    },
  });
  if (values.help) {
    stdout.write(USAGE);
    return;
  }
  const data = generateDemoData({
    seed: integerOption('seed', values.seed, 0, Number.MAX_SAFE_INTEGER),
    traces: integerOption('traces', values.traces, 1, 200_000),
    days: integerOption('days', values.days, 1, 365),
  });
  const dir = join(values.out, DATABASE);
  await refuseForeignFiles(dir, Object.keys(data));
  stdout.write(`${table(await writeDump(dir, data))}\n`);
}

if (argv[1] !== undefined && realpathSync(argv[1]) === fileURLToPath(import.meta.url)) {
  try {
    await main(argv.slice(2));
  } catch (error) {
    if (!isRefusal(error)) throw error;
    stderr.write(`${error.message}\n\n${USAGE}`);
    process.exitCode = 2;
  }
}
