import { readdir } from 'node:fs/promises';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import type { MigrationInterface } from 'typeorm';

/** A migration on disk. It is imported only when it is run. */
export interface MigrationFile {
  /** File name without its ending: `20251122100000-create-platform-tables`. Names sort by age. */
  name: string;
  load: () => Promise<MigrationInterface>;
}

/**
 * The migrations of a folder, oldest first.
 * @param folder holds `.js` files as built, or `.ts` files under a loader that understands them
 */
export async function migrationFiles(folder: string): Promise<MigrationFile[]> {
  const files = (await readdir(folder)).filter((file) => /^\d{14}-[a-z0-9-]+\.(js|ts)$/.test(file)).sort();
  return files.map((file) => ({
    name: file.replace(/\.(js|ts)$/, ''),
    load: async () => instantiate(path.join(folder, file)),
  }));
}

async function instantiate(file: string): Promise<MigrationInterface> {
  const module = (await import(pathToFileURL(file).href)) as Record<string, unknown>;
  const classes = Object.values(module).filter((one) => typeof one === 'function');
  const [migration] = classes as (new () => MigrationInterface)[];
  if (classes.length !== 1 || !migration) throw new Error(`${file} must export one migration class`);
  return new migration();
}
