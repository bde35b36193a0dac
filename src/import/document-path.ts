import type { Document } from 'bson';

/** The value at a path, undefined when it is not there. */
export function valueAtKeys(document: Document, keys: readonly string[]): unknown {
  let at: unknown = document;
  for (const key of keys) {
    if (typeof at !== 'object' || at === null || !Object.hasOwn(at, key)) return undefined;
    at = (at as Record<string, unknown>)[key];
  }
  return at;
}

/** The first of several fields that holds a date, the document's cursor. */
export function cursorOf(document: Document, cursors: readonly string[]): Date | undefined {
  for (const path of cursors) {
    const value = valueAtKeys(document, path.split('.'));
    if (value instanceof Date && !Number.isNaN(value.getTime())) return value;
  }
  return undefined;
}

/** An object of the document itself, not a BSON value such as an id or a time. */
export function isPlainObject(value: unknown): value is Document {
  return typeof value === 'object' && value !== null && Object.getPrototypeOf(value) === Object.prototype;
}
