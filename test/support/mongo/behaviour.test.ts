import { beforeEach, describe, expect, it } from '@jest/globals';
import { deserialize, serialize } from 'bson';
import {
  Binary,
  Decimal128,
  type Document,
  Double,
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
import { useScratchDatabase } from './scratch.js';

/**
 * What every MongoDB does, and so the stand-in has to. With `DBTOOL_TEST_MONGO_URL` or a mongod on the
 * PATH these tests run against the real server and check the expectations themselves.
 */
const scratch = useScratchDatabase();

describe('writing and reading', () => {
  it('inserts, finds, updates, replaces, upserts and deletes', async () => {
    expect(
      (
        await scratch.things.insertMany([
          { _id: 1, n: 1 },
          { _id: 2, n: 2 },
          { _id: 3, n: 3 },
        ])
      ).insertedCount,
    ).toBe(3);
    expect(await scratch.things.findOne({ _id: 2 })).toEqual({ _id: 2, n: 2 });
    expect(
      await scratch.things.updateOne({ _id: 2 }, { $set: { 'a.b': 'x' }, $inc: { n: 5 } }),
    ).toMatchObject({
      matchedCount: 1,
      modifiedCount: 1,
    });
    expect(await scratch.things.findOne({ _id: 2 })).toEqual({ _id: 2, n: 7, a: { b: 'x' } });
    expect(
      await scratch.things.updateMany({ n: { $gte: 3 } }, { $unset: { n: '' }, $push: { tags: 'new' } }),
    ).toMatchObject({
      matchedCount: 2,
      modifiedCount: 2,
    });
    expect(await scratch.things.findOne({ _id: 3 })).toEqual({ _id: 3, tags: ['new'] });
    expect(await scratch.things.updateOne({ _id: 1 }, { $set: { n: 1 } })).toMatchObject({
      matchedCount: 1,
      modifiedCount: 0,
    });
    await scratch.things.replaceOne({ _id: 1 }, { name: 'new' });
    expect(await scratch.things.findOne({ _id: 1 })).toEqual({ _id: 1, name: 'new' });
    const upsert = await scratch.things.updateOne(
      { _id: 9 },
      { $set: { n: 1 }, $setOnInsert: { born: true } },
      { upsert: true },
    );
    expect(upsert).toMatchObject({ matchedCount: 0, upsertedCount: 1, upsertedId: 9 });
    expect(await scratch.things.findOne({ _id: 9 })).toEqual({ _id: 9, n: 1, born: true });
    expect((await scratch.things.deleteOne({})).deletedCount).toBe(1);
    expect((await scratch.things.deleteMany({ _id: { $in: [2, 3] } })).deletedCount).toBe(2);
    expect(await scratch.idsOf({})).toEqual([9]);
  });

  it('refuses a second document of one id, also when it is the same number of another type', async () => {
    await scratch.load([{ _id: new Int32(1) }]);
    await expect(scratch.things.insertOne({ _id: new Double(1) as never })).rejects.toMatchObject({
      code: 11000,
    });
    const batch = scratch.things.insertMany([{ _id: 2 }, { _id: 1 }, { _id: 3 }], { ordered: false });
    await expect(batch).rejects.toMatchObject({ code: 11000, result: { insertedCount: 2 } });
    expect(await scratch.idsOf({})).toEqual([1, 2, 3]);
    await expect(scratch.things.updateOne({ _id: 1 }, { $set: { _id: 5 } })).rejects.toMatchObject({
      code: 66,
    });
    await expect(scratch.things.insertOne({ _id: [1] as never })).rejects.toMatchObject({ code: 53 });
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
    await scratch.load([document]);
    const [raw] = await scratch.things.find({}, { raw: true }).toArray();
    expect(Buffer.from(raw as unknown as Uint8Array).equals(serialize(document))).toBe(true);
    const [cut] = await scratch.things
      .find({}, { raw: true, projection: { long: 1, 'nested.a': 1 } })
      .toArray();
    const expected = { _id: document._id, long: document.long, nested: { a: document.nested.a } };
    expect(Buffer.from(cut as unknown as Uint8Array).equals(serialize(expected))).toBe(true);
  });

  it('stores a missing id as the first field, and moves a given one there', async () => {
    await scratch.client
      .db(scratch.database)
      .command({ insert: 'things', documents: [{ a: 1 }, { b: 1, _id: 7 }] });
    const [first, second] = await scratch.things.find().toArray();
    expect(first?._id).toBeInstanceOf(ObjectId);
    expect(Object.keys(first ?? {})).toEqual(['_id', 'a']);
    expect(Object.keys(second ?? {})).toEqual(['_id', 'b']);
  });

  it('takes and gives a document of 12 MB', async () => {
    await scratch.load([
      { _id: 'large', spans: Array.from({ length: 12 }, () => ({ output: 'y'.repeat(1_000_000) })) },
    ]);
    const [raw] = await scratch.things.find({ _id: 'large' }, { raw: true }).toArray();
    const bytes = raw as unknown as Uint8Array;
    expect(bytes.length).toBeGreaterThan(12_000_000);
    expect((deserialize(bytes).spans as Document[])[11]?.output).toHaveLength(1_000_000);
  });
});

describe('cursors', () => {
  it('pages through 5,000 documents in batches, in the order of insertion', async () => {
    await scratch.load(Array.from({ length: 5000 }, (_, n) => ({ _id: (n * 7919) % 5000, n })));
    const sizes: number[] = [];
    const cursor = scratch.things.find({}, { batchSize: 700 });
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
    await scratch.load(Array.from({ length: 250 }, (_, n) => ({ _id: (n * 97) % 250 })));
    const seen: unknown[] = [];
    for (let last = -1; ;) {
      const page = await scratch.things
        .find({ _id: { $gt: last } }, { sort: { _id: 1 }, limit: 100 })
        .toArray();
      if (page.length === 0) break;
      seen.push(...page.map((document) => document._id));
      last = Number(seen.at(-1));
    }
    expect(seen).toEqual(Array.from({ length: 250 }, (_, n) => n));
  });

  it('honours limit, skip and a batch size of one', async () => {
    await scratch.load(Array.from({ length: 10 }, (_, n) => ({ _id: n })));
    const read = async (options: object): Promise<unknown[]> =>
      (await scratch.things.find({}, { sort: { _id: -1 }, ...options }).toArray()).map(
        (document) => document._id,
      );
    expect(await read({ limit: 3 })).toEqual([9, 8, 7]);
    expect(await read({ limit: 3, skip: 8 })).toEqual([1, 0]);
    expect(await read({ batchSize: 1 })).toHaveLength(10);
    expect(await read({ limit: -2 })).toEqual([9, 8]);
  });

  it('tells that a cursor is gone', async () => {
    await scratch.load(Array.from({ length: 10 }, (_, n) => ({ _id: n })));
    const cursor = scratch.things.find({}, { batchSize: 2 });
    await cursor.next();
    await scratch.client.db(scratch.database).command({ killCursors: 'things', cursors: [cursor.id] });
    await expect(cursor.toArray()).rejects.toMatchObject({ code: 43, codeName: 'CursorNotFound' });
  });

  it('goes through an index by hint, from min to before max, across types', async () => {
    const ids = [3, 'b', new ObjectId('6bf4f4142491b515fff37315'), 'a', 1];
    await scratch.load(ids.map((id) => ({ _id: id })));
    const read = async (options: object): Promise<unknown[]> =>
      (await scratch.things.find({}, { hint: { _id: 1 }, ...options }).toArray()).map(
        (document) => document._id,
      );
    expect(await read({})).toEqual([1, 3, 'a', 'b', ids[2]]);
    expect(await read({ min: { _id: 3 } })).toEqual([3, 'a', 'b', ids[2]]);
    expect(await read({ min: { _id: 3 }, max: { _id: 'b' } })).toEqual([3, 'a']);
    await expect(read({ hint: { nothing: 1 } })).rejects.toMatchObject({ code: 2 });
  });
});

describe('counting and aggregating', () => {
  beforeEach(async () => {
    await scratch.load(
      Array.from({ length: 12 }, (_, n) => ({
        _id: n,
        kind: n % 3 === 0 ? 'a' : 'b',
        cost: n / 4,
        ref: new ObjectId(`${'0'.repeat(23)}${n % 2}`),
      })),
    );
  });

  it('counts', async () => {
    expect(await scratch.things.estimatedDocumentCount()).toBe(12);
    expect(await scratch.things.countDocuments()).toBe(12);
    expect(await scratch.things.countDocuments({ kind: 'a' })).toBe(4);
    expect(await scratch.things.countDocuments({ kind: 'b' }, { skip: 2, limit: 3 })).toBe(3);
    expect(await scratch.things.countDocuments({ kind: 'c' })).toBe(0);
    expect(await scratch.client.db(scratch.database).collection('none').countDocuments()).toBe(0);
    const [stats] = await scratch.things.aggregate([{ $collStats: { count: {} } }]).toArray();
    expect(stats?.count).toBe(12);
  });

  it('names distinct values', async () => {
    expect((await scratch.things.distinct('kind')).sort()).toEqual(['a', 'b']);
    expect(await scratch.things.distinct('ref')).toHaveLength(2);
    expect(await scratch.things.distinct('_id', { cost: { $lt: 0.5 } })).toEqual([0, 1]);
  });

  it('groups, sorts, projects and pages', async () => {
    const groups = await scratch.things
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
    const byRef = await scratch.things.aggregate([{ $group: { _id: '$ref', n: { $sum: 1 } } }]).toArray();
    expect(byRef.map(({ n }) => n as unknown)).toEqual([6, 6]);
    expect(byRef[0]?._id).toBeInstanceOf(ObjectId);
    expect(await scratch.things.aggregate([{ $match: { kind: 'b' } }, { $count: 'n' }]).toArray()).toEqual([
      { n: 8 },
    ]);
    const paged = scratch.things.aggregate(
      [{ $sort: { _id: -1 } }, { $limit: 7 }, { $project: { _id: 1 } }],
      {
        batchSize: 2,
      },
    );
    expect(await paged.toArray()).toEqual([11, 10, 9, 8, 7, 6, 5].map((id) => ({ _id: id })));
  });

  it('refuses change streams and transactions on a standalone server', async () => {
    if (scratch.mongo.kind === 'given') return; // It may be a replica set.
    await expect(scratch.things.watch().next()).rejects.toMatchObject({ code: 40573 });
    const session = scratch.client.startSession();
    session.startTransaction();
    await expect(scratch.things.insertOne({ _id: 99 }, { session })).rejects.toThrow(/retryable writes/);
    await session.endSession();
  });
});

describe('the catalogue', () => {
  it('lists databases, collections and indexes', async () => {
    await loadDocuments(scratch.mongo.url, scratch.database, { things: [{ _id: 1 }], empty: [] });
    const databases = await scratch.client.db().admin().listDatabases();
    const names = databases.databases.map(({ name }) => name);
    expect(names).toEqual(expect.arrayContaining(['admin', scratch.database]));
    expect(names).toEqual([...names].sort());
    const collections = await scratch.client.db(scratch.database).listCollections().toArray();
    expect(collections.map(({ name, type }) => [name, type]).sort()).toEqual([
      ['empty', 'collection'],
      ['things', 'collection'],
    ]);
    const some = await scratch.client
      .db(scratch.database)
      .listCollections({ name: 'things' }, { nameOnly: true })
      .toArray();
    expect(some).toEqual([{ name: 'things', type: 'collection' }]);
    expect(await scratch.things.createIndex({ a: 1 })).toBe('a_1');
    expect((await scratch.things.indexes()).map(({ name }) => name)).toEqual(['_id_', 'a_1']);
    expect(await scratch.client.db(`${scratch.database}_none`).listCollections().toArray()).toEqual([]);
  });

  it('creates and drops', async () => {
    await scratch.client.db(scratch.database).createCollection('made');
    await expect(
      scratch.client.db(scratch.database).createCollection('made', { capped: false }),
    ).resolves.toBeDefined();
    await scratch.client.db(scratch.database).collection('made').drop();
    expect(await scratch.client.db(scratch.database).listCollections().toArray()).toEqual([]);
    await expect(scratch.things.listIndexes().toArray()).rejects.toMatchObject({
      code: 26,
      codeName: 'NamespaceNotFound',
    });
    await expect(scratch.client.db(scratch.database).command({ create: '' })).rejects.toMatchObject({
      code: 73,
    });
  });

  it('knows no other commands', async () => {
    const command = scratch.client.db(scratch.database).command({ doSomething: 1 });
    await expect(command).rejects.toMatchObject({ code: 59, codeName: 'CommandNotFound' });
    const field = scratch.client.db(scratch.database).command({ find: 'things', colour: 'red' });
    await expect(field).rejects.toMatchObject({ code: 40415 });
    expect((await scratch.client.db(scratch.database).admin().serverInfo()).version).toBe(
      scratch.mongo.version,
    );
  });
});

describe('many at once', () => {
  it('serves 20 clients side by side', async () => {
    await scratch.load(Array.from({ length: 500 }, (_, n) => ({ _id: n })));
    const totals = await Promise.all(
      Array.from({ length: 20 }, async (_, own) => {
        const other = new MongoClient(scratch.mongo.url);
        const collection = other.db(scratch.database).collection<{ _id: number | string }>('things');
        await collection.insertOne({ _id: `own ${own}` });
        const found = await collection.find({ _id: { $type: 'int' } }, { batchSize: 50 }).toArray();
        await other.close();
        return found.length;
      }),
    );
    expect(totals).toEqual(Array.from({ length: 20 }, () => 500));
    expect(await scratch.things.countDocuments()).toBe(520);
  });
});
