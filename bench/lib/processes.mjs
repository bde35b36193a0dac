/*
 * The processes that benches measure.
 */
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { ROOT } from '../../scripts/lib/process.mjs';

const { PATH, HOME } = process.env;

/**
 * @param {string} url of the database
 * @param {string[]} args
 */
export function dbtool(url, args) {
  const program = ['--import', join(ROOT, 'bench', 'tell-memory.mjs'), join(ROOT, 'bin', 'dbtool.js')];
  return run(process.execPath, [...program, ...args], { DBTOOL_DATABASE_URL: url });
}

/**
 * Runs a program in the folder for temporary files, with no environment but what is given.
 * @returns {Promise<{ms: number, memory: number}>} memory: the most, in MB, that a dbtool had; else NaN
 */
export function run(command, args, env = {}) {
  return new Promise((resolve, reject) => {
    const start = performance.now();
    const child = spawn(command, args, { env: { PATH, HOME, ...env }, stdio: ['ignore', 'pipe', 'pipe'] });
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
