import { mkdir, readdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { DbtoolError } from '../../errors/dbtool-error.js';
import { type NewName, newName } from './migration-name.js';

/** Names of databases that may stand before a SQL file's ending. */
export const SQL_DIALECTS = ['postgres', 'mysql', 'mariadb', 'sqlite', 'oracle'] as const;

const ENDING = new RegExp(`(\\.(${SQL_DIALECTS.join('|')}))?\\.(sql|[mc]?[jt]s)$`);

/**
 * The folder that a new migration goes to.
 * @param given by the caller
 * @param folders of the settings, in their order; `builtin` is dbtool's own, where users write nothing
 * @throws DbtoolError `migrate.folder.missing`
 */
export function targetFolder(given: string | undefined, folders: readonly string[]): string {
  const folder = given ?? folders.findLast((one) => one !== 'builtin');
  if (folder !== undefined) return path.resolve(folder);
  throw new DbtoolError('migrate.folder.missing', {
    message: 'There is no folder for the migration',
    why: "No folder was given, and the settings name none but dbtool's own.",
    fix: 'Name one with --folder, such as `--folder migrations`.',
  });
}

/**
 * A name for a migration in the folder.
 * @throws DbtoolError `usage.argument.invalid`, `migrate.name.taken`, `output.unwritable`
 */
export async function nameIn(folder: string, given: string, now: Date): Promise<NewName> {
  const names = (await filesOf(folder))
    .filter((file) => ENDING.test(file))
    .map((file) => file.replace(ENDING, ''));
  const made = newName(given, now, names);
  const taken = names.find((name) => name.replace(/^\d+[-_]/, '') === made.words);
  if (taken === undefined) return made;
  throw new DbtoolError('migrate.name.taken', {
    message: `There is a migration ${made.words} already`,
    why: `${folder} holds ${taken}.`,
    fix: 'Choose another name, or remove that one if it was never applied anywhere.',
  });
}

/**
 * Writes a new file, with the folders on the way to it. What is there is never overwritten.
 * @returns its path
 * @throws DbtoolError `output.unwritable`
 */
export async function writeMigration(folder: string, file: string, content: string): Promise<string> {
  const target = path.join(folder, file);
  try {
    await mkdir(folder, { recursive: true });
    await writeFile(target, content, { flag: 'wx' });
  } catch (error) {
    throw unwritable(target, error);
  }
  return target;
}

async function filesOf(folder: string): Promise<string[]> {
  try {
    return await readdir(folder);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw unwritable(folder, error);
  }
}

function unwritable(target: string, error: unknown): unknown {
  const { code, message } = error as NodeJS.ErrnoException;
  if (code === undefined) return error;
  return new DbtoolError('output.unwritable', {
    message: `${target} cannot be written`,
    why: `${message}.`,
    fix: 'Name a folder that you may write to with --folder.',
    cause: error,
  });
}
