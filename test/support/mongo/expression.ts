import type { StoredDocument } from './documents.js';
import { compareValues, entriesOf, isNumber, isPlainObject, MISSING, toNumber, typeAlias } from './values.js';

/**
 * The part of the aggregation expressions that a reader of collections uses in `$expr`: comparisons
 * (which, unlike a filter's range operators, compare across types), logic, `$type`, `$ifNull`,
 * field paths and literals. Everything else is left to mingo.
 */
export type Evaluate = (document: StoredDocument) => unknown;

const COMPARISONS: Record<string, (order: number) => unknown> = {
  $eq: (order) => order === 0,
  $ne: (order) => order !== 0,
  $gt: (order) => order > 0,
  $gte: (order) => order >= 0,
  $lt: (order) => order < 0,
  $lte: (order) => order <= 0,
  $cmp: (order) => Math.sign(order),
};

/** Compiles an expression; null when it holds anything but the operators above. */
export function compileExpression(expression: unknown): Evaluate | null {
  if (typeof expression === 'string' && expression.startsWith('$')) {
    if (expression.startsWith('$$')) return null;
    const [first = '', ...rest] = expression.slice(1).split('.');
    return (document) => follow(document.field(first), rest);
  }
  if (!isPlainObject(expression)) return Array.isArray(expression) ? null : () => expression;
  const entries = entriesOf(expression);
  const [operator, argument] = entries[0] ?? ['', null];
  if (entries.length !== 1 || !operator.startsWith('$')) return null;
  if (operator === '$literal') return () => argument;
  const operands = (Array.isArray(argument) ? argument : [argument]).map(compileExpression);
  const known = operands.filter((operand) => operand !== null);
  return known.length === operands.length ? applyOperator(operator, known) : null;
}

function applyOperator(operator: string, operands: Evaluate[]): Evaluate | null {
  const compare = COMPARISONS[operator];
  const [a, b] = operands;
  if (compare && a && b && operands.length === 2) {
    return (document) => compare(compareValues(a(document), b(document)));
  }
  switch (operator) {
    case '$and':
      return (document) => operands.every((operand) => isTruthy(operand(document)));
    case '$or':
      return (document) => operands.some((operand) => isTruthy(operand(document)));
    case '$not':
      return a ? (document) => !isTruthy(a(document)) : null;
    case '$ifNull':
      return (document) => firstPresent(operands.map((operand) => operand(document)));
    case '$type':
      return a ? (document) => typeName(a(document)) : null;
    default:
      return null;
  }
}

function firstPresent(values: unknown[]): unknown {
  const isPresent = (value: unknown): boolean => value !== MISSING && value !== undefined && value !== null;
  return values.find(isPresent) ?? values.at(-1);
}

function typeName(value: unknown): string {
  return value === MISSING ? 'missing' : typeAlias(value);
}

/** False are false, null, missing and every zero; all else is true. */
export function isTruthy(value: unknown): boolean {
  if (value === MISSING || value === undefined || value === null || value === false) return false;
  return !isNumber(value) || toNumber(value) !== 0;
}

/** A field path as expressions read it: arrays map, and indexes do not reach into them. */
function follow(value: unknown, parts: readonly string[]): unknown {
  const [part, ...rest] = parts;
  if (part === undefined) return value;
  if (Array.isArray(value)) {
    return value.map((element) => follow(element, parts)).filter((found) => found !== MISSING);
  }
  if (!isPlainObject(value)) return MISSING;
  const entry = entriesOf(value).find(([name]) => name === part);
  return entry ? follow(entry[1], rest) : MISSING;
}
