import { createHash } from 'node:crypto';
import type { LogicalRow } from '../database/dialect.js';
import { tableOf } from '../database/model/table-model.js';
import type { Mapping } from './mapping.js';

/**
 * Must go up by one with every change to what documents become (mappings, values, ids): only then are
 * unchanged documents read anew. A test holds it against the rows of the demo dump.
 */
export const IMPORT_FORMAT = 1;

/** 16 bytes in base64url: two of 10^15 documents have the same with a probability of 10^-9. */
const HASH_LENGTH = 22;

/**
 * Tells by a document's BSON, and by what it is made into, whether its row would come out as before.
 * @param constants values of columns that are the same in all rows
 * @returns at most 50 characters; another one for every other document, format, table or constant
 */
export function contentHasher(mapping: Mapping, constants: LogicalRow = {}): (bson: Uint8Array) => string {
  const shapes = [mapping.entity, ...(mapping.children ?? []).map(({ entity }) => entity)].map((entity) =>
    tableOf(entity).columns.map(({ name, type, nullable }) => [name, type, nullable]),
  );
  const made = JSON.stringify([IMPORT_FORMAT, mapping.collection, shapes, constants]);
  const seed = createHash('sha256').update(made).digest();
  return (bson) => createHash('sha256').update(seed).update(bson).digest('base64url').slice(0, HASH_LENGTH);
}
