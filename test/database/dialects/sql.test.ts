import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import {
  CANONICAL_MONEY,
  chunks,
  JSON_AS_TEXT,
  primaryColumns,
  readValue,
  roughSize,
  utcText,
  valueColumns,
} from '../../../src/database/dialects/sql.js';
import {
  double,
  flag,
  instant,
  integer,
  json,
  money,
  string,
  text,
} from '../../../src/database/model/logical-type.js';
import { tableOf } from '../../../src/database/model/table-model.js';
import { ALL_ENTITIES } from '../../../src/entities/all-entities.js';
import { campaign } from '../../support/campaign.js';

describe('chunks', () => {
  it('cuts into parts of at most so many, in order, and loses nothing', () => {
    fc.assert(
      fc.property(fc.array(fc.integer()), fc.integer({ min: 1, max: 12 }), (items, max) => {
        const parts = chunks(items, max);
        expect(parts.flat()).toEqual(items);
        expect(parts.every((part) => part.length > 0 && part.length <= max)).toBe(true);
        expect(parts).toHaveLength(Math.ceil(items.length / max));
      }),
      { numRuns: campaign(1000) },
    );
  });
});

describe('primaryColumns and valueColumns', () => {
  it('share out the columns of every table', () => {
    for (const table of ALL_ENTITIES.map((entity) => tableOf(entity))) {
      expect([...primaryColumns(table), ...valueColumns(table)]).toEqual(table.columns);
      expect(primaryColumns(table).every((column) => column.primary)).toBe(true);
      expect(valueColumns(table).some((column) => column.primary)).toBe(false);
    }
  });
});

describe('utcText', () => {
  it('is read back as the same instant, and sorts as the instants do', () => {
    const date = fc.date({
      min: new Date('0001-01-01T00:00:00Z'),
      max: new Date('9999-12-31T23:59:59.999Z'),
      noInvalidDate: true,
    });
    expect(utcText(new Date('2025-08-07T11:54:39.327Z'))).toBe('2025-08-07 11:54:39.327');
    fc.assert(
      fc.property(date, date, (a, b) => {
        expect(readValue(instant(), utcText(a))).toEqual(a);
        expect(utcText(a) < utcText(b)).toBe(a < b);
      }),
      { numRuns: campaign(1000) },
    );
  });
});

describe('JSON_AS_TEXT', () => {
  it('gives back any JSON value but null, which is no value', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        if (value === null || typeof value === 'string') return;
        const plain = JSON.parse(JSON.stringify(value)) as unknown;
        expect(JSON_AS_TEXT.from(JSON_AS_TEXT.to(value))).toEqual(plain);
        // A driver may have parsed it already.
        expect(JSON_AS_TEXT.from(plain)).toEqual(plain);
      }),
      { numRuns: campaign(1000) },
    );
    expect(JSON_AS_TEXT.from(JSON_AS_TEXT.to('a "text"'))).toBe('a "text"');
    for (const none of [null, undefined]) {
      expect(JSON_AS_TEXT.to(none)).toBe(none);
      expect(JSON_AS_TEXT.from(none)).toBe(none);
    }
  });
});

describe('CANONICAL_MONEY', () => {
  it.each([
    ['0.5000000000', '0.5'],
    ['.5', '0.5'],
    [0.1, '0.1'],
    [1e-7, '0.0000001'],
    [100, '100'],
    [-0, '0'],
    [null, null],
    [undefined, undefined],
  ])('reads %j as %j', (value, canonical) => {
    expect(CANONICAL_MONEY.from(value)).toBe(canonical);
    expect(CANONICAL_MONEY.to(value)).toBe(typeof value === 'string' ? canonical : value);
  });

  it('refuses what is no number', () => {
    expect(() => CANONICAL_MONEY.from(true)).toThrow('A money column returned a boolean');
  });
});

describe('readValue', () => {
  const date = new Date('2025-08-07T11:54:39.327Z');
  it.each([
    [string(5), 'x', 'x'],
    [text(), '', ''],
    [integer(), 5, 5],
    [integer(), '5', 5],
    [double(), '0.25', 0.25],
    [double(), 0, 0],
    [money(), '1.50', '1.5'],
    [money(), 1.5, '1.5'],
    [flag(), true, true],
    [flag(), 1, true],
    [flag(), '1', true],
    [flag(), 0, false],
    [flag(), '0', false],
    [flag(), false, false],
    [json(), '{"a":1}', { a: 1 }],
    [json(), { a: 1 }, { a: 1 }],
    [instant(), date, date],
    [instant(), '2025-08-07 11:54:39.327', date],
  ])('%j %j is %j', (type, value, read) => {
    expect(readValue(type, value)).toEqual(read);
  });

  it('knows null and undefined as null, of whatever type', () => {
    for (const type of [string(1), text(), integer(), double(), money(), flag(), json(), instant()])
      for (const none of [null, undefined]) expect(readValue(type, none)).toBeNull();
  });
});

describe('roughSize', () => {
  it('grows with a text and is small for all else', () => {
    expect(roughSize('x'.repeat(1000))).toBeGreaterThanOrEqual(1000);
    for (const value of [null, 1, true, new Date()]) expect(roughSize(value)).toBeLessThan(100);
  });
});
