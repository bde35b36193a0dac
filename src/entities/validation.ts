import { getMetadataStorage, IS_OPTIONAL, ValidationTypes, type ValidationArguments } from 'class-validator';
import type { ConstraintMetadata } from 'class-validator/types/metadata/ConstraintMetadata.js';
import type { ValidationMetadata } from 'class-validator/types/metadata/ValidationMetadata.js';
import type { EntityClass } from '../database/model/table-model.js';

/** What is wrong with a property's value, in words: `status must be shorter than or equal to 50 characters`. */
export interface Violation {
  property: string;
  message: string;
  /** The broken rule's name in class-validator: `maxLength`. */
  rule: string;
}

/** Checks an object with the entity's properties; an empty list means that it fits. */
export type Validator = (values: Readonly<Record<string, unknown>>) => readonly Violation[];

interface Rule {
  name: string;
  check: (value: unknown, args: ValidationArguments) => boolean;
  message: (args: ValidationArguments) => string;
  /** Made once: a new one for every value is most of what validation would cost. */
  args: ValidationArguments;
}

/** Whether a value that is there fits; undefined for a property without rules. */
export type FitTest = (value: unknown) => boolean;

interface PropertyRules {
  property: string;
  optional: boolean;
  rules: Rule[];
}

interface Compiled {
  validate: Validator;
  fits: ReadonlyMap<string, FitTest>;
}

const compiled = new WeakMap<EntityClass, Compiled>();

/**
 * The class-validator rules of an entity, looked up once instead of for every row: the very same
 * constraints, at a fraction of the cost, for imports of millions of rows. Synchronous rules only.
 */
export function validatorOf(entity: EntityClass): Validator {
  return compiledFor(entity).validate;
}

/**
 * The same rules one by one, for who fills in values and knows which: looking for what is there at all is most of
 * what checking a whole row costs.
 */
export function fitTestsOf(entity: EntityClass): ReadonlyMap<string, FitTest> {
  return compiledFor(entity).fits;
}

function compiledFor(entity: EntityClass): Compiled {
  let rules = compiled.get(entity);
  if (!rules) {
    rules = compile(entity);
    compiled.set(entity, rules);
  }
  return rules;
}

function compile(entity: EntityClass): Compiled {
  const storage = getMetadataStorage();
  const all = storage.getTargetValidationMetadatas(entity, '', true, false);
  const byProperty = storage.groupByPropertyName(all);
  const properties = Object.entries(byProperty).map(([property, metadatas]) =>
    propertyRules(entity, property, metadatas),
  );
  return {
    validate: (values) => violationsOf(properties, values),
    fits: new Map(
      properties
        .filter(({ rules }) => rules.length > 0)
        .map(({ property, rules }) => [property, (value) => fitsAll(rules, value)]),
    ),
  };
}

function violationsOf(
  properties: readonly PropertyRules[],
  values: Readonly<Record<string, unknown>>,
): Violation[] {
  const violations: Violation[] = [];
  for (const { property, optional, rules } of properties) {
    const value = values[property];
    if (optional && (value === null || value === undefined)) continue;
    for (const { check, message, args, name } of rules) {
      args.value = value;
      args.object = values;
      if (!check(value, args)) violations.push({ property, message: message(args), rule: name });
    }
  }
  return violations;
}

function fitsAll(rules: readonly Rule[], value: unknown): boolean {
  for (const { check, args } of rules) {
    args.value = value;
    if (!check(value, args)) return false;
  }
  return true;
}

function propertyRules(
  entity: EntityClass,
  property: string,
  metadatas: ValidationMetadata[],
): PropertyRules {
  const storage = getMetadataStorage();
  const unknown = metadatas.find((metadata) => !isUnderstood(metadata));
  // A rule that were left out in silence would let through what it was written against.
  if (unknown)
    throw new Error(`${entity.name}.${property} has a rule that is not understood here: ${unknown.type}`);
  return {
    property,
    optional: metadatas.some((metadata) => metadata.type === ValidationTypes.CONDITIONAL_VALIDATION),
    rules: metadatas.filter(isRule).flatMap((metadata) =>
      storage.getTargetValidatorConstraints(metadata.constraintCls).map((constraint) => {
        if (constraint.async)
          throw new Error(`${property} has an asynchronous rule, which imports cannot run`);
        return rule(entity, metadata, constraint);
      }),
    ),
  };
}

function isRule({ type }: ValidationMetadata): boolean {
  return type === ValidationTypes.CUSTOM_VALIDATION || type === ValidationTypes.IS_DEFINED;
}

function isUnderstood(metadata: ValidationMetadata): boolean {
  if (metadata.type === ValidationTypes.CONDITIONAL_VALIDATION) return metadata.name === IS_OPTIONAL;
  return isRule(metadata) && !metadata.each && metadata.validateIf === undefined;
}

function rule(
  entity: EntityClass,
  metadata: ValidationMetadata,
  { name, instance }: ConstraintMetadata,
): Rule {
  return {
    name,
    args: {
      value: undefined,
      property: metadata.propertyName,
      // A rule without parameters has none, whatever the type says.
      constraints: (metadata.constraints as unknown[] | undefined) ?? [],
      targetName: entity.name,
      object: {},
    },
    check: (value, args) => instance.validate(value, args) as boolean,
    message: (args) => {
      const own: string | undefined =
        typeof metadata.message === 'function' ? metadata.message(args) : metadata.message;
      return filledIn(own || (instance.defaultMessage?.(args) ?? `${args.property} is not valid`), args);
    },
  };
}

/** The message with class-validator's place holders filled in, in class-validator's order. */
function filledIn(
  message: string,
  { constraints, value, property, targetName }: ValidationArguments,
): string {
  const withConstraints = message.replaceAll(/\$constraint(\d+)/g, (_, position: string) =>
    String(constraints[Number(position) - 1]),
  );
  const shown = ['string', 'boolean', 'number'].includes(typeof value) ? String(value) : '$value';
  return withConstraints
    .replaceAll('$value', () => shown)
    .replaceAll('$property', property)
    .replaceAll('$target', targetName);
}
