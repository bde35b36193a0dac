import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { Decimal128, type Document, Double, Long, ObjectId, UUID } from 'bson';
import { sourceIdOf } from '../../../src/import/source-id.js';
import { createTestDatabase, forEachDatabase, type TestDatabase } from '../../support/databases.js';
import { verifyAll } from '../../support/import-documents.js';
import { loadDocuments } from '../../support/mongo/load.js';
import { databaseUrl, type MongoHandle, startMongo } from '../../support/mongo/start.js';
import { migrateUp, open } from '../../support/open-database.js';

const IDS: readonly unknown[] = [
  new ObjectId(),
  new ObjectId().toHexString(),
  'TRACE-1',
  '{"a": 1}',
  '-12.5',
  7,
  new Double(0.5),
  Long.fromString('9007199254740993'),
  Decimal128.fromString('0.10'),
  true,
  new Date(1),
  new UUID(),
  { b: 1, a: 2 },
];

forEachDatabase(
  'verifying a live server',
  (kind) => {
    let mongo: MongoHandle;
    let database: TestDatabase;
    const name = `verify_${new ObjectId().toHexString()}`;
    beforeAll(async () => {
      mongo = await startMongo();
      database = await createTestDatabase(kind);
      await migrateUp(database);
      const traces = IDS.map((_id): Document => ({ _id, start_time: new Date(0) }));
      await loadDocuments(mongo.url, name, { traces });
    });
    afterAll(async () => {
      await mongo.stop();
      await database.drop();
    });

    it('finds what is missing when it asks for it once more, whatever its _id is', async () => {
      await open(database, async (opened) => {
        const { traces: result } = await verifyAll(opened, databaseUrl(mongo.url, name), { limit: 100 });
        expect(result).toMatchObject({ read: IDS.length, unfit: 0, missing: IDS.length, settled: 0 });
        const told = result?.differences.map(({ sourceId }) => sourceId).sort();
        expect(told).toEqual(IDS.map(sourceIdOf).sort());
      });
    });
  },
  { only: ['sqlite'] },
);
