import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { ROOT } from './process.mjs';

const PARSER = join(ROOT, 'node_modules', '@griffithswaite', 'ts-plsql-parser', 'package.json');
/** To be raised whenever the gate itself judges otherwise. */
const GATE_VERSION = 2;
const CACHE = join(ROOT, 'node_modules', '.cache', 'dbtool', 'oracle-syntax.json');

/** More than any run sends: then only what the last run sent is kept. */
const CACHE_SIZE = 10_000;

/**
 * Parses what was sent to Oracle's stand-in with a grammar of Oracle that others made. It counts as one
 * check that passes; or each statement that does not parse counts as a failure.
 *
 * @param {string} file a JSON array of statements that the run wrote; without a stand-in there is none
 * @param {{ cache?: string }} [options] the file that keeps which statements are known to be right
 * @returns {Promise<{ passed: number, failed: number, skipped: { name: string, reason: string }[], lines: string[] }>}
 *   `lines` tell the outcome
 */
export async function checkOracleSyntax(file, { cache = CACHE } = {}) {
  if (!existsSync(file)) {
    const reason = "Oracle's stand-in did not run, so no statements were collected";
    return { passed: 0, failed: 0, skipped: [{ name: 'check: Oracle syntax', reason }], lines: [] };
  }
  const statements = [...new Set(JSON.parse(readFileSync(file, 'utf8')).map(comparable))];
  if (statements.length === 0) return { passed: 0, failed: 0, skipped: [], lines: [] };
  const start = performance.now();
  const known = readCache(cache);
  const unknown = statements.filter((statement) => !known.has(hash(statement)));
  const failures = await parse(unknown);
  remember(cache, known, statements, failures);
  const seconds = ((performance.now() - start) / 1000).toFixed(1);
  const verdict = failures.length === 0 ? 'PASS' : 'FAIL';
  const counts = `${statements.length} statements, ${unknown.length} new, ${seconds} s`;
  return {
    passed: failures.length === 0 ? 1 : 0,
    failed: failures.length,
    skipped: [],
    lines: [`${verdict} check: Oracle syntax (${counts})`, ...failures.flatMap(describeFailure)],
  };
}

/**
 * A statement without what differs from run to run, so that it is parsed once: names of the tests' schemas and of
 * tables made on trial, numbers of locks. And the grammar takes names only for values of a session's
 * parameters, where Oracle takes numbers too.
 */
function comparable(statement) {
  return statement
    .replaceAll(/\bdbtool_(test|try)_\w+/gi, 'dbtool_$1')
    .replaceAll(/(?<call>DBMS_LOCK\.(?:REQUEST|RELEASE)\()\d+/g, '$<call>1')
    .replace(/^(ALTER SESSION SET \w+ = )\d+$/, '$1number');
}

/** Where, what the parser says, and the line with a mark below the place. */
function describeFailure({ statement, line, column, message }) {
  const WIDTH = 100;
  const text = statement.split('\n')[line - 1] ?? '';
  const from = Math.max(0, Math.min(column - WIDTH / 2, text.length - WIDTH));
  return [
    `  ${line}:${column + 1} ${message}`,
    `    ${text.slice(from, from + WIDTH)}`,
    `    ${' '.repeat(column - from)}^`,
  ];
}

async function parse(statements) {
  if (statements.length === 0) return [];
  // In this thread: the parser spends its time on tables that each thread would build for itself.
  const { findSyntaxErrors } = await import('./oracle-parser.mjs');
  return findSyntaxErrors(statements);
}

/** Of everything but what stands in strings: names of test users differ from run to run. */
function hash(statement) {
  const text = statement.replace(/"[^"]*"|'(?:[^']|'')*'/g, (found) =>
    found.startsWith("'") ? "''" : found,
  );
  return createHash('sha256').update(`${judges()}\0${text}`).digest('base64');
}

let judgesNow;

/** What a verdict depends on besides the statement. */
function judges() {
  judgesNow ??= `${GATE_VERSION} ${JSON.parse(readFileSync(PARSER, 'utf8')).version}`;
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

function remember(file, known, statements, failures) {
  const wrong = new Set(failures.map(({ statement }) => statement));
  const right = statements.filter((statement) => !wrong.has(statement)).map(hash);
  const kept = new Set([...(known.size > CACHE_SIZE ? [] : known), ...right]);
  mkdirSync(dirname(file), { recursive: true });
  const partial = `${file}.${process.pid}`;
  writeFileSync(partial, JSON.stringify([...kept]));
  renameSync(partial, file);
}
