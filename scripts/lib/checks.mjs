import { existsSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { ROOT, runNode } from './process.mjs';

/** Everything besides jest that has to hold. Each counts as one test. */
const CHECKS = [
  { name: 'eslint', script: 'node_modules/eslint/bin/eslint.js', args: ['.', '--max-warnings', '0'] },
  {
    name: 'types',
    script: 'node_modules/typescript/bin/tsc',
    args: ['--noEmit', '-p', 'tsconfig.check.json'],
  },
  { name: 'prettier', script: 'node_modules/prettier/bin/prettier.cjs', args: ['--check', '.'] },
  {
    name: 'dependency rules',
    script: 'node_modules/dependency-cruiser/bin/dependency-cruise.mjs',
    args: ['--config', '.dependency-cruiser.cjs', ...['src', 'migrations', 'bin'].filter(exists)],
  },
  { name: 'unused code', script: 'node_modules/knip/bin/knip.js', args: [] },
  { name: 'generated docs', script: 'scripts/docs.mjs', args: ['--check'] },
];

function exists(path) {
  return existsSync(join(ROOT, path));
}

/**
 * Runs the checks, a few at a time, and prints each one's result; the output only of those that fail.
 *
 * @returns {Promise<{ passed: number, failed: number, skipped: { name: string, reason: string }[] }>}
 */
export async function runChecks() {
  const result = { passed: 0, failed: 0, skipped: [] };
  const waiting = CHECKS.filter(({ name, script }) => {
    if (exists(script)) return true;
    result.skipped.push({ name: `check: ${name}`, reason: `there is no ${script}` });
    return false;
  });
  const worker = async () => {
    for (let check = waiting.shift(); check !== undefined; check = waiting.shift()) {
      const start = performance.now();
      const { code, output } = await runNode(join(ROOT, check.script), check.args, { capture: true });
      const seconds = ((performance.now() - start) / 1000).toFixed(1);
      if (code === 0) result.passed += 1;
      else result.failed += 1;
      console.log(`${code === 0 ? 'PASS' : 'FAIL'} check: ${check.name} (${seconds} s)`);
      if (code !== 0) console.log(output.trimEnd());
    }
  };
  await Promise.all(Array.from({ length: Math.min(4, availableParallelism()) }, worker));
  return result;
}
