import { describe, expect, it } from '@jest/globals';
import { Binary, BSONRegExp, Code, DBRef, Decimal128, Long } from 'bson';
import { MaxKey, MinKey, ObjectId, Timestamp, UUID } from 'bson';
import { parseExtendedJson } from '../../../src/import/sources/extended-json.js';

/** As if cut out of a file: the colons outside of texts are counted there. */
const parse = (text: string): unknown =>
  parseExtendedJson(text, (text.replace(/"(?:[^"\\]|\\.)*"/g, '').match(/:/g) ?? []).length);
const value = (text: string): unknown => (parse(`{"v":${text}}`) as { v: unknown }).v;
const OID = '65cd6db93a8d335865cd6db9';
const time = new Date('2025-08-07T11:54:39.327Z');

describe('parseExtendedJson', () => {
  it.each<[string, unknown]>([
    [`{"$oid":"${OID}"}`, new ObjectId(OID)],
    ['{"$date":"2025-08-07T11:54:39.327Z"}', time],
    ['{"$date":"2025-08-07T13:54:39.327+0200"}', time],
    ['{"$date":"2025-08-07T13:54:39.327+02:00"}', time],
    [`{"$date":${time.getTime()}}`, time],
    [`{"$date":{"$numberLong":"${time.getTime()}"}}`, time],
    ['{"$date":{"$numberLong":"-62135596800000"}}', new Date(-62135596800000)],
    ['{"$binary":"YWI=","$type":"00"}', new Binary(Buffer.from('ab'))],
    ['{"$binary":"YWI=","$type":"80"}', new Binary(Buffer.from('ab'), 128)],
    ['{"$binary":{"base64":"YWI=","subType":"05"}}', new Binary(Buffer.from('ab'), 5)],
    [
      '{"$binary":{"base64":"bw7QtktcTQydHgw8HW9aEQ==","subType":"04"}}',
      new UUID('6f0ed0b6-4b5c-4d0c-9d1e-0c3c1d6f5a11'),
    ],
    ['{"$uuid":"6f0ed0b6-4b5c-4d0c-9d1e-0c3c1d6f5a11"}', new UUID('6f0ed0b6-4b5c-4d0c-9d1e-0c3c1d6f5a11')],
    ['{"$regex":"^a","$options":"i"}', new BSONRegExp('^a', 'i')],
    ['{"$regularExpression":{"pattern":"^a","options":""}}', new BSONRegExp('^a', '')],
    ['{"$timestamp":{"t":4294967295,"i":1}}', new Timestamp({ t: 4294967295, i: 1 })],
    ['{"$symbol":"s"}', 's'],
    ['{"$code":"f()"}', new Code('f()')],
    ['{"$code":"f()","$scope":{"a":{"$numberInt":"1"}}}', new Code('f()', { a: 1 })],
    ['{"$undefined":true}', undefined],
    ['{"$minKey":1}', new MinKey()],
    ['{"$maxKey":1}', new MaxKey()],
    ['{"$numberInt":"-5"}', -5],
    ['{"$numberLong":"5"}', 5],
    ['{"$numberLong":5}', 5],
    ['{"$numberLong":"9007199254740992"}', 2 ** 53],
    ['{"$numberLong":-9007199254740992}', -(2 ** 53)],
    ['{"$numberLong":"9007199254740993"}', Long.fromString('9007199254740993')],
    ['{"$numberLong":9007199254740993}', Long.fromString('9007199254740993')],
    ['{"$numberDouble":"-0.0"}', -0],
    ['{"$numberDouble":"NaN"}', Number.NaN],
    ['{"$numberDouble":"-Infinity"}', -Infinity],
    ['{"$numberDouble":"1.5E+300"}', 1.5e300],
    ['{"$numberDecimal":"1.10"}', Decimal128.fromString('1.10')],
    [`{"$ref":"c","$id":{"$oid":"${OID}"}}`, new DBRef('c', new ObjectId(OID))],
    [`{"$dbPointer":{"$ref":"c","$id":{"$oid":"${OID}"}}}`, new DBRef('c', new ObjectId(OID))],
  ])('makes a value of %s', (text, expected) => {
    expect(value(text)).toEqual(expected);
    expect(value(`[{"a":${text}}]`)).toEqual([{ a: expected }]);
  });

  it.each<[string, unknown]>([
    ['9007199254740991', 9007199254740991],
    ['9007199254740992', 2 ** 53],
    ['-9007199254740992', -(2 ** 53)],
    ['-9007199254740993', Long.fromString('-9007199254740993')],
    ['9007199254740993', Long.fromString('9007199254740993')],
    ['-9223372036854775808', Long.MIN_VALUE],
    ['9223372036854775808', 2 ** 63],
    ['9223372036854775809', Decimal128.fromString('9223372036854775809')],
    ['0.12345678901234567', Number('0.12345678901234567')],
    ['1.0E+300', 1e300],
    ['"9007199254740993 \\" 9007199254740993"', '9007199254740993 " 9007199254740993'],
  ])('does not round %s', (text, expected) => {
    expect(value(text)).toEqual(expected);
  });

  it.each([
    '{"$date":"tomorrow"}',
    '{"$date":"2025-13-41T00:00:00Z"}',
    '{"$date":null}',
    '{"$date":{"$numberLong":"9223372036854775807"}}',
    '{"$oid":"hunter2"}',
    '{"$numberLong":"9223372036854775808"}',
    '{"$numberInt":"1.5"}',
    '{"$numberDouble":"1e999"}',
    '{"$numberDecimal":"much"}',
    '{"$binary":"!","$type":"00"}',
    '{"$binary":"YWI="}',
    '{"$regex":"^a"}',
    '{"$undefined":false}',
    '{"$oid":"65cd6db93a8d335865cd6db9","more":1}',
    '{"$ref":"c"}',
    '{"$gt":5}',
  ])('keeps what only looks alike as it stands: %s', (text) => {
    const kept = value(text) as Record<string, unknown>;
    expect(Object.getPrototypeOf(kept)).toBe(Object.prototype);
    expect(Object.keys(kept)).toEqual(Object.keys(JSON.parse(text) as object));
    expect(Object.values(kept)).not.toContain(undefined);
  });

  it.each<[string, string]>([
    ['{"v":1e999}', 'a number is too large'],
    [`{"v":${'7'.repeat(40)}}`, 'a number has more digits than MongoDB keeps'],
    ['{"a":1,"a":2}', 'a field is there twice'],
    ['{"a":[{"b":1,"b":1}]}', 'a field is there twice'],
    ['{"a":9007199254740993,"a":9007199254740993}', 'a field is there twice'],
    ['{"a":}', 'it is not JSON'],
    ['{"_id":{"$oid":"x"}}', 'its _id is no value of MongoDB'],
  ])('refuses %s', (text, reason) => {
    expect(() => parse(text)).toThrow(reason);
  });

  it('keeps names that JavaScript has a use for', () => {
    const kept = parse('{"__proto__":{"a":1},"constructor":2,"toString":3}') as object;
    expect(Object.entries(kept)).toEqual([
      ['__proto__', { a: 1 }],
      ['constructor', 2],
      ['toString', 3],
    ]);
  });
});
