import { describe, expect, it } from '@jest/globals';
import { Decimal128, Long } from 'bson';
import fc from 'fast-check';
import {
  canonicalDecimal,
  double,
  flag,
  instant,
  integer,
  json,
  type LogicalType,
  money,
  string,
  text,
} from '../../src/database/model/logical-type.js';
import { asIs, convert } from '../../src/import/values.js';
import { BSON_SAMPLES, bsonValue } from '../support/bson-values.js';
import { campaign } from '../support/campaign.js';

const TYPES = {
  string: string(50),
  text: text(),
  integer: integer(),
  double: double(),
  money: money(),
  flag: flag(),
  instant: instant(),
  json: json(),
} as const;
const HEX = '65cd6db93a8d335865cd6db9';
const TIME = new Date('2025-08-07T11:54:39.327Z');

/** Values as the sources give them: 32-bit numbers and doubles are JavaScript's own numbers. */
const VALUES: Record<string, unknown> = {
  text: 'x',
  'empty text': '',
  'number text': '5',
  'fraction text': '0.5',
  'time text': '2025-08-07T11:54:39.327Z',
  'true text': 'true',
  'whole number': 5,
  zero: 0,
  one: 1,
  fraction: 0.5,
  NaN: Number.NaN,
  infinity: Number.POSITIVE_INFINITY,
  true: true,
  date: TIME,
  'invalid date': new Date(Number.NaN),
  list: ['x'],
  document: { a: 1 },
  ...Object.fromEntries(
    Object.entries(BSON_SAMPLES).filter(([name]) => !['date', 'int32', 'double', 'symbol'].includes(name)),
  ),
};

/** What each type makes of each value; what is not listed does not fit. */
const FITS: Record<keyof typeof TYPES, Record<string, unknown>> = {
  string: {
    text: 'x',
    'empty text': '',
    'number text': '5',
    'fraction text': '0.5',
    'time text': '2025-08-07T11:54:39.327Z',
    'true text': 'true',
    objectId: [HEX, 'ObjectId to text'],
    uuid: ['0f8fad5b-d9cb-469f-a165-70867728950e', 'UUID to text'],
    uuidAsBinary: ['0f8fad5b-d9cb-469f-a165-70867728950e', 'UUID to text'],
  },
  text: {
    text: 'x',
    'empty text': '',
    'number text': '5',
    'fraction text': '0.5',
    'time text': '2025-08-07T11:54:39.327Z',
    'true text': 'true',
    objectId: [HEX, 'ObjectId to text'],
    uuid: ['0f8fad5b-d9cb-469f-a165-70867728950e', 'UUID to text'],
    uuidAsBinary: ['0f8fad5b-d9cb-469f-a165-70867728950e', 'UUID to text'],
  },
  // Too large for a column is the validation's business; that a long is a whole number is this one's.
  integer: { 'number text': [5, 'text to number'], 'whole number': 5, zero: 0, one: 1, long: 2 ** 53 },
  double: {
    'number text': [5, 'text to number'],
    'fraction text': [0.5, 'text to number'],
    'whole number': 5,
    zero: 0,
    one: 1,
    fraction: 0.5,
    NaN: Number.NaN,
    infinity: Number.POSITIVE_INFINITY,
    long: [2 ** 53, 'rounded to 64 bits'],
    decimal: 0.1,
  },
  money: {
    'empty text': [null, 'empty text to no amount'],
    'number text': '5',
    'fraction text': '0.5',
    'whole number': '5',
    zero: '0',
    one: '1',
    fraction: '0.5',
    long: '9007199254740993',
    decimal: '0.1',
  },
  flag: {
    'true text': [true, 'text to boolean'],
    zero: [false, 'number to boolean'],
    one: [true, 'number to boolean'],
    true: true,
  },
  instant: {
    'empty text': [null, 'empty text to no time'],
    'time text': [TIME, 'text to time'],
    date: TIME,
  },
  json: {
    text: 'x',
    'empty text': '',
    'number text': '5',
    'fraction text': '0.5',
    'time text': '2025-08-07T11:54:39.327Z',
    'true text': 'true',
    'whole number': 5,
    zero: 0,
    one: 1,
    fraction: 0.5,
    NaN: { $numberDouble: 'NaN' },
    infinity: { $numberDouble: 'Infinity' },
    true: true,
    date: { $date: '2025-08-07T11:54:39.327Z' },
    list: ['x'],
    document: { a: 1 },
    objectId: { $oid: HEX },
    uuid: { $binary: { base64: 'D4+tW9nLRp+hZXCGdyiVDg==', subType: '04' } },
    uuidAsBinary: { $binary: { base64: 'D4+tW9nLRp+hZXCGdyiVDg==', subType: '04' } },
    binary: { $binary: { base64: 'AAH/', subType: '00' } },
    long: { $numberLong: '9007199254740993' },
    decimal: { $numberDecimal: '0.10' },
    timestamp: { $timestamp: { t: 1_754_567_679, i: 3 } },
    regexp: { $regularExpression: { pattern: '^a', options: 'i' } },
    code: { $code: 'return x', $scope: { x: { $numberInt: '1' } } },
    dbRef: { $ref: 'things', $id: { $oid: HEX } },
    minKey: { $minKey: 1 },
    maxKey: { $maxKey: 1 },
  },
};

const cases = (Object.keys(TYPES) as (keyof typeof TYPES)[]).flatMap((type) =>
  Object.keys(VALUES).map((value) => [type, value] as const),
);

describe('convert', () => {
  it.each(cases)('to %s: %s', (type, value) => {
    const fits = FITS[type];
    const converted = convert(TYPES[type], VALUES[value]);
    if (!Object.hasOwn(fits, value)) {
      expect(converted).toMatchObject({ problem: expect.stringMatching(/^must (be|hold) /) as unknown });
      return;
    }
    const wanted = fits[value];
    const coerced = type !== 'json' && Array.isArray(wanted);
    expect(converted).toEqual(
      coerced ? { value: wanted[0] as unknown, coerced: wanted[1] as unknown } : { value: wanted },
    );
  });

  it.each(Object.entries(TYPES))('to %s: null and undefined are null', (_, type) => {
    expect(convert(type, null)).toEqual({ value: null });
    expect(convert(type, undefined)).toEqual({ value: null });
  });

  it.each<[LogicalType, unknown, unknown, string?]>([
    [text(), 'a\u0000b', 'a\ufffdb', 'characters that no database keeps replaced by U+FFFD'],
    [json(), { a: '\ud800' }, { a: '\ufffd' }, 'characters that no database keeps replaced by U+FFFD'],
    [integer(), '-7', -7, 'text to number'],
    [integer(), '1e3', 1000, 'text to number'],
    [integer(), '7.0', 7, 'text to number'],
    [integer(), Decimal128.fromString('7.00'), 7],
    [integer(), Long.fromNumber(-7), -7],
    [double(), ' 1.5 ', 1.5, 'text to number'],
    [double(), '.5', 0.5, 'text to number'],
    [integer(), -0, 0, '-0 to 0'],
    [double(), -0, 0, '-0 to 0'],
    [double(), '-0', 0, 'text to number, -0 to 0'],
    [double(), Decimal128.fromString('1E-6176'), 0, 'rounded to 64 bits'],
    [double(), Decimal128.fromString('12.50'), 12.5],
    [double(), Decimal128.fromString('0.1000000000000000001'), 0.1, 'rounded to 64 bits'],
    [double(), Long.fromString('-9007199254740992'), -(2 ** 53)],
    [double(), '9007199254740993', 2 ** 53, 'text to number, rounded to 64 bits'],
    [double(), 9007199254740994, 9007199254740994],
    [money(), ' 1.50 ', '1.5'],
    [money(), '-0.00', '0'],
    [money(), -0, '0'],
    [money(), 1e-7, '0.0000001'],
    [money(), 0.1 + 0.2, '0.3', 'rounded to 10 places'],
    [money(), '0.00000000005', '0.0000000001', 'rounded to 10 places'],
    [money(), '0.00000000004', '0', 'rounded to 10 places'],
    [money(), Decimal128.fromString('1E-6176'), '0', 'rounded to 10 places'],
    [money(), Decimal128.fromString('1E+3'), '1000'],
    [money(), Long.fromString('-9223372036854775808'), '-9223372036854775808'],
    [flag(), 'false', false, 'text to boolean'],
    [flag(), -0, false, 'number to boolean'],
    [instant(), '2025-08-07', new Date('2025-08-07T00:00:00Z'), 'text to time'],
    [instant(), '2025-08-07 11:54', new Date('2025-08-07T11:54:00Z'), 'text to time'],
    [instant(), '2025-08-07 11:54:39.327123', TIME, 'text to time, cut to the millisecond'],
    [instant(), '2025-08-07 11:54:39.327000', TIME, 'text to time'],
    [instant(), '2025-08-07T13:54:39.327+02:00', TIME, 'text to time'],
    [instant(), '2025-08-07T13:54:39.327+0200', TIME, 'text to time'],
    [instant(), '2024-02-29', new Date('2024-02-29T00:00:00Z'), 'text to time'],
    [instant(), new Date('0001-01-01T00:00:00Z'), new Date('0001-01-01T00:00:00Z')],
    [instant(), new Date('9999-12-31T23:59:59.999Z'), new Date('9999-12-31T23:59:59.999Z')],
  ])('to %j: %j is %j', (type, raw, value, ...coerced) => {
    expect(convert(type, raw)).toEqual(coerced.length === 0 ? { value } : { value, coerced: coerced[0] });
  });

  it.each<[LogicalType, unknown, string]>([
    [string(5), 5, 'must be a string, not the number 5'],
    [string(5), true, 'must be a string, not the boolean true'],
    [string(5), ['x'], 'must be a string, not a list'],
    [string(5), { a: 1 }, 'must be a string, not an object'],
    [string(5), TIME, 'must be a string, not a time'],
    [string(5), BSON_SAMPLES.minKey, 'must be a string, not a value of the type MinKey'],
    [integer(), 0.5, 'must be a whole number, not the number 0.5'],
    [integer(), '0.5', 'must be a whole number, not the text "0.5"'],
    [integer(), '', 'must be a whole number, not the text ""'],
    [integer(), '0x10', 'must be a whole number, not the text "0x10"'],
    [integer(), Number.NaN, 'must be a whole number, not the number NaN'],
    [integer(), Decimal128.fromString('NaN'), 'must be a whole number, not a value of the type Decimal128'],
    [double(), 'x'.repeat(41), 'must be a number, not a long text'],
    [double(), 'NaN', 'must be a number, not the text "NaN"'],
    [double(), true, 'must be a number, not the boolean true'],
    [money(), 'free', 'must be an amount of money, not the text "free"'],
    [money(), ' ', 'must be an amount of money, not the text " "'],
    [money(), Number.NaN, 'must be an amount of money, not the number NaN'],
    [money(), Number.POSITIVE_INFINITY, 'must be an amount of money, not the number Infinity'],
    [
      money(),
      Decimal128.fromString('Infinity'),
      'must be an amount of money, not a value of the type Decimal128',
    ],
    [flag(), 2, 'must be true or false, not the number 2'],
    [flag(), 'yes', 'must be true or false, not the text "yes"'],
    [instant(), 'soon', 'must be a time, not the text "soon"'],
    // JavaScript would read these as days of March.
    [instant(), '2025-02-30', 'must be a time, not the text "2025-02-30"'],
    [instant(), '2025-02-29T10:00:00Z', 'must be a time, not the text "2025-02-29T10:00:00Z"'],
    [instant(), '2025-04-31 10:00', 'must be a time, not the text "2025-04-31 10:00"'],
    [instant(), '2025-13-01', 'must be a time, not the text "2025-13-01"'],
    [instant(), '2025-08-07T25:00:00', 'must be a time, not the text "2025-08-07T25:00:00"'],
    [instant(), '2025-08-07T10:00:00+25:00', 'must be a time, not the text "2025-08-07T10:00:00+25:00"'],
    [instant(), '0000-01-01', 'must be a time, not the text "0000-01-01"'],
    [instant(), 1_754_567_679, 'must be a time, not the number 1754567679'],
    [instant(), new Date('+010000-01-01T00:00:00Z'), 'must be a time in the years 1 to 9999'],
    [instant(), new Date('0000-12-31T23:59:59.999Z'), 'must be a time in the years 1 to 9999'],
    [instant(), new Date(Number.NaN), 'must be a time in the years 1 to 9999'],
    [
      json(),
      { a: [new Date(Number.NaN)] },
      'must hold no time beyond the calendar (the years -271821 to 275760)',
    ],
  ])('to %j: %j %s', (type, raw, problem) => {
    expect(convert(type, raw)).toMatchObject({ problem });
  });

  it('keeps money exact: what JavaScript prints of a double, to ten places', () => {
    fc.assert(
      fc.property(fc.double({ min: -1e9, max: 1e9, noNaN: true }), (value) => {
        const converted = convert(money(), value) as { value: string; coerced?: string };
        const exact = Math.abs(value) < 1e-6 ? value.toFixed(30) : String(value);
        expect(converted.value).toBe(canonicalDecimal(converted.value));
        expect(Math.abs(Number(converted.value) - Number(exact))).toBeLessThanOrEqual(1e-10);
        if (converted.coerced === undefined) expect(Number(converted.value)).toBe(value === 0 ? 0 : value);
        else expect(converted.value.split('.')[1]?.length ?? 0).toBeLessThanOrEqual(10);
      }),
      { numRuns: campaign(3000) },
    );
  });

  it('is what asIs says, where it says something: the value as it came', () => {
    const value = fc.oneof(
      bsonValue,
      fc.string({ unit: 'binary' }),
      fc.double(),
      fc.integer(),
      fc.date({ min: new Date('0000-01-01'), max: new Date('+010001-01-01') }),
      fc.boolean(),
      fc.constantFrom(...Object.values(VALUES)),
      fc.tuple(fc.maxSafeInteger(), fc.integer({ min: 0, max: 12 })).map(([n, scale]) => n / 10 ** scale),
    );
    const said = new Set<string>();
    fc.assert(
      fc.property(value, fc.constantFrom(...Object.values(TYPES)), (value, type) => {
        const kept = asIs(type, value);
        if (kept === undefined) return;
        said.add(type.kind);
        expect(convert(type, value)).toEqual({ value: kept });
        if (type.kind !== 'money') expect(Object.is(kept, value)).toBe(true);
      }),
      { numRuns: campaign(20_000) },
    );
    expect([...said].sort()).toEqual(['double', 'flag', 'instant', 'integer', 'money', 'string', 'text']);
  });

  it.each([
    [double(), -0],
    [integer(), -0],
    [integer(), 0.5],
    [string(3), 'a\0'],
    [text(), '\ud800'],
    [money(), 1e21],
    [money(), 1e-7],
    [money(), 0.123456789012],
    [money(), Number.NaN],
    [flag(), 1],
    [instant(), new Date(Number.NaN)],
    [instant(), new Date('+010000-01-01')],
    [json(), {}],
  ])('is what asIs leaves to it for %j: %j', (type, value) => {
    expect(asIs(type, value)).toBeUndefined();
  });

  it.each([
    [double(), 'x', 'invalid'],
    [integer(), 0.5, 'invalid'],
    [instant(), 'soon', 'invalid'],
    [instant(), new Date('+010000-01-01T00:00:00Z'), 'out-of-range'],
    [json(), [new Date(Number.NaN)], 'out-of-range'],
  ])('to %j says by which rule %j does not fit: %s', (type, raw, rule) => {
    expect(convert(type, raw)).toMatchObject({ rule });
  });

  it('has an answer for any value and any type, and says nothing of a long text', () => {
    fc.assert(
      fc.property(bsonValue, fc.constantFrom(...Object.values(TYPES)), (value, type) => {
        const converted = convert(type, value);
        if ('problem' in converted) {
          expect(converted.problem.length).toBeLessThan(150);
          expect(converted.problem).toMatch(/^must be .+/);
          expect(type.kind).not.toBe('json');
        } else {
          const kinds: Record<string, string> = {
            double: 'number',
            integer: 'number',
            flag: 'boolean',
            instant: 'object',
          };
          if (converted.value !== null && type.kind !== 'json')
            expect(typeof converted.value).toBe(kinds[type.kind] ?? 'string');
        }
      }),
      { numRuns: campaign(3000) },
    );
  });
});
