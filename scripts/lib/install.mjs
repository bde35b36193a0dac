import { existsSync, lstatSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT, run } from './process.mjs';

/**
 * Installs the dependencies unless node_modules already holds what package-lock.json names.
 * Versions are compared, not file times: a checkout sets times at random.
 */
export async function ensureInstalled() {
  if (!installedMatchesLock(ROOT)) {
    if (lstatSync(join(ROOT, 'node_modules'), { throwIfNoEntry: false })?.isSymbolicLink()) {
      throw new Error(
        'node_modules is a link to an install that differs from package-lock.json; npm would replace it',
      );
    }
    console.log('Installing the dependencies …');
    // Not `npm ci`: it refuses a lock file that lacks optional packages of other platforms, and such a
    // file is what npm writes where the registry has only some of them. The locked versions hold as well.
    await npm(['install', '--no-save', '--no-audit', '--no-fund']);
  }
  // A native module that another Node version compiled cannot be loaded.
  const probe = "new (require('better-sqlite3'))(':memory:')";
  if ((await run(process.execPath, ['-e', probe], { capture: true })).code !== 0) {
    console.log(`Compiling better-sqlite3 for Node ${process.version} …`);
    await npm(['rebuild', 'better-sqlite3']);
  }
}

/** Whether every package that the lock file demands lies in node_modules in the locked version. */
export function installedMatchesLock(root) {
  const installedFile = join(root, 'node_modules', '.package-lock.json');
  if (!existsSync(installedFile)) return false;
  const wanted = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8')).packages;
  const installed = JSON.parse(readFileSync(installedFile, 'utf8')).packages;
  return Object.entries(wanted).every(([path, entry]) => {
    // Optional ones depend on the platform, peers of them too; the root entry is the project itself.
    if (path === '' || entry.optional || entry.devOptional || entry.peer) return true;
    return installed[path]?.version === entry.version;
  });
}

async function npm(args) {
  const command = process.platform === 'win32' ? 'npm.cmd' : 'npm';
  // `npm test --silent` hands its silence down, and then an error of this npm would not be seen.
  const { code } = await run(command, [...args, '--loglevel=error']);
  if (code !== 0) throw new Error(`npm ${args[0]} failed with exit code ${code}`);
}
