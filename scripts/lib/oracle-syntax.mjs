import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { availableParallelism } from 'node:os';
import { dirname, join } from 'node:path';
import { Worker } from 'node:worker_threads';
import { ROOT } from './process.mjs';

const PARSER = '@griffithswaite/ts-plsql-parser';
/** To be raised whenever the gate itself judges otherwise. */
const GATE_VERSION = 1;
const CACHE = join(ROOT, 'node_modules', '.cache', 'dbtool', 'oracle-syntax.json');
/** Each worker warms up by itself, which takes longer than a few statements. */
const STATEMENTS_PER_WORKER = 40;

/**
 * Parses what was sent to Oracle's stand-in with an Oracle grammar that is nobody's of this project. It
 * counts as one check; each statement that does not parse counts as a failure of its own.
 *
 * @param {string} file a JSON array of statements, written by the run; it is not there when no stand-in ran
 * @param {{ cache?: string }} [options] where it is kept which statements are known to be right
 * @returns {Promise<{ passed: number, failed: number, skipped: { name: string, reason: string }[] }>}
 */
export async function checkOracleSyntax(file, { cache = CACHE } = {}) {
  if (!existsSync(file)) {
    const reason = 'no stand-in of Oracle ran, so it collected no statements';
    return { passed: 0, failed: 0, skipped: [{ name: 'check: Oracle syntax', reason }] };
  }
  const statements = JSON.parse(readFileSync(file, 'utf8'));
  const start = performance.now();
  const known = readCache(cache);
  const unknown = statements.filter((statement) => !known.has(hash(statement)));
  const failures = await parse(unknown);
  const wrong = new Set(failures.map(({ statement }) => statement));
  // Only what is still sent stays in the cache.
  writeCache(
    cache,
    statements.filter((statement) => !wrong.has(statement)),
  );
  const seconds = ((performance.now() - start) / 1000).toFixed(1);
  const verdict = failures.length === 0 ? 'PASS' : 'FAIL';
  console.log(
    `${verdict} check: Oracle syntax (${statements.length} statements, ${unknown.length} new, ${seconds} s)`,
  );
  for (const failure of failures) console.log(describeFailure(failure));
  return { passed: failures.length === 0 ? 1 : 0, failed: failures.length, skipped: [] };
}

/** Where, what the parser says, and the line with a mark below the place. */
export function describeFailure({ statement, line, column, message }) {
  const WIDTH = 100;
  const text = statement.split('\n')[line - 1] ?? '';
  const from = Math.max(0, Math.min(column - WIDTH / 2, text.length - WIDTH));
  return [
    `  ${line}:${column + 1} ${message}`,
    `    ${text.slice(from, from + WIDTH)}`,
    `    ${' '.repeat(column - from)}^`,
  ].join('\n');
}

async function parse(statements) {
  const workers = Math.min(availableParallelism(), Math.ceil(statements.length / STATEMENTS_PER_WORKER));
  const parts = Array.from({ length: workers }, (_, worker) =>
    statements.filter((_statement, index) => index % workers === worker),
  );
  return (await Promise.all(parts.map(parseInWorker))).flat();
}

function parseInWorker(statements) {
  return new Promise((resolve, reject) => {
    const worker = new Worker(new URL('./oracle-syntax-worker.mjs', import.meta.url), {
      workerData: statements,
    });
    worker.once('message', resolve);
    worker.once('error', reject);
    worker.once('exit', (code) => {
      reject(new Error(`the parser of Oracle's syntax ended with code ${code}`));
    });
  });
}

function hash(statement) {
  return createHash('sha256').update(`${judges()}\0${statement}`).digest('base64');
}

let judgesNow;

/** What a verdict depends on besides the statement. */
function judges() {
  judgesNow ??= `${GATE_VERSION} ${createRequire(import.meta.url)(`${PARSER}/../package.json`).version}`;
  return judgesNow;
}

function readCache(file) {
  try {
    return new Set(JSON.parse(readFileSync(file, 'utf8')));
  } catch {
    // None, or half a one: then all is new.
    return new Set();
  }
}

function writeCache(file, statements) {
  mkdirSync(dirname(file), { recursive: true });
  const partial = `${file}.${process.pid}`;
  writeFileSync(partial, JSON.stringify(statements.map(hash)));
  renameSync(partial, file);
}
