import { mkdtemp, readFile, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { Long, ObjectId } from 'bson';

import { writeDump } from '../../scripts/demo-data/dump-writer.mjs';
import { readDocuments, readPlain } from './read-dump.js';

describe('writeDump', () => {
  const things = [
    {
      _id: new ObjectId('68a7ffff0000000000000001'),
      name: 'Café 退货',
      count: Long.fromNumber(5),
      gone: undefined,
    },
    { _id: 'text-id', name: null },
  ];
  let dir: string;

  beforeEach(async () => {
    dir = await mkdtemp(join(tmpdir(), 'dump-writer-'));
  });

  afterEach(async () => {
    await rm(dir, { recursive: true });
  });

  it('writes a data and a metadata file per collection, and makes the folder', async () => {
    const target = join(dir, 'deep', 'genai');
    const written = await writeDump(target, { things, empty: [] }, { gzip: true });

    expect((await readdir(target)).sort()).toEqual([
      'empty.bson.gz',
      'empty.metadata.json.gz',
      'things.bson.gz',
      'things.metadata.json.gz',
    ]);
    expect(written.map(({ collection, documents }) => [collection, documents])).toEqual([
      ['empty', 0],
      ['things', 2],
    ]);
    expect((await readPlain(join(target, 'empty.bson.gz'))).length).toBe(0);
  });

  it('keeps the documents, leaving out what is undefined', async () => {
    await writeDump(dir, { things });

    expect(await readDocuments(join(dir, 'things.bson.gz'))).toEqual([
      { _id: new ObjectId('68a7ffff0000000000000001'), name: 'Café 退货', count: 5 },
      { _id: 'text-id', name: null },
    ]);
    const [first] = await readDocuments(join(dir, 'things.bson.gz'), { promoteLongs: false });
    expect(Long.isLong(first?.count)).toBe(true);
  });

  it('writes the same bytes without gzip, and reports their sizes', async () => {
    const [plain] = await writeDump(join(dir, 'plain'), { things }, { gzip: false });
    const [packed] = await writeDump(join(dir, 'packed'), { things }, { gzip: true });

    const bytes = await readFile(join(dir, 'plain', 'things.bson'));
    expect(bytes.equals(await readPlain(join(dir, 'packed', 'things.bson.gz')))).toBe(true);
    expect(plain).toEqual({
      collection: 'things',
      documents: 2,
      bsonBytes: bytes.length,
      fileBytes: bytes.length,
    });
    expect(packed?.bsonBytes).toBe(bytes.length);
    expect(packed?.fileBytes).toBe((await readFile(join(dir, 'packed', 'things.bson.gz'))).length);
  });

  it('writes the metadata in the canonical extended JSON of mongodump', async () => {
    await writeDump(dir, { things }, { gzip: false });

    const metadata = JSON.parse(await readFile(join(dir, 'things.metadata.json'), 'utf8')) as Record<
      string,
      unknown
    >;
    expect(metadata).toEqual({
      indexes: [{ v: { $numberInt: '2' }, key: { _id: { $numberInt: '1' } }, name: '_id_' }],
      uuid: expect.stringMatching(/^[0-9a-f]{32}$/),
      collectionName: 'things',
      type: 'collection',
    });
  });

  it('writes a gzip header that tells neither time nor machine', async () => {
    await writeDump(dir, { things });

    const header = (await readFile(join(dir, 'things.bson.gz'))).subarray(0, 10);
    expect(header.toString('hex')).toBe('1f8b0800000000000203');
  });

  it('refuses a collection name that would lead out of the folder', async () => {
    await expect(writeDump(dir, { '../things': things })).rejects.toThrow('cannot be a file name');
  });
});
