import { access } from 'node:fs/promises';
import path from 'node:path';
import { DbtoolError } from '../errors/dbtool-error.js';

interface Places {
  cwd: string;
  env: Record<string, string | undefined>;
  configFile?: string;
}

/**
 * Config files in order of rising precedence: the user's, then the project's. `--config` (or
 * `DBTOOL_CONFIG`) names another project file. The project file is looked for in the working
 * directory only: a cron line must not pick up a file from some parent folder by accident.
 * @returns absolute paths of files that exist
 * @throws DbtoolError `config.unreadable` when a file named by hand is not there, `config.invalid` when a
 *   folder holds two config files
 */
export async function findConfigFiles(places: Places): Promise<string[]> {
  const home = places.env['HOME'] ?? places.env['USERPROFILE'];
  const userFolder = places.env['XDG_CONFIG_HOME'] || (home ? path.join(home, '.config') : undefined);
  const user = userFolder ? await only(path.join(userFolder, 'dbtool'), 'config') : undefined;
  const named = places.configFile ?? (places.env['DBTOOL_CONFIG'] || undefined);
  const project = named
    ? await existing(path.resolve(places.cwd, named))
    : await only(places.cwd, 'dbtool.config');
  return [user, project].filter((file) => file !== undefined);
}

async function existing(file: string): Promise<string> {
  if (await exists(file)) return file;
  throw new DbtoolError('config.unreadable', {
    message: `The config file ${file} does not exist`,
    fix: 'Name an existing file with --config, or leave the flag (and DBTOOL_CONFIG) out.',
  });
}

/** The one file `<name>.json`, `.yaml` or `.yml` of a folder; two of them would hide one another. */
async function only(folder: string, name: string): Promise<string | undefined> {
  const found: string[] = [];
  for (const ending of ['json', 'yaml', 'yml']) {
    const file = path.join(folder, `${name}.${ending}`);
    if (await exists(file)) found.push(file);
  }
  if (found.length > 1)
    throw new DbtoolError('config.invalid', {
      message: `There are ${found.length} config files side by side`,
      why: `${found.join(' and ')} would hide one another.`,
      fix: 'Keep one of them.',
    });
  return found[0];
}

async function exists(file: string): Promise<boolean> {
  try {
    await access(file);
    return true;
  } catch {
    return false; // not there, or not for us: reading it by name would say which
  }
}
