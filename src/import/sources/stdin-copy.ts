import { rmSync } from 'node:fs';
import { mkdtemp, open, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { DbtoolError } from '../../errors/dbtool-error.js';

/** A copy of standard input, which can be read more than once. */
export interface StdinCopy {
  file: string;
  remove(): Promise<void>;
}

/**
 * Copies standard input into a file that only its owner can read, in a temporary folder that is gone
 * when dbtool ends: what is imported is looked through first, and standard input comes but once.
 * @throws DbtoolError `import.source.empty` when nothing comes, `import.source.unreadable`
 */
export async function copyStdin(input: AsyncIterable<Uint8Array> & { isTTY?: boolean }): Promise<StdinCopy> {
  if (input.isTTY) throw nothing('It is a terminal, to which nothing is piped.');
  const folder = await mkdtemp(path.join(tmpdir(), 'dbtool-stdin-'));
  const removeNow = (): void => {
    rmSync(folder, { recursive: true, force: true });
  };
  // Also when the process ends before the source is closed.
  process.once('exit', removeNow);
  const remove = async (): Promise<void> => {
    process.off('exit', removeNow);
    await rm(folder, { recursive: true, force: true });
  };
  const file = path.join(folder, 'stdin');
  try {
    const handle = await open(file, 'wx', 0o600);
    let bytes = 0;
    try {
      for await (const chunk of input) {
        await handle.writeFile(chunk);
        bytes += chunk.length;
      }
    } finally {
      await handle.close();
    }
    if (bytes === 0) throw nothing('It ended before a byte came.');
    return { file, remove };
  } catch (error) {
    await remove();
    if (error instanceof DbtoolError) throw error;
    throw new DbtoolError('import.source.unreadable', {
      message: 'Standard input cannot be copied',
      why: (error as Error).message,
      fix: `Check the space in ${tmpdir()}; TMPDIR names another folder.`,
      cause: error,
    });
  }
}

function nothing(why: string): DbtoolError {
  return new DbtoolError('import.source.empty', {
    message: 'Nothing came on standard input',
    why,
    fix: 'Pipe an archive or Extended JSON: mongodump --db DATABASE --archive | dbtool import mongo --from -',
  });
}
