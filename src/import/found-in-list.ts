import type { Document } from 'bson';
import { valueAtKeys } from './document-path.js';

/** A text inside the items of a list: the first one counts. */
export interface FoundInList {
  /** Only documents whose field has this value are looked through. */
  where: { field: string; is: string };
  /** Field that holds the list. */
  list: string;
  /** Where the text stands in an item. */
  keys: readonly string[];
}

/** @returns null where there is none */
export function valueIn(document: Document, { where, list, keys }: FoundInList): string | null {
  const items: unknown = document[list];
  if (document[where.field] !== where.is || !Array.isArray(items)) return null;
  for (const item of items) {
    const value = valueAtKeys(item as Document, keys);
    if (typeof value === 'string') return value;
  }
  return null;
}
