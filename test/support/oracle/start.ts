import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdir, readFile, readdir, rename, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { type Interface, createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { findProgram } from '../servers/own-process.js';
import type { Attempt } from '../servers/search.js';
import { CACHE, DRIVER, PRELOAD } from './driver/paths.js';
import { SERVICE } from './service.js';

const require = createRequire(import.meta.url);

const SOURCES = fileURLToPath(new URL('server/', import.meta.url));
/** Where the syntax gate looks. */
const STATEMENTS = fileURLToPath(new URL('../../../test-results/oracle-statements.json', import.meta.url));
const H2 = '/usr/share/java/h2.jar';
/** A quick start counts for more than speed later on. */
const JVM = ['-XX:TieredStopAtLevel=1', '-Xshare:auto', '-XX:+UseSerialGC', '-Xmx768m'];

/** Debian's names of what `startStandIn` needs. */
export const DEBIAN_PACKAGES = ['libh2-java', 'default-jdk-headless'];

/**
 * Starts the stand-in on a free port of 127.0.0.1; it ends with this process.
 * @param statementsFile gets, when the stand-in is stopped, every statement that was sent, as a sorted
 *   list in JSON; without those of SYSTEM and of users with SELFTEST in their names
 */
export async function startStandIn(statementsFile = STATEMENTS): Promise<Attempt> {
  const [java, javac] = await Promise.all([findProgram(['java']), findProgram(['javac'])]);
  if (java === undefined || javac === undefined) return { reason: 'no java and javac installed' };
  if (!existsSync(H2)) return { reason: `no ${H2}` };
  // This process has no jest that maps the driver to the patched one, and programs that tests spawn have not.
  require(DRIVER);
  preloadInChildren();
  const classes = await compile(javac);
  const password = `p${randomBytes(8).toString('hex')}`;
  const classPath = [classes, SOURCES, H2].join(':');
  const server = spawn(java, [...JVM, '-cp', classPath, 'standin.Main', '0', password], {
    stdio: ['pipe', 'pipe', 'inherit'],
    // Ctrl-C reaches the tests first; the server stops after them.
    detached: true,
  });
  const lines = createInterface(server.stdout);
  const { port, h2 } = JSON.parse(await nextLine(lines, server)) as { port: number; h2: string };
  const { version } = require('oracledb/package.json') as { version: string };
  return {
    url: `oracle://system:${password}@127.0.0.1:${port}/${SERVICE}`,
    version: 'Oracle 19c stand-in',
    origin: `stand-in: oracledb ${version} thin over H2 ${h2} in Oracle mode`,
    stop: () => stop(server, lines, statementsFile),
  };
}

/** The environment is handed on to jest's workers, and from them to what they spawn. */
function preloadInChildren(): void {
  const options = process.env['NODE_OPTIONS'] ?? '';
  if (!options.includes(PRELOAD)) process.env['NODE_OPTIONS'] = `${options} --require="${PRELOAD}"`.trim();
}

/** @throws Error when the server ends instead of saying something */
async function nextLine(lines: Interface, server: ChildProcess): Promise<string> {
  const ended = once(server, 'exit').then(() => {
    throw new Error('the server ended while it was asked something');
  });
  const [line] = (await Promise.race([once(lines, 'line'), ended])) as [string];
  return line;
}

/** Keeps what was sent, for the syntax gate, and lets the server end. */
async function stop(server: ChildProcess, lines: Interface, file: string): Promise<void> {
  server.stdin?.write('statements\n');
  const statements = JSON.parse(await nextLine(lines, server)) as string[];
  await mkdir(dirname(file), { recursive: true });
  await writeFile(file, `${JSON.stringify(statements.sort(), null, 2)}\n`);
  const ended = once(server, 'exit');
  server.stdin?.end();
  await ended;
}

/** @returns the folder of the classes, which is kept until a source changes */
async function compile(javac: string): Promise<string> {
  const folder = join(SOURCES, 'standin');
  const sources = (await readdir(folder)).sort().map((name) => join(folder, name));
  const hash = createHash('sha256');
  for (const source of sources) hash.update(await readFile(source));
  const classes = join(CACHE, `classes-${hash.digest('hex').slice(0, 16)}`);
  if (existsSync(classes)) return classes;
  const made = `${classes}.${process.pid}`;
  await promisify(execFile)(javac, ['-cp', H2, '-d', made, ...sources]);
  // Another run may have been faster; its classes are the same.
  await rename(made, classes).catch(() => rm(made, { recursive: true, force: true }));
  return classes;
}
