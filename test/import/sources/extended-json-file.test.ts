import { describe, expect, it } from '@jest/globals';
import { type Document, EJSON, Long } from 'bson';
import fc from 'fast-check';
import { gzipSync } from 'node:zlib';
import { ExtendedJsonFile } from '../../../src/import/sources/extended-json-file.js';
import type { SinceFilter } from '../../../src/import/sources/source.js';
import { anyNumbers, BSON_SAMPLES, bsonValue } from '../../support/bson-values.js';
import { campaign } from '../../support/campaign.js';
import { caught } from '../../support/caught.js';
import { readAll } from '../../support/read-source.js';
import { useTempFolder } from '../../support/temp-folder.js';

const folder = useTempFolder();

async function read(file: string, since?: SinceFilter): Promise<Document[]> {
  const list: Document[] = [];
  const source = new ExtendedJsonFile(file, 'traces');
  for await (const { document } of source.read({ collection: 'traces', since })) list.push(document);
  return list;
}

describe('an Extended JSON file', () => {
  it.each([
    ['traces.json', 'traces'],
    ['traces.ndjson', 'traces'],
    ['traces.jsonl.gz', 'traces'],
    ['/some/where/traces.2025.json', 'traces.2025'],
  ])('%s holds the collection %s unless it is told otherwise', (file, collection) => {
    expect(ExtendedJsonFile.collectionName(file)).toBe(collection);
  });

  it('has one collection, and its name as its identity', async () => {
    const source = new ExtendedJsonFile('/some/where/x.json', 'traces');
    expect(await source.collections()).toEqual([{ name: 'traces' }]);
    expect([source.identity, source.display]).toEqual(['file:x.json', '/some/where/x.json']);
    await source.close();
  });

  it.each(['a.json', 'a.json.gz'])('is read: %s', async (name) => {
    const text = '{"_id":{"$oid":"65cd6db93a8d335865cd6db9"},"n":1}\n{"_id":2}\n';
    const file = await folder.write(name, name.endsWith('.gz') ? gzipSync(text) : text);
    expect(await read(file)).toEqual([{ _id: BSON_SAMPLES.objectId, n: 1 }, { _id: 2 }]);
    expect(await new ExtendedJsonFile(file, 'traces').verify()).toEqual(new Map([['traces', 2]]));
  });

  it('may be empty', async () => {
    const file = await folder.write('a.json', '');
    expect(await read(file)).toEqual([]);
    expect(await new ExtendedJsonFile(file, 'traces').verify()).toEqual(new Map([['traces', 0]]));
  });

  it('leaves out what is older', async () => {
    const file = await folder.write(
      'a.json',
      '[{"_id":1,"t":{"$date":"2025-01-01T00:00:00Z"}},{"_id":2,"t":{"$date":"2025-01-02T00:00:00Z"}},{"_id":3}]',
    );
    const since = { cursors: ['t'], from: new Date('2025-01-02T00:00:00Z') };
    expect((await read(file, since)).map(({ _id }) => _id as unknown)).toEqual([2, 3]);
  });

  it('keeps 64-bit numbers that JavaScript’s own would round, and no others', async () => {
    const file = await folder.write(
      'a.json',
      '{"_id":{"$numberLong":"9007199254740993"},"in":[{"a":{"$numberLong":"-9223372036854775808"}}],"small":{"$numberLong":"5"},"n":7,"d":{"$numberDouble":"-0.0"}}',
    );
    expect(await read(file)).toEqual([
      {
        _id: Long.fromString('9007199254740993'),
        in: [{ a: Long.fromString('-9223372036854775808') }],
        small: 5,
        n: 7,
        d: -0,
      },
    ]);
  });

  it('gives back what was written in canonical form', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(bsonValue, { maxLength: 4 }), async (values) => {
        const documents = values.map((value, index) => ({ _id: index, value }));
        const canonical = documents.map((one) => EJSON.stringify(one, { relaxed: false }));
        const file = await folder.write('a.json', canonical.join('\n'));
        const again = (await read(file)).map((one) => EJSON.stringify(one, { relaxed: false }));
        expect(again.map(anyNumbers)).toEqual(canonical.map(anyNumbers));
      }),
      { numRuns: campaign(300) },
    );
  });

  it.each<[string | Buffer, number, string]>([
    ['{"password":"hunter2"', 1, 'It ends in the middle of a document.'],
    [
      '{"_id":1}\n{"password":"hunter2",}',
      2,
      'A document that starts on line 2 cannot be parsed: it is not JSON.',
    ],
    ['hunter2', 1, 'A document that starts on line 1 cannot be parsed: it is not JSON.'],
    ['\n\n"hunter2"', 3, 'What stands on line 3 is no object.'],
    ['[[{"hunter2":1}]]', 1, 'What stands on line 1 is no object.'],
    [
      '{"_id":{"$oid":"hunter2"}}',
      1,
      'A document that starts on line 1 cannot be parsed: its _id is no value of MongoDB.',
    ],
    [
      '{"hunter2":1,"a":{"b":1},"hunter2":1}',
      1,
      'A document that starts on line 1 cannot be parsed: a field is there twice.',
    ],
    [
      Buffer.concat([Buffer.from('{}\n{"hunter2":"'), Buffer.from([0xff]), Buffer.from('"}')]),
      2,
      'A document that starts on line 2 is not JSON in UTF-8.',
    ],
    ['[{"_id":1}', 1, 'It ends in the middle of a document.'],
  ])('is refused with the line, and without a word of it: %s', async (content, line, why) => {
    const file = await folder.write('a.json', content);
    const error = await caught(() => new ExtendedJsonFile(file, 'traces').verify());
    expect(error).toMatchObject({ code: 'import.source.not-json', why, details: { line } });
    expect(`${error.message} ${String(error.why)} ${String(error.fix)}`).not.toContain('hunter2');
    expect((await caught(() => read(file))).code).toBe('import.source.not-json');
  });

  it('that is not there, or damaged gzip, cannot be read', async () => {
    const missing = await caught(() => read(`${folder.path}/missing.json`));
    expect(missing.code).toBe('import.source.unreadable');
    const broken = await caught(async () =>
      read(await folder.write('a.json.gz', Buffer.from([0x1f, 0x8b, 8, 255, 255, 255]))),
    );
    expect(broken.code).toMatch(/^import\.source\.(unreadable|truncated)$/);
    expect(await read(await folder.write('a.json.gz', '{}'))).toEqual([{}]);
    const cut = await caught(async () =>
      read(await folder.write('a.json.gz', gzipSync('{"_id":1}').subarray(0, 20))),
    );
    expect(cut.code).toBe('import.source.truncated');
  });

  it('tells the byte where what cannot be parsed begins', async () => {
    const file = await folder.write('a.json', '\ufeff{"ä":1}\n\n {"_id":}');
    const error = await caught(() => new ExtendedJsonFile(file, 'traces').verify());
    expect(error.details).toEqual({ file, line: 3, offset: 14 });
  });

  it('goes on behind any document, and gives the ids', async () => {
    const file = await folder.write('a.json', '[{"_id":1},\n{"_id":2,"old":true},{"_id":3},{"_id":4}]');
    const source = new ExtendedJsonFile(file, 'traces');
    const where = { old: { $ne: true } };
    const positions: string[] = [];
    for await (const { position } of source.read({ collection: 'traces', where })) positions.push(position);
    const rest = async (after: string | undefined): Promise<unknown[]> =>
      (await readAll(source, { collection: 'traces', where, after })).map(
        (one) => 'document' in one && (one.document['_id'] as unknown),
      );
    expect(await Promise.all(positions.map(rest))).toEqual([[3, 4], [4], []]);
    const ids: unknown[] = [];
    for await (const id of source.ids()) ids.push(id);
    expect(ids).toEqual([1, 2, 3, 4]);
    expect(await source.fingerprint()).toBe(await source.fingerprint());
  });
});
