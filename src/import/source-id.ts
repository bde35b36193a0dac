import { Binary, ObjectId, UUID } from 'bson';
import { v5 as uuidv5 } from 'uuid';
import { canonicalJson } from './plain-json.js';

/** Namespace of dbtool's UUIDv5 ids; must never change, or every re-import would double the rows. */
const NAMESPACE = '6f0ed0b6-4b5c-5d0c-9d1e-0c3c1d6f5a11';

/**
 * The textual form of an `_id`, one to one: hexadecimal for an ObjectId, the text itself for a string
 * unless it could be mistaken for another type's form, canonical Extended JSON for everything else.
 */
export function sourceIdOf(id: unknown): string {
  if (id instanceof ObjectId) return id.toHexString();
  if (typeof id === 'string')
    return /^([0-9a-f]{24}$|["{[]|[-\d.]+$|true$|false$|null$)/.test(id) ? JSON.stringify(id) : id;
  return JSON.stringify(canonicalJson(id));
}

/** The id by which telemetry is referred to: the `_id` as text. */
export function ownIdOf(id: unknown): string {
  if (typeof id === 'string') return id;
  if (id instanceof UUID || (id instanceof Binary && id.sub_type === Binary.SUBTYPE_UUID))
    return id.toUUID().toHexString();
  return sourceIdOf(id);
}

/** The `_id` that a reference means: 24 hexadecimal digits are how an ObjectId is written as text. */
export function idMeant(reference: unknown): unknown {
  return typeof reference === 'string' && /^[0-9a-f]{24}$/i.test(reference)
    ? new ObjectId(reference)
    : reference;
}

/** The same document has the same id in every run and on every database. */
export function derivedIdOf(collection: string, id: unknown): string {
  return uuidv5(`${collection}:${JSON.stringify(canonicalJson(id))}`, NAMESPACE);
}
