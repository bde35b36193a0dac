import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { BSONRegExp, Decimal128, type Document, EJSON, Long, ObjectId, serialize, UUID } from 'bson';
import { DumpFolder } from '../../../src/import/sources/dump-folder.js';
import { MongoSource } from '../../../src/import/sources/mongodb.js';
import type { ImportSource } from '../../../src/import/sources/source.js';
import { caught } from '../../support/caught.js';
import { loadDocuments } from '../../support/mongo/load.js';
import { databaseUrl, type MongoHandle, startMongo } from '../../support/mongo/start.js';
import { readAll } from '../../support/read-source.js';
import { useTempFolder } from '../../support/temp-folder.js';

const folder = useTempFolder();
const oid = (end: string): ObjectId => new ObjectId(`65cd6db93a8d335865cd6d${end}`);
const day = (date: number): Date => new Date(Date.UTC(2025, 0, date));
const uuid = new UUID('6f0ed0b6-4b5c-4d0c-9d1e-0c3c1d6f5a11');

const VALUES: unknown[] = [
  ...[1, 5, 9.5, 10, -3, Long.fromNumber(10), Long.fromString('9007199254740993')],
  ...[Decimal128.fromString('10'), Decimal128.fromString('9.5'), Number.NaN, Infinity],
  ...['a', 'abc', 'ABC', '5', '', day(1), day(5), day(9), oid('b1'), oid('b5'), oid('b9'), uuid],
  ...[null, true, false, [1, 20], ['a', null], [], [[5]], {}, { b: 1 }, { b: [1, 7] }],
  ...[[{ b: 1, c: 2 }], [{ b: 1 }, { c: 2 }], { b: { c: day(5) } }],
];
const DOCUMENTS: Document[] = [...VALUES.map((a, _id) => ({ _id, a })), { _id: VALUES.length }];

const FILTERS: Document[] = [
  { a: 10 },
  { a: Long.fromNumber(10) },
  { a: { $gt: 5 } },
  { a: { $gte: Long.fromNumber(5), $lt: 10.5 } },
  { a: { $lte: Decimal128.fromString('9.5') } },
  { a: { $ne: 10 } },
  { a: { $in: [1, 'a', oid('b5'), day(5), null] } },
  { a: { $nin: [1, null] } },
  { a: day(5) },
  { a: { $gte: day(5) } },
  { a: oid('b5') },
  { a: { $gt: oid('b1'), $lte: oid('b9') } },
  { a: uuid },
  { a: null },
  { a: { $exists: true } },
  { a: { $exists: false } },
  { a: Number.NaN },
  { a: { $gte: Number.NaN } },
  { a: { $regex: '^a', $options: 'i' } },
  { a: new BSONRegExp('^a', 'i') },
  { a: { $not: { $gt: 5 } } },
  { a: { $not: new BSONRegExp('^a') } },
  { a: { $size: 2 } },
  { a: { $all: [1, 20] } },
  { a: { $elemMatch: { b: 1, c: 2 } } },
  { a: { $elemMatch: { $gt: 5 } } },
  { 'a.b': 1 },
  { 'a.b': { $gt: 5 } },
  { 'a.b.c': { $lte: day(5) } },
  { 'a.0': 1 },
  { $or: [{ a: 1 }, { a: 'a' }] },
  { $and: [{ a: { $gt: 1 } }, { a: { $lt: 10 } }] },
  { $nor: [{ a: { $exists: true } }, { _id: 3 }] },
  { a: { $gte: 'a' } },
  { a: true },
  { _id: { $mod: [7, 2] } },
];

describe('a filter on a file', () => {
  let mongo: MongoHandle;
  let live: MongoSource;

  beforeAll(async () => {
    mongo = await startMongo();
    const database = `dbtool_test_${new ObjectId().toHexString()}`;
    await loadDocuments(mongo.url, database, { things: DOCUMENTS });
    live = await MongoSource.open(databaseUrl(mongo.url, database), { connectTimeout: 5000 });
  });

  afterAll(async () => {
    await live.close();
    await mongo.stop();
  });

  async function found(source: ImportSource, where: Document): Promise<unknown[]> {
    const list = await readAll(source, { collection: 'things', where });
    return list.map((one) => 'document' in one && (one.document['_id'] as unknown));
  }
  const file = async (): Promise<DumpFolder> =>
    DumpFolder.file(await folder.write('things.bson', Buffer.concat(DOCUMENTS.map((one) => serialize(one)))));

  it.each(FILTERS.map((where) => [EJSON.stringify(where), where] as const))(
    'finds what a server finds: %s',
    async (_, where) => {
      const expected = await found(live, where);
      expect(expected.length).toBeGreaterThan(0);
      expect(expected.length).toBeLessThan(DOCUMENTS.length);
      expect(await found(await file(), where)).toEqual(expected);
    },
  );

  it.each<Document>([
    { a: { $type: 'int' } },
    { a: { $type: 16 } },
    { a: Long.fromString('9007199254740993') },
    { a: { $in: [1e300] } },
    { $where: 'true' },
    { a: { $near: [1, 2] } },
    { $text: { $search: 'x' } },
    { a: { $what: 1 } },
    { $what: 1 },
  ])('is refused where it would find something else: %j', async (where) => {
    const source = await file();
    expect((await caught(() => found(source, where))).code).toBe('import.where.unsupported');
  });
});
