import { checkFields, collectionName, type Context, type Handler, namespaceOf } from './commands.js';
import { objectOption } from './commands-read.js';
import { StoredDocument } from './documents.js';
import { CommandError, notImplemented } from './errors.js';
import { compileFilter } from './filter.js';
import type { Collection, Index } from './storage.js';
import { isNumber, isPlainObject, type PlainObject, toNumber } from './values.js';

/** Databases that every server has and lists, empty as they are here. */
const SYSTEM_DATABASES = ['admin', 'config', 'local'];

/** What an empty collection takes on the disk of a real server. */
const EMPTY_BYTES = 4096;

function cursorReply(context: Context, namespace: string, documents: PlainObject[]): PlainObject {
  const matches = compileFilter(objectOption(context.body, 'filter'));
  const found = documents.map((document) => StoredDocument.of(document)).filter(matches);
  const cursor = context.body.cursor;
  const batchSize =
    isPlainObject(cursor) && isNumber(cursor.batchSize) ? { batchSize: toNumber(cursor.batchSize) } : {};
  return context.server.cursors.open(
    namespace,
    found.map(({ raw }) => raw),
    batchSize,
  );
}

const listCollections: Handler = (context) => {
  checkFields(context, 'filter nameOnly authorizedCollections cursor');
  const collections = context.server.storage.collections(context.database).map((collection) => ({
    name: collection.name,
    type: 'collection',
    ...(context.body.nameOnly === true
      ? {}
      : {
          options: {},
          info: { readOnly: false, uuid: collection.uuid },
          idIndex: { v: 2, key: { _id: 1 }, name: '_id_' },
        }),
  }));
  return cursorReply(context, `${context.database}.$cmd.listCollections`, collections);
};

const listDatabases: Handler = (context) => {
  checkFields(context, 'filter nameOnly authorizedDatabases');
  if (context.database !== 'admin') {
    throw new CommandError(13, 'listDatabases may only be run against the admin database.');
  }
  const { storage } = context.server;
  const matches = compileFilter(objectOption(context.body, 'filter'));
  const databases = [...new Set([...SYSTEM_DATABASES, ...storage.databaseNames()])].sort().map((name) => {
    const collections = storage.collections(name);
    const sizeOnDisk = collections.reduce((sum, { bytes }) => sum + bytes + EMPTY_BYTES, 0) || EMPTY_BYTES;
    return { name, sizeOnDisk, empty: false };
  });
  const found = databases.filter((database) => matches(StoredDocument.of(database)));
  if (context.body.nameOnly === true) return { databases: found.map(({ name }) => ({ name })), ok: 1 };
  const totalSize = found.reduce((sum, { sizeOnDisk }) => sum + sizeOnDisk, 0);
  return { databases: found, totalSize, totalSizeMb: Math.floor(totalSize / 2 ** 20), ok: 1 };
};

function existing(context: Context): Collection {
  const name = collectionName(context);
  const collection = context.server.storage.find(context.database, name);
  if (!collection) throw new CommandError(26, `ns does not exist: ${namespaceOf(context, name)}`);
  return collection;
}

const listIndexes: Handler = (context) => {
  checkFields(context, 'cursor');
  const collection = existing(context);
  const indexes = collection.indexes.map(({ name, key }) => ({ v: 2, key, name }));
  return cursorReply(context, namespaceOf(context, collection.name), indexes);
};

const createIndexes: Handler = (context) => {
  checkFields(context, 'indexes commitQuorum');
  const { indexes } = context.body;
  const isNew = !context.server.storage.find(context.database, collectionName(context));
  const collection = context.server.storage.findOrCreate(context.database, collectionName(context));
  const before = collection.indexes.length;
  for (const spec of Array.isArray(indexes) ? indexes : []) {
    const index = readIndex(spec);
    if (!collection.indexes.some(({ name }) => name === index.name)) collection.addIndex(index);
  }
  return {
    numIndexesBefore: before,
    numIndexesAfter: collection.indexes.length,
    createdCollectionAutomatically: isNew,
    ok: 1,
  };
};

/** An index serves hints and their order; those that would check or hide documents are refused. */
function readIndex(spec: unknown): Index {
  if (!isPlainObject(spec) || !isPlainObject(spec.key) || typeof spec.name !== 'string') {
    throw new CommandError(9, 'an index needs a key and a name');
  }
  const allowed = new Set(['v', 'key', 'name', 'background']);
  const odd = Object.keys(spec).find((field) => !allowed.has(field) && spec[field] !== false);
  if (odd) throw notImplemented(`indexes with ${odd}`);
  return { name: spec.name, key: spec.key };
}

const create: Handler = (context) => {
  checkFields(context, '', 'capped size max viewOn pipeline timeseries clusteredIndex validator collation');
  const name = collectionName(context);
  // Since MongoDB 7 creating what is there with the same options is no error; there are no others here.
  context.server.storage.findOrCreate(context.database, name);
  return { ok: 1 };
};

const drop: Handler = (context) => {
  checkFields(context, '');
  const name = collectionName(context);
  const collection = context.server.storage.find(context.database, name);
  context.server.storage.drop(context.database, name);
  // Since MongoDB 7 dropping what is not there is no error.
  if (!collection) return { ok: 1 };
  return { nIndexesWas: collection.indexes.length, ns: namespaceOf(context, name), ok: 1 };
};

const dropDatabase: Handler = (context) => {
  checkFields(context, '');
  return context.server.storage.dropDatabase(context.database)
    ? { dropped: context.database, ok: 1 }
    : { ok: 1 };
};

const collStats: Handler = (context) => {
  checkFields(context, 'scale');
  const name = collectionName(context);
  const collection = context.server.storage.find(context.database, name);
  const [size, count] = [collection?.bytes ?? 0, collection?.count ?? 0];
  return {
    ns: namespaceOf(context, name),
    size,
    count,
    ...(count > 0 ? { avgObjSize: Math.floor(size / count) } : {}),
    storageSize: size,
    nindexes: collection?.indexes.length ?? 0,
    ok: 1,
  };
};

export const CATALOG_COMMANDS: Record<string, Handler> = {
  listCollections,
  listDatabases,
  listIndexes,
  createIndexes,
  create,
  drop,
  dropDatabase,
  collStats,
};
