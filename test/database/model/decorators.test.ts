import { describe, expect, it } from '@jest/globals';
import { instanceToPlain } from 'class-transformer';
import { validateSync } from 'class-validator';
import { Column, Table } from '../../../src/database/model/decorators.js';
import {
  double,
  flag,
  instant,
  integer,
  json,
  type LogicalType,
  money,
  string,
  text,
} from '../../../src/database/model/logical-type.js';
import { tableOf } from '../../../src/database/model/table-model.js';
import { ALL_ENTITIES } from '../../../src/entities/all-entities.js';

@Table('samples')
class Sample {
  @Column(string(3), { primary: true })
  aString!: unknown;

  @Column(text())
  aText!: unknown;

  @Column(integer())
  anInteger!: unknown;

  @Column(double())
  aDouble!: unknown;

  @Column(money())
  aMoney!: unknown;

  @Column(flag())
  aFlag!: unknown;

  @Column(instant())
  anInstant!: unknown;

  @Column(json())
  aJson!: unknown;

  @Column(string(3), { nullable: true })
  maybe!: unknown;

  @Column(string(3), { nullable: true, secret: true })
  hidden!: unknown;
}

const GOOD = {
  aString: 'abc',
  aText: 'a',
  anInteger: 0,
  aDouble: 0.5,
  aMoney: '0.5',
  aFlag: false,
  anInstant: new Date(0),
  aJson: {},
  maybe: null,
  hidden: 'abc',
};

function faultsOf(values: object): string[] {
  return validateSync(Object.assign(new Sample(), values)).map(({ property }) => property);
}

describe('Column', () => {
  it('declares name and type', () => {
    expect(tableOf(Sample).columns).toContainEqual({
      property: 'aString',
      name: 'a_string',
      type: { kind: 'string', length: 3 },
      nullable: false,
      primary: true,
      references: undefined,
    });
  });

  it('takes values of its type', () => {
    expect(faultsOf(GOOD)).toEqual([]);
  });

  it.each([
    ['aString', ['ab', 'äöü', '😀😀😀', 'e\u0301'], ['', 'abcd', '😀😀😀😀', 5, {}, ['a'], new Date()]],
    // Variation selectors are characters to a database.
    ['aString', ['❤\ufe0f'], ['❤\ufe0f❤\ufe0f', 'a\ufe0eb\ufe0e']],
    ['aText', [' ', 'x'.repeat(100_000)], ['', 5, true, {}]],
    [
      'anInteger',
      [0, -0, -2_147_483_648, 2_147_483_647],
      [2_147_483_648, -2_147_483_649, 0.5, Number.NaN, '5', 1n],
    ],
    ['aDouble', [0, -0.1, 1e308, Number.MIN_VALUE], [Number.NaN, Number.POSITIVE_INFINITY, '0.5', 5n]],
    [
      'aMoney',
      ['0', '-1', '0.0000000001', '9999999999.9999999999', '-9999999999.9999999999'],
      ['10000000000', '0.00000000001', '.5', '5.', '1e5', '+5', '', ' 1', '1\n', 5, 'NaN', '٣'],
    ],
    ['aFlag', [true, false], [0, 1, 'true', '']],
    ['anInstant', [new Date(0)], [new Date(Number.NaN), '2025-08-20', 0]],
    ['aJson', [{}, [], '', 0, false], []],
    ['maybe', [null, undefined, '', 'abc'], ['abcd', 5]],
  ])('%s takes %j and refuses %j', (property, good, bad) => {
    for (const value of good) expect(faultsOf({ ...GOOD, [property]: value })).toEqual([]);
    for (const value of bad) expect(faultsOf({ ...GOOD, [property]: value })).toEqual([property]);
  });

  it.each(Object.keys(GOOD).filter((property) => !['maybe', 'hidden'].includes(property)))(
    '%s must be there',
    (property) => {
      for (const value of [null, undefined])
        expect(faultsOf({ ...GOOD, [property]: value })).toEqual([property]);
    },
  );

  it('shows what is no secret, under the name of the column', () => {
    const plain = instanceToPlain(Object.assign(new Sample(), GOOD), { excludeExtraneousValues: true });
    expect(Object.keys(plain)).toEqual(
      tableOf(Sample)
        .columns.map(({ name }) => name)
        .filter((name) => name !== 'hidden'),
    );
    expect(plain['a_string']).toBe('abc');
  });
});

describe('every column of every entity', () => {
  const WRONG: Record<LogicalType['kind'], unknown> = {
    string: 5,
    text: 5,
    integer: 0.5,
    double: 'x',
    money: 'x',
    flag: 'x',
    instant: 'x',
    json: undefined,
  };
  const columns = ALL_ENTITIES.flatMap((entity) =>
    tableOf(entity).columns.map((column) => ({ entity, column, title: `${entity.name}.${column.property}` })),
  );

  it('has the rule that its type means', () => {
    const without: string[] = [];
    for (const { entity, column, title } of columns) {
      const faults = (value: unknown): boolean =>
        validateSync(Object.assign(new entity(), { [column.property]: value })).some(
          ({ property }) => property === column.property,
        );
      const wrong = column.type.kind === 'json' ? !column.nullable : true;
      if (wrong && !faults(WRONG[column.type.kind])) without.push(`${title} takes what is of another type`);
      if (column.type.kind === 'string' && !faults('x'.repeat(column.type.length + 1)))
        without.push(`${title} takes texts that are too long`);
      if (faults(null) === column.nullable) without.push(`${title} and null`);
    }
    expect(without).toEqual([]);
  });

  it('is a secret where its name says so', () => {
    // A hash of a whole document, and what tells one holder of a lock from another: neither opens anything.
    const harmless = ['contentHash', 'ImportLock.token'];
    const shown = columns.filter(({ entity, column }) => {
      const plain = instanceToPlain(Object.assign(new entity(), { [column.property]: 'x' }), {
        excludeExtraneousValues: true,
      });
      return (
        /secret|hash$|password|token$|securityValues|connectionConfig/i.test(column.property) &&
        column.name in plain
      );
    });
    const titles = shown.map(({ title }) => title);
    expect(titles.filter((title) => !harmless.some((one) => title.endsWith(one)))).toEqual([]);
  });
});
