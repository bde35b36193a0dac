import type { Document } from 'bson';
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { gzipSync } from 'node:zlib';
import { mappingsOf } from '../../src/import/mappings/all-mappings.js';
import { archiveOf } from './dump-archive.js';
import { extendedJson, type ExtendedJsonForm } from './extended-json-texts.js';

type Data = Readonly<Record<string, readonly Document[]>>;

/** How the documents stand in an Extended JSON file. */
export type Layout = 'lines' | 'array';

const zipped = (bytes: Buffer): Buffer => gzipSync(bytes, { level: 1 });

/** Writes an archive, its segments interleaved. @returns its path */
export async function writeArchive(folder: string, data: Data, gzip: boolean): Promise<string> {
  const file = path.join(folder, gzip ? 'genai.archive.gz' : 'genai.archive');
  const bytes = archiveOf(data, { segment: 50 });
  await writeFile(file, gzip ? zipped(bytes) : bytes);
  return file;
}

/** Writes a file for each collection. @returns their paths, those that others refer to first */
export async function writeExtendedJson(
  folder: string,
  data: Data,
  { form, layout, gzip }: { form: ExtendedJsonForm; layout: Layout; gzip: boolean },
): Promise<string[]> {
  const files: string[] = [];
  for (const { collection } of mappingsOf(Object.keys(data))) {
    const texts = (data[collection] ?? []).map((document) => extendedJson(document, form));
    const text = Buffer.from(layout === 'array' ? `[${texts.join(',\n')}]\n` : `${texts.join('\n')}\n`);
    const file = path.join(folder, `${collection}.json${gzip ? '.gz' : ''}`);
    await writeFile(file, gzip ? zipped(text) : text);
    files.push(file);
  }
  return files;
}
