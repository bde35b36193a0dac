import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { copyFile, mkdir, realpath, rename } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, delimiter, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { findProgram } from '../support/servers/own-process.js';

const execute = promisify(execFile);
export const ROOT = fileURLToPath(new URL('../../', import.meta.url));

/** A Node that the package is tried under. */
export interface OtherNode {
  /** Full path of the program. */
  program: string;
  /** Folder with include/node, for compiling native modules; undefined: as npm is configured. */
  headers?: string;
}

/** Kept between runs: downloaded Nodes, and better-sqlite3 compiled for each. */
const CACHE = join(tmpdir(), `dbtool-test-cache-${process.getuid?.() ?? 'user'}`);

/**
 * The running Node if it is of that major version, else one from npm; a reason if it cannot be had.
 * @param headersVersion compiles native modules as for this version of the same major
 */
export async function obtainNode(
  major: number,
  headersVersion?: string,
): Promise<OtherNode | { reason: string }> {
  if (Number(process.versions.node.split('.')[0]) === major) return { program: process.execPath };
  try {
    const folder = await downloadNode(String(major));
    const program = join(folder, 'bin', process.platform === 'win32' ? 'node.exe' : 'node');
    await execute(program, ['--version']);
    return { program, headers: headersVersion === undefined ? folder : await downloadNode(headersVersion) };
  } catch (error) {
    const [reason = ''] = String(error instanceof Error ? error.message : error).split('\n');
    return { reason: `Node ${major} cannot be had from npm: ${reason}` };
  }
}

/** A Node of that version (or the newest of that major one) with its headers, from the npm registry. */
async function downloadNode(version: string): Promise<string> {
  const system = process.platform === 'win32' ? 'win' : process.platform;
  const name = `node-${system}-${process.arch}`;
  const prefix = join(CACHE, `node-${version}`);
  const folder = join(prefix, 'node_modules', name);
  if (!existsSync(join(folder, 'package.json'))) {
    await mkdir(prefix, { recursive: true, mode: 0o700 });
    await npm(
      ['install', '--prefix', prefix, '--no-save', '--no-package-lock', `${name}@${version}`],
      prefix,
    );
  }
  return folder;
}

/** Runs npm under the given Node, so that install scripts compile for it. Returns its standard output. */
export async function npm(
  args: string[],
  cwd: string,
  node: OtherNode = { program: process.execPath },
): Promise<string> {
  const found = await findProgram(['npm']);
  if (found === undefined) throw new Error('there is no npm in PATH');
  const env: NodeJS.ProcessEnv = { ...process.env, PATH: pathWith(node) };
  if (node.headers !== undefined) env['npm_config_nodedir'] = node.headers;
  const quiet = ['--no-audit', '--no-fund', '--prefer-offline', '--loglevel=error'];
  const { stdout } = await execute(node.program, [await realpath(found), ...args, ...quiet], {
    cwd,
    env,
    maxBuffer: 64 * 1024 * 1024,
  });
  return stdout;
}

/** PATH with the given Node first, as a user of that Node has it. */
export function pathWith(node: OtherNode): string {
  return [dirname(node.program), process.env['PATH'] ?? ''].join(delimiter);
}

/**
 * Puts a better-sqlite3 compiled for this Node into an install made without scripts. Compiling takes a
 * minute, so it is done once per version of both and kept.
 */
export async function addNativeDriver(installation: string, node: OtherNode): Promise<void> {
  const folder = join(installation, 'node_modules', 'better-sqlite3');
  const facts = `[process.versions.modules, require(${JSON.stringify(join(folder, 'package.json'))}).version].join('-')`;
  const { stdout } = await execute(node.program, ['-p', facts]);
  const binary = join('build', 'Release', 'better_sqlite3.node');
  if (node.program === process.execPath) {
    // The one that these tests run with is compiled already.
    await mkdir(join(folder, 'build', 'Release'), { recursive: true });
    await copyFile(join(ROOT, 'node_modules', 'better-sqlite3', binary), join(folder, binary));
    return;
  }
  const system = `${process.platform}-${process.arch}`;
  const headers = node.headers === undefined ? 'own' : basename(dirname(dirname(node.headers)));
  const kept = join(CACHE, `better-sqlite3-${system}-${stdout.trim()}-${headers}.node`);
  if (!existsSync(kept)) {
    await npm(['rebuild', 'better-sqlite3'], installation, node);
    await mkdir(CACHE, { recursive: true, mode: 0o700 });
    // Renamed when complete: a run that is killed meanwhile must not leave half a file.
    await copyFile(join(folder, binary), `${kept}.${process.pid}`);
    await rename(`${kept}.${process.pid}`, kept);
    return;
  }
  await mkdir(join(folder, 'build', 'Release'), { recursive: true });
  await copyFile(kept, join(folder, binary));
}
