import { describe, expect, it } from '@jest/globals';
import { type Document, serialize } from 'bson';
import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import { gzipSync } from 'node:zlib';
import { DumpFolder } from '../../../src/import/sources/dump-folder.js';
import type { SinceFilter } from '../../../src/import/sources/source.js';
import { readAll, type Undecoded } from '../../support/read-source.js';
import { caught } from '../../support/caught.js';
import { useTempFolder } from '../../support/temp-folder.js';

const folder = useTempFolder();
const bytesOf = (...documents: Document[]): Buffer => Buffer.concat(documents.map((one) => serialize(one)));
const names = async (source: DumpFolder): Promise<string[]> =>
  (await source.collections()).map(({ name }) => name);

const read = (
  source: DumpFolder,
  collection: string,
  since?: SinceFilter,
): Promise<({ document: Document } | Undecoded)[]> => readAll(source, { collection, since });

describe('a dump folder', () => {
  it('of one database has its collections by name, in order', async () => {
    await folder.write('genai/traces.bson', bytesOf({ _id: 1 }));
    await folder.write('genai/models.bson.gz', gzipSync(bytesOf({ _id: 2 }, { _id: 3 })));
    await folder.write('genai/traces.metadata.json', '{}');
    await folder.write('genai/system.views.bson', '');
    await folder.write('genai/oplog.bson', '');
    await folder.write('genai/notes.txt', '');
    await mkdir(path.join(folder.path, 'genai/folder.bson'));
    const source = await DumpFolder.open(path.join(folder.path, 'genai'));
    expect(await names(source)).toEqual(['models', 'traces']);
    expect(source.identity).toBe('dump:genai');
    expect(source.display).toBe(path.join(folder.path, 'genai'));
    expect(await source.verify(['models', 'traces'])).toEqual(
      new Map([
        ['models', 2],
        ['traces', 1],
      ]),
    );
    expect(await read(source, 'models')).toEqual([{ document: { _id: 2 } }, { document: { _id: 3 } }]);
    await source.close();
  });

  it('may be the one above, when there is one database in it', async () => {
    await folder.write('dump/genai/traces.bson', bytesOf({ _id: 1 }));
    await folder.write('dump/admin/system.version.bson', bytesOf({ _id: 1 }));
    await folder.write('dump/config/settings.bson', bytesOf({ _id: 1 }));
    await folder.write('dump/empty/readme.txt', '');
    const source = await DumpFolder.open(path.join(folder.path, 'dump'));
    expect(source.identity).toBe('dump:genai');
    expect(await names(source)).toEqual(['traces']);
  });

  it('has the same identity whichever of the two is named, and however', async () => {
    await folder.write('dump/genai/traces.bson', '');
    for (const name of ['dump', 'dump/', 'dump/genai', 'dump/genai/', 'dump/../dump/genai/.'])
      expect((await DumpFolder.open(`${folder.path}/${name}`)).identity).toBe('dump:genai');
  });

  it.each([
    ['%24odd', '$odd'],
    ['documents_65cd', 'documents_65cd'],
    ['a%2Fb', 'a/b'],
    ['%C3%A4', 'ä'],
    // No work of mongodump, which encodes every %.
    ['100%', '100%'],
    ['a%zz', 'a%zz'],
    ['%ff', '%ff'],
    ['a.b', 'a.b'],
  ])('reads the file name %s as the collection %s', async (name, collection) => {
    const file = await folder.write(`${name}.bson`, bytesOf({ _id: 1 }));
    for (const source of [await DumpFolder.open(folder.path), DumpFolder.file(file)]) {
      expect(await names(source)).toEqual([collection]);
      expect(await read(source, collection)).toHaveLength(1);
    }
  });

  it('refuses a collection that is there twice, plain and compressed', async () => {
    const files = [await folder.write('traces.bson', ''), await folder.write('traces.bson.gz', gzipSync(''))];
    const error = await caught(() => DumpFolder.open(folder.path));
    expect(error.code).toBe('import.source.unreadable');
    for (const file of files) expect(error.why).toContain(path.basename(file));
  });

  it('that is empty is refused', async () => {
    const error = await caught(() => DumpFolder.open(folder.path));
    expect(error.code).toBe('import.source.empty');
    expect(error.message).toBe(`${folder.path} holds no dump`);
  });

  it('with several databases is refused, naming them', async () => {
    await folder.write('dump/a/traces.bson', '');
    await folder.write('dump/b/traces.bson', '');
    const error = await caught(() => DumpFolder.open(path.join(folder.path, 'dump')));
    expect(error.code).toBe('import.source.empty');
    expect(error.message).toContain('holds 2 databases');
    expect(error.why).toBe('These are a, b.');
    expect(error.fix).toContain(`--from ${path.join(folder.path, 'dump', 'a')}`);
  });

  it('that is not there cannot be read', async () => {
    const error = await caught(() => DumpFolder.open(path.join(folder.path, 'missing')));
    expect(error.code).toBe('import.source.unreadable');
  });
});

describe('verify', () => {
  it('counts nothing in an empty file', async () => {
    await folder.write('traces.bson', '');
    expect(await (await DumpFolder.open(folder.path)).verify(['traces'])).toEqual(new Map([['traces', 0]]));
  });

  it('finds a file that breaks off before anything is read of it', async () => {
    await folder.write('traces.bson', bytesOf({ _id: 1 }, { _id: 2 }).subarray(0, -1));
    await folder.write('models.bson', bytesOf({ _id: 1 }));
    const source = await DumpFolder.open(folder.path);
    expect((await caught(() => source.verify(['models', 'traces']))).code).toBe('import.source.truncated');
    // Only what is going to be read is looked at.
    expect(await source.verify(['models'])).toEqual(new Map([['models', 1]]));
  });

  it('finds a file that has the frame of BSON and is none', async () => {
    const frame = Buffer.alloc(32, 'x');
    frame.writeInt32LE(32, 0);
    frame[31] = 0;
    await folder.write('traces.bson', frame);
    const error = await caught(async () => (await DumpFolder.open(folder.path)).verify(['traces']));
    expect(error.code).toBe('import.source.not-bson');
    expect(error.fix).toContain('mongoexport');
  });

  it('takes a first document whose text is not UTF-8: that is for the reading to report', async () => {
    const broken = serialize({ _id: 1, name: 'abc' });
    broken[broken.indexOf(0x62)] = 0xff;
    await folder.write('traces.bson', broken);
    const source = await DumpFolder.open(folder.path);
    expect(await source.verify(['traces'])).toEqual(new Map([['traces', 1]]));
    expect(await read(source, 'traces')).toEqual([
      expect.objectContaining({ bytes: expect.anything() as unknown }),
    ]);
  });
});

describe('read', () => {
  const at = (day: number): Date => new Date(Date.UTC(2025, 0, day));
  const since: SinceFilter = { cursors: ['updated_at', '_metadata.modified_at'], from: at(10) };

  it('leaves out what is older, and nothing of which that is not known', async () => {
    const documents = [
      { _id: 1, updated_at: at(9) },
      { _id: 2, updated_at: at(10) },
      { _id: 3, updated_at: at(11) },
      { _id: 4, _metadata: { modified_at: at(9) } },
      { _id: 5, _metadata: { modified_at: at(11) } },
      { _id: 6, updated_at: at(11), _metadata: { modified_at: at(9) } },
      { _id: 7 },
      { _id: 8, updated_at: '2025-01-01' },
    ];
    await folder.write('models.bson', bytesOf(...documents));
    const source = await DumpFolder.open(folder.path);
    const ids = (list: ({ document: Document } | Undecoded)[]): unknown[] =>
      list.map((one) => ('document' in one ? (one.document['_id'] as unknown) : one));
    expect(ids(await read(source, 'models', since))).toEqual([2, 3, 5, 6, 7, 8]);
    expect(ids(await read(source, 'models'))).toEqual([1, 2, 3, 4, 5, 6, 7, 8]);
  });

  it('gives what cannot be decoded, unless its date can be read and is older', async () => {
    const broken = (fields: Document): Uint8Array => {
      const bytes = serialize({ ...fields, name: 'abc' });
      bytes[bytes.lastIndexOf(0x62)] = 0xff;
      return bytes;
    };
    const files = [
      broken({ _id: 1, updated_at: at(1) }),
      broken({ _id: 2, updated_at: at(11) }),
      broken({ _id: 3 }),
    ];
    await folder.write('models.bson', Buffer.concat(files));
    const source = await DumpFolder.open(folder.path);
    expect(await read(source, 'models', since)).toHaveLength(2);
    expect(await read(source, 'models')).toHaveLength(3);
  });

  it('does not know collections that are not there', async () => {
    await folder.write('models.bson', '');
    const source = await DumpFolder.open(folder.path);
    await expect(read(source, 'traces')).rejects.toThrow('the dump holds no collection traces');
  });
});
