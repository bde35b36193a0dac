import { describe, expect, it } from '@jest/globals';
import { Long, ObjectId } from 'bson';
import { parseWhere } from '../../src/import/where.js';
import { caught } from '../support/caught.js';

describe('a filter of --where', () => {
  it('keeps the types of Extended JSON', () => {
    const id = new ObjectId();
    const text = `{"_id": {"$oid": "${id.toHexString()}"}, "at": {"$gte": {"$date": "2025-08-20T00:00:00Z"}}, "n": {"$numberLong": "9007199254740993"}}`;
    expect(parseWhere(text, ['traces'])).toEqual({
      _id: id,
      at: { $gte: new Date('2025-08-20T00:00:00Z') },
      n: Long.fromString('9007199254740993'),
    });
  });

  it.each(['{status: 1}', '', '[]', '"x"', '5', 'null', '{"$oid": "0123456789abcdef01234567"}'])(
    'refuses %s',
    async (text) => {
      const error = await caught(() => parseWhere(text, ['traces']));
      expect(error).toMatchObject({ code: 'usage.where.invalid', exitCode: 2 });
    },
  );

  it.each([[[]], [['traces', 'metrics']]])('refuses collections %j', async (collections) => {
    const error = await caught(() => parseWhere('{}', collections));
    expect(error).toMatchObject({
      code: 'usage.where.invalid',
      message: expect.stringContaining('--collection'),
    });
  });
});
