import { Double, Int32, Long, Timestamp } from 'bson';
import { update as mingoUpdate } from 'mingo';
import { StoredDocument, toBson } from './documents.js';
import { CommandError, notImplemented } from './errors.js';
import {
  compareValues,
  entriesOf,
  isNumber,
  isPlainObject,
  MISSING,
  type PlainObject,
  toNumber,
  typeAlias,
} from './values.js';

type FieldUpdate = (document: PlainObject, path: string, operand: unknown) => void;

/** Operators done here on BSON; those on arrays are mingo's, which leaves what it moves untouched. */
const FIELD_UPDATES: Record<string, FieldUpdate> = {
  $set: (document, path, operand) => {
    setAt(document, path, operand);
  },
  $unset: (document, path) => {
    unsetAt(document, path);
  },
  $inc: (document, path, operand) => {
    calculate(document, path, operand, 0, (a, b) => a + b);
  },
  $mul: (document, path, operand) => {
    calculate(document, path, operand, 1, (a, b) => a * b, 0);
  },
  $min: (document, path, operand) => {
    const current = getAt(document, path);
    if (current === MISSING || compareValues(operand, current) < 0) setAt(document, path, operand);
  },
  $max: (document, path, operand) => {
    const current = getAt(document, path);
    if (current === MISSING || compareValues(operand, current) > 0) setAt(document, path, operand);
  },
  $rename: (document, path, operand) => {
    const current = getAt(document, path);
    if (current === MISSING) return;
    unsetAt(document, path);
    setAt(document, String(operand), current);
  },
  $currentDate: (document, path, operand) => {
    const isTimestamp = isPlainObject(operand) && operand.$type === 'timestamp';
    const seconds = Math.floor(Date.now() / 1000);
    setAt(document, path, isTimestamp ? new Timestamp({ t: seconds, i: 1 }) : new Date());
  },
};

const ARRAY_UPDATES = new Set(['$push', '$addToSet', '$pull', '$pullAll', '$pop']);

/**
 * Applies an update (operators or a whole replacement) and returns the new document.
 * @throws CommandError 66 when it would change `_id`, 9 for an unknown operator
 */
export function applyUpdate(document: StoredDocument, update: PlainObject, isInsert = false): StoredDocument {
  const entries = entriesOf(update);
  const isReplacement = entries[0]?.[0].startsWith('$') !== true;
  const fields = isReplacement ? replacement(document, update) : modified(document, entries, isInsert);
  const result = new StoredDocument(toBson(fields));
  if (document.id !== MISSING && compareValues(result.id, document.id) !== 0) {
    const text = `Performing an update on the path '_id' would modify the immutable field '_id'`;
    throw new CommandError(66, text);
  }
  return result;
}

function replacement(document: StoredDocument, update: PlainObject): PlainObject {
  return document.id === MISSING || '_id' in update ? update : { _id: document.id, ...update };
}

function modified(document: StoredDocument, entries: [string, unknown][], isInsert: boolean): PlainObject {
  const fields = document.faithful();
  for (const [operator, operands] of entries) {
    if (!isPlainObject(operands))
      throw new CommandError(9, `Modifiers operate on fields but we found ${typeAlias(operands)} instead.`);
    if (operator === '$setOnInsert' && !isInsert) continue;
    const apply = operator === '$setOnInsert' ? FIELD_UPDATES.$set : FIELD_UPDATES[operator];
    if (apply) {
      for (const [path, operand] of entriesOf(operands)) apply(fields, path, operand);
    } else if (ARRAY_UPDATES.has(operator)) {
      mingoUpdate(fields, { [operator]: operands });
    } else {
      throw new CommandError(9, `Unknown modifier: ${operator}`);
    }
  }
  return fields;
}

function calculate(
  document: PlainObject,
  path: string,
  operand: unknown,
  start: number,
  combine: (a: number, b: number) => number,
  whenMissing = start,
): void {
  const current = getAt(document, path);
  if (!isNumber(operand) || (current !== MISSING && !isNumber(current))) {
    throw new CommandError(14, `Cannot apply $inc or $mul to ${path}: a value is not numeric`);
  }
  const isMissing = current === MISSING;
  const result = combine(isMissing ? whenMissing : toNumber(current), toNumber(operand));
  setAt(document, path, ofWiderType(result, [operand, ...(isMissing ? [] : [current])]));
}

/** The result's type: double if any operand is one, long if any is one or int overflows. */
function ofWiderType(value: number, operands: unknown[]): unknown {
  const aliases = operands.map(typeAlias);
  if (aliases.includes('decimal')) throw notImplemented('arithmetic on decimals');
  if (aliases.includes('double')) return new Double(value);
  const isInt = Math.abs(value) < 2 ** 31 && !aliases.includes('long');
  return isInt ? new Int32(value) : Long.fromNumber(value);
}

type Container = PlainObject | unknown[];

function getAt(document: PlainObject, path: string): unknown {
  let value: unknown = document;
  for (const part of path.split('.')) {
    if (!(isPlainObject(value) || Array.isArray(value)) || !Object.hasOwn(value, part)) return MISSING;
    value = (value as PlainObject)[part];
  }
  return value;
}

/** The object or array that holds the last part of a path, created on the way if asked. */
function parentOf(document: PlainObject, path: string, create: boolean): Container | null {
  let value: Container = document;
  for (const part of path.split('.').slice(0, -1)) {
    if (part.startsWith('$')) throw notImplemented(`the positional path ${path}`);
    let next: unknown = (value as PlainObject)[part];
    if (next === undefined && create) next = (value as PlainObject)[part] = {};
    if (!isPlainObject(next) && !Array.isArray(next)) {
      if (create) throw new CommandError(28, `Cannot create field in the path ${path}`);
      return null;
    }
    value = next;
  }
  return value;
}

function lastPart(path: string): string {
  return path.slice(path.lastIndexOf('.') + 1);
}

function setAt(document: PlainObject, path: string, value: unknown): void {
  const part = lastPart(path);
  if (part.startsWith('$')) throw notImplemented(`the positional path ${path}`);
  const parent = parentOf(document, path, true) as PlainObject;
  parent[part] = value;
}

function unsetAt(document: PlainObject, path: string): void {
  const parent = parentOf(document, path, false);
  const part = lastPart(path);
  // In an array the server leaves a null, so that the other elements keep their places.
  if (Array.isArray(parent)) {
    if (part in parent) parent[Number(part)] = null;
  } else if (parent) {
    Reflect.deleteProperty(parent, part);
  }
}

/** The document an upsert begins with: what the filter says by equality. */
export function seedOfUpsert(filter: PlainObject): StoredDocument {
  const fields: PlainObject = {};
  const collect = (clause: PlainObject): void => {
    for (const [path, condition] of entriesOf(clause)) {
      if (path === '$and') {
        for (const part of condition as PlainObject[]) collect(part);
      } else if (!path.startsWith('$')) {
        const isOperators = isPlainObject(condition) && Object.keys(condition)[0]?.startsWith('$') === true;
        if (!isOperators) setAt(fields, path, condition);
        else if ('$eq' in condition) setAt(fields, path, condition.$eq);
      }
    }
  };
  collect(filter);
  return StoredDocument.of(fields);
}
