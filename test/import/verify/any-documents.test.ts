import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { type Document, ObjectId } from 'bson';
import fc from 'fast-check';
import type { EntityClass } from '../../../src/database/model/table-model.js';
import { tableOf } from '../../../src/database/model/table-model.js';
import { ConversationMessage } from '../../../src/entities/conversation-message.js';
import { Conversation } from '../../../src/entities/conversation.js';
import { McpServer } from '../../../src/entities/mcp-server.js';
import { Metric } from '../../../src/entities/metric.js';
import { Span } from '../../../src/entities/span.js';
import { Trace } from '../../../src/entities/trace.js';
import { bsonValue } from '../../support/bson-values.js';
import { campaign } from '../../support/campaign.js';
import { createTestDatabase, forEachDatabase, type TestDatabase } from '../../support/databases.js';
import { dumpOf, importAll, verifyAll } from '../../support/import-documents.js';
import { migrateUp, open } from '../../support/open-database.js';
import { useTempFolder } from '../../support/temp-folder.js';

const DOCUMENTS = 100;
/** Documents of a campaign on each database. */
const FULL = 5000;

const CASES: readonly { collection: string; entity: EntityClass; needed: Document }[] = [
  { collection: 'traces', entity: Trace, needed: { start_time: new Date(0) } },
  { collection: 'metrics', entity: Metric, needed: { start_time: new Date(0), feature_type: 'agent' } },
  { collection: 'agent_conversations', entity: Conversation, needed: {} },
  { collection: 'mcp_servers', entity: McpServer, needed: {} },
];
const HOSTILE = ['__proto__', 'constructor', 'toString', 'extra', 'source_id', 'a.b', '$set', '2', '1'];

/** A value of the kind that the column has, or any. */
const fieldsOf = (entity: EntityClass): fc.Arbitrary<Document> => {
  const names = tableOf(entity)
    .columns.map(({ name }) => name)
    .filter((name) => name !== 'id' && name !== 'extra');
  const name = fc.oneof(
    { weight: 4, arbitrary: fc.constantFrom(...names) },
    { weight: 1, arbitrary: fc.constantFrom(...HOSTILE) },
    {
      weight: 1,
      arbitrary: fc
        .string({ unit: 'grapheme', minLength: 1, maxLength: 5 })
        .filter((text) => !text.includes('\0')),
    },
  );
  const value = fc.oneof(
    { weight: 3, arbitrary: bsonValue },
    {
      weight: 1,
      arbitrary: fc.constantFrom(
        '',
        'x',
        '20240115',
        '1.5',
        'true',
        '2025-08-07T11:54:39.327Z',
        'y'.repeat(300),
      ),
    },
  );
  return fc.array(fc.tuple(name, value), { maxLength: 5 }).map((fields) => Object.fromEntries(fields));
};

const child = fc.oneof(
  {
    weight: 8,
    arbitrary: fc
      .tuple(fieldsOf(Span), fc.integer({ min: 1, max: 9 }))
      .map(([fields, id]) => ({ ...fields, id: String(id) })),
  },
  { weight: 1, arbitrary: bsonValue },
);

const documents = fc.array(
  fc.tuple(
    fc.constantFrom(...CASES).chain((one) => fieldsOf(one.entity).map((fields) => ({ one, fields }))),
    fc.array(child, { maxLength: 2 }),
  ),
  { minLength: DOCUMENTS, maxLength: DOCUMENTS },
);

forEachDatabase('any documents', (kind) => {
  const folder = useTempFolder();
  let database: TestDatabase;
  beforeAll(async () => {
    database = await createTestDatabase(kind);
    await migrateUp(database);
  });
  afterAll(() => database.drop());

  it('are in the database as they are, or in the rejects with the reason', async () => {
    let number = 0;
    let refused = 0;
    await open(database, async (opened) => {
      await fc.assert(
        fc.asyncProperty(fc.nat(), async (seed) => {
          // By their seed, which is all that a failure has to tell.
          const drawn = fc.sample(documents, { seed, numRuns: 1 }).flat();
          for (const entity of [Span, Trace, Metric, ConversationMessage, Conversation, McpServer])
            await opened.dataSource.getRepository(entity).createQueryBuilder().delete().execute();
          const collections: Record<string, Document[]> = {};
          for (const [{ one, fields }, children] of drawn) {
            const list = { traces: 'spans', agent_conversations: 'messages' }[one.collection];
            const _id = new ObjectId((++number).toString(16).padStart(24, '0'));
            (collections[one.collection] ??= []).push({
              ...one.needed,
              ...(one.collection === 'mcp_servers' ? { system_name: `S${number}` } : {}),
              ...fields,
              ...(list === undefined ? {} : { [list]: children }),
              _id,
            });
          }
          const dump = await dumpOf(folder.path, collections);
          const { result, rejects } = await importAll(opened, folder.path, dump);
          const verified = await verifyAll(opened, dump);
          for (const { collection, read, imported, rejected } of result.collections) {
            expect(imported + rejected).toBe(read);
            const { differences = [], ...counts } = verified[collection] ?? {};
            expect(differences).toEqual([]);
            expect(counts).toMatchObject({
              read,
              unfit: rejected,
              stored: imported,
              missing: 0,
              different: 0,
              extra: 0,
            });
          }
          expect(rejects.every(({ reasons, id }) => reasons.length > 0 && id !== null)).toBe(true);
          refused += rejects.length;
        }),
        { numRuns: campaign(FULL / DOCUMENTS), endOnFailure: true },
      );
    });
    // Documents of both outcomes were drawn.
    expect(refused).toBeGreaterThan(0);
    expect(refused).toBeLessThan(number);
    process.stderr.write(
      `${kind}: ${number} documents of any shape: ${number - refused} imported, ${refused} rejected\n`,
    );
  });
});
