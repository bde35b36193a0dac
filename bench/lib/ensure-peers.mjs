import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT, run } from '../../scripts/lib/process.mjs';

const BENCH = join(ROOT, 'bench');
const NPM = process.platform === 'win32' ? 'npm.cmd' : 'npm';

/** Installs what bench/package.json names into bench/node_modules, unless it lies there in these versions. */
export async function ensurePeers() {
  const { dependencies } = readJson(join(BENCH, 'package.json'));
  const isInstalled = Object.entries(dependencies).every(([name, version]) => {
    const installed = join(BENCH, 'node_modules', name, 'package.json');
    return existsSync(installed) && readJson(installed).version === version;
  });
  if (isInstalled) return;
  console.log('Installing the tools to compare with …');
  const options = ['--no-save', '--no-package-lock', '--no-audit', '--no-fund', '--loglevel=error'];
  const { code } = await run(NPM, ['install', ...options], { cwd: BENCH });
  if (code !== 0) throw new Error(`npm install failed in ${BENCH} with exit code ${code}`);
}

function readJson(file) {
  return JSON.parse(readFileSync(file, 'utf8'));
}
