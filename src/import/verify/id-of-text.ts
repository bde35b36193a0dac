import { BSONValue, EJSON, ObjectId } from 'bson';

/**
 * The `_id` that a `source_id` stands for. Undefined where that is not certain: of a document as `_id` MongoDB
 * compares the order of its fields too, which the text does not keep.
 */
export function idOfText(sourceId: string): unknown {
  if (/^[0-9a-f]{24}$/.test(sourceId)) return new ObjectId(sourceId);
  if (!/^["{[]|^(?:true|false|null)$/.test(sourceId)) return sourceId;
  let id: unknown;
  try {
    id = EJSON.parse(sourceId, { relaxed: false });
  } catch {
    // A row that was made by hand may have anything there.
    return undefined;
  }
  const isPlain = typeof id !== 'object' || id === null || id instanceof BSONValue || id instanceof Date;
  return isPlain ? id : undefined;
}
