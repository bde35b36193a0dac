import { readdir } from 'node:fs/promises';
import path from 'node:path';
import type { Dialect } from '../database/dialect.js';
import { DbtoolError } from '../errors/dbtool-error.js';
import type { LoadedMigration } from './loaded-migration.js';

type DialectName = Dialect['name'];

/** A migration on disk. It is read only when it is needed. */
export interface Migration {
  /** File name without its ending, and without the name of a database: `20251122100000-create-platform-tables`. */
  name: string;
  /** The folder it lies in, as an absolute path. Order is kept within a folder. */
  folder: string;
  /** The file for this database; undefined when there are files for others only. */
  file: string | undefined;
  load: () => Promise<LoadedMigration>;
}

interface SourceFile {
  name: string;
  folder: string;
  file: string;
  /** The one database that the file is for; undefined: any. */
  only: DialectName | undefined;
}

const SQL = /^(?<name>.+?)(?:\.(?<only>postgres|mysql|mariadb|sqlite|oracle))?\.sql$/;
const CLASS = /^(?<name>.+?)(?<!\.d)\.[cm]?[jt]s$/;
const NUMBERED = /^(\d+)(?:[-_].*)?$/;

/** Files of another database that are better than none: MariaDB reads what MySQL does. */
const FALLBACK: Partial<Record<DialectName, DialectName>> = { mariadb: 'mysql' };

/**
 * The migrations of some folders, oldest first: classes (`.ts`, `.js`) and SQL files, which may be for one
 * database (`name.oracle.sql`). Their names begin with a number: a UTC time of 14 digits, a time of 13
 * digits in milliseconds as TypeORM writes them, or any other.
 * @throws DbtoolError `migrate.folder.missing`, `migrate.source.duplicate`, `migrate.source.invalid`
 */
export async function findMigrations(
  folders: readonly string[],
  dialect: DialectName,
  load: (file: string) => Promise<LoadedMigration>,
): Promise<Migration[]> {
  const files = (await Promise.all(folders.map(filesOf))).flat();
  const byName = new Map<string, SourceFile[]>();
  for (const file of files) byName.set(file.name, [...(byName.get(file.name) ?? []), file]);
  const migrations = [...byName].map(([name, candidates]) => toMigration(name, candidates, dialect, load));
  return migrations.sort((a, b) => compareNames(a.name, b.name));
}

async function filesOf(folder: string): Promise<SourceFile[]> {
  return (await listFolder(folder)).flatMap((base) => {
    const sql = SQL.exec(base)?.groups;
    const name = sql?.['name'] ?? CLASS.exec(base)?.groups?.['name'];
    if (name === undefined) return [];
    if (!NUMBERED.test(name)) {
      // Classes may have helpers beside them; SQL has not, and one that is overlooked is never run.
      if (!sql) return [];
      throw new DbtoolError('migrate.source.invalid', {
        message: `${path.join(folder, base)} has no number in front of its name`,
        why: 'Migrations are run in the order of their numbers.',
        fix: `Name it like 20260131120000-${base}, or move it out of the folder.`,
      });
    }
    if (name.length > 200) {
      throw new DbtoolError('migrate.source.invalid', {
        message: `The name of ${path.join(folder, base)} is longer than 200 characters`,
        fix: 'Shorten it.',
      });
    }
    return [{ name, folder, file: path.join(folder, base), only: sql?.['only'] as DialectName | undefined }];
  });
}

async function listFolder(folder: string): Promise<string[]> {
  try {
    const entries = await readdir(folder, { withFileTypes: true });
    return entries.filter((entry) => !entry.isDirectory()).map((entry) => entry.name);
  } catch (error) {
    throw new DbtoolError('migrate.folder.missing', {
      message: `The folder of migrations ${folder} cannot be read`,
      why: (error as Error).message,
      fix: 'Check --folder or the setting migrate.folders; `dbtool config show` tells where it comes from.',
      cause: error,
    });
  }
}

function toMigration(
  name: string,
  files: SourceFile[],
  dialect: DialectName,
  load: (file: string) => Promise<LoadedMigration>,
): Migration {
  const seen = new Map<string, SourceFile>();
  for (const file of files) {
    const other = seen.get(file.only ?? '') ?? files.find((one) => one.folder !== file.folder);
    if (other) throw duplicate(name, [other.file, file.file]);
    seen.set(file.only ?? '', file);
  }
  const fallback = FALLBACK[dialect];
  const chosen = seen.get(dialect) ?? (fallback && seen.get(fallback)) ?? seen.get('');
  let loaded: Promise<LoadedMigration> | undefined;
  return {
    name,
    folder: files[0]?.folder ?? '',
    file: chosen?.file,
    load: () => {
      if (!chosen) throw new Error(`${name} has no file for ${dialect}`);
      return (loaded ??= load(chosen.file));
    },
  };
}

function duplicate(name: string, files: string[]): DbtoolError {
  return new DbtoolError('migrate.source.duplicate', {
    message: `There are two migrations of the name ${name}`,
    why: `They are ${files.join(' and ')}.`,
    fix: 'Rename or remove one of them.',
    details: { name, files },
  });
}

/** Negative when `a` is the older migration. */
export function compareNames(a: string, b: string): number {
  const byAge = age(a) - age(b);
  return byAge !== 0 ? byAge : a < b ? -1 : a > b ? 1 : 0;
}

/** Milliseconds since 1970 where the number is a time, else the number itself. */
function age(name: string): number {
  const digits = NUMBERED.exec(name)?.[1] ?? '';
  if (digits.length === 14) {
    const [, year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0] = (
      /^(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)$/.exec(digits) ?? []
    ).map(Number);
    // What is no time (a number that somebody counted up) goes before the next that is one.
    const days = new Date(Date.UTC(year, Math.min(month, 12), 0)).getUTCDate();
    return Date.UTC(
      year,
      Math.min(month, 12) - 1,
      Math.min(day, days),
      Math.min(hour, 23),
      Math.min(minute, 59),
      Math.min(second, 59),
    );
  }
  return Number(digits);
}
