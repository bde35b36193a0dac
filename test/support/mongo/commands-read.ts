import { checkFields, collectionName, type Context, type Handler, namespaceOf } from './commands.js';
import type { StoredDocument } from './documents.js';
import { CommandError, notImplemented } from './errors.js';
import { compileFilter } from './filter.js';
import { valuesAt } from './paths.js';
import { runPipeline } from './pipeline.js';
import { compileProjection } from './projection.js';
import { compareToBound, sortDocuments } from './sort.js';
import type { Collection } from './storage.js';
import {
  equalityKey,
  isNumber,
  isPlainObject,
  MISSING,
  optionNumber,
  type PlainObject,
  toNumber,
} from './values.js';

const FIND_FIELDS =
  'filter sort projection limit skip batchSize singleBatch hint min max noCursorTimeout allowDiskUse';
const FIND_UNSUPPORTED =
  'returnKey showRecordId tailable awaitData collation allowPartialResults oplogReplay';

const find: Handler = (context) => {
  checkFields(context, FIND_FIELDS, FIND_UNSUPPORTED);
  const { body } = context;
  const name = collectionName(context);
  const limit = optionNumber(body.limit, 0);
  const skip = optionNumber(body.skip, 0);
  if (limit < 0 || skip < 0) throw new CommandError(51024, 'limit and skip must be >= 0');
  const matches = compileFilter(objectOption(body, 'filter'));
  const project = compileProjection(objectOption(body, 'projection'));
  const collection = context.server.storage.find(context.database, name);
  const ordered = collection ? orderedDocuments(collection, body) : { documents: [], isSorted: true };
  let documents: readonly StoredDocument[] = ordered.isSorted
    ? firstMatching(ordered.documents, matches, limit && skip + limit)
    : sortDocuments(ordered.documents.filter(matches), objectOption(body, 'sort'));
  documents = documents.slice(skip, limit ? skip + limit : undefined);
  const projected = lazily(documents, project);
  return context.server.cursors.open(namespaceOf(context, name), projected, {
    ...(isNumber(body.batchSize) ? { batchSize: toNumber(body.batchSize) } : {}),
    singleBatch: body.singleBatch === true,
  });
};

function* lazily(
  documents: readonly StoredDocument[],
  project: (document: StoredDocument) => Uint8Array,
): Generator<Uint8Array> {
  for (const document of documents) yield project(document);
}

/** The matching documents in order, no more than are wanted (0: all). */
function firstMatching(
  documents: readonly StoredDocument[],
  matches: (document: StoredDocument) => boolean,
  wanted: number,
): StoredDocument[] {
  const found: StoredDocument[] = [];
  for (const document of documents) {
    if (matches(document)) found.push(document);
    if (wanted > 0 && found.length === wanted) break;
  }
  return found;
}

/**
 * The documents in the order the read asks for, as far as that is known before filtering: by `_id`,
 * in natural order, or in the order of the hinted index between its bounds.
 */
function orderedDocuments(
  collection: Collection,
  body: PlainObject,
): { documents: readonly StoredDocument[]; isSorted: boolean } {
  const sort = objectOption(body, 'sort');
  const keys = Object.keys(sort);
  const natural = naturalOrder(sort) ?? naturalOrder(body.hint);
  if (natural !== null) {
    const documents = natural < 0 ? collection.all().reverse() : collection.all();
    return { documents, isSorted: keys.length === 0 || '$natural' in sort };
  }
  let documents: readonly StoredDocument[] | undefined;
  if (body.hint !== undefined) {
    const index = collection.hinted(body.hint).key;
    documents = withinBounds(byKey(collection, index), index, body);
  } else if (body.min !== undefined || body.max !== undefined) {
    throw new CommandError(51173, 'When using min()/max() a hint of which index to use must be provided');
  }
  if (keys.length === 0) return { documents: documents ?? collection.all(), isSorted: true };
  if (!documents && keys.length === 1 && keys[0] === '_id') {
    return { documents: byKey(collection, sort), isSorted: true };
  }
  return { documents: documents ?? collection.all(), isSorted: false };
}

function naturalOrder(spec: unknown): number | null {
  return isPlainObject(spec) && isNumber(spec.$natural) ? toNumber(spec.$natural) : null;
}

function byKey(collection: Collection, key: PlainObject): readonly StoredDocument[] {
  const names = Object.keys(key);
  if (names.length !== 1 || names[0] !== '_id') return sortDocuments(collection.all(), key);
  const direction = optionNumber(key._id, 0);
  if (direction === 1) return collection.allById();
  return direction === -1 ? [...collection.allById()].reverse() : sortDocuments(collection.all(), key);
}

/** `min` is inclusive, `max` exclusive, and both compare across types. */
function withinBounds(
  documents: readonly StoredDocument[],
  index: PlainObject,
  body: PlainObject,
): readonly StoredDocument[] {
  const { min, max } = body;
  return documents.filter(
    (document) =>
      (!isPlainObject(min) || compareToBound(document, min, index) >= 0) &&
      (!isPlainObject(max) || compareToBound(document, max, index) < 0),
  );
}

export function objectOption(body: PlainObject, name: string): PlainObject {
  const value = body[name];
  if (value === undefined || value === null) return {};
  if (!isPlainObject(value))
    throw new CommandError(14, `BSON field '${name}' is the wrong type, expected type 'object'`);
  return value;
}

const getMore: Handler = (context) => {
  checkFields(context, 'collection batchSize');
  const namespace = namespaceOf(context, collectionName(context, 'collection'));
  return context.server.cursors.more(
    context.body.getMore,
    namespace,
    optionNumber(context.body.batchSize, 0),
  );
};

const killCursors: Handler = (context) => {
  checkFields(context, 'cursors');
  const { cursors } = context.body;
  if (!Array.isArray(cursors)) throw new CommandError(14, `'cursors' must be an array`);
  return context.server.cursors.kill(cursors);
};

const aggregateCommand: Handler = (context) => {
  checkFields(context, 'pipeline cursor allowDiskUse hint', 'explain collation bypassDocumentValidation');
  const { body, database, server } = context;
  if (body.aggregate === 1 || isNumber(body.aggregate))
    throw notImplemented('aggregations on a whole database');
  const name = collectionName(context);
  const namespace = namespaceOf(context, name);
  if (!isPlainObject(body.cursor)) {
    throw new CommandError(
      9,
      `The 'cursor' option is required, except for aggregate with the explain argument`,
    );
  }
  const resolve = (other: string): Collection | undefined => server.storage.find(database, other);
  const results = runPipeline({ namespace, collection: resolve(name), resolve }, body.pipeline);
  const { batchSize } = body.cursor;
  return server.cursors.open(
    namespace,
    results,
    isNumber(batchSize) ? { batchSize: toNumber(batchSize) } : {},
  );
};

const count: Handler = (context) => {
  checkFields(context, 'query limit skip hint', 'collation fields');
  const { body } = context;
  const matches = compileFilter(objectOption(body, 'query'));
  const documents = documentsOf(context).filter(matches);
  const skip = optionNumber(body.skip, 0);
  // A negative limit means the same as a positive one here, as on the server.
  const limit = Math.abs(optionNumber(body.limit, 0));
  return { n: documents.slice(skip, limit ? skip + limit : undefined).length, ok: 1 };
};

const distinct: Handler = (context) => {
  checkFields(context, 'key query hint', 'collation');
  const { key } = context.body;
  if (typeof key !== 'string') throw new CommandError(14, `'key' must be a string`);
  const matches = compileFilter(objectOption(context.body, 'query'));
  const values = new Map<string, unknown>();
  for (const document of documentsOf(context).filter(matches)) {
    for (const value of valuesAt(document, key).flat(1)) {
      if (value !== MISSING) values.set(equalityKey(value), value);
    }
  }
  return { values: [...values.values()], ok: 1 };
};

function documentsOf(context: Context): StoredDocument[] {
  return context.server.storage.find(context.database, collectionName(context))?.all() ?? [];
}

export const READ_COMMANDS: Record<string, Handler> = {
  find,
  getMore,
  killCursors,
  aggregate: aggregateCommand,
  count,
  distinct,
};
