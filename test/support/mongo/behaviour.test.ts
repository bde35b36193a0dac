import { afterAll, beforeAll, beforeEach, afterEach, describe, expect, it } from '@jest/globals';
import { deserialize, serialize } from 'bson';
import {
  Binary,
  type Collection,
  Decimal128,
  type Document,
  Double,
  type Filter,
  Int32,
  Long,
  MaxKey,
  MinKey,
  MongoClient,
  ObjectId,
  Timestamp,
  UUID,
} from 'mongodb';
import { loadDocuments } from './load.js';
import { type MongoHandle, startMongo } from './start.js';

/**
 * What every MongoDB does, and so the stand-in has to. With `DBTOOL_TEST_MONGO_URL` or a mongod on the
 * PATH these tests run against the real server and check the expectations themselves.
 */
interface AnyId extends Document {
  _id: number | string | boolean | object | null;
  tags?: string[];
}

let mongo: MongoHandle;
let client: MongoClient;
let database: string;
let things: Collection<AnyId>;

beforeAll(async () => {
  mongo = await startMongo();
  client = new MongoClient(mongo.url);
});

afterAll(async () => {
  await client.close();
  await mongo.stop();
});

beforeEach(() => {
  database = `dbtool_test_${new ObjectId().toHexString()}`;
  things = client.db(database).collection<AnyId>('things');
});

afterEach(async () => {
  await client.db(database).dropDatabase();
});

const load = (documents: AnyId[]): Promise<void> => loadDocuments(mongo.url, database, { things: documents });

/** The ids that a filter finds, by id. */
async function idsOf(filter: Document): Promise<unknown[]> {
  const found = await things.find(filter as Filter<AnyId>, { sort: { _id: 1 } }).toArray();
  return found.map((document) => document._id);
}

describe('writing and reading', () => {
  it('inserts, finds, updates, replaces, upserts and deletes', async () => {
    expect(
      (
        await things.insertMany([
          { _id: 1, n: 1 },
          { _id: 2, n: 2 },
          { _id: 3, n: 3 },
        ])
      ).insertedCount,
    ).toBe(3);
    expect(await things.findOne({ _id: 2 })).toEqual({ _id: 2, n: 2 });
    expect(await things.updateOne({ _id: 2 }, { $set: { 'a.b': 'x' }, $inc: { n: 5 } })).toMatchObject({
      matchedCount: 1,
      modifiedCount: 1,
    });
    expect(await things.findOne({ _id: 2 })).toEqual({ _id: 2, n: 7, a: { b: 'x' } });
    expect(
      await things.updateMany({ n: { $gte: 3 } }, { $unset: { n: '' }, $push: { tags: 'new' } }),
    ).toMatchObject({
      matchedCount: 2,
      modifiedCount: 2,
    });
    expect(await things.findOne({ _id: 3 })).toEqual({ _id: 3, tags: ['new'] });
    expect(await things.updateOne({ _id: 1 }, { $set: { n: 1 } })).toMatchObject({
      matchedCount: 1,
      modifiedCount: 0,
    });
    await things.replaceOne({ _id: 1 }, { whole: 'new' });
    expect(await things.findOne({ _id: 1 })).toEqual({ _id: 1, whole: 'new' });
    const upsert = await things.updateOne(
      { _id: 9 },
      { $set: { n: 1 }, $setOnInsert: { born: true } },
      { upsert: true },
    );
    expect(upsert).toMatchObject({ matchedCount: 0, upsertedCount: 1, upsertedId: 9 });
    expect(await things.findOne({ _id: 9 })).toEqual({ _id: 9, n: 1, born: true });
    expect((await things.deleteOne({})).deletedCount).toBe(1);
    expect((await things.deleteMany({ _id: { $in: [2, 3] } })).deletedCount).toBe(2);
    expect(await idsOf({})).toEqual([9]);
  });

  it('refuses a second document of one id, also when it is the same number of another type', async () => {
    await load([{ _id: new Int32(1) }]);
    await expect(things.insertOne({ _id: new Double(1) })).rejects.toMatchObject({ code: 11000 });
    const batch = things.insertMany([{ _id: 2 }, { _id: 1 }, { _id: 3 }], { ordered: false });
    await expect(batch).rejects.toMatchObject({ code: 11000, result: { insertedCount: 2 } });
    expect(await idsOf({})).toEqual([1, 2, 3]);
    await expect(things.updateOne({ _id: 1 }, { $set: { _id: 5 } })).rejects.toMatchObject({ code: 66 });
    await expect(things.insertOne({ _id: [1] })).rejects.toMatchObject({ code: 53 });
  });

  it('gives back every byte that was put in', async () => {
    const document = {
      _id: new ObjectId(),
      int: new Int32(1),
      double: new Double(1),
      long: Long.fromNumber(1),
      big: Long.fromString('9007199254740993'),
      decimal: Decimal128.fromString('1.10'),
      date: new Date('2025-08-07T11:54:39.327Z'),
      uuid: new UUID('6bf4f414-2491-415f-8f37-3152aa0142f7'),
      binary: new Binary(Buffer.from([1, 2, 3]), 0x80),
      time: new Timestamp({ t: 5, i: 6 }),
      regex: /a+/i,
      nothing: null,
      text: 'käse 🧀 \u0000 end',
      nested: { z: 1, a: [new Double(0), [new Int32(2)], {}] },
      min: new MinKey(),
      max: new MaxKey(),
    };
    await load([document]);
    const [raw] = await things.find({}, { raw: true }).toArray();
    expect(Buffer.from(raw as unknown as Uint8Array).equals(serialize(document))).toBe(true);
    const [cut] = await things.find({}, { raw: true, projection: { long: 1, 'nested.a': 1 } }).toArray();
    const expected = { _id: document._id, long: document.long, nested: { a: document.nested.a } };
    expect(Buffer.from(cut as unknown as Uint8Array).equals(serialize(expected))).toBe(true);
  });

  it('stores a missing id as the first field, and moves a given one there', async () => {
    await client.db(database).command({ insert: 'things', documents: [{ a: 1 }, { b: 1, _id: 7 }] });
    const [first, second] = await things.find().toArray();
    expect(first?._id).toBeInstanceOf(ObjectId);
    expect(Object.keys(first ?? {})).toEqual(['_id', 'a']);
    expect(Object.keys(second ?? {})).toEqual(['_id', 'b']);
  });

  it('takes and gives a document of 12 MB', async () => {
    await load([
      { _id: 'large', spans: Array.from({ length: 12 }, () => ({ output: 'y'.repeat(1_000_000) })) },
    ]);
    const [raw] = await things.find({ _id: 'large' }, { raw: true }).toArray();
    const bytes = raw as unknown as Uint8Array;
    expect(bytes.length).toBeGreaterThan(12_000_000);
    expect((deserialize(bytes).spans as Document[])[11]?.output).toHaveLength(1_000_000);
  });
});

describe('cursors', () => {
  it('pages through 5,000 documents in batches, in the order of insertion', async () => {
    await load(Array.from({ length: 5000 }, (_, n) => ({ _id: (n * 7919) % 5000, n })));
    const sizes: number[] = [];
    const cursor = things.find({}, { batchSize: 700 });
    const seen: unknown[] = [];
    while (await cursor.hasNext()) {
      const batch = cursor.readBufferedDocuments();
      sizes.push(batch.length);
      seen.push(...batch.map((document) => document.n as unknown));
    }
    expect(sizes).toEqual([700, 700, 700, 700, 700, 700, 700, 100]);
    expect(seen).toEqual(Array.from({ length: 5000 }, (_, n) => n));
  });

  it('pages by the last id seen', async () => {
    await load(Array.from({ length: 250 }, (_, n) => ({ _id: (n * 97) % 250 })));
    const seen: unknown[] = [];
    for (let last = -1; ;) {
      const page = await things.find({ _id: { $gt: last } }, { sort: { _id: 1 }, limit: 100 }).toArray();
      if (page.length === 0) break;
      seen.push(...page.map((document) => document._id));
      last = Number(seen.at(-1));
    }
    expect(seen).toEqual(Array.from({ length: 250 }, (_, n) => n));
  });

  it('honours limit, skip and a batch size of one', async () => {
    await load(Array.from({ length: 10 }, (_, n) => ({ _id: n })));
    const read = async (options: object): Promise<unknown[]> =>
      (await things.find({}, { sort: { _id: -1 }, ...options }).toArray()).map((document) => document._id);
    expect(await read({ limit: 3 })).toEqual([9, 8, 7]);
    expect(await read({ limit: 3, skip: 8 })).toEqual([1, 0]);
    expect(await read({ batchSize: 1 })).toHaveLength(10);
    expect(await read({ limit: -2 })).toEqual([9, 8]);
  });

  it('tells that a cursor is gone', async () => {
    await load(Array.from({ length: 10 }, (_, n) => ({ _id: n })));
    const cursor = things.find({}, { batchSize: 2 });
    await cursor.next();
    await client.db(database).command({ killCursors: 'things', cursors: [cursor.id] });
    await expect(cursor.toArray()).rejects.toMatchObject({ code: 43, codeName: 'CursorNotFound' });
  });

  it('goes through an index by hint, from min to before max, across types', async () => {
    const ids = [3, 'b', new ObjectId('6bf4f4142491b515fff37315'), 'a', 1];
    await load(ids.map((id) => ({ _id: id })));
    const read = async (options: object): Promise<unknown[]> =>
      (await things.find({}, { hint: { _id: 1 }, ...options }).toArray()).map((document) => document._id);
    expect(await read({})).toEqual([1, 3, 'a', 'b', ids[2]]);
    expect(await read({ min: { _id: 3 } })).toEqual([3, 'a', 'b', ids[2]]);
    expect(await read({ min: { _id: 3 }, max: { _id: 'b' } })).toEqual([3, 'a']);
    await expect(read({ hint: { nothing: 1 } })).rejects.toMatchObject({ code: 2 });
  });
});

describe('the order of types', () => {
  const early = new ObjectId('5bf4f4142491b515fff37315');
  const late = new ObjectId('6bf4f4142491b515fff37315');
  const ordered: unknown[] = [
    new MinKey(),
    null,
    new Double(-1.5),
    new Int32(2),
    Long.fromString('9007199254740992'),
    Long.fromString('9007199254740993'),
    Decimal128.fromString('9007199254740993.5'),
    '10',
    '9',
    'a',
    'é',
    '\uffff',
    '😀',
    { a: 1 },
    { a: 1, b: 1 },
    { b: 0 },
    new UUID('00000000-0000-4000-8000-000000000001'),
    new UUID('00000000-0000-4000-8000-000000000002'),
    early,
    late,
    false,
    true,
    new Date('1969-12-31T00:00:00Z'),
    new Date('2025-08-07T11:54:39.327Z'),
    new Timestamp({ t: 1, i: 1 }),
    new MaxKey(),
  ];

  const texts = (values: unknown[]): string[] => values.map((value) => JSON.stringify(value));

  async function loadShuffled(): Promise<void> {
    const shuffled = ordered.map((id, index) => ({ at: (index * 11) % ordered.length, id }));
    shuffled.sort((a, b) => a.at - b.at);
    await load(shuffled.map(({ id }) => ({ _id: id })));
  }

  it('sorts ids of all types, both ways', async () => {
    await loadShuffled();
    const read = async (direction: 1 | -1): Promise<string[]> => {
      const options = { sort: { _id: direction }, promoteValues: false } as const;
      return texts((await things.find({}, options).toArray()).map((document) => document._id));
    };
    expect(await read(1)).toEqual(texts(ordered));
    expect(await read(-1)).toEqual(texts([...ordered].reverse()));
  });

  it('brackets a range by the type of its bound', async () => {
    await loadShuffled();
    expect(texts(await idsOf({ _id: { $gt: early } }))).toEqual(texts([late]));
    expect(texts(await idsOf({ _id: { $gte: '9' } }))).toEqual(texts(['9', 'a', 'é', '\uffff', '😀']));
    expect(await idsOf({ _id: { $lt: 3 } })).toEqual([-1.5, 2]);
    expect(await idsOf({ _id: { $gt: Long.fromString('9007199254740992') } })).toHaveLength(2);
    expect(await idsOf({ _id: { $gte: new Date(0) } })).toEqual([new Date('2025-08-07T11:54:39.327Z')]);
    expect(await idsOf({ _id: { $gt: new MinKey() } })).toHaveLength(ordered.length - 1);
    expect(await idsOf({ _id: { $lt: new MaxKey() } })).toHaveLength(ordered.length - 1);
  });

  it('compares across types within $expr', async () => {
    await loadShuffled();
    const found = await idsOf({ $expr: { $gt: ['$_id', { $literal: early }] } });
    expect(texts(found)).toEqual(texts(ordered.slice(ordered.indexOf(late))));
  });

  it('tells types apart by alias and number', async () => {
    await loadShuffled();
    expect(await idsOf({ _id: { $type: 'objectId' } })).toEqual([early, late]);
    expect(await idsOf({ _id: { $type: 'string' } })).toHaveLength(6);
    expect(await idsOf({ _id: { $type: 'number' } })).toHaveLength(5);
    expect(await idsOf({ _id: { $type: [8, 'timestamp'] } })).toHaveLength(3);
    expect(await idsOf({ _id: { $not: { $type: ['objectId', 'string', 'number'] } } })).toHaveLength(13);
    await expect(idsOf({ _id: { $type: 'text' } })).rejects.toMatchObject({ code: 2 });
  });
});

describe('filters', () => {
  const since = new Date('2025-01-01T00:00:00Z');

  it('finds dates since a time, and apart from them what is no date', async () => {
    await load([
      { _id: 1, start_time: new Date('2024-12-31T23:59:59.999Z') },
      { _id: 2, start_time: since },
      { _id: 3, start_time: '2025-06-01T00:00:00Z' },
      { _id: 4, start_time: null },
      { _id: 5 },
      { _id: 6, start_time: 1767225600000 },
      { _id: 7, start_time: new Timestamp({ t: 1767225600, i: 1 }) },
      { _id: 8, start_time: new Date('2026-01-01T00:00:00Z') },
      { _id: 9, start_time: [new Date('2026-01-01T00:00:00Z'), 'x'] },
    ]);
    expect(await idsOf({ start_time: { $gte: since } })).toEqual([2, 8, 9]);
    expect(await idsOf({ start_time: { $gt: since } })).toEqual([8, 9]);
    expect(await idsOf({ start_time: { $lt: since } })).toEqual([1]);
    expect(await idsOf({ start_time: { $not: { $type: 'date' } } })).toEqual([3, 4, 5, 6, 7]);
    expect(await idsOf({ start_time: { $not: { $lt: since } } })).toEqual([2, 3, 4, 5, 6, 7, 8, 9]);
    const sinceOrNoDate = [{ start_time: { $gte: since } }, { start_time: { $not: { $type: 'date' } } }];
    expect(await idsOf({ $or: sinceOrNoDate })).toEqual([2, 3, 4, 5, 6, 7, 8, 9]);
    expect(await idsOf({ $nor: sinceOrNoDate })).toEqual([1]);
    expect(await idsOf({ start_time: { $gte: since, $lt: new Date('2025-12-31') } })).toEqual([2]);
  });

  it('counts null, missing and existing as the server does', async () => {
    await load([
      { _id: 1, a: [{ b: 5 }] },
      { _id: 2, a: [{}] },
      { _id: 3, a: [] },
      { _id: 4, a: [{}, { b: 5 }] },
      { _id: 5, a: [5, { b: 5 }] },
      { _id: 6, a: { b: null } },
      { _id: 7 },
      { _id: 8, a: 4 },
    ]);
    expect(await idsOf({ 'a.b': null })).toEqual([2, 4, 6, 7, 8]);
    expect(await idsOf({ 'a.b': { $ne: null } })).toEqual([1, 3, 5]);
    expect(await idsOf({ 'a.b': { $in: [null, 7] } })).toEqual([2, 4, 6, 7, 8]);
    expect(await idsOf({ 'a.b': { $exists: true } })).toEqual([1, 4, 5, 6]);
    expect(await idsOf({ 'a.b': { $exists: false } })).toEqual([2, 3, 7, 8]);
    expect(await idsOf({ 'a.b': 5 })).toEqual([1, 4, 5]);
    expect(await idsOf({ 'a.1.b': 5 })).toEqual([4, 5]);
    expect(await idsOf({ a: { $size: 2 } })).toEqual([4, 5]);
    expect(await idsOf({ a: { $elemMatch: { b: { $gt: 4 } } } })).toEqual([1, 4, 5]);
    expect(await idsOf({ a: { $elemMatch: { $gte: 5 } } })).toEqual([5]);
  });

  it('compares whole values, lists of values and texts', async () => {
    await load([
      { _id: 1, v: { x: 1, y: 2 } },
      { _id: 2, v: { y: 2, x: 1 } },
      { _id: 3, v: [1, 2] },
      { _id: 4, v: 'Ticket Summary' },
      { _id: 5, v: 2 },
      { _id: 6, v: NaN },
    ]);
    expect(await idsOf({ v: { x: 1, y: 2 } })).toEqual([1]);
    expect(await idsOf({ v: [1, 2] })).toEqual([3]);
    expect(await idsOf({ v: 2 })).toEqual([3, 5]);
    expect(await idsOf({ v: { $ne: 2 } })).toEqual([1, 2, 4, 6]);
    expect(await idsOf({ v: { $in: [2, /^ticket/i] } })).toEqual([3, 4, 5]);
    expect(await idsOf({ v: { $nin: [2, 'Ticket Summary'] } })).toEqual([1, 2, 6]);
    expect(await idsOf({ v: { $regex: 'summary$', $options: 'i' } })).toEqual([4]);
    expect(await idsOf({ v: { $not: /Ticket/ } })).toEqual([1, 2, 3, 5, 6]);
    expect(await idsOf({ v: { $all: [1, 2] } })).toEqual([3]);
    expect(await idsOf({ v: { $lt: 10 } })).toEqual([3, 5]);
    expect(await idsOf({ v: { $lte: NaN } })).toEqual([6]);
    expect(await idsOf({ v: { $mod: [2, 1] } })).toEqual([3]);
  });

  it('refuses an operator that there is none of', async () => {
    await load([{ _id: 1 }]);
    await expect(idsOf({ a: { $above: 1 } })).rejects.toMatchObject({ code: 2, codeName: 'BadValue' });
    await expect(idsOf({ $some: [] })).rejects.toMatchObject({ code: 2 });
    await expect(idsOf({ $or: [] })).rejects.toMatchObject({ code: 2 });
  });
});

describe('sort and projection', () => {
  it('sorts by several keys, by the least and greatest elements of arrays, and missing as null', async () => {
    await load([
      { _id: 1, a: [5, 1], b: 1 },
      { _id: 2, a: 3, b: 2 },
      { _id: 3, b: 1 },
      { _id: 4, a: [], b: 2 },
      { _id: 5, a: null, b: 3 },
    ]);
    const read = async (sort: Document): Promise<unknown[]> =>
      (await things.find({}, { sort }).toArray()).map((document) => document._id);
    expect(await read({ a: 1, _id: 1 })).toEqual([4, 3, 5, 1, 2]);
    expect(await read({ a: -1, _id: 1 })).toEqual([1, 2, 3, 5, 4]);
    expect(await read({ b: -1, _id: -1 })).toEqual([5, 4, 2, 3, 1]);
    expect(await read({ $natural: -1 })).toEqual([5, 4, 3, 2, 1]);
  });

  it('cuts documents', async () => {
    await load([{ _id: 1, a: { b: 1, c: 2 }, list: [{ x: 1, y: 2 }, 5, { y: 3 }], d: 'd' }]);
    const read = async (projection: Document): Promise<unknown> => things.findOne({}, { projection });
    expect(await read({ 'a.b': 1 })).toEqual({ _id: 1, a: { b: 1 } });
    expect(await read({ 'list.y': 1, _id: 0 })).toEqual({ list: [{ y: 2 }, { y: 3 }] });
    expect(await read({ 'list.y': 0, a: 0 })).toEqual({ _id: 1, list: [{ x: 1 }, 5, {}], d: 'd' });
    expect(await read({ _id: 0, d: true })).toEqual({ d: 'd' });
    expect(await read({ _id: 0 })).toEqual({
      a: { b: 1, c: 2 },
      list: [{ x: 1, y: 2 }, 5, { y: 3 }],
      d: 'd',
    });
    expect(await read({ _id: 1 })).toEqual({ _id: 1 });
    expect(await read({ list: { $slice: 1 }, a: 1 })).toEqual({
      _id: 1,
      a: { b: 1, c: 2 },
      list: [{ x: 1, y: 2 }],
    });
    await expect(read({ a: 1, d: 0 })).rejects.toMatchObject({ code: 31254 });
  });
});

describe('counting and aggregating', () => {
  beforeEach(async () => {
    await load(
      Array.from({ length: 12 }, (_, n) => ({
        _id: n,
        kind: n % 3 === 0 ? 'a' : 'b',
        cost: n / 4,
        ref: new ObjectId(`${'0'.repeat(23)}${n % 2}`),
      })),
    );
  });

  it('counts', async () => {
    expect(await things.estimatedDocumentCount()).toBe(12);
    expect(await things.countDocuments()).toBe(12);
    expect(await things.countDocuments({ kind: 'a' })).toBe(4);
    expect(await things.countDocuments({ kind: 'b' }, { skip: 2, limit: 3 })).toBe(3);
    expect(await things.countDocuments({ kind: 'c' })).toBe(0);
    expect(await client.db(database).collection('none').countDocuments()).toBe(0);
    const [stats] = await things.aggregate([{ $collStats: { count: {} } }]).toArray();
    expect(stats?.count).toBe(12);
  });

  it('names distinct values', async () => {
    expect((await things.distinct('kind')).sort()).toEqual(['a', 'b']);
    expect(await things.distinct('ref')).toHaveLength(2);
    expect(await things.distinct('_id', { cost: { $lt: 0.5 } })).toEqual([0, 1]);
  });

  it('groups, sorts, projects and pages', async () => {
    const groups = await things
      .aggregate([
        { $match: { _id: { $gte: 1 } } },
        { $group: { _id: '$kind', n: { $sum: 1 }, cost: { $sum: '$cost' }, last: { $max: '$_id' } } },
        { $sort: { _id: 1 } },
      ])
      .toArray();
    expect(groups).toEqual([
      { _id: 'a', n: 3, cost: 4.5, last: 9 },
      { _id: 'b', n: 8, cost: 12, last: 11 },
    ]);
    const byRef = await things.aggregate([{ $group: { _id: '$ref', n: { $sum: 1 } } }]).toArray();
    expect(byRef.map(({ n }) => n as unknown)).toEqual([6, 6]);
    expect(byRef[0]?._id).toBeInstanceOf(ObjectId);
    expect(await things.aggregate([{ $match: { kind: 'b' } }, { $count: 'n' }]).toArray()).toEqual([
      { n: 8 },
    ]);
    const paged = things.aggregate([{ $sort: { _id: -1 } }, { $limit: 7 }, { $project: { _id: 1 } }], {
      batchSize: 2,
    });
    expect(await paged.toArray()).toEqual([11, 10, 9, 8, 7, 6, 5].map((id) => ({ _id: id })));
  });

  it('refuses change streams and transactions on a standalone server', async () => {
    if (mongo.kind === 'given') return; // It may be a replica set.
    await expect(things.watch().next()).rejects.toMatchObject({ code: 40573 });
    const session = client.startSession();
    session.startTransaction();
    await expect(things.insertOne({ _id: 99 }, { session })).rejects.toMatchObject({ code: 20 });
    await session.endSession();
  });
});

describe('the catalogue', () => {
  it('lists databases, collections and indexes', async () => {
    await loadDocuments(mongo.url, database, { things: [{ _id: 1 }], empty: [] });
    const databases = await client.db().admin().listDatabases();
    const names = databases.databases.map(({ name }) => name);
    expect(names).toEqual(expect.arrayContaining(['admin', database]));
    expect(names).toEqual([...names].sort());
    const collections = await client.db(database).listCollections().toArray();
    expect(collections.map(({ name, type }) => [name, type]).sort()).toEqual([
      ['empty', 'collection'],
      ['things', 'collection'],
    ]);
    const some = await client.db(database).listCollections({ name: 'things' }, { nameOnly: true }).toArray();
    expect(some).toEqual([{ name: 'things', type: 'collection' }]);
    expect(await things.createIndex({ a: 1 })).toBe('a_1');
    expect((await things.indexes()).map(({ name }) => name)).toEqual(['_id_', 'a_1']);
    expect(await client.db(`${database}_none`).listCollections().toArray()).toEqual([]);
  });

  it('creates and drops', async () => {
    await client.db(database).createCollection('made');
    await expect(client.db(database).createCollection('made', { capped: false })).resolves.toBeDefined();
    await client.db(database).collection('made').drop();
    expect(await client.db(database).listCollections().toArray()).toEqual([]);
    await expect(things.listIndexes().toArray()).rejects.toMatchObject({
      code: 26,
      codeName: 'NamespaceNotFound',
    });
    await expect(client.db(database).createCollection('a$b')).rejects.toMatchObject({ code: 73 });
  });

  it('knows no other commands', async () => {
    const command = client.db(database).command({ doSomething: 1 });
    await expect(command).rejects.toMatchObject({ code: 59, codeName: 'CommandNotFound' });
    const field = client.db(database).command({ find: 'things', colour: 'red' });
    await expect(field).rejects.toMatchObject({ code: 40415 });
    expect((await client.db(database).admin().serverInfo()).version).toBe(mongo.version);
  });
});

describe('many at once', () => {
  it('serves 20 clients side by side', async () => {
    await load(Array.from({ length: 500 }, (_, n) => ({ _id: n })));
    const totals = await Promise.all(
      Array.from({ length: 20 }, async (_, own) => {
        const other = new MongoClient(mongo.url);
        const collection = other.db(database).collection<AnyId>('things');
        await collection.insertOne({ _id: `own ${own}` });
        const found = await collection.find({ _id: { $type: 'int' } }, { batchSize: 50 }).toArray();
        await other.close();
        return found.length;
      }),
    );
    expect(totals).toEqual(Array.from({ length: 20 }, () => 500));
    expect(await things.countDocuments()).toBe(520);
  });
});
