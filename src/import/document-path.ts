import { type Document, ObjectId } from 'bson';

/** The value at a path, undefined when it is not there. */
export function valueAtKeys(document: Document, keys: readonly string[]): unknown {
  let at: unknown = document;
  for (const key of keys) {
    if (typeof at !== 'object' || at === null || !Object.hasOwn(at, key)) return undefined;
    at = (at as Record<string, unknown>)[key];
  }
  return at;
}

/** The first of several fields that holds a date, the document's cursor; `_id` holds an ObjectId's. */
export function cursorOf(document: Document, cursors: readonly string[]): Date | undefined {
  for (const path of cursors) {
    const value = valueAtKeys(document, path.split('.'));
    if (value instanceof Date && !Number.isNaN(value.getTime())) return value;
    // It tells whole seconds: by the last moment of one, no document counts as older than it is.
    if (path === '_id' && value instanceof ObjectId) return new Date(value.getTimestamp().getTime() + 999);
  }
  return undefined;
}
