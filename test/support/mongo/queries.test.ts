import { describe, expect, it } from '@jest/globals';
import {
  Decimal128,
  type Document,
  Double,
  Int32,
  Long,
  MaxKey,
  MinKey,
  ObjectId,
  Timestamp,
  UUID,
} from 'mongodb';
import { useScratchDatabase } from './scratch.js';

/**
 * What every MongoDB does, and so the stand-in has to. With `DBTOOL_TEST_MONGO_URL` or a mongod on the
 * PATH these tests run against the real server and check the expectations themselves.
 */
const scratch = useScratchDatabase();

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
    await scratch.load(shuffled.map(({ id }) => ({ _id: id })));
  }

  it('sorts ids of all types, both ways', async () => {
    await loadShuffled();
    const read = async (direction: 1 | -1): Promise<string[]> => {
      const options = { sort: { _id: direction }, promoteValues: false } as const;
      return texts((await scratch.things.find({}, options).toArray()).map((document) => document._id));
    };
    expect(await read(1)).toEqual(texts(ordered));
    expect(await read(-1)).toEqual(texts([...ordered].reverse()));
  });

  it('brackets a range by the type of its bound', async () => {
    await loadShuffled();
    expect(texts(await scratch.idsOf({ _id: { $gt: early } }))).toEqual(texts([late]));
    expect(texts(await scratch.idsOf({ _id: { $gte: '9' } }))).toEqual(
      texts(['9', 'a', 'é', '\uffff', '😀']),
    );
    expect(await scratch.idsOf({ _id: { $lt: 3 } })).toEqual([-1.5, 2]);
    expect(await scratch.idsOf({ _id: { $gt: Long.fromString('9007199254740992') } })).toHaveLength(2);
    expect(await scratch.idsOf({ _id: { $gte: new Date(0) } })).toEqual([
      new Date('2025-08-07T11:54:39.327Z'),
    ]);
    expect(await scratch.idsOf({ _id: { $gt: new MinKey() } })).toHaveLength(ordered.length - 1);
    expect(await scratch.idsOf({ _id: { $lt: new MaxKey() } })).toHaveLength(ordered.length - 1);
  });

  it('compares across types within $expr', async () => {
    await loadShuffled();
    const found = await scratch.idsOf({ $expr: { $gt: ['$_id', { $literal: early }] } });
    expect(texts(found)).toEqual(texts(ordered.slice(ordered.indexOf(late))));
  });

  it('tells types apart by alias and number', async () => {
    await loadShuffled();
    expect(await scratch.idsOf({ _id: { $type: 'objectId' } })).toEqual([early, late]);
    expect(await scratch.idsOf({ _id: { $type: 'string' } })).toHaveLength(6);
    expect(await scratch.idsOf({ _id: { $type: 'number' } })).toHaveLength(5);
    expect(await scratch.idsOf({ _id: { $type: [8, 'timestamp'] } })).toHaveLength(3);
    expect(await scratch.idsOf({ _id: { $not: { $type: ['objectId', 'string', 'number'] } } })).toHaveLength(
      13,
    );
    await expect(scratch.idsOf({ _id: { $type: 'text' } })).rejects.toMatchObject({ code: 2 });
  });
});

describe('filters', () => {
  const since = new Date('2025-01-01T00:00:00Z');

  it('finds dates since a time, and apart from them what is no date', async () => {
    await scratch.load([
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
    expect(await scratch.idsOf({ start_time: { $gte: since } })).toEqual([2, 8, 9]);
    expect(await scratch.idsOf({ start_time: { $gt: since } })).toEqual([8, 9]);
    expect(await scratch.idsOf({ start_time: { $lt: since } })).toEqual([1]);
    expect(await scratch.idsOf({ start_time: { $not: { $type: 'date' } } })).toEqual([3, 4, 5, 6, 7]);
    expect(await scratch.idsOf({ start_time: { $not: { $lt: since } } })).toEqual([2, 3, 4, 5, 6, 7, 8, 9]);
    const sinceOrNoDate = [{ start_time: { $gte: since } }, { start_time: { $not: { $type: 'date' } } }];
    expect(await scratch.idsOf({ $or: sinceOrNoDate })).toEqual([2, 3, 4, 5, 6, 7, 8, 9]);
    expect(await scratch.idsOf({ $nor: sinceOrNoDate })).toEqual([1]);
    expect(await scratch.idsOf({ start_time: { $gte: since, $lt: new Date('2025-12-31') } })).toEqual([2]);
  });

  it('counts null, missing and existing as the server does', async () => {
    await scratch.load([
      { _id: 1, a: [{ b: 5 }] },
      { _id: 2, a: [{}] },
      { _id: 3, a: [] },
      { _id: 4, a: [{}, { b: 5 }] },
      { _id: 5, a: [5, { b: 5 }] },
      { _id: 6, a: { b: null } },
      { _id: 7 },
      { _id: 8, a: 4 },
    ]);
    expect(await scratch.idsOf({ 'a.b': null })).toEqual([2, 4, 6, 7, 8]);
    expect(await scratch.idsOf({ 'a.b': { $ne: null } })).toEqual([1, 3, 5]);
    expect(await scratch.idsOf({ 'a.b': { $in: [null, 7] } })).toEqual([2, 4, 6, 7, 8]);
    expect(await scratch.idsOf({ 'a.b': { $exists: true } })).toEqual([1, 4, 5, 6]);
    expect(await scratch.idsOf({ 'a.b': { $exists: false } })).toEqual([2, 3, 7, 8]);
    expect(await scratch.idsOf({ 'a.b': 5 })).toEqual([1, 4, 5]);
    expect(await scratch.idsOf({ 'a.1.b': 5 })).toEqual([4, 5]);
    expect(await scratch.idsOf({ a: { $size: 2 } })).toEqual([4, 5]);
    expect(await scratch.idsOf({ a: { $elemMatch: { b: { $gt: 4 } } } })).toEqual([1, 4, 5]);
    expect(await scratch.idsOf({ a: { $elemMatch: { $gte: 5 } } })).toEqual([5]);
  });

  it('compares whole values, lists of values and texts', async () => {
    await scratch.load([
      { _id: 1, v: { x: 1, y: 2 } },
      { _id: 2, v: { y: 2, x: 1 } },
      { _id: 3, v: [1, 2] },
      { _id: 4, v: 'Ticket Summary' },
      { _id: 5, v: 2 },
      { _id: 6, v: NaN },
    ]);
    expect(await scratch.idsOf({ v: { x: 1, y: 2 } })).toEqual([1]);
    expect(await scratch.idsOf({ v: [1, 2] })).toEqual([3]);
    expect(await scratch.idsOf({ v: 2 })).toEqual([3, 5]);
    expect(await scratch.idsOf({ v: { $ne: 2 } })).toEqual([1, 2, 4, 6]);
    expect(await scratch.idsOf({ v: { $in: [2, /^ticket/i] } })).toEqual([3, 4, 5]);
    expect(await scratch.idsOf({ v: { $nin: [2, 'Ticket Summary'] } })).toEqual([1, 2, 6]);
    expect(await scratch.idsOf({ v: { $regex: 'summary$', $options: 'i' } })).toEqual([4]);
    expect(await scratch.idsOf({ v: { $not: /Ticket/ } })).toEqual([1, 2, 3, 5, 6]);
    expect(await scratch.idsOf({ v: { $all: [1, 2] } })).toEqual([3]);
    expect(await scratch.idsOf({ v: { $lt: 10 } })).toEqual([3, 5]);
    expect(await scratch.idsOf({ v: { $lte: NaN } })).toEqual([6]);
    expect(await scratch.idsOf({ v: { $mod: [2, 1] } })).toEqual([3]);
  });

  it('refuses an operator that there is none of', async () => {
    await scratch.load([{ _id: 1 }]);
    await expect(scratch.idsOf({ a: { $above: 1 } })).rejects.toMatchObject({
      code: 2,
      codeName: 'BadValue',
    });
    await expect(scratch.idsOf({ $some: [] })).rejects.toMatchObject({ code: 2 });
    await expect(scratch.idsOf({ $or: [] })).rejects.toMatchObject({ code: 2 });
  });
});

describe('sort and projection', () => {
  it('sorts by several keys, by the least and greatest elements of arrays, and missing as null', async () => {
    await scratch.load([
      { _id: 1, a: [5, 1], b: 1 },
      { _id: 2, a: 3, b: 2 },
      { _id: 3, b: 1 },
      { _id: 4, a: [], b: 2 },
      { _id: 5, a: null, b: 3 },
    ]);
    const read = async (sort: Document): Promise<unknown[]> =>
      (await scratch.things.find({}, { sort }).toArray()).map((document) => document._id);
    expect(await read({ a: 1, _id: 1 })).toEqual([4, 3, 5, 1, 2]);
    expect(await read({ a: -1, _id: 1 })).toEqual([1, 2, 3, 5, 4]);
    expect(await read({ b: -1, _id: -1 })).toEqual([5, 4, 2, 3, 1]);
    expect(await read({ $natural: -1 })).toEqual([5, 4, 3, 2, 1]);
  });

  it('cuts documents', async () => {
    await scratch.load([{ _id: 1, a: { b: 1, c: 2 }, list: [{ x: 1, y: 2 }, 5, { y: 3 }], d: 'd' }]);
    const read = async (projection: Document): Promise<unknown> => scratch.things.findOne({}, { projection });
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
