import { type Document, EJSON } from 'bson';
import { DbtoolError } from '../errors/dbtool-error.js';

/**
 * Reads a filter of MongoDB as users write it: Extended JSON, where numbers keep their types. Since fields
 * mean something in one collection only, exactly one must be named.
 * @throws DbtoolError `usage.where.invalid`
 */
export function parseWhere(text: string, collections: readonly string[]): Document {
  if (collections.length !== 1) {
    throw new DbtoolError('usage.where.invalid', {
      message: '--where needs exactly one --collection',
      why: 'A filter names fields, which mean something in one collection only.',
      fix: 'Add --collection with the name of the collection that it filters.',
    });
  }
  let parsed: unknown;
  try {
    parsed = EJSON.parse(text, { relaxed: false });
  } catch (error) {
    throw noFilter((error as Error).message, error);
  }
  if (parsed === null || Array.isArray(parsed) || Object.getPrototypeOf(parsed) !== Object.prototype)
    throw noFilter('It is not a JSON object with fields.');
  return parsed as Document;
}

function noFilter(why: string, cause?: unknown): DbtoolError {
  return new DbtoolError('usage.where.invalid', {
    message: '--where is no filter in Extended JSON',
    why,
    fix: `Write for example --where '{"status": "error", "latency": {"$gt": 5}}', in single quotes.`,
    cause,
  });
}
