import { describe, expect, it } from '@jest/globals';
import { Binary, Code, deserialize, EJSON, Long, serialize } from 'bson';
import fc from 'fast-check';
import { canonicalJson, cleanText, plainJson, textAsIs } from '../../src/import/plain-json.js';
import { anyNumbers, BSON_SAMPLES, bsonValue } from '../support/bson-values.js';
import { campaign } from '../support/campaign.js';

/** One form for each BSON value, whatever class it came as: bytes, by which MongoDB itself compares. */
const bytesOf = (value: unknown): string =>
  Buffer.from(serialize({ value }, { ignoreUndefined: false })).toString('hex');
/** As the sources read documents. */
const asRead = (value: unknown): unknown =>
  deserialize(serialize({ value }), { promoteLongs: true, promoteBuffers: false, bsonRegExp: true })['value'];

describe('cleanText', () => {
  it.each([
    ['plain', 'plain'],
    ['a\u0000b', 'a\ufffdb'],
    ['\u0000\u0000', '\ufffd\ufffd'],
    ['\ud83d\ude00', '\ud83d\ude00'],
    ['\ud83d', '\ufffd'],
    ['\ude00', '\ufffd'],
    ['\ude00\ud83d', '\ufffd\ufffd'],
    ['\ud83d\ud83d\ude00', '\ufffd\ud83d\ude00'],
    ['\ud83d\ude00\ude00', '\ud83d\ude00\ufffd'],
    ['\u0001\u001f\u007f\ufffe\uffff', '\u0001\u001f\u007f\ufffe\uffff'],
  ])('%j becomes %j', (raw, clean) => {
    expect(cleanText(raw)).toBe(clean);
  });

  it('leaves nothing that cannot be kept, and everything that can', () => {
    const unit = fc.oneof(
      fc.constantFrom('\u0000', '\ud800', '\udbff', '\udc00', '\udfff', '\ud83d\ude00', 'a', '\n'),
      fc.string({ unit: 'binary', maxLength: 3 }),
    );
    fc.assert(
      fc.property(fc.array(unit, { maxLength: 12 }), (units) => {
        const raw = units.join('');
        const clean = cleanText(raw);
        // What UTF-8 has no form for, Node replaces in the same way.
        expect(clean).toBe(Buffer.from(raw).toString().replaceAll('\u0000', '\ufffd'));
        expect(clean).toHaveLength(raw.length);
        expect(cleanText(clean)).toBe(clean);
      }),
      { numRuns: campaign(5000) },
    );
  });
});

describe('textAsIs', () => {
  const ofPlain = (value: unknown): string => JSON.stringify(plainJson(value).json);

  it.each<[unknown]>([
    [{ a: [1, -0.5, 'text – 😀', true, null, {}], 10: 'x', 2: 'y' }],
    [JSON.parse('{"__proto__": 1, "toJSON": 2, "_bsontype": "Long"}')],
    ['"quoted" \\ and\nlines'],
    [''],
    [0],
  ])('is the text of %j, which is plain already', (value) => {
    expect(textAsIs(value)).toBe(ofPlain(value));
  });

  it.each<[string, unknown]>([
    ...Object.entries(BSON_SAMPLES).filter(([name]) => !['int32', 'double'].includes(name)),
    ['-0', -0],
    ['NaN', Number.NaN],
    ['infinity', Number.NEGATIVE_INFINITY],
    ['undefined', undefined],
    ['NUL', 'a\u0000'],
    ['half a pair', 'a\ud800'],
    ['NUL in a name', { 'a\u0000': 1 }],
    ['half a pair in a name', { '\udc00': 1 }],
    ['an object that is no plain one', new Map([[1, 2]])],
    ['a function', { toJSON: () => 1 }],
  ])('leaves %s to plainJson', (_, value) => {
    expect(textAsIs(value)).toBeUndefined();
    expect(textAsIs({ deep: [value] })).toBeUndefined();
  });

  it('is, where there is one, what plainJson comes to, with nothing replaced', () => {
    const tally = { given: 0, left: 0 };
    const noisy = fc.oneof(bsonValue, fc.string({ unit: 'binary' }), fc.jsonValue());
    fc.assert(
      fc.property(fc.array(noisy, { maxLength: 3 }), (generated) => {
        const text = textAsIs(generated);
        if (text === undefined) {
          tally.left += 1;
          return;
        }
        tally.given += 1;
        expect({ ...plainJson(generated), json: text }).toEqual({
          json: ofPlain(generated),
          replaced: false,
          lost: false,
        });
      }),
      { numRuns: campaign(3000) },
    );
    expect(Math.min(tally.given, tally.left)).toBeGreaterThan(0);
  });
});

describe('plainJson', () => {
  it('leaves what JSON has words for', () => {
    const value = { a: 'x', b: [1, -0.5, 1e300, true, null], c: { '': {}, d: [] } };
    expect(plainJson(value)).toEqual({ json: value, replaced: false, lost: false });
  });

  it.each<[string, unknown, unknown]>([
    ['an ObjectId', BSON_SAMPLES.objectId, { $oid: '65cd6db93a8d335865cd6db9' }],
    ['a UUID', BSON_SAMPLES.uuid, { $binary: { base64: 'D4+tW9nLRp+hZXCGdyiVDg==', subType: '04' } }],
    ['bytes', BSON_SAMPLES.binary, { $binary: { base64: 'AAH/', subType: '00' } }],
    ['a long', BSON_SAMPLES.long, { $numberLong: '9007199254740993' }],
    ['a decimal', BSON_SAMPLES.decimal, { $numberDecimal: '0.10' }],
    ['a date', BSON_SAMPLES.date, { $date: '2025-08-07T11:54:39.327Z' }],
    ['a date before 1970', new Date('1969-12-31T23:59:59.999Z'), { $date: '1969-12-31T23:59:59.999Z' }],
    [
      'the last date that has a form',
      new Date('9999-12-31T23:59:59.999Z'),
      { $date: '9999-12-31T23:59:59.999Z' },
    ],
    ['a date after that', new Date('+010000-01-01T00:00:00Z'), { $date: { $numberLong: '253402300800000' } }],
    [
      'the first date that has a form',
      new Date('0001-01-01T00:00:00Z'),
      { $date: '0001-01-01T00:00:00.000Z' },
    ],
    ['a date before that', new Date('0000-12-31T00:00:00Z'), { $date: { $numberLong: '-62135683200000' } }],
    ['NaN', Number.NaN, { $numberDouble: 'NaN' }],
    ['infinity', Number.POSITIVE_INFINITY, { $numberDouble: 'Infinity' }],
    ['minus infinity', Number.NEGATIVE_INFINITY, { $numberDouble: '-Infinity' }],
    ['minus zero', -0, { $numberDouble: '-0.0' }],
    ['a timestamp', BSON_SAMPLES.timestamp, { $timestamp: { t: 1_754_567_679, i: 3 } }],
    ['a regular expression', BSON_SAMPLES.regexp, { $regularExpression: { pattern: '^a', options: 'i' } }],
    ['code', BSON_SAMPLES.code, { $code: 'return x', $scope: { x: { $numberInt: '1' } } }],
    ['a symbol', BSON_SAMPLES.symbol, { $symbol: 's' }],
    ['the least key', BSON_SAMPLES.minKey, { $minKey: 1 }],
    ['the greatest key', BSON_SAMPLES.maxKey, { $maxKey: 1 }],
    ['undefined', undefined, null],
  ])('puts %s into Extended JSON', (_, value, json) => {
    expect(plainJson(value)).toEqual({ json, replaced: false, lost: false });
    expect(plainJson({ deep: [value] })).toEqual({ json: { deep: [json] }, replaced: false, lost: false });
  });

  it('says of a time that JavaScript could not hold that it is lost', () => {
    for (const value of [new Date(Number.NaN), [{ deep: new Date(8.64e15 + 1) }]])
      expect(plainJson(value)).toMatchObject({ lost: true });
    expect(plainJson(new Date(8.64e15))).toMatchObject({ lost: false });
  });

  it('cleans texts and names wherever they stand, and says so', () => {
    expect(plainJson('a\u0000')).toEqual({ json: 'a\ufffd', replaced: true, lost: false });
    expect(plainJson({ a: [{ b: '\ud800' }] })).toEqual({
      json: { a: [{ b: '\ufffd' }] },
      replaced: true,
      lost: false,
    });
    expect(plainJson({ 'a\ud800': 1 })).toEqual({ json: { 'a\ufffd': 1 }, replaced: true, lost: false });
    expect(plainJson([new Code('a\u0000')])).toEqual({
      json: [{ $code: 'a\ufffd' }],
      replaced: true,
      lost: false,
    });
  });

  it('keeps both of two names that are the same once they are clean', () => {
    const { json } = plainJson({ 'a\ud800': 1, 'a\udc00': 2, 'a\ufffd': 3 });
    expect(Object.values(json as object).sort()).toEqual([1, 2, 3]);
    expect(Object.keys(json as object)).toContain('a\ufffd');
  });

  it('keeps a field called __proto__, and lets it harm nothing', () => {
    const value = JSON.parse('{"__proto__": {"polluted": 1}}') as unknown;
    expect(JSON.stringify(plainJson(value).json)).toBe('{"__proto__":{"polluted":1}}');
    expect(({} as Record<string, unknown>)['polluted']).toBeUndefined();
  });

  it('takes a document that calls itself a BSON value for the document it is', () => {
    const value = { _bsontype: 'ObjectId', id: 'x' };
    expect(plainJson(value)).toEqual({ json: value, replaced: false, lost: false });
  });

  it('becomes text and back without loss: the same BSON for every value', () => {
    fc.assert(
      fc.property(bsonValue, (generated) => {
        const value = asRead(generated);
        const { json, replaced } = plainJson(value);
        const back = EJSON.deserialize(JSON.parse(JSON.stringify({ json })) as never, { relaxed: false }) as {
          json: unknown;
        };
        expect(replaced).toBe(JSON.stringify(value).includes('\\u0000'));
        if (replaced) return;
        // Doubles that are whole come back as whole numbers; as the number that they are in either case.
        expect(anyNumbers(EJSON.stringify(back.json, { relaxed: false }))).toBe(
          anyNumbers(EJSON.stringify(value, { relaxed: false })),
        );
      }),
      { numRuns: campaign(2000) },
    );
  });

  it('leaves doubles beyond 2^53 the doubles that they are', () => {
    for (const value of [2 ** 53, -65659814519380970, 1e300, Number.MAX_VALUE])
      expect(JSON.parse(JSON.stringify(plainJson({ value }).json))).toEqual({ value });
  });

  it('does not change what it is given', () => {
    fc.assert(
      fc.property(bsonValue, (generated) => {
        const value = asRead(generated);
        const before = bytesOf(value);
        plainJson(value);
        expect(bytesOf(value)).toBe(before);
      }),
      { numRuns: campaign(300) },
    );
  });
});

describe('canonicalJson', () => {
  it('is what the library makes of a document', () => {
    fc.assert(
      fc.property(bsonValue, (generated) => {
        const value = asRead(generated);
        expect(canonicalJson({ value })).toEqual(EJSON.serialize({ value }, { relaxed: false }));
      }),
      { numRuns: campaign(1000) },
    );
    expect(canonicalJson({ a: undefined, b: [undefined] })).toEqual({ a: null, b: [null] });
  });

  it('takes a document that calls itself a BSON value for the document it is', () => {
    const inner = { _bsontype: 'ObjectId', id: 5 };
    expect(canonicalJson({ a: [inner] })).toEqual({
      a: [{ _bsontype: 'ObjectId', id: { $numberInt: '5' } }],
    });
    expect(canonicalJson({ _bsontype: 5 })).toEqual({ _bsontype: { $numberInt: '5' } });
  });
});

describe('the samples of BSON’s types', () => {
  it('are read as what they are', () => {
    // Otherwise the tests above would show nothing.
    expect(asRead(BSON_SAMPLES.long)).toBeInstanceOf(Long);
    expect(asRead(BSON_SAMPLES.binary)).toBeInstanceOf(Binary);
    expect(asRead(5)).toBe(5);
  });
});
