import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { type Document, ObjectId } from 'bson';
import { BROKEN } from '../../../scripts/demo-data/generate.mjs';
import type { OpenDatabase } from '../../../src/database/data-source.js';
import { ApiServer } from '../../../src/entities/api-server.js';
import { DocumentChunk } from '../../../src/entities/document-chunk.js';
import { Metric } from '../../../src/entities/metric.js';
import { Span } from '../../../src/entities/span.js';
import { Trace } from '../../../src/entities/trace.js';
import { createTestDatabase, forEachDatabase, type TestDatabase } from '../../support/databases.js';
import { dumpOf, importAll, verifyAll } from '../../support/import-documents.js';
import { migrateUp, open } from '../../support/open-database.js';
import { useTempFolder } from '../../support/temp-folder.js';

const DEMO_DUMP = fileURLToPath(new URL('../../../fixtures/demo-dump/genai', import.meta.url));
const id = (number: number): ObjectId => new ObjectId(number.toString(16).padStart(24, '0'));
const START = new Date('2025-08-07T11:54:39.327Z');

forEachDatabase('verifying an import', (kind) => {
  const folder = useTempFolder();
  let database: TestDatabase;
  beforeAll(async () => {
    database = await createTestDatabase(kind);
    await migrateUp(database);
  });
  afterAll(() => database.drop());

  /** With the documents imported into tables that hold nothing else. */
  const withImported = (
    collections: Record<string, Document[]>,
    test: (opened: OpenDatabase, dump: string) => Promise<void>,
  ): Promise<void> =>
    open(database, async (opened) => {
      for (const entity of [Span, Trace, Metric, DocumentChunk, ApiServer])
        await opened.dataSource.getRepository(entity).createQueryBuilder().delete().execute();
      const dump = await dumpOf(folder.path, collections);
      await importAll(opened, folder.path, dump);
      await test(opened, dump);
    });

  const trace = (number: number, more: Document = {}): Document => ({
    _id: id(number),
    start_time: START,
    latency: number + 0.1,
    spans: [
      { id: 'a', name: 'first', output: { text: 'x', list: [1, { b: 2, a: 1 }] } },
      { id: 'b', parent_id: 'a', name: 'second' },
    ],
    ...more,
  });

  it('finds the demo data equal, but for what does not fit', async () => {
    await open(database, async (opened) => {
      await importAll(opened, folder.path, DEMO_DUMP);
      const results = Object.values(await verifyAll(opened, DEMO_DUMP));
      for (const {
        collection,
        read,
        unfit,
        stored,
        missing,
        different,
        extra,
        differences,
        dangling,
      } of results)
        expect({ collection, missing, different, extra, differences, dangling, stored }).toEqual({
          ...{ collection, missing: 0, different: 0, extra: 0, differences: [], dangling: [] },
          stored: read - unfit,
        });
      expect(results.reduce((sum, { unfit }) => sum + unfit, 0)).toBe(BROKEN.length);
    });
  });

  it('finds what was changed, by column', async () => {
    await withImported({ traces: [trace(1), trace(2), trace(3)] }, async (opened, dump) => {
      const traces = opened.dataSource.getRepository(Trace);
      const spans = opened.dataSource.getRepository(Span);
      await traces.update(
        { id: id(1).toHexString() },
        { latency: 7.5, endTime: new Date(START.getTime() + 1) },
      );
      await spans.update({ traceId: id(2).toHexString(), id: 'a' }, { output: { text: 'y' } });
      const { traces: result } = await verifyAll(opened, dump);
      expect(result).toMatchObject({ read: 3, stored: 3, missing: 0, different: 2, extra: 0 });
      expect(result?.differences).toEqual([
        {
          id: id(1).toHexString(),
          sourceId: id(1).toHexString(),
          kind: 'different',
          details: [
            'end_time: null at the source, "2025-08-07T11:54:39.328Z" in the database',
            'latency: 1.1 at the source, 7.5 in the database',
          ],
        },
        expect.objectContaining({
          id: id(2).toHexString(),
          details: [
            'spans a output: {"list":[1,{"a":1,"b":2}],"text":"x"} at the source, {"text":"y"} in the database',
          ],
        }),
      ]);
    });
  });

  it('finds what is missing and what is only here, rows and rows of lists', async () => {
    await withImported({ traces: [trace(1), trace(2), trace(3)] }, async (opened, dump) => {
      const spans = opened.dataSource.getRepository(Span);
      await spans.delete({ traceId: id(1).toHexString() });
      await opened.dataSource.getRepository(Trace).delete({ id: id(1).toHexString() });
      await spans.delete({ traceId: id(2).toHexString(), id: 'b' });
      await spans.insert({ traceId: id(3).toHexString(), id: 'c', position: 2, name: 'added' });
      const other = await dumpOf(folder.path, { traces: [trace(9)] });
      await importAll(opened, folder.path, other);
      const { traces: result } = await verifyAll(opened, dump);
      expect(result).toMatchObject({ read: 3, stored: 3, missing: 1, different: 2, extra: 1, unexamined: 0 });
      const told = result?.differences
        .map(({ kind, sourceId, details }) => [kind, sourceId, ...details])
        .sort();
      expect(told).toEqual([
        ['different', id(2).toHexString(), 'spans b is not in the database'],
        ['different', id(3).toHexString(), 'spans c is not at the source'],
        ['extra', id(9).toHexString()],
        ['missing', id(1).toHexString()],
      ]);
      const short = await verifyAll(opened, dump, { limit: 2 });
      expect(short['traces']).toMatchObject({ missing: 1, different: 2, extra: 1 });
      expect(short['traces']?.differences).toHaveLength(2);
    });
  });

  it('says what it reads, source and tables, and how far it is', async () => {
    await withImported({ traces: [trace(1), trace(2), trace(3)] }, async (opened, dump) => {
      const stages: [collection: string, what: string, total: number | undefined, counts: number[]][] = [];
      const report = {
        onStage: (collection: string, what: string, total: number | undefined) => {
          stages.push([collection, what, total, []]);
          return Promise.resolve();
        },
        onProgress: (count: number) => {
          stages.at(-1)?.[3].push(count);
        },
      };
      await verifyAll(opened, dump, report);
      const both = [
        ['traces', 'reading the source', 3, [1, 2, 3]],
        ['traces', 'reading the table traces', undefined, [1, 2, 3]],
        ['traces', 'reading the table spans', undefined, [1, 2, 3, 4, 5, 6]],
      ];
      expect(stages).toEqual(both);
      stages.length = 0;
      await opened.dataSource.getRepository(Span).delete({ traceId: id(1).toHexString(), id: 'b' });
      await verifyAll(opened, dump, report);
      both[2]?.splice(3, 1, [1, 2, 3, 4, 5]);
      expect(stages).toEqual([
        ...both,
        ['traces', 'reading the source again for what differs', 3, [1, 2, 3]],
        ['traces', 'reading the table traces again for what is only there', 3, [1, 2, 3]],
      ]);
      stages.length = 0;
      await verifyAll(opened, dump, { ...report, until: new Date(START.getTime() + 1) });
      expect(stages).toEqual([['traces', 'comparing', undefined, [1, 2, 3]]]);
    });
  });

  it('tells no secret', async () => {
    const server = {
      _id: id(1),
      system_name: 'S',
      url: 'u',
      secrets_encrypted: 'hush-1',
      security_values: { t: 'hush-2' },
    };
    await withImported({ api_servers: [server] }, async (opened, dump) => {
      const repository = opened.dataSource.getRepository(ApiServer);
      await repository.update(
        { systemName: 'S' },
        { secretsEncrypted: 'hush-3', securityValues: { t: 'hush-4' } },
      );
      const { api_servers: result } = await verifyAll(opened, dump);
      expect(result).toMatchObject({ different: 1 });
      expect(result?.differences[0]?.details.join()).toMatch(/security_values.*secrets_encrypted/s);
      expect(JSON.stringify(result)).not.toContain('hush');
    });
  });

  it('compares the chunks of each knowledge source with its own rows', async () => {
    const chunks = (source: number, count: number) => ({
      [`documents_${id(source).toHexString()}`]: Array.from({ length: count }, (_, index) => ({
        _id: id(source * 100 + index),
        content: `chunk ${index}`,
        embedding: [0.1, index, Number.NaN],
      })),
    });
    const collections = [1, 2].map((source) => ({ _id: id(source), system_name: `CHUNKS_${source}` }));
    await withImported({ collections, ...chunks(1, 3), ...chunks(2, 5) }, async (opened, dump) => {
      const name = `documents_${id(2).toHexString()}`;
      const equal = await verifyAll(opened, dump);
      expect(equal[name]).toMatchObject({ read: 5, stored: 5, missing: 0, different: 0, extra: 0 });
      await opened.dataSource
        .getRepository(DocumentChunk)
        .update({ sourceId: id(201).toHexString() }, { content: 'other' });
      const differs = await verifyAll(opened, dump);
      expect(differs[`documents_${id(1).toHexString()}`]).toMatchObject({
        stored: 3,
        different: 0,
        extra: 0,
      });
      expect(differs[name]).toMatchObject({ stored: 5, different: 1, extra: 0 });
    });
  });

  it('lists references that lead nowhere', async () => {
    const metric = (number: number, trace_id: string | null): Document => ({
      ...{ _id: id(number), feature_type: 'agent', start_time: START, trace_id },
    });
    const gone = id(77).toHexString();
    const documents = {
      traces: [trace(1)],
      metrics: [metric(1, id(1).toHexString()), metric(2, gone), metric(3, gone), metric(4, null)],
    };
    await withImported(documents, async (opened, dump) => {
      const { metrics: result } = await verifyAll(opened, dump);
      expect(result).toMatchObject({ missing: 0, different: 0, extra: 0 });
      expect(result?.dangling).toEqual([
        { from: 'metrics.trace_id', to: 'traces.id', rows: 2, examples: [gone] },
      ]);
    });
  });

  it('does not take two documents with one id for equal, nor tell of one that was overtaken', async () => {
    const twins = [trace(1, { name: 'first' }), trace(1, { _id: id(1).toHexString(), name: 'second' })];
    await withImported({ traces: twins }, async (opened, dump) => {
      const { traces: result } = await verifyAll(opened, dump);
      expect(result).toMatchObject({
        read: 2,
        stored: 1,
        missing: 0,
        different: 0,
        extra: 0,
        differences: [],
      });
      expect(result?.unexamined).toBeGreaterThan(0);
    });
  });

  it('counts a document that a key of the database keeps out as one that does not fit', async () => {
    const source = { _id: id(5), system_name: 'NO_PROVIDER', provider_system_name: 'NOBODY' };
    const twin = { _id: id(6), system_name: 'CHUNKS_1' };
    const kept = { _id: id(1), system_name: 'CHUNKS_1' };
    await withImported({ collections: [kept, source, twin] }, async (opened, dump) => {
      const { collections: result } = await verifyAll(opened, dump);
      expect(result).toMatchObject({ read: 3, unfit: 2, missing: 0, different: 0 });
    });
  });
});
