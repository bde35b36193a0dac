import { describe, expect, it } from '@jest/globals';
import { Binary, calculateObjectSize, type Document, EJSON, Long, ObjectId, serialize } from 'bson';
import fc from 'fast-check';
import { randomBytes } from 'node:crypto';
import { readdir, readlink } from 'node:fs/promises';
import { setTimeout } from 'node:timers/promises';
import { gunzipSync, gzipSync } from 'node:zlib';
import { bsonFrames, decodeFrame } from '../../../src/import/sources/bson-file.js';
import { fileChunks } from '../../../src/import/sources/byte-stream.js';
import { campaign } from '../../support/campaign.js';
import { caught } from '../../support/caught.js';
import { anyNumbers, bsonValue } from '../../support/bson-values.js';
import { useTempFolder } from '../../support/temp-folder.js';

const folder = useTempFolder();
const CHUNK_BYTES = 1024 * 1024;

async function decoded(file: string): Promise<ReturnType<typeof decodeFrame>[]> {
  const list: ReturnType<typeof decodeFrame>[] = [];
  for await (const { bytes } of bsonFrames(file)) list.push(decodeFrame(bytes));
  return list;
}

/** Frames are views that live until the next one: they are copied to be compared. */
async function framesOf(file: string): Promise<string[]> {
  const frames: string[] = [];
  for await (const { bytes } of bsonFrames(file)) frames.push(bytes.toString('hex'));
  return frames;
}

const bytesOf = (documents: readonly Document[]): Buffer =>
  Buffer.concat(documents.map((one) => serialize(one)));
const hex = (document: Document): string => Buffer.from(serialize(document)).toString('hex');

const SMALL: Document[] = [
  { _id: new ObjectId('65cd6db93a8d335865cd6db9'), text: 'ä😀', list: [1, 0.5, null] },
  { _id: 2, inner: { a: new Date(0), long: Long.fromString('9007199254740993') } },
  {},
];

describe('bsonFrames', () => {
  it('cuts a file into its documents', async () => {
    const file = await folder.write('a.bson', bytesOf(SMALL));
    expect(await framesOf(file)).toEqual(SMALL.map(hex));
  });

  it('finds nothing in an empty file', async () => {
    expect(await framesOf(await folder.write('a.bson', ''))).toEqual([]);
    expect(await framesOf(await folder.write('a.bson.gz', gzipSync('')))).toEqual([]);
  });

  it('cuts alike wherever the edge of a chunk falls', async () => {
    // The first document moves the others, byte by byte, over the edge of the first chunk.
    const padding = (bytes: number): Document => ({ p: new Binary(Buffer.alloc(bytes)) });
    const overhead = calculateObjectSize(padding(0));
    const rest = bytesOf(SMALL);
    for (let before = 0; before <= rest.length; before += 3) {
      const first = padding(CHUNK_BYTES - before - overhead);
      const file = await folder.write('a.bson', Buffer.concat([serialize(first), rest]));
      const [, ...others] = await framesOf(file);
      expect(others).toEqual(SMALL.map(hex));
    }
  });

  it('takes documents that are longer than many chunks', async () => {
    const long = { a: 'x'.repeat(5 * CHUNK_BYTES), b: 1 };
    const file = await folder.write('a.bson.gz', gzipSync(bytesOf([long, ...SMALL]), { level: 1 }));
    const lengths: number[] = [];
    for await (const { bytes } of bsonFrames(file)) lengths.push(bytes.length);
    expect(lengths).toEqual([long, ...SMALL].map((one) => serialize(one).length));
  });

  it('says so when the file ends in a document, at each byte of it', async () => {
    const bytes = bytesOf(SMALL);
    const ends = new Set([0]);
    for (const document of SMALL) ends.add(Math.max(...ends) + serialize(document).length);
    for (let length = 0; length <= bytes.length; length += 1) {
      const file = await folder.write('a.bson', bytes.subarray(0, length));
      if (ends.has(length)) {
        expect((await framesOf(file)).join('')).toBe(bytes.toString('hex', 0, length));
        continue;
      }
      const error = await caught(() => framesOf(file));
      expect([length, error.code]).toEqual([length, 'import.source.truncated']);
      expect(error.message).toContain(file);
      const start = Math.max(...[...ends].filter((end) => end < length));
      expect(error.why).toContain(`offset ${start}`);
    }
  });

  it('says so when a compressed file is cut short, at each byte of it', async () => {
    const bytes = gzipSync(bytesOf(SMALL));
    for (let length = 0; length < bytes.length; length += 1) {
      const file = await folder.write('a.bson.gz', bytes.subarray(0, length));
      const error = await caught(() => framesOf(file));
      expect([length, error.code]).toEqual([length, 'import.source.truncated']);
    }
    expect(await framesOf(await folder.write('a.bson.gz', bytes))).toHaveLength(SMALL.length);
  });

  it('never passes over damage of a compressed file: a changed byte is found, or changes nothing', async () => {
    const bytes = gzipSync(bytesOf(SMALL));
    for (let at = 0; at < bytes.length; at += 1) {
      const damaged = Buffer.from(bytes);
      damaged[at] = (damaged[at] ?? 0) ^ 0x55;
      const file = await folder.write('a.bson.gz', damaged);
      const result = await framesOf(file).catch((error: unknown) => (error as { code: string }).code);
      if (typeof result === 'string')
        expect(result).toMatch(/^import\.source\.(truncated|not-bson|unreadable)$/);
      else {
        // Time, system and name in gzip's head say nothing of the content.
        expect(at).toBeLessThan(10);
        expect(result).toEqual(SMALL.map(hex));
      }
    }
  });

  it('reads several compressed parts one after the other', async () => {
    const parts = SMALL.map((document) => gzipSync(serialize(document)));
    expect(gunzipSync(Buffer.concat(parts))).toHaveLength(bytesOf(SMALL).length);
    expect(await framesOf(await folder.write('a.bson.gz', Buffer.concat(parts)))).toEqual(SMALL.map(hex));
  });

  it.each<[string, Buffer | string]>([
    ['JSON', '{"_id":{"$oid":"65cd6db93a8d335865cd6db9"}}\n'],
    ['text', 'this is no BSON'],
    ['zeros', Buffer.alloc(100)],
    ['a length below the least', Buffer.from([4, 0, 0, 0, 0])],
    ['a negative length', Buffer.from([255, 255, 255, 255, 0])],
    ['a length above the greatest', Buffer.from([0, 0, 0, 2, 0, 0])],
    ['a document that does not end in zero', Buffer.from([5, 0, 0, 0, 1])],
  ])('refuses %s', async (_, content) => {
    const error = await caught(async () => framesOf(await folder.write('a.bson', content)));
    expect(error.code).toBe('import.source.not-bson');
    expect(error.why).toContain('offset 0');
  });

  it('tells where the first thing stands that is no document', async () => {
    const bytes = Buffer.concat([bytesOf(SMALL), Buffer.from('garbage')]);
    const error = await caught(async () => framesOf(await folder.write('a.bson', bytes)));
    expect(error.code).toBe('import.source.not-bson');
    expect(error.why).toContain(`offset ${bytesOf(SMALL).length}`);
  });

  it('goes by the bytes and not by the name', async () => {
    const plain = bytesOf(SMALL);
    expect(await framesOf(await folder.write('a.bson.gz', plain))).toEqual(SMALL.map(hex));
    expect(await framesOf(await folder.write('a.bson', gzipSync(plain)))).toEqual(SMALL.map(hex));
  });

  it.each(['a.bson', 'a.bson.gz'])('begins in the middle of %s', async (name) => {
    const plain = bytesOf(SMALL);
    const file = await folder.write(name, name.endsWith('.gz') ? gzipSync(plain) : plain);
    const frames: object[] = [];
    const offset = serialize(SMALL[0]!).length;
    for await (const { bytes, ...place } of bsonFrames(file, { document: 1, offset }))
      frames.push({ ...place, hex: bytes.toString('hex') });
    expect(frames).toEqual([
      { document: 1, offset, hex: hex(SMALL[1]!) },
      { document: 2, offset: plain.length - 5, hex: hex(SMALL[2]!) },
    ]);
  });

  it.each(['missing.bson', 'missing.bson.gz', '.', 'folder.bson.gz'])(
    'says that %s cannot be read',
    async (name) => {
      await folder.write('folder.bson.gz/x', '');
      expect((await caught(() => framesOf(`${folder.path}/${name}`))).code).toBe('import.source.unreadable');
    },
  );
});

describe('fileChunks', () => {
  const onLinux = process.platform === 'linux' ? it : it.skip;

  onLinux.each(['a.bson', 'a.bson.gz'])('closes %s when nobody reads on', async (name) => {
    // Random bytes, which do not shrink: the file is not through after the first chunk.
    const content = randomBytes(5 * CHUNK_BYTES);
    const file = await folder.write(name, name.endsWith('.gz') ? gzipSync(content) : content);
    const isOpen = async (): Promise<boolean> => {
      const open = await readdir('/proc/self/fd');
      const files = open.map((fd) => readlink(`/proc/self/fd/${fd}`).catch(() => 'closed meanwhile'));
      return (await Promise.all(files)).includes(file);
    };
    let wasOpen = false;
    for await (const chunk of fileChunks(file)) {
      wasOpen = await isOpen();
      expect(chunk.length).toBeGreaterThan(0);
      break;
    }
    expect(wasOpen).toBe(true);
    for (let waited = 0; waited < 100 && (await isOpen()); waited += 1) await setTimeout(20);
    expect(await isOpen()).toBe(false);
  });
});

describe('decodeFrame', () => {
  it('gives back what was written, whatever it is', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(bsonValue, { maxLength: 4 }), async (values) => {
        const documents = values.map((value, index) => ({ _id: index, value }));
        const read = await decoded(await folder.write('a.bson', bytesOf(documents)));
        const canonical = (list: unknown[]): string[] =>
          list.map((one) => EJSON.stringify(one, { relaxed: false }));
        const expected = documents.map((document) => ({ document }));
        expect(canonical(read).map(anyNumbers)).toEqual(canonical(expected).map(anyNumbers));
      }),
      { numRuns: campaign(300) },
    );
  });

  it('keeps what JavaScript’s numbers would lose', async () => {
    const [read] = await decoded(await folder.write('a.bson', bytesOf([SMALL[1]!])));
    const { document } = read as { document: Document };
    expect(document).toMatchObject({ inner: { long: Long.fromString('9007199254740993') } });
  });

  it('reports a document that cannot be decoded, with its bytes, and reads on', async () => {
    const broken = serialize({ _id: 1, name: 'abc' });
    broken[broken.indexOf(0x62)] = 0xff; // the b of abc: no UTF-8 any more
    const unknownType = serialize({ _id: 1, name: 'abc' });
    unknownType[4] = 0x66;
    const bytes = Buffer.concat([serialize({ _id: 0 }), broken, unknownType, serialize({ _id: 3 })]);
    const read = await decoded(await folder.write('a.bson', bytes));
    expect(read).toHaveLength(4);
    expect(read[0]).toEqual({ document: { _id: 0 } });
    expect(read[3]).toEqual({ document: { _id: 3 } });
    for (const [index, frame] of [
      [1, broken],
      [2, unknownType],
    ] as const) {
      const one = read[index] as { unreadable: string; bytes: Uint8Array };
      expect(one.unreadable).not.toBe('');
      expect(Buffer.from(one.bytes).equals(Buffer.from(frame))).toBe(true);
    }
  });

  it.each<[string, Buffer, RegExp]>([
    ['a field twice', raw([10, 0x61, 0], [10, 0x62, 0], [10, 0x61, 0]), /field "a" is there twice/],
    [
      'a field twice, with another of the same hash before it',
      raw([10, 0x41, 0x61, 0], [10, 0x42, 0x42, 0], [10, 0x41, 0x61, 0]),
      /field "Aa" is there twice/,
    ],
    ['a name that is not UTF-8', raw([10, 0xff, 0]), /name is not valid UTF-8/],
    ['a pattern that is not UTF-8', raw([11, 0x61, 0, 0xff, 0, 0]), /regular expression/],
    ['a symbol that is not UTF-8', raw([14, 0x61, 0, 2, 0, 0, 0, 0xff, 0]), /symbol/],
    [
      'a field twice in a list',
      raw([4, 0x61, 0, ...list(raw([10, 0x61, 0], [10, 0x61, 0]))]),
      /"a" is there/,
    ],
    ['a field twice among many', many('f7'), /"f7" is there twice/],
  ])('does not decode %s, for it would become something else', (_, bytes, reason) => {
    expect(decodeFrame(bytes)).toEqual({
      unreadable: expect.stringMatching(reason) as unknown,
      bytes: Uint8Array.from(bytes),
    });
  });

  it.each([
    ['a time beyond the calendar', 8_640_000_000_000_001n],
    ['one before it', -8_640_000_000_000_001n],
    ['the last time of 64 bits', 2n ** 63n - 1n],
    ['the first one', -(2n ** 63n)],
  ])('does not decode %s, which JavaScript cannot hold: it is told with its number', (_, time) => {
    const instant = Buffer.alloc(8);
    instant.writeBigInt64LE(time);
    const field = [9, 0x61, 0x74, 0, ...instant];
    for (const bytes of [raw(field), raw([10, 0x61, 0], [4, 0x62, 0, ...list(raw(field))])])
      expect(decodeFrame(bytes)).toEqual({
        unreadable: `the field "at" holds a time beyond the calendar (the years -271821 to 275760): ${time} milliseconds from 1970`,
        bytes: Uint8Array.from(bytes),
      });
  });

  it('decodes the first and the last time that JavaScript holds', () => {
    for (const time of [8.64e15, -8.64e15, 0, -1, 2 ** 32, -(2 ** 32)])
      expect(decodeFrame(serialize({ at: new Date(time) }))).toEqual({ document: { at: new Date(time) } });
  });

  it('finds a field that is there twice below hundreds of others', () => {
    const deep = (levels: number, twice: boolean): Buffer => {
      const last = twice ? [10, 0x78, 0] : [10, 0x79, 0];
      const inner = levels === 0 ? raw([10, 0x78, 0], last) : deep(levels - 1, twice);
      return raw([10, 0x61, 0], [10, 0x62, 0], [10, 0x63, 0], [3, 0x64, 0, ...inner], [10, 0x65, 0]);
    };
    expect(decodeFrame(deep(90, true))).toHaveProperty('unreadable', 'the field "x" is there twice');
    expect(decodeFrame(deep(90, false))).toHaveProperty('document');
  });

  it('decodes many fields, and the same name on several levels', () => {
    expect(decodeFrame(many('other'))).toHaveProperty('document.other', null);
    const nested = { a: { a: [{ a: 1 }, { a: 2 }] }, b: { a: 1 } };
    expect(decodeFrame(serialize(nested))).toEqual({ document: nested });
  });
});

/** A document of fields given byte by byte. */
function raw(...fields: number[][]): Buffer {
  const body = fields.flat();
  const bytes = Buffer.from([0, 0, 0, 0, ...body, 0]);
  bytes.writeInt32LE(bytes.length, 0);
  return bytes;
}

function list(document: Buffer): Buffer {
  return raw([3, 0x30, 0, ...document]);
}

/** Forty fields and one more. */
function many(last: string): Buffer {
  const names = [...Array.from({ length: 40 }, (_, index) => `f${index}`), last];
  return raw(...names.map((name) => [10, ...Buffer.from(name), 0]));
}
