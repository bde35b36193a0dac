import { type Document, deserialize, EJSON } from 'bson';
import { cursorOf } from '../document-path.js';
import { canonicalJson } from '../plain-json.js';
import { BSON_OPTIONS, idOf } from './bson-file.js';
import type { Pass } from './mongodb-filters.js';
import type { Position } from './source.js';

/** How far a reading has come. */
export interface Place {
  /** Which of the passes, from 0. */
  pass: number;
  /** The order of the reading: positions of the one mean nothing in the other. */
  order: 'id' | 'cursor';
  /** The last document whose place can be told by its values; none at the beginning of a pass. */
  last?: { id: unknown; at?: Date };
  /** How many documents came behind it. */
  skip: number;
}

const MAX_ID_LENGTH = 1500;

/** A document's place by its values, or by how far it stands behind the last one that has such. */
export function placeOf(raw: Uint8Array, pass: Pass, before: Place): Place {
  const id = usableId(raw);
  const at = pass.cursor === undefined ? undefined : dateOf(raw, pass.cursor);
  if (pass.cursor !== undefined) {
    // Behind a date all of that date is read once more: what came in between need not be skipped.
    const last = at === undefined ? before.last : { id: null, at };
    return { pass: before.pass, order: before.order, ...(last && { last }), skip: 0 };
  }
  if (id === undefined) return { ...before, skip: before.skip + 1 };
  return { pass: before.pass, order: before.order, last: { id }, skip: 0 };
}

export function positionOfPlace({ pass, order, last, skip }: Place): Position {
  return JSON.stringify({
    pass,
    order,
    ...(last && { id: canonicalJson(last.id), at: last.at?.getTime() }),
    skip,
  });
}

export function placeOfPosition(position: Position): Place {
  const { pass, order, id, at, skip } = JSON.parse(position) as {
    pass: number;
    order: 'id' | 'cursor';
    id?: unknown;
    at?: number;
    skip: number;
  };
  if (id === undefined) return { pass, order, skip };
  const parsed = EJSON.parse(JSON.stringify({ id }), { relaxed: false }) as { id: unknown };
  return { pass, order, last: { id: parsed.id, ...(at !== undefined && { at: new Date(at) }) }, skip };
}

/** An `_id` that can be sent to the server again just as it is, and is not too long for a position. */
function usableId(raw: Uint8Array): unknown {
  let id: unknown;
  try {
    id = idOf(raw);
  } catch {
    // It is not decodable; whoever reads the document says so.
    return undefined;
  }
  if (id === undefined || losesOrder(id)) return undefined;
  return JSON.stringify(canonicalJson(id)).length > MAX_ID_LENGTH ? undefined : id;
}

/** JavaScript puts names that look like whole numbers before all others. */
function losesOrder(value: unknown): boolean {
  if (Array.isArray(value)) return value.some(losesOrder);
  if (typeof value !== 'object' || value === null || Object.getPrototypeOf(value) !== Object.prototype)
    return false;
  return Object.entries(value).some(([key, inner]) => /^\d+$/.test(key) || losesOrder(inner));
}

function dateOf(raw: Uint8Array, cursor: string): Date | undefined {
  let document: Document;
  try {
    document = deserialize(raw, { ...BSON_OPTIONS, validation: { utf8: false } });
  } catch {
    return undefined;
  }
  return cursorOf(document, [cursor]);
}
