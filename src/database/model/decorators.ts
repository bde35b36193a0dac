import 'reflect-metadata';
import { Expose } from 'class-transformer';
import {
  IsBoolean,
  IsDate,
  IsDefined,
  IsInt,
  IsNumber,
  IsOptional,
  IsString,
  Matches,
  Max,
  Min,
  ValidateBy,
} from 'class-validator';
import { isKeepableInstant } from '../../time/calendar.js';
import { type LogicalType, MONEY_DIGITS, MONEY_SCALE } from './logical-type.js';
import { fitsString, INT_MAX, isKeepableText, MONEY } from './row-rules.js';
import { declarationOf, type ForeignKeyTarget, snakeCase } from './table-model.js';

/** Declares the table of an entity class; `indexes` and `uniques` list properties. */
export function Table(
  name: string,
  keys: { indexes?: string[][]; uniques?: string[][] } = {},
): ClassDecorator {
  return (target) => {
    const declaration = declarationOf(target.prototype as object);
    declaration.name = name;
    declaration.indexes.push(...(keys.indexes ?? []));
    declaration.uniques.push(...(keys.uniques ?? []));
  };
}

/** Adds keys to every table whose entity extends the class. */
export function Keys(keys: { indexes?: string[][]; uniques?: string[][] }): ClassDecorator {
  return (target) => {
    const declaration = declarationOf(target.prototype as object);
    declaration.indexes.push(...(keys.indexes ?? []));
    declaration.uniques.push(...(keys.uniques ?? []));
  };
}

export interface ColumnOptions {
  nullable?: boolean;
  primary?: boolean;
  references?: ForeignKeyTarget;
  /** Never part of what is printed or exported. */
  secret?: boolean;
  /** Of a JSON column: the name of a column for the same as vectors, which databases that can have it compute. */
  vectors?: string;
}

/**
 * Declares a column: its logical type, and with it the validation rule that the type means (a
 * `string(50)` is a string of at most 50 characters, and not the empty one unless it may be null). Rules beyond the type are class-validator
 * decorators beside it. The serialised name is the column's.
 */
export function Column(type: LogicalType, options: ColumnOptions = {}): PropertyDecorator {
  return (target, propertyKey) => {
    const property = String(propertyKey);
    declarationOf(target).columns.push({
      property,
      name: snakeCase(property),
      type,
      nullable: options.nullable ?? false,
      primary: options.primary ?? false,
      secret: options.secret,
      vectors: options.vectors,
      references: options.references,
    });
    for (const rule of rulesOf(type)) rule(target, propertyKey);
    if (!options.nullable && (type.kind === 'string' || type.kind === 'text'))
      NotEmpty()(target, propertyKey);
    (options.nullable ? IsOptional() : IsDefined())(target, propertyKey);
    if (!options.secret) Expose({ name: snakeCase(property) })(target, propertyKey);
  };
}

function rulesOf(type: LogicalType): PropertyDecorator[] {
  switch (type.kind) {
    case 'string':
      return [IsString(), MaxCharacters(type.length), Keepable()];
    case 'text':
      return [IsString(), Keepable()];
    case 'integer':
      return [IsInt(), Min(-INT_MAX - 1), Max(INT_MAX)];
    case 'double':
      return [IsNumber({ allowNaN: false, allowInfinity: false })];
    case 'money':
      return [
        IsString(),
        Matches(MONEY, {
          message: `$property must be a decimal of at most ${MONEY_DIGITS - MONEY_SCALE} digits before and ${MONEY_SCALE} after the point`,
        }),
      ];
    case 'flag':
      return [IsBoolean()];
    case 'instant':
      return [IsDate(), KeepableInstant()];
    case 'json':
      return [];
  }
}

/**
 * Of a text that must be there the empty one is refused everywhere, since Oracle keeps it as NULL: what
 * one database takes, all take.
 */
function NotEmpty(): PropertyDecorator {
  return ValidateBy({
    name: 'notEmpty',
    validator: {
      validate: (value: unknown) => value !== '',
      defaultMessage: () => '$property must not be empty',
    },
  });
}

/**
 * class-validator's own MaxLength leaves variation selectors (as in ❤️) out of its count; databases
 * count every code point.
 */
function MaxCharacters(max: number): PropertyDecorator {
  return ValidateBy({
    name: 'maxLength',
    constraints: [max],
    validator: {
      validate: (value: unknown) => typeof value === 'string' && fitsString(value, max),
      defaultMessage: () => '$property must be shorter than or equal to $constraint1 characters',
    },
  });
}

/** NUL and halves of surrogate pairs, which not every database keeps. */
function Keepable(): PropertyDecorator {
  return ValidateBy({
    name: 'keepable',
    validator: {
      validate: (value: unknown) => typeof value === 'string' && isKeepableText(value),
      defaultMessage: () => '$property must hold no NUL and no half of a surrogate pair',
    },
  });
}

function KeepableInstant(): PropertyDecorator {
  return ValidateBy({
    name: 'keepableInstant',
    validator: {
      validate: (value: unknown) => value instanceof Date && isKeepableInstant(value),
      defaultMessage: () => '$property must be a time in the years 1 to 9999',
    },
  });
}
