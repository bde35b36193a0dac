import { describe, expect, it } from '@jest/globals';
import { Binary, Decimal128, Double, Long, MinKey, ObjectId, Timestamp, UUID } from 'bson';
import { sourceIdOf } from '../../../src/import/source-id.js';
import { idOfText } from '../../../src/import/verify/id-of-text.js';

describe('the _id that a source_id stands for', () => {
  it.each([
    ['an ObjectId', new ObjectId()],
    ['a text', 'TRACE-1'],
    ['the empty text', ''],
    ['a text like an ObjectId', new ObjectId().toHexString()],
    ['a text like JSON', '{"$oid": "x"}'],
    ['a text in quotes', '"x"'],
    ['a text like a number', '-12.5'],
    ['a text like a word of JSON', 'true'],
    ['a number', 5],
    ['a fraction', 0.1],
    ['not a number', new Double(Number.NaN)],
    ['a long', Long.fromString('9007199254740993')],
    ['a decimal', Decimal128.fromString('0.10')],
    ['a truth', true],
    ['nothing', null],
    ['a time', new Date(1)],
    ['a UUID', new UUID()],
    ['bytes', new Binary(Buffer.from('abc'), 0)],
    ['a timestamp', new Timestamp({ t: 1, i: 2 })],
    ['the least key', new MinKey()],
  ])('%s', (_, id) => {
    const found = idOfText(sourceIdOf(id));
    expect(sourceIdOf(found)).toBe(sourceIdOf(id));
    expect(typeof found === 'string').toBe(typeof id === 'string');
  });

  it('is not known of a document, nor of what no import has written', () => {
    expect(idOfText(sourceIdOf({ b: 1, a: 2 }))).toBeUndefined();
    expect(idOfText('{"broken')).toBeUndefined();
  });
});
