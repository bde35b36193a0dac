import type { Document } from 'bson';

/** The value at a dotted path, undefined when it is not there. */
export function valueAt(document: Document, path: string): unknown {
  let at: unknown = document;
  for (const key of path.split('.')) {
    if (typeof at !== 'object' || at === null || !Object.hasOwn(at, key)) return undefined;
    at = (at as Record<string, unknown>)[key];
  }
  return at;
}

/** The first of several fields that holds a date, the document's cursor. */
export function cursorOf(document: Document, cursors: readonly string[]): Date | undefined {
  for (const path of cursors) {
    const value = valueAt(document, path);
    if (value instanceof Date && !Number.isNaN(value.getTime())) return value;
  }
  return undefined;
}
