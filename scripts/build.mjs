/*
 * node scripts/build.mjs           build/ and dist/ and oclif.manifest.json, unless nothing changed
 * node scripts/build.mjs --force   in any case
 */
import { createHash } from 'node:crypto';
import { existsSync, mkdtempSync, readFileSync, readdirSync, rmSync, statSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { ROOT, runNode } from './lib/process.mjs';

const STAMP = join(ROOT, 'build', '.stamp');
const INPUTS = [
  'src',
  'migrations',
  'scripts/build.mjs',
  'scripts/lib',
  'package.json',
  'package-lock.json',
  'tsconfig.json',
];
const OUTPUTS = ['dist/bundle.js', 'dist/dbtool.cjs', 'oclif.manifest.json'];

/** Builds unless the last build had the same inputs. */
export async function build({ force = false } = {}) {
  const inputs = hashOfInputs();
  const isBuilt = existsSync(STAMP) && readFileSync(STAMP, 'utf8') === inputs;
  if (!force && isBuilt && OUTPUTS.every((file) => existsSync(join(ROOT, file)))) return;

  for (const path of ['build', 'dist', 'oclif.manifest.json', '.cache/code']) {
    rmSync(join(ROOT, path), { recursive: true, force: true });
  }
  await script('node_modules/typescript/bin/tsc', ['-p', 'tsconfig.json']);
  const { bundle } = await import('./lib/bundle.mjs');
  const commands = await bundle();
  await mkdir(join(ROOT, 'dist/commands'), { recursive: true });
  await script('scripts/lib/manifest.mjs', []);
  await warmCodeCache();
  await writeFile(STAMP, inputs);
  console.log(`Built dist/ with ${commands} command${commands === 1 ? '' : 's'}.`);
}

async function script(path, args) {
  const { code, output } = await runNode(join(ROOT, path), args, { capture: true });
  if (code !== 0) throw new Error(`The build failed in ${path}:\n${output}`);
}

/** The first run of a build would be slower than all others; here it is done before anybody measures. */
async function warmCodeCache() {
  await mkdir(join(ROOT, '.cache/code'), { recursive: true });
  if (!existsSync(join(ROOT, 'bin/dbtool.js'))) return;
  const folder = mkdtempSync(join(tmpdir(), 'dbtool-build-'));
  const args = ['migrate', 'up', '--database', `sqlite:${join(folder, 'warm.sqlite')}`];
  // Whatever the command says: the tests judge it, here only the code it loads matters.
  await runNode(join(ROOT, 'bin/dbtool.js'), args, { capture: true, cwd: folder });
  rmSync(folder, { recursive: true });
}

function hashOfInputs() {
  const hash = createHash('sha256').update(process.version);
  for (const input of INPUTS) {
    for (const file of filesOf(join(ROOT, input)))
      hash.update(file.slice(ROOT.length)).update(readFileSync(file));
  }
  return hash.digest('hex');
}

function filesOf(path) {
  const stats = statSync(path, { throwIfNoEntry: false });
  if (stats === undefined) return [];
  if (stats.isFile()) return [path];
  return readdirSync(path)
    .sort()
    .flatMap((name) => filesOf(join(path, name)));
}

if (process.argv[1] === fileURLToPath(import.meta.url))
  await build({ force: process.argv.includes('--force') });
