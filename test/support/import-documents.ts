import { readFile } from 'node:fs/promises';
import path from 'node:path';
import type { Document } from 'bson';
import { writeDump } from '../../scripts/demo-data/dump-writer.mjs';
import type { OpenDatabase } from '../../src/database/data-source.js';
import { chooseMappings } from '../../src/import/choose-mappings.js';
import { importCollections, type ImportOptions, type ImportResult } from '../../src/import/importer.js';
import { type Reject, RejectsFile } from '../../src/import/rejects.js';
import { openSource } from '../../src/import/sources/open-source.js';
import type { ImportSource } from '../../src/import/sources/source.js';
import type { VerifyResult } from '../../src/import/verify/verifier.js';
import { verifyCollections, type VerifyRequest } from '../../src/import/verify/verify-collections.js';

const SETTINGS = { connectTimeout: 5000 };
let runs = 0;

/** Writes documents as a dump of a database of that name. @returns its folder */
export async function dumpOf(
  folder: string,
  collections: Record<string, Document[]>,
  name = 'genai',
  { gzip = false } = {},
): Promise<string> {
  const dump = path.join(folder, `dump-${++runs}`, name);
  await writeDump(dump, collections, { gzip });
  return dump;
}

/** Imports everything of a source, or what the options say. */
export async function importAll(
  database: OpenDatabase,
  folder: string,
  from: string,
  options: Partial<ImportOptions> = {},
): Promise<{ result: ImportResult; rejects: Reject[] }> {
  const source = await openSource(from, SETTINGS);
  const file = await RejectsFile.prepare(path.join(folder, `rejects-${++runs}.ndjson`));
  try {
    const result = await importCollections(source, database, file, {
      collections: [],
      since: { kind: 'all' },
      batchSize: 500,
      dryRun: false,
      signal: new AbortController().signal,
      onStart: () => undefined,
      onProgress: () => undefined,
      ...options,
    });
    await file.close();
    const lines = file.count === 0 ? [] : (await readFile(file.path, 'utf8')).trimEnd().split('\n');
    return { result, rejects: lines.map((line) => JSON.parse(line) as Reject) };
  } finally {
    await file.close();
    await source.close();
  }
}

/** Compares everything of a source with the database, or what the options say. @returns results by collection */
export async function verifyAll(
  database: OpenDatabase,
  from: string | ImportSource,
  options: Partial<VerifyRequest> = {},
): Promise<Record<string, VerifyResult>> {
  const source = typeof from === 'string' ? await openSource(from, SETTINGS) : from;
  try {
    const { mappings } = await chooseMappings(source, []);
    const results = await verifyCollections(source, database, mappings, {
      since: { kind: 'all' },
      totals: await source.verify(mappings.map(({ collection }) => collection)),
      limit: 10,
      signal: new AbortController().signal,
      onStage: () => Promise.resolve(),
      onProgress: () => undefined,
      onNotice: () => undefined,
      ...options,
    });
    return Object.fromEntries(results.map((result) => [result.collection, result]));
  } finally {
    await source.close();
  }
}
