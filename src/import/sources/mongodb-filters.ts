import { Decimal128, type Document, Double, ObjectId } from 'bson';
import { cursorsOf } from './selection.js';
import type { ReadRequest } from './source.js';

/** The types that an `_id` can have, in the order in which MongoDB sorts them; those of a line mingle. */
const TYPE_ORDER: readonly (readonly string[])[] = [
  ['minKey'],
  ['null'],
  ['number'],
  ['string', 'symbol'],
  ['object'],
  ['binData'],
  ['objectId'],
  ['bool'],
  ['date'],
  ['timestamp'],
  ['dbPointer'],
  ['javascript'],
  ['javascriptWithScope'],
  ['maxKey'],
];
const CLASSES: Readonly<Record<string, string>> = {
  MinKey: 'minKey',
  MaxKey: 'maxKey',
  Int32: 'number',
  Double: 'number',
  Long: 'number',
  Decimal128: 'number',
  BSONSymbol: 'symbol',
  Binary: 'binData',
  UUID: 'binData',
  ObjectId: 'objectId',
  Timestamp: 'timestamp',
};

/** One query of the one or several that read a collection. */
export interface Pass {
  filter: Document;
  /**
   * The field that gives the order; else the `_id`. Not both: an index on the field alone would not serve
   * that, and a server sorts no more than 100 MB by itself.
   */
  cursor?: string;
}

/** Everything in one pass, by `_id`. */
export function passById(request: ReadRequest): Pass[] {
  const { since, until, where } = request;
  const cursors = cursorsOf(request);
  const conditions = where ? [where] : [];
  if ((since || until) && cursors.length > 0) {
    const dated = cursors.map((_, index) => datedBy(cursors, index, request));
    conditions.push({ $or: [...dated, all(cursors.map(noDate))] });
  }
  return [{ filter: all(conditions) }];
}

/** What has a date by its date, field after field; and in the end what has none, by `_id`. */
export function passesByCursor(request: ReadRequest): Pass[] {
  const cursors = cursorsOf(request);
  const where = request.where ? [request.where] : [];
  const dated = cursors.map((cursor, index) => ({
    filter: all([datedBy(cursors, index, request), ...where]),
    // The order by `_id` is that of what it tells.
    ...(cursor !== '_id' && { cursor }),
  }));
  return [...dated, { filter: all([...cursors.map(noDate), ...where]) }];
}

/** The documents of a pass behind one of them; by date, with all of its own date once more. */
export function behind(pass: Pass, id: unknown, at: Date | undefined): Document {
  if (pass.cursor === undefined || at === undefined) return all([idsAfter(id), pass.filter]);
  return all([{ [pass.cursor]: { $gte: at } }, pass.filter]);
}

/** `$gt` finds values of the same type only: the types that come later are asked for by name. */
function idsAfter(id: unknown): Document {
  const type = typeOf(id);
  const at = TYPE_ORDER.findIndex((types) => types.includes(type));
  const types = TYPE_ORDER.slice(at + 1).flat();
  const later = types.length === 0 ? [] : [{ _id: { $type: types } }];
  const rest = isNaNumber(id) ? { _id: { $gte: -Infinity } } : { _id: { $gt: id } };
  const clauses = ['minKey', 'null', 'maxKey'].includes(type) ? later : [rest, ...later];
  // Nothing comes after the greatest key.
  return clauses.length === 0 ? { _id: { $in: [] } } : { $or: clauses };
}

function typeOf(id: unknown): string {
  if (id === null || id === undefined) return 'null';
  if (typeof id === 'string') return 'string';
  if (typeof id === 'number' || typeof id === 'bigint') return 'number';
  if (typeof id === 'boolean') return 'bool';
  if (id instanceof Date) return 'date';
  const name = (id as { _bsontype?: unknown })._bsontype;
  if (name === 'Code') return (id as { scope?: unknown }).scope ? 'javascriptWithScope' : 'javascript';
  return (typeof name === 'string' && CLASSES[name]) || 'object';
}

/** It is the least of all numbers, and neither less nor greater than any. */
function isNaNumber(id: unknown): boolean {
  return Number.isNaN(id) || ((id instanceof Double || id instanceof Decimal128) && String(id) === 'NaN');
}

/** The documents whose date is that of a field: it is one, and none of the fields before it is. */
function datedBy(cursors: readonly string[], index: number, { since, until }: ReadRequest): Document {
  const field = cursors[index] ?? '';
  const bound = (time: Date): Date | ObjectId => (field === '_id' ? firstIdOf(time) : time);
  // Without a bound: any at all, as in `noDate`.
  const range = {
    $type: typeOfDate(field),
    ...(since ? { $gte: bound(since.from) } : {}),
    ...(until ? { $lt: bound(until) } : {}),
  };
  return all([
    { [field]: range },
    { $nor: [inList(field)] },
    ...cursors.slice(0, index).map((earlier) => noDate(earlier)),
  ]);
}

/** The documents in which a field is no date. A date in a list, or below a list, is none. */
function noDate(field: string): Document {
  return { $or: [{ [field]: { $not: { $type: typeOfDate(field) } } }, inList(field)] };
}

/** An ObjectId tells the second in which it was made. */
function typeOfDate(field: string): 'date' | 'objectId' {
  return field === '_id' ? 'objectId' : 'date';
}

/** The smallest ObjectId of the second of this time: one counts as made in the second's last moment. */
function firstIdOf(time: Date): ObjectId {
  const seconds = Math.min(Math.max(Math.floor(time.getTime() / 1000), 0), 0xffff_ffff);
  return ObjectId.createFromHexString(`${seconds.toString(16).padStart(8, '0')}0000000000000000`);
}

/** Where the field, or something on the way to it, is a list: a server looks into lists, dbtool does not. */
function inList(field: string): Document {
  const keys = field.split('.');
  return {
    $or: keys.map((_, index) => ({ [keys.slice(0, index + 1).join('.')]: { $type: 'array' } })),
  };
}

function all(conditions: readonly Document[]): Document {
  const [only] = conditions;
  if (conditions.length <= 1) return only ?? {};
  return { $and: conditions };
}
