import { stat } from 'node:fs/promises';
import type { ImportSettings } from '../../config/settings.js';
import { DbtoolError } from '../../errors/dbtool-error.js';
import { maskUrl } from '../../config/redact.js';
import { DumpFolder } from './dump-folder.js';
import { ExtendedJsonFile } from './extended-json-file.js';
import type { ImportSource } from './source.js';

/**
 * Opens whatever `--from` names: a `mongodb://` URL, a mongodump folder, a `.bson[.gz]` file or an
 * Extended JSON file.
 * @param collection the one collection asked for, which gives a JSON file its name
 * @throws DbtoolError `import.source.*`, `config.url.invalid`
 */
export async function openSource(
  from: string,
  settings: Pick<ImportSettings, 'password' | 'connectTimeout'>,
  collection?: string,
): Promise<ImportSource> {
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
  throw new DbtoolError('import.source.unreadable', {
    message: `${from} is no source that dbtool knows`,
    why: 'Its name ends neither in .bson, .json, .jsonl nor .ndjson (or one of these with .gz).',
    fix: 'Name a mongodb:// URL, a folder that mongodump wrote, or such a file.',
  });
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
