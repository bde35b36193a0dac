import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { Binary, type Document, Double, EJSON, Long, MaxKey, MinKey, ObjectId, Timestamp, UUID } from 'bson';
import { MongoClient } from 'mongodb';
import { MongoSource } from '../../../src/import/sources/mongodb.js';
import type { ReadRequest } from '../../../src/import/sources/source.js';
import { caught } from '../../support/caught.js';
import { loadDocuments } from '../../support/mongo/load.js';
import { type StandIn, startStandIn } from '../../support/mongo/server.js';
import { readAll } from '../../support/read-source.js';

const at = (day: number): Date => new Date(Date.UTC(2025, 0, day));
const oid = (end: string): ObjectId => new ObjectId(`65cd6db93a8d335865cd6d${end}`);

/** In MongoDB's order. */
const IDS: unknown[] = [
  new MinKey(),
  null,
  new Double(Number.NaN),
  -1,
  0.5,
  2,
  Long.fromString('9007199254740993'),
  'a',
  'b'.repeat(3000),
  'c',
  { a: 1 },
  { a: 2 },
  new Binary(Buffer.from('ab')),
  new UUID('6f0ed0b6-4b5c-4d0c-9d1e-0c3c1d6f5a11'),
  oid('b8'),
  oid('b9'),
  false,
  true,
  at(1),
  at(2),
  new Timestamp({ t: 1, i: 1 }),
  new MaxKey(),
];
const text = (id: unknown): string => EJSON.stringify({ id }, { relaxed: true });

describe('a live server', () => {
  let server: StandIn;
  let source: MongoSource;
  let name = '';

  beforeAll(async () => {
    server = await startStandIn();
  });

  afterAll(async () => {
    await server.stop();
  });

  beforeEach(() => {
    name = `genai_${new ObjectId().toHexString()}`;
  });

  async function withSource<T>(work: () => Promise<T>): Promise<T> {
    source = await MongoSource.open(`${server.url}/${name}`, { connectTimeout: 5000 });
    try {
      return await work();
    } finally {
      await source.close();
    }
  }
  const ids = async (request: Omit<ReadRequest, 'collection'> = {}): Promise<string[]> =>
    (await readAll(source, { collection: 'things', ...request })).map((one) =>
      'document' in one ? text(one.document['_id']) : one.unreadable,
    );
  async function positions(request: Omit<ReadRequest, 'collection'> = {}): Promise<string[]> {
    const list: string[] = [];
    for await (const { position } of source.read({ collection: 'things', ...request })) list.push(position);
    return list;
  }
  async function index(...keys: Record<string, 1 | -1>[]): Promise<void> {
    const client = await MongoClient.connect(server.url);
    for (const key of keys) await client.db(name).collection('things').createIndex(key);
    await client.close();
  }

  it('is read by _id over all types of it, and goes on behind any document', async () => {
    const shuffled = IDS.map((_, index) => IDS[(index * 5) % IDS.length]);
    expect(new Set(shuffled).size).toBe(IDS.length);
    await loadDocuments(server.url, name, { things: shuffled.map((_id) => ({ _id })) });
    await withSource(async () => {
      expect(await ids()).toEqual(IDS.map(text));
      const all = await positions();
      for (const [index, after] of all.entries()) {
        expect(after.length).toBeLessThanOrEqual(2000);
        expect(await ids({ after })).toEqual(IDS.slice(index + 1).map(text));
        expect(await positions({ after })).toEqual(all.slice(index + 1));
      }
      const gone: string[] = [];
      for await (const id of source.ids('things')) gone.push(text(id));
      expect(gone).toEqual(IDS.map(text));
    });
  });

  const DATED: Document[] = [
    { _id: 1, updated_at: at(9) },
    { _id: 2, updated_at: at(10) },
    { _id: 3, updated_at: at(12) },
    { _id: 4, updated_at: at(12) },
    { _id: 5, updated_at: at(11) },
    { _id: 6, _metadata: { modified_at: at(9) } },
    { _id: 7, _metadata: { modified_at: at(11) } },
    { _id: 8, updated_at: at(11), _metadata: { modified_at: at(9) } },
    { _id: 9, updated_at: at(9), _metadata: { modified_at: at(11) } },
    { _id: 10 },
    { _id: 11, updated_at: null },
    { _id: 12, updated_at: '2025-01-01' },
    { _id: 13, updated_at: [at(1), at(2)] },
    { _id: 14, updated_at: [at(11), at(30)], _metadata: { modified_at: at(30) } },
    { _id: 15, _metadata: [{ modified_at: at(11) }] },
    { _id: 16, updated_at: at(20) },
    { _id: 17, updated_at: [at(11)], _metadata: { modified_at: at(1) } },
  ];
  const cursors = ['updated_at', '_metadata.modified_at'];
  const since = { cursors, from: at(10) };

  it('with --since, without an index: by _id, and a notice says so', async () => {
    await loadDocuments(server.url, name, { things: DATED });
    await index({ updated_at: 1 });
    await withSource(async () => {
      const expected = [2, 3, 4, 5, 7, 8, 10, 11, 12, 13, 14, 15, 16];
      expect(await ids({ since })).toEqual(expected.map(text));
      expect(await source.notices({ collection: 'things', since })).toEqual([
        expect.stringContaining('_metadata.modified_at'),
      ]);
      expect(await source.notices({ collection: 'things' })).toEqual([]);
    });
  });

  it('with --since and indexes: by date, then what has none; and goes on behind any document', async () => {
    await loadDocuments(server.url, name, { things: DATED });
    await index({ updated_at: -1 }, { '_metadata.modified_at': 1, name: 1 });
    const expected = [2, 5, 8, 3, 4, 16, 7, 14, 10, 11, 12, 13, 15];
    await withSource(async () => {
      expect(await source.notices({ collection: 'things', since })).toEqual([]);
      expect(await ids({ since })).toEqual(expected.map(text));
      const dates: Record<number, number> = { 2: 10, 5: 11, 8: 11, 3: 12, 4: 12 };
      for (const [number, after] of (await positions({ since })).entries()) {
        const again = await ids({ since, after });
        const rest = expected.slice(number + 1).map(text);
        expect(again.slice(again.length - rest.length).sort()).toEqual([...rest].sort());
        // Nothing that is older than the document itself.
        const older = expected.filter((id) => (dates[id] ?? 99) < (dates[expected[number] ?? 0] ?? 0));
        for (const id of older) expect(again).not.toContain(text(id));
      }
    });
  });

  it('with --since and an index is sorted by that alone, and gives nothing twice when it is cut', async () => {
    const many = Array.from({ length: 2500 }, (_, _id) => ({
      ...{ _id, updated_at: at(11 + Math.floor(_id / 900)), a: 'x'.repeat(2000) },
    }));
    await loadDocuments(server.url, name, { things: many });
    await index({ updated_at: -1 });
    const since = { cursors: ['updated_at'], from: at(10) };
    await withSource(async () => {
      server.failNext({ command: 'getMore', how: 'close' });
      server.failNext({ command: 'find', after: 1, how: 'close', times: 2 });
      expect((await ids({ since })).sort()).toEqual(many.map(({ _id }) => text(_id)).sort());
    });
  });

  it('with --until and a filter: what is before, what has no date, and what passes', async () => {
    await loadDocuments(server.url, name, { things: DATED });
    await withSource(async () => {
      const until = at(12);
      const none = [10, 11, 12, 13, 15];
      const before = [1, 2, 5, 6, 7, 8, 9, 17];
      expect(await ids({ until, cursors })).toEqual([...before, ...none].sort((a, b) => a - b).map(text));
      expect(await ids({ since, until })).toEqual([2, 5, 7, 8, ...none].map(text));
      expect(await ids({ since, until, where: { _id: { $gt: 7 } } })).toEqual([8, ...none].map(text));
      await expect(ids({ until })).rejects.toThrow('cursor fields');
    });
  });

  it('with the _id as the date: what ObjectIds tell, and all that are none', async () => {
    const made = (seconds: number): ObjectId =>
      new ObjectId(`${(1_750_000_000 + seconds).toString(16)}0000000000000001`);
    const things = [made(0), made(1), made(2), made(3), 7, 'text'].map((_id) => ({ _id }));
    await loadDocuments(server.url, name, { things });
    const time = (seconds: number): Date => new Date((1_750_000_000 + seconds) * 1000);
    const filter = (from: number): ReadRequest['since'] => ({ cursors: ['_id'], from: time(from) });
    await withSource(async () => {
      expect(await source.notices({ collection: 'things', since: filter(0) })).toEqual([]);
      const bySecond = (...seconds: number[]): string[] => seconds.map((one) => text(made(one)));
      const others = [7, 'text'].map(text);
      expect(await ids({ since: filter(1) })).toEqual([...bySecond(1, 2, 3), ...others]);
      expect(await ids({ since: filter(1.5) })).toEqual([...bySecond(1, 2, 3), ...others]);
      expect(await ids({ since: filter(1), until: time(3) })).toEqual([...bySecond(1, 2), ...others]);
      expect(await ids({ cursors: ['_id'], until: time(2.5) })).toEqual([...others, ...bySecond(0, 1)]);
      const since = filter(1);
      for (const [number, after] of (await positions({ since })).entries())
        expect(await ids({ since, after })).toEqual([...bySecond(1, 2, 3), ...others].slice(number + 1));
      expect(await ids({ since: { cursors: [], from: time(9) } })).toHaveLength(6);
    });
  });

  it('goes on where it was when the connection is cut, and gives up when it stays so', async () => {
    const many = Array.from({ length: 2500 }, (_, _id) => ({ _id, a: 'x'.repeat(2000) }));
    await loadDocuments(server.url, name, { things: many });
    await withSource(async () => {
      // The driver tries once more by itself, so that it takes two to break a reading.
      server.failNext({ command: 'getMore', how: 'close' });
      server.failNext({ command: 'find', after: 1, how: 'close', times: 2 });
      expect(await ids()).toEqual(many.map(({ _id }) => text(_id)));
      server.failNext({ command: 'find', how: 'error', code: 11600, times: 3 });
      expect(await ids()).toHaveLength(2500);
      server.failNext({ command: 'find', how: 'error', code: 2 });
      expect((await caught(() => ids())).code).toBe('import.source.lost');
    });
  });

  it('always has the same fingerprint', async () => {
    await withSource(async () => {
      expect(await source.fingerprint()).toBe(await source.fingerprint());
      expect(await source.verify(['things'])).toEqual(new Map([['things', 0]]));
    });
  });
});
