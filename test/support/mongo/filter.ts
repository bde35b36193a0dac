import { BSONRegExp, deserialize } from 'bson';
import { Query } from 'mingo';
import { StoredDocument, toBson } from './documents.js';
import { CommandError, notImplemented } from './errors.js';
import { compileExpression, isTruthy } from './expression.js';
import { anyElement, valuesAt } from './paths.js';
import {
  aliasesOfType,
  compareValues,
  entriesOf,
  isNumber,
  isPlainObject,
  MISSING,
  type PlainObject,
  toNumber,
  typeAlias,
  typeRank,
} from './values.js';

/**
 * Filters by MongoDB's rules on BSON types. Range operators are bracketed by type: `{$gt: <date>}`
 * matches dates only, never the string that another document has in the field.
 */
export type Matches = (document: StoredDocument) => boolean;

/** A test of what a path reaches; arrays are not yet opened. */
type Predicate = (values: unknown[]) => boolean;

type RangeOperator = '$eq' | '$gt' | '$gte' | '$lt' | '$lte';

/** Compiles a filter. Throws a CommandError 2 (BadValue) for what the server would not take either. */
export function compileFilter(filter: PlainObject): Matches {
  const tests = entriesOf(filter).map(([name, value]) =>
    name.startsWith('$') ? compileTopLevel(name, value) : compileField(name, value),
  );
  return (document) => tests.every((test) => test(document));
}

function compileTopLevel(name: string, value: unknown): Matches {
  switch (name) {
    case '$and': {
      const parts = compileClauses(name, value);
      return (document) => parts.every((part) => part(document));
    }
    case '$or': {
      const parts = compileClauses(name, value);
      return (document) => parts.some((part) => part(document));
    }
    case '$nor': {
      const parts = compileClauses(name, value);
      return (document) => !parts.some((part) => part(document));
    }
    case '$expr': {
      const evaluate = compileExpression(value);
      if (evaluate) return (document) => isTruthy(evaluate(document));
      const query = new Query(deserialize(toBson({ $expr: value })));
      return (document) => query.test(document.promoted());
    }
    case '$comment':
      return () => true;
    case '$where':
    case '$text':
    case '$jsonSchema':
      throw notImplemented(`the filter ${name}`);
    default:
      throw new CommandError(2, `unknown top level operator: ${name}`);
  }
}

function compileClauses(name: string, value: unknown): Matches[] {
  if (!Array.isArray(value) || value.length === 0) {
    throw new CommandError(2, `${name} must be a nonempty array`);
  }
  return value.map((clause) => {
    if (!isPlainObject(clause)) throw new CommandError(2, `${name} argument's entries must be objects`);
    return compileFilter(clause);
  });
}

function compileField(path: string, condition: unknown): Matches {
  const predicate = compileCondition(condition);
  return (document) => predicate(valuesAt(document, path));
}

function isOperatorObject(value: unknown): value is PlainObject {
  // {$ref, $id} is a DBRef literal, which bson parses into a class of its own.
  return isPlainObject(value) && !('_bsontype' in value) && Object.keys(value)[0]?.startsWith('$') === true;
}

function compileCondition(condition: unknown): Predicate {
  if (condition instanceof BSONRegExp) return compileRegex(condition.pattern, condition.options);
  if (!isOperatorObject(condition)) return compileRange('$eq', condition);
  const tests = entriesOf(condition).map(([operator, operand]) =>
    compileOperator(operator, operand, condition),
  );
  return (values) => tests.every((test) => test(values));
}

function compileOperator(operator: string, operand: unknown, all: PlainObject): Predicate {
  switch (operator) {
    case '$eq':
    case '$gt':
    case '$gte':
    case '$lt':
    case '$lte':
      return compileRange(operator, operand);
    case '$ne':
      return not(compileRange('$eq', operand));
    case '$in':
      return compileIn(operator, operand);
    case '$nin':
      return not(compileIn(operator, operand));
    case '$not':
      if (!isOperatorObject(operand) && !(operand instanceof BSONRegExp)) {
        throw new CommandError(2, '$not needs a regex or a document');
      }
      return not(compileCondition(operand));
    case '$exists': {
      const wanted = isTruthy(operand);
      return (values) => values.some((value) => value !== MISSING) === wanted;
    }
    case '$type':
      return compileType(operand);
    case '$regex':
      return compileRegexOperator(operand, all.$options);
    case '$options':
      if (!('$regex' in all)) throw new CommandError(2, '$options needs a $regex');
      return () => true;
    default:
      return compileArrayOperator(operator, operand);
  }
}

function compileArrayOperator(operator: string, operand: unknown): Predicate {
  switch (operator) {
    case '$size': {
      if (!isNumber(operand)) throw new CommandError(2, `Failed to parse $size. Expected a number`);
      return (values) => values.some((value) => Array.isArray(value) && value.length === toNumber(operand));
    }
    case '$all': {
      if (!Array.isArray(operand)) throw new CommandError(2, '$all needs an array');
      const tests = operand.map(compileCondition);
      return (values) => tests.length > 0 && tests.every((test) => test(values));
    }
    case '$elemMatch': {
      if (!isPlainObject(operand)) throw new CommandError(2, '$elemMatch needs an Object');
      const test = compileElemMatch(operand);
      return (values) => values.some((value) => Array.isArray(value) && value.some(test));
    }
    case '$mod': {
      const [divisor, remainder] = Array.isArray(operand) ? operand.map(toNumber) : [];
      if (!divisor || remainder === undefined) throw new CommandError(2, 'malformed mod');
      return anyValue((value) => isNumber(value) && Math.trunc(toNumber(value)) % divisor === remainder);
    }
    case '$bitsAllSet':
    case '$bitsAnySet':
    case '$bitsAllClear':
    case '$bitsAnyClear':
    case '$geoWithin':
    case '$geoIntersects':
    case '$near':
    case '$nearSphere':
      throw notImplemented(`the filter ${operator}`);
    default:
      throw new CommandError(2, `unknown operator: ${operator}`);
  }
}

function not(predicate: Predicate): Predicate {
  return (values) => !predicate(values);
}

/** True if any value, or any element of a value that is an array, passes. */
function anyValue(test: (value: unknown) => boolean): Predicate {
  return (values) => values.some((value) => anyElement(value, test));
}

function compileRange(operator: RangeOperator, operand: unknown): Predicate {
  if (operator !== '$eq' && operand instanceof BSONRegExp) {
    throw new CommandError(2, `Can't have RegEx as arg to predicate over field`);
  }
  return anyValue((value) => inRange(operator, value, operand));
}

function inRange(operator: RangeOperator, value: unknown, operand: unknown): boolean {
  const takesEqual = operator === '$eq' || operator === '$gte' || operator === '$lte';
  // Since MongoDB 8 null stands for a missing field, and no longer for the type `undefined`.
  if (value === MISSING) return operand === null && takesEqual;
  if (typeRank(value) !== typeRank(operand)) {
    const bound = typeAlias(operand);
    if (bound === 'maxKey') return operator === '$lt' || operator === '$lte';
    return bound === 'minKey' && (operator === '$gt' || operator === '$gte');
  }
  if (isNotANumber(value) || isNotANumber(operand)) {
    return takesEqual && isNotANumber(value) && isNotANumber(operand);
  }
  const order = compareValues(value, operand);
  if (order === 0) return takesEqual;
  return order > 0 ? operator === '$gt' || operator === '$gte' : operator === '$lt' || operator === '$lte';
}

function isNotANumber(value: unknown): boolean {
  return isNumber(value) && Number.isNaN(toNumber(value));
}

function compileIn(operator: string, operand: unknown): Predicate {
  if (!Array.isArray(operand)) throw new CommandError(2, `${operator} needs an array`);
  if (operand.some(isOperatorObject)) throw new CommandError(2, `cannot nest $ under ${operator}`);
  const tests = operand.map(compileCondition);
  return (values) => tests.some((test) => test(values));
}

function compileType(operand: unknown): Predicate {
  const aliases = (Array.isArray(operand) ? operand : [operand]).flatMap((spec) => {
    const found = aliasesOfType(spec);
    if (!found) throw new CommandError(2, `Unknown type name alias: ${String(spec)}`);
    return found;
  });
  return anyValue((value) => value !== MISSING && aliases.includes(typeAlias(value)));
}

function compileRegexOperator(operand: unknown, options: unknown): Predicate {
  const flags = typeof options === 'string' ? options : '';
  if (operand instanceof BSONRegExp) return compileRegex(operand.pattern, flags || operand.options);
  if (typeof operand !== 'string') throw new CommandError(2, '$regex has to be a string');
  return compileRegex(operand, flags);
}

function compileRegex(pattern: string, options: string): Predicate {
  if (/[^imsu]/.test(options)) throw notImplemented(`the regular expression options "${options}"`);
  const regex = new RegExp(pattern, [...new Set(`${options}u`)].join(''));
  return anyValue((value) =>
    value instanceof BSONRegExp
      ? value.pattern === pattern && value.options === options
      : (typeAlias(value) === 'string' || typeAlias(value) === 'symbol') && regex.test(String(value)),
  );
}

function compileElemMatch(operand: PlainObject): (element: unknown) => boolean {
  if (isOperatorObject(operand) && !['$and', '$or', '$nor'].includes(Object.keys(operand)[0] ?? '')) {
    const predicate = compileCondition(operand);
    return (element) => predicate([element]);
  }
  const matches = compileFilter(operand);
  return (element) => isPlainObject(element) && matches(StoredDocument.of(element));
}
