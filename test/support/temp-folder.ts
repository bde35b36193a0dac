import { afterEach, beforeEach } from '@jest/globals';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';

/** A folder of its own for each test, gone after it. */
export interface TempFolder {
  path: string;
  /** Writes a file of the folder, with the folders on the way to it, and returns its whole path. */
  write(name: string, content: string | Uint8Array): Promise<string>;
}

/** Registers the hooks; what it returns is filled when the first test begins. */
export function useTempFolder(): TempFolder {
  const folder: TempFolder = {
    path: '',
    async write(name, content) {
      const file = path.join(folder.path, name);
      await mkdir(path.dirname(file), { recursive: true });
      await writeFile(file, content);
      return file;
    },
  };
  beforeEach(async () => {
    folder.path = await mkdtemp(path.join(tmpdir(), 'dbtool-unit-'));
  });
  afterEach(() => rm(folder.path, { recursive: true, force: true }));
  return folder;
}
