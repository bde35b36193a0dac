import type { StoredDocument } from './documents.js';
import { CommandError, notImplemented } from './errors.js';
import { valuesAt } from './paths.js';
import { compareValues, entriesOf, isNumber, MISSING, type PlainObject, toNumber } from './values.js';

type SortKeys = [path: string, direction: 1 | -1][];

/** Reads `{a: 1, b: -1}`; `$natural` and text scores are not keys. */
function sortKeys(spec: PlainObject): SortKeys {
  return entriesOf(spec).map(([path, direction]) => {
    if (path.startsWith('$') || !isNumber(direction)) throw notImplemented(`sorting by ${path}`);
    const number = toNumber(direction);
    if (number !== 1 && number !== -1) {
      throw new CommandError(2, '$sort key ordering must be 1 (for ascending) or -1 (for descending)');
    }
    return [path, number];
  });
}

/**
 * What a document sorts by under one key: of an array the least element going up and the greatest
 * going down; an empty array before null; a missing field as null.
 */
function sortValue(document: StoredDocument, path: string, direction: 1 | -1): unknown {
  const candidates = valuesAt(document, path).flatMap((value): unknown[] => {
    if (!Array.isArray(value)) return [value === MISSING ? null : value];
    return value.length === 0 ? [undefined] : value;
  });
  if (candidates.length === 0) return null;
  return candidates.reduce((best, value) => (compareValues(value, best) * direction < 0 ? value : best));
}

/** A sorted copy; equal documents stay in the order they came in. */
export function sortDocuments(documents: readonly StoredDocument[], spec: PlainObject): StoredDocument[] {
  const keys = sortKeys(spec);
  const keyed = documents.map((document) => ({
    document,
    values: keys.map(([path, direction]) => sortValue(document, path, direction)),
  }));
  keyed.sort((a, b) => {
    for (const [index, [, direction]] of keys.entries()) {
      const order = compareValues(a.values[index], b.values[index]) * direction;
      if (order !== 0) return order;
    }
    return 0;
  });
  return keyed.map(({ document }) => document);
}

/** Where a document stands to an index bound such as `{_id: x}`, in the order of that index. */
export function compareToBound(document: StoredDocument, bound: PlainObject, index: PlainObject): number {
  for (const [path, direction] of sortKeys(index)) {
    if (!(path in bound))
      throw new CommandError(51174, `The min/max bound lacks the field ${path} of the hinted index`);
    const order = compareValues(sortValue(document, path, direction), bound[path]) * direction;
    if (order !== 0) return order;
  }
  return 0;
}
