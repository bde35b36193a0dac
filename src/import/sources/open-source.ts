import { stat } from 'node:fs/promises';
import { maskUrl } from '../../config/redact.js';
import type { ImportSettings } from '../../config/settings.js';
import { DbtoolError } from '../../errors/dbtool-error.js';
import { ARCHIVE_MAGIC } from './archive-blocks.js';
import { contentFingerprint, firstBytes } from './byte-stream.js';
import { DumpArchive } from './dump-archive.js';
import { DumpFolder } from './dump-folder.js';
import { ExtendedJsonFile } from './extended-json-file.js';
import type { ImportSource } from './source.js';
import { copyStdin } from './stdin-copy.js';

/** How `--from` names standard input. */
const STDIN = '-';
/** How messages name it. */
const DISPLAYED_STDIN = 'standard input';

/**
 * Opens whatever `--from` names: a `mongodb://` URL, a mongodump folder, an archive of mongodump, a
 * `.bson[.gz]` file, an Extended JSON file, or `-` for standard input.
 * @param collection the one collection asked for, which gives a JSON file its name
 * @throws DbtoolError `import.source.*`, `config.url.invalid`
 */
export async function openSource(
  from: string,
  settings: Pick<ImportSettings, 'password' | 'connectTimeout'>,
  collection?: string,
): Promise<ImportSource> {
  if (from === STDIN) return openStdin(collection);
  if (/^mongodb(\+srv)?:\/\//i.test(from)) {
    const { MongoSource } = await import('./mongodb.js');
    return MongoSource.open(from, settings);
  }
  if (/^[a-z][a-z0-9+.-]+:\/\//i.test(from)) {
    throw new DbtoolError('config.url.invalid', {
      message: `The source URL "${maskUrl(from)}" cannot be used`,
      why: 'Its scheme is not mongodb://.',
      fix: 'Name a mongodb:// URL, a dump folder, or a file.',
    });
  }
  const kind = await look(from);
  if (kind === 'folder') return DumpFolder.open(from);
  if (/\.bson(\.gz)?$/.test(from)) return DumpFolder.file(from);
  if (/\.(json|jsonl|ndjson)(\.gz)?$/.test(from))
    return new ExtendedJsonFile(from, collection ?? ExtendedJsonFile.collectionName(from));
  // An archive may have any name, or none that tells: its first bytes do.
  if (/\.archive(\.gz)?$/.test(from) || (await isArchive(from))) return DumpArchive.open(from);
  throw new DbtoolError('import.source.unreadable', {
    message: `${from} is no source that dbtool knows`,
    why: 'It is no archive of mongodump, and its name ends neither in .bson, .json, .jsonl nor .ndjson (or one of these with .gz).',
    fix: 'Name a mongodb:// URL, a folder or archive that mongodump wrote, or such a file.',
  });
}

async function openStdin(collection: string | undefined): Promise<ImportSource> {
  const copy = await copyStdin(process.stdin);
  try {
    const source = (await isArchive(copy.file, DISPLAYED_STDIN))
      ? await DumpArchive.open(copy.file, DISPLAYED_STDIN)
      : jsonOfStdin(copy.file, collection);
    const fingerprint = await contentFingerprint(copy.file);
    // The copy's own time changes with each run, and says nothing of what it holds.
    source.fingerprint = () => Promise.resolve(fingerprint);
    source.close = () => copy.remove();
    return source;
  } catch (error) {
    await copy.remove();
    throw error;
  }
}

function jsonOfStdin(file: string, collection: string | undefined): ExtendedJsonFile {
  if (collection !== undefined) return new ExtendedJsonFile(file, collection, DISPLAYED_STDIN);
  throw new DbtoolError('import.source.unreadable', {
    message: 'What came on standard input is no archive of mongodump',
    why: 'If it is Extended JSON, nothing tells which collection it belongs to.',
    fix: 'Name it: --from - --collection traces.',
  });
}

async function isArchive(file: string, display = file): Promise<boolean> {
  return (await firstBytes(file, ARCHIVE_MAGIC.length, display)).equals(ARCHIVE_MAGIC);
}

async function look(from: string): Promise<'folder' | 'file'> {
  try {
    return (await stat(from)).isDirectory() ? 'folder' : 'file';
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') {
      throw new DbtoolError('import.source.missing', {
        message: `${from} does not exist`,
        why: 'There is neither a folder nor a file of that name.',
        fix: 'Check the path; --from takes a mongodb:// URL, a dump folder, or a file.',
      });
    }
    throw new DbtoolError('import.source.unreadable', {
      message: `${from} cannot be read`,
      why: (error as Error).message,
      fix: 'Check its permissions.',
      cause: error,
    });
  }
}
