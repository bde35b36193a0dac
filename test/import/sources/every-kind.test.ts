import { describe, expect, it } from '@jest/globals';
import { type Document, ObjectId } from 'bson';
import { readdir } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { canonicalJson } from '../../../src/import/plain-json.js';
import { DumpFolder } from '../../../src/import/sources/dump-folder.js';
import { openSource } from '../../../src/import/sources/open-source.js';
import type { ImportSource } from '../../../src/import/sources/source.js';
import { startCli, type CliResult } from '../../support/cli.js';
import { createTestDatabase } from '../../support/databases.js';
import { archiveOf } from '../../support/dump-archive.js';
import { loadDocuments } from '../../support/mongo/load.js';
import { databaseUrl, startMongo } from '../../support/mongo/start.js';
import { migrateUp } from '../../support/open-database.js';
import { readAll } from '../../support/read-source.js';
import { useTempFolder } from '../../support/temp-folder.js';

const DEMO = fileURLToPath(new URL('../../../fixtures/demo-dump/', import.meta.url));
const folder = useTempFolder();

async function everything(source: ImportSource): Promise<Record<string, Document[]>> {
  const all: Record<string, Document[]> = {};
  for (const { name } of await source.collections())
    all[name] = (await readAll(source, { collection: name })).map((one) => {
      if (!('document' in one)) throw new Error(one.unreadable);
      return one.document;
    });
  await source.close();
  return all;
}
const sorted = (documents: readonly Document[] | undefined): string[] =>
  (documents ?? []).map((one) => JSON.stringify(canonicalJson(one))).sort();
const same = (all: Record<string, Document[]>): Record<string, string[]> =>
  Object.fromEntries(Object.entries(all).map(([name, documents]) => [name, sorted(documents)]));
const open = (from: string, collection?: string): Promise<ImportSource> =>
  openSource(from, { connectTimeout: 5000 }, collection);

describe('the demo dump is the same', () => {
  it('from a folder, a compressed archive, a live server and Extended JSON', async () => {
    const documents = await everything(await DumpFolder.open(DEMO));
    const expected = same(documents);
    expect(Object.values(documents).flat().length).toBeGreaterThan(1000);

    const archive = await folder.write(
      'demo.gz',
      gzipSync(archiveOf(documents, { segment: 100 }), { level: 1 }),
    );
    expect(same(await everything(await open(archive)))).toEqual(expected);

    const mongo = await startMongo();
    try {
      const database = `dbtool_test_${new ObjectId().toHexString()}`;
      await loadDocuments(mongo.url, database, documents);
      expect(same(await everything(await open(databaseUrl(mongo.url, database))))).toEqual(expected);
    } finally {
      await mongo.stop();
    }

    for (const [name, list] of Object.entries(documents)) {
      const lines = list.map((one) => JSON.stringify(canonicalJson(one))).join('\n');
      const file = await folder.write(`${name}.json`, lines);
      expect(same(await everything(await open(file)))[name]).toEqual(expected[name]);
    }
  }, 300_000);

  it('through standard input, whose copy is gone afterwards', async () => {
    const documents = await everything(await DumpFolder.open(DEMO));
    const bytes = gzipSync(archiveOf(documents, { segment: 100 }), { level: 1 });
    const counts: unknown[] = [];
    for (const from of [DEMO, '-']) {
      const database = await createTestDatabase('sqlite');
      try {
        await migrateUp(database);
        const temporary = path.dirname(await folder.write('tmp/.keep', ''));
        const result = await importFrom(from, bytes, {
          DBTOOL_DATABASE_URL: database.url,
          TMPDIR: temporary,
        });
        // Some of its documents are broken on purpose.
        expect(result).toMatchObject({ code: 4 });
        const { data } = JSON.parse(result.stdout) as {
          data: { collections: { collection: string; read: number; imported: number }[] };
        };
        counts.push(data.collections.map(({ collection, read, imported }) => [collection, read, imported]));
        expect((await readdir(temporary)).filter((name) => name.startsWith('dbtool-stdin'))).toEqual([]);
      } finally {
        await database.drop();
      }
    }
    expect(counts[1]).toEqual(counts[0]);
  }, 300_000);

  it('is asked for, where nothing comes or nothing tells what it is', async () => {
    const env = { DBTOOL_DATABASE_URL: 'sqlite::memory:' };
    const nothing = await importFrom('-', Buffer.alloc(0), env);
    expect([nothing.code, nothing.stdout]).toEqual([2, expect.stringContaining('import.source.empty')]);
    const json = await importFrom('-', Buffer.from('{"_id":1}'), env);
    expect([json.code, json.stdout]).toEqual([2, expect.stringContaining('--collection')]);
  }, 60_000);
});

function importFrom(from: string, input: Buffer, env: Record<string, string>): Promise<CliResult> {
  const { child, result } = startCli(['import', 'mongo', '--json', '--from', from], {
    env,
    timeoutMs: 120_000,
  });
  child.stdin.on('error', () => undefined);
  child.stdin.end(input);
  return result;
}
