import type { StoredDocument } from './documents.js';
import { entriesOf, isPlainObject, MISSING } from './values.js';

/**
 * The values a dotted path reaches in a document, by MongoDB's rules: an array on the way is entered
 * by index (`spans.0.name`) and also element by element, where elements that are no objects yield
 * nothing (`a.b` on `{a: [5]}` is neither null nor missing: it is not there to be asked).
 * `MISSING` stands for an object that lacks the field.
 */
export function valuesAt(document: StoredDocument, path: string): unknown[] {
  if (!path.includes('.')) return [document.field(path)];
  const [first = '', ...rest] = path.split('.');
  return descend(document.field(first), rest);
}

/** As `valuesAt`, beginning inside a value. */
function descend(value: unknown, parts: readonly string[]): unknown[] {
  const [part, ...rest] = parts;
  if (part === undefined) return [value];
  if (Array.isArray(value)) {
    const byIndex = /^(0|[1-9]\d*)$/.test(part) && Number(part) < value.length;
    return [
      ...(byIndex ? descend(value[Number(part)], rest) : []),
      ...value.filter(isPlainObject).flatMap((element) => descend(element, parts)),
    ];
  }
  return isPlainObject(value) ? descend(fieldOf(value, part), rest) : [MISSING];
}

/** A field of an object; `MISSING` if it has none of that name of its own. */
function fieldOf(value: Record<string, unknown>, name: string): unknown {
  const entry = entriesOf(value).find(([key]) => key === name);
  return entry ? entry[1] : MISSING;
}

/** Whether a value passes as predicates ask it: an array by any of its elements, and as a whole. */
export function anyElement(value: unknown, test: (value: unknown) => boolean): boolean {
  return (Array.isArray(value) && value.some(test)) || test(value);
}
