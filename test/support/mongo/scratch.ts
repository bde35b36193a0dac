import { afterAll, afterEach, beforeAll, beforeEach } from '@jest/globals';
import { type Collection, type Document, type Filter, MongoClient, ObjectId } from 'mongodb';
import { loadDocuments } from './load.js';
import { type MongoHandle, startMongo } from './start.js';

/** A document as these tests write them; ids of other types come in by `load`. */
interface Thing {
  _id: number | string | ObjectId;
  n?: number;
  name?: string;
  tags?: string[];
}

/** A server for a test file and a database of its own for each test, dropped after it. */
interface Scratch {
  mongo: MongoHandle;
  client: MongoClient;
  /** The database's name. */
  database: string;
  /** The collection `things` of it. */
  things: Collection<Thing>;
  /** Fills `things` in the order given. */
  load(documents: Document[]): Promise<void>;
  /** The ids in `things` that a filter finds, by id. */
  idsOf(filter: Document): Promise<unknown[]>;
}

/** Registers the hooks; what it returns is filled when the first test begins. */
export function useScratchDatabase(): Scratch {
  const scratch = {
    load: (documents) => loadDocuments(scratch.mongo.url, scratch.database, { things: documents }),
    idsOf: async (filter) => {
      const found = scratch.things.find(filter as Filter<Thing>, { sort: { _id: 1 } });
      return (await found.toArray()).map((document) => document._id);
    },
  } as Scratch;

  beforeAll(async () => {
    scratch.mongo = await startMongo();
    scratch.client = new MongoClient(scratch.mongo.url);
  });

  afterAll(async () => {
    await scratch.client.close();
    await scratch.mongo.stop();
  });

  beforeEach(() => {
    scratch.database = `dbtool_test_${new ObjectId().toHexString()}`;
    scratch.things = scratch.client.db(scratch.database).collection<Thing>('things');
  });

  afterEach(async () => {
    await scratch.client.db(scratch.database).dropDatabase();
  });

  return scratch;
}
