import { describe, expect, it } from '@jest/globals';
import {
  IsOptional,
  IsString,
  Min,
  Validate,
  ValidateBy,
  ValidateIf,
  ValidateNested,
  validateSync,
  ValidatorConstraint,
  type ValidatorConstraintInterface,
} from 'class-validator';
import fc from 'fast-check';
import { Column, Table } from '../../src/database/model/decorators.js';
import { integer, type LogicalType, string } from '../../src/database/model/logical-type.js';
import { type EntityClass, tableOf } from '../../src/database/model/table-model.js';
import { ALL_ENTITIES } from '../../src/entities/all-entities.js';
import { validatorOf } from '../../src/entities/validation.js';
import { campaign } from '../support/campaign.js';

type Messages = Record<string, string[]>;

/** Messages by property, as class-validator itself finds them on an instance. */
function expected(entity: EntityClass, values: object): Messages {
  const errors = validateSync(Object.assign(new entity(), values));
  return byProperty(
    errors.flatMap(({ property, constraints }) =>
      Object.values(constraints ?? {}).map((message) => ({ property, message })),
    ),
  );
}

function actual(entity: EntityClass, values: Record<string, unknown>): Messages {
  return byProperty(validatorOf(entity)(values));
}

function byProperty(problems: readonly { property: string; message: string }[]): Messages {
  const messages: Messages = {};
  for (const { property, message } of problems) (messages[property] ??= []).push(message);
  for (const list of Object.values(messages)) list.sort();
  return messages;
}

/** Values that fit a type, that nearly fit it, and that are something else altogether. */
function valueOf(type: LogicalType): fc.Arbitrary<unknown> {
  const anything = fc.anything({
    withDate: true,
    withBigInt: true,
    withNullPrototype: true,
    maxDepth: 1,
    maxKeys: 2,
  });
  const near: Record<LogicalType['kind'], fc.Arbitrary<unknown>> = {
    string: fc.oneof(
      fc.string({ unit: 'binary', maxLength: 20 }),
      fc
        .integer({ min: -2, max: 2 })
        .map((more) => 'x'.repeat((type.kind === 'string' ? type.length : 9) + more)),
      fc
        .integer({ min: -1, max: 1 })
        .map((more) => '😀'.repeat((type.kind === 'string' ? type.length : 9) + more)),
      fc.stringMatching(/^[0-9a-fA-F]{63,65}$/),
    ),
    text: fc.string({ unit: 'binary' }),
    integer: fc.oneof(
      fc.integer(),
      fc.constantFrom(0, 1, -1, 2 ** 31 - 1, 2 ** 31, -(2 ** 31), -(2 ** 31) - 1, 0.5),
    ),
    double: fc.double(),
    money: fc.oneof(
      fc.stringMatching(/^-?\d{1,11}(\.\d{1,11})?$/),
      fc.constantFrom('', '.5', '5.', '-0', '1e5', '9999999999.9999999999'),
    ),
    flag: fc.oneof(fc.boolean(), fc.constantFrom(0, 1, 'true')),
    instant: fc.date(),
    json: fc.oneof(
      fc.jsonValue({ maxDepth: 2 }),
      fc.array(fc.record({ variant: fc.constantFrom('', 'variant_1', 'variant_2') }), { maxLength: 3 }),
    ),
  };
  return fc.oneof(
    { arbitrary: near[type.kind], weight: 6 },
    { arbitrary: fc.constantFrom(null, undefined), weight: 1 },
    { arbitrary: anything, weight: 1 },
  );
}

describe.each(ALL_ENTITIES.map((entity) => [entity.name, entity] as const))(
  'the rules of %s',
  (_, entity) => {
    const { columns } = tableOf(entity);
    const values = fc.record(
      Object.fromEntries(columns.map(({ property, type }) => [property, valueOf(type)])),
      {
        requiredKeys: [],
      },
    );

    it('give class-validator’s verdicts and messages', () => {
      fc.assert(
        fc.property(values, (generated) => {
          const wanted = expected(entity, generated);
          const found = actual(entity, generated);
          // Of two rules of one name (AiModel's two minimums) class-validator reports only one.
          for (const [property, messages] of Object.entries(wanted))
            expect(found[property]).toEqual(expect.arrayContaining(messages));
          expect(Object.keys(found).sort()).toEqual(Object.keys(wanted).sort());
          for (const [property, messages] of Object.entries(found)) {
            if (!/UnitCount$/.test(property)) expect(messages).toEqual(wanted[property]);
          }
        }),
        { numRuns: campaign(200) },
      );
    });

    it('find nothing wrong with a row that fits, and all that is wrong with an empty one', () => {
      const good: Record<LogicalType['kind'], unknown> = {
        string: 'f'.repeat(64),
        text: 'text',
        integer: 1,
        double: 0.5,
        money: '0.5',
        flag: true,
        instant: new Date(0),
        json: [{ variant: 'variant_1' }],
      };
      const row = Object.fromEntries(
        columns.map(({ property, type }) => [
          property,
          type.kind === 'string' && type.length < 64 ? 'f' : good[type.kind],
        ]),
      );
      expect(actual(entity, row)).toEqual({});
      expect(Object.keys(actual(entity, {})).sort()).toEqual(
        columns
          .filter(({ nullable }) => !nullable)
          .map(({ property }) => property)
          .sort(),
      );
    });
  },
);

describe('validatorOf', () => {
  @ValidatorConstraint({ name: 'even' })
  class Even implements ValidatorConstraintInterface {
    validate(value: unknown): boolean {
      return typeof value === 'number' && value % 2 === 0;
    }
  }

  @Table('things')
  class Thing {
    @Column(string(3), { primary: true })
    id!: string;

    @IsOptional()
    @Min(2, { message: '$property of $target starts at $constraint1, not $value' })
    @Validate(Even)
    @Column(integer(), { nullable: true })
    size!: number | null;

    @IsOptional()
    @ValidateBy({
      name: 'sameAsId',
      validator: {
        validate: (value, args) => value === (args?.object as Thing).id,
        defaultMessage: (args) =>
          `$property must be ${(args?.object as Thing).id}, not ${String(args?.value)}`,
      },
    })
    @Column(string(3), { nullable: true })
    copy!: string | null;
  }

  it('fills in property and constraints, and tells rules of value and object', () => {
    expect(actual(Thing, { id: 'a', size: 1, copy: 'b' })).toEqual({
      size: ['size is not valid', 'size of Thing starts at 2, not 1'],
      copy: ['copy must be a, not b'],
    });
    expect(actual(Thing, { id: 'a', size: 4, copy: 'a' })).toEqual({});
    expect(actual(Thing, { id: 'abcd' })).toEqual({
      id: ['id must be shorter than or equal to 3 characters'],
    });
  });

  it('fills in messages as class-validator does', () => {
    for (const size of [1, -1, '$property', '$target $value', true, null, {}, Number.NaN]) {
      const values = { id: 'a', size };
      const { size: found = [] } = actual(Thing, values);
      const { size: wanted = [] } = expected(Thing, values);
      // Where a rule has no words, class-validator says nothing at all.
      expect(found).toEqual(expect.arrayContaining(wanted.filter((message) => message !== '')));
    }
  });

  it('is made once for an entity', () => {
    expect(validatorOf(Thing)).toBe(validatorOf(Thing));
  });

  it('changes nothing of what it looks at', () => {
    const values = Object.freeze({ id: 'a', size: 1 });
    expect(validatorOf(Thing)(values)).toHaveLength(2);
  });

  it('refuses rules that have to be waited for', () => {
    @ValidatorConstraint({ name: 'slow', async: true })
    class SlowRule implements ValidatorConstraintInterface {
      validate(): Promise<boolean> {
        return Promise.resolve(false);
      }
    }
    class Slow {
      @Validate(SlowRule)
      other!: string;
    }
    expect(() => validatorOf(Slow)).toThrow('other has an asynchronous rule');
  });

  it('refuses rules that it would apply in another way than class-validator', () => {
    class OfEach {
      @IsString({ each: true })
      names!: string[];
    }
    class Nested {
      @ValidateNested()
      inner!: object;
    }
    class Conditional {
      @ValidateIf(() => false)
      @IsString()
      name!: string;
    }
    class RuleWithCondition {
      @IsString({ validateIf: () => false })
      name!: string;
    }
    for (const entity of [OfEach, Nested, Conditional, RuleWithCondition])
      expect(() => validatorOf(entity)).toThrow('has a rule that is not understood here');
  });
});
