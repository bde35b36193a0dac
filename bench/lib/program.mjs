/*
 * Runs programs for a bench and tells how long each took.
 */
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { ROOT } from '../../scripts/lib/process.mjs';

// Settings such as NODE_EXTRA_CA_CERTS slow every node down, and so do others that nobody thinks of.
const { PATH, HOME } = process.env;

let isStopped = false;
/** After Ctrl-C, which the program that runs gets too, no other is started: databases are dropped as at any end. */
export function stopGently() {
  process.once('SIGINT', () => (isStopped = true));
}

/**
 * @param {{ cwd: string, env?: Record<string, string> }} options
 * @returns {Promise<{ ms: number, memory: number, output: string }>} memory: the most, in MB, that a program had which
 *   tells it (tell-memory.mjs); else NaN
 * @throws Error with the program's output when its exit code is not 0
 */
export function runProgram(command, args, { cwd, env = {} }) {
  if (isStopped) return Promise.reject(new Error('Stopped'));
  return new Promise((resolve, reject) => {
    const start = performance.now();
    const child = spawn(command, args, {
      cwd,
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
      else resolve({ ms, memory: Number(/^peak memory: (\d+) kB$/m.exec(output)?.[1]) / 1000, output });
    });
  });
}

/** Runs dbtool as users do, on the database of the URL. */
export function dbtool(url, args, cwd) {
  const program = ['--import', join(ROOT, 'bench', 'tell-memory.mjs'), join(ROOT, 'bin', 'dbtool.js')];
  return runProgram(process.execPath, [...program, ...args], { cwd, env: { DBTOOL_DATABASE_URL: url } });
}
