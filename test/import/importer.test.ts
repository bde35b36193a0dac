import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { Decimal128, Long, ObjectId, UUID, type Document } from 'bson';
import { Like } from 'typeorm';
import { BROKEN } from '../../scripts/demo-data/generate.mjs';
import type { OpenDatabase } from '../../src/database/data-source.js';
import { tableOf } from '../../src/database/model/table-model.js';
import { Agent } from '../../src/entities/agent.js';
import { ALL_ENTITIES, IMPORT_RECORDS } from '../../src/entities/all-entities.js';
import { DocumentChunk } from '../../src/entities/document-chunk.js';
import { ImportCheckpoint } from '../../src/entities/import-checkpoint.js';
import { Metric } from '../../src/entities/metric.js';
import { Job } from '../../src/entities/job.js';
import { KnowledgeSource } from '../../src/entities/knowledge-source.js';
import { Span } from '../../src/entities/span.js';
import { Trace } from '../../src/entities/trace.js';
import type { ImportOptions } from '../../src/import/importer.js';
import { contentHashes } from '../support/content-hash.js';
import { createTestDatabase, forEachDatabase, type TestDatabase } from '../support/databases.js';
import { dumpOf, importAll } from '../support/import-documents.js';
import { migrateUp, open } from '../support/open-database.js';
import { useTempFolder } from '../support/temp-folder.js';

const DEMO_DUMP = fileURLToPath(new URL('../../fixtures/demo-dump/genai', import.meta.url));

/** The entities that documents become rows of. */
const IMPORTED = ALL_ENTITIES.filter((entity) => !IMPORT_RECORDS.includes(entity));

/** The hashes of the first database's tables. */
let imported: Record<string, string> | undefined;

type Imported = Awaited<ReturnType<typeof importAll>>;

forEachDatabase('an import', (kind) => {
  const folder = useTempFolder();
  let database: TestDatabase;

  beforeAll(async () => {
    database = await createTestDatabase(kind);
    await migrateUp(database);
  });

  afterAll(() => database.drop());

  const importFrom = (
    opened: OpenDatabase,
    from: string,
    options?: Partial<ImportOptions>,
  ): Promise<Imported> => importAll(opened, folder.path, from, options);
  const importDocuments = async (
    opened: OpenDatabase,
    collections: Record<string, Document[]>,
    options?: Partial<ImportOptions>,
  ): Promise<Imported> => importFrom(opened, await dumpOf(folder.path, collections), options);

  it('brings in all of the demo dump but the broken documents, which it names', async () => {
    await open(database, async (opened) => {
      const { result, rejects } = await importFrom(opened, DEMO_DUMP);
      const told = rejects
        .map(({ collection, id }) => `${collection} ${(id as { $oid: string }).$oid}`)
        .sort();
      expect(told).toEqual(BROKEN.map(({ collection, id }) => `${collection} ${id}`).sort());
      expect(
        rejects.every(
          ({ reasons }) => reasons.length > 0 && reasons.every(({ reason }) => reason.length > 10),
        ),
      ).toBe(true);
      for (const one of result.collections) expect(one.imported + one.rejected).toBe(one.read);
      expect(result.leftAlone).toEqual([]);
      const expected: Record<string, number> = {};
      for (const { table, imported, children } of result.collections)
        for (const [name, rows] of [[table, imported] as const, ...Object.entries(children)])
          expected[name] = (expected[name] ?? 0) + rows;
      const tables = IMPORTED.map((entity) => tableOf(entity).name);
      expect(Object.keys(expected).sort()).toEqual([...tables].sort());
      for (const [index, entity] of IMPORTED.entries())
        expect([tables[index], await opened.dataSource.getRepository(entity).count()]).toEqual([
          tables[index],
          expected[tables[index] ?? ''],
        ]);
      expect(expected).toMatchObject({ document_chunks: 15, conversation_messages: 591, jobs: 8 });
    });
  });

  it('makes the same rows on every database', async () => {
    await open(database, async (opened) => {
      const hashes = await contentHashes(opened, null);
      imported ??= hashes;
      expect(hashes).toEqual(imported);
    });
  });

  it('finds what documents refer to, and lets nothing refer to what is not there without saying so', async () => {
    await open(database, async (opened) => {
      const repository = <T extends object>(entity: new () => T) => opened.dataSource.getRepository(entity);
      const sources = await repository(KnowledgeSource).find({ order: { systemName: 'ASC' } });
      const chunks = await Promise.all(
        sources.map(({ id }) => repository(DocumentChunk).countBy({ knowledgeSourceId: id })),
      );
      expect(sources.map(({ systemName }, index) => [systemName, chunks[index]])).toEqual([
        ['ALTE_HANDBUCHER_2023', 3],
        ['HELP_CENTER', 6],
        ['HR_WIKI', 6],
      ]);
      const job = await repository(Job).findOneByOrFail({ name: 'Sync Help Center' });
      expect(await repository(KnowledgeSource).findOneByOrFail({ jobId: job.id })).toMatchObject({
        systemName: 'HELP_CENTER',
        source: { source_type: 'Confluence' },
      });
      const agent = await repository(Agent).findOneByOrFail({ systemName: 'SUPPORT_AGENT' });
      expect(await repository(Metric).countBy({ featureId: agent.id })).toBeGreaterThan(0);
      // The chunks of a knowledge source that is gone have nothing to belong to.
      const orphans = {
        [`documents_${new ObjectId().toHexString()}`]: [{ _id: new ObjectId(), content: 'x' }],
      };
      const { result, rejects } = await importDocuments(opened, orphans);
      expect(result.collections).toMatchObject([{ imported: 0, rejected: 1 }]);
      expect(rejects[0]?.reasons[0]).toMatchObject({
        path: null,
        rule: 'refused',
        reason: expect.stringMatching(/the database refuses it/),
      });
    });
  });

  it('keeps embeddings of any length with any number in them, and every shape of id in a name', async () => {
    await open(database, async (opened) => {
      const uuid = new UUID();
      const long = Array.from({ length: 3072 }, (_, index) => Math.sin(index) / 3);
      await importDocuments(opened, {
        collections: [{ _id: uuid, system_name: 'BY_UUID' }],
        [`documents_${uuid.toHexString().replaceAll('-', '_')}`]: [
          { _id: 1, embedding: long },
          { _id: 2, embedding: [NaN, Infinity, -Infinity, -0, 0.1] },
          { _id: 3, embedding: null },
        ],
      });
      const source = await opened.dataSource
        .getRepository(KnowledgeSource)
        .findOneByOrFail({ systemName: 'BY_UUID' });
      const chunks = await opened.dataSource
        .getRepository(DocumentChunk)
        .findBy({ knowledgeSourceId: source.id });
      const number = (value: string) => ({ $numberDouble: value });
      expect(chunks.map(({ embedding }) => embedding)).toEqual(
        expect.arrayContaining([
          long,
          [number('NaN'), number('Infinity'), number('-Infinity'), number('-0.0'), 0.1],
          null,
        ]),
      );
    });
  });

  it('changes no row when it is run again, in batches of another size', async () => {
    await open(database, async (opened) => {
      const before = await contentHashes(opened);
      expect(before['traces']).toMatch(/^2000 rows/);
      const { result } = await importFrom(opened, DEMO_DUMP, { batchSize: 77 });
      expect(result.complete).toBe(true);
      expect(await contentHashes(opened)).toEqual(before);
    });
  });

  it('keeps every field: what has no column is in extra', async () => {
    await open(database, async (opened) => {
      const _id = new ObjectId();
      await importDocuments(opened, {
        traces: [
          {
            _id,
            name: 'fields',
            start_time: new Date('2025-08-07T11:54:39.327Z'),
            latency: Decimal128.fromString('12.5'),
            cost_details: { total: 0.1 + 0.2, chat: 0.3 },
            extra_data: { params: { system_name: 'FEATURE' }, big: Long.fromString('9007199254740993') },
            region: 'eu',
            nested: { deep: [1, { at: new Date('2025-01-01T00:00:00Z') }] },
            spans: [
              {
                id: 's',
                parent_id: _id.toHexString(),
                name: 'root',
                custom: { a: 1 },
                usage_details: { total: 7 },
              },
            ],
          },
        ],
      });
      const trace = await opened.dataSource.getRepository(Trace).findOneByOrFail({ id: _id.toHexString() });
      expect(trace).toMatchObject({
        sourceId: _id.toHexString(),
        latency: 12.5,
        costTotal: '0.3',
        featureSystemName: 'FEATURE',
        extraData: { params: { system_name: 'FEATURE' }, big: { $numberLong: '9007199254740993' } },
        extra: { region: 'eu', nested: { deep: [1, { at: { $date: '2025-01-01T00:00:00.000Z' } }] } },
      });
      const [span] = await opened.dataSource.getRepository(Span).findBy({ traceId: trace.id });
      expect(span).toMatchObject({ id: 's', tokensTotal: 7, position: 0, extra: { custom: { a: 1 } } });
    });
  });

  it('follows its source: changed fields change, spans that are gone go', async () => {
    await open(database, async (opened) => {
      const _id = new ObjectId();
      const trace = (name: string, spans: string[]): Document => ({
        _id,
        name,
        start_time: new Date('2025-08-07T00:00:00Z'),
        spans: spans.map((id) => ({ id, name: `${name} ${id}` })),
      });
      await importDocuments(opened, { traces: [trace('first', ['a', 'b', 'c'])] });
      await importDocuments(opened, { traces: [trace('second', ['b'])] });
      const id = _id.toHexString();
      expect((await opened.dataSource.getRepository(Trace).findOneByOrFail({ id })).name).toBe('second');
      expect(
        (await opened.dataSource.getRepository(Span).findBy({ traceId: id })).map(({ name }) => name),
      ).toEqual(['second b']);
    });
  });

  it('loses no neighbour of a document that only the database can refuse', async () => {
    await open(database, async (opened) => {
      const models = Array.from({ length: 40 }, (_, index) => ({
        _id: new ObjectId(),
        system_name: `BATCH_MODEL_${index}`,
        provider_system_name: index === 17 || index === 31 ? 'NOWHERE' : null,
      }));
      const { result, rejects } = await importDocuments(opened, { models });
      expect(result.collections[0]).toMatchObject({ read: 40, imported: 38, rejected: 2 });
      expect(rejects.map(({ id }) => (id as { $oid: string }).$oid).sort()).toEqual(
        [models[17]!, models[31]!].map(({ _id }) => _id.toHexString()).sort(),
      );
    });
  });

  it('takes the later one of two documents with one id in a batch', async () => {
    await open(database, async (opened) => {
      const _id = 'twice';
      const start_time = new Date('2025-08-07T00:00:00Z');
      await importDocuments(opened, {
        traces: [
          { _id, start_time, name: 'one', spans: [{ id: 'x' }] },
          { _id, start_time, name: 'two', spans: [] },
        ],
      });
      expect((await opened.dataSource.getRepository(Trace).findOneByOrFail({ id: _id })).name).toBe('two');
      expect(await opened.dataSource.getRepository(Span).countBy({ traceId: _id })).toBe(0);
    });
  });

  it('writes nothing in a dry run, and finds the same rejects', async () => {
    const empty = await createTestDatabase(kind);
    try {
      await migrateUp(empty);
      await open(empty, async (opened) => {
        const before = await contentHashes(opened);
        const { result, rejects } = await importFrom(opened, DEMO_DUMP, { dryRun: true });
        // The reference that leads nowhere is only the database's to find.
        expect(rejects).toHaveLength(BROKEN.length - 1);
        expect(result.collections.every(({ complete }) => complete)).toBe(true);
        expect(await contentHashes(opened)).toEqual(before);
        expect(await opened.dataSource.getRepository(ImportCheckpoint).count()).toBe(0);
      });
    } finally {
      await empty.drop();
    }
  });

  it('stops between batches, and what is in is whole', async () => {
    const empty = await createTestDatabase(kind);
    try {
      await migrateUp(empty);
      await open(empty, async (opened) => {
        const stop = new AbortController();
        const { result } = await importFrom(opened, DEMO_DUMP, {
          collections: ['traces'],
          batchSize: 100,
          signal: stop.signal,
          onProgress: ({ imported }) => {
            if (imported >= 300) stop.abort();
          },
        });
        expect(result.complete).toBe(false);
        const traces = await opened.dataSource.getRepository(Trace).find();
        expect(traces.length).toBeGreaterThanOrEqual(300);
        expect(traces.length).toBeLessThan(2000);
        expect(traces.length).toBe(result.collections[0]?.imported);
        expect(await opened.dataSource.getRepository(Span).count()).toBe(
          result.collections[0]?.children['spans'],
        );
        // Nothing is remembered of an import that did not get through.
        expect(await opened.dataSource.getRepository(ImportCheckpoint).count()).toBe(0);
        const again = await importFrom(opened, DEMO_DUMP, { collections: ['traces'] });
        expect(again.result.complete).toBe(true);
        expect(await opened.dataSource.getRepository(Trace).count()).toBe(2000);
      });
    } finally {
      await empty.drop();
    }
  });

  it('takes only what lies before --until, and what --where finds, which moves no watermark', async () => {
    await open(database, async (opened) => {
      const day = (date: number): Date => new Date(Date.UTC(2024, 0, date));
      const rest = { feature_type: 'AGENT', status: 'ok' };
      const metrics = [1, 2, 3].map((date) => ({ ...rest, _id: `part-${date}`, start_time: day(date) }));
      const first = await importDocuments(opened, { metrics }, { until: day(3) });
      expect(first.result.collections).toMatchObject([{ read: 2, imported: 2, watermark: day(2) }]);
      const checkpoints = await opened.dataSource.getRepository(ImportCheckpoint).count();
      const where = { start_time: day(3) };
      const { result } = await importDocuments(opened, { metrics }, { collections: ['metrics'], where });
      expect(result.collections).toMatchObject([{ read: 1, imported: 1, complete: true }]);
      expect(await opened.dataSource.getRepository(Metric).countBy({ id: Like('part-%') })).toBe(3);
      expect(await opened.dataSource.getRepository(ImportCheckpoint).count()).toBe(checkpoints);
    });
  });

  it('remembers no time that no database keeps', async () => {
    await open(database, async (opened) => {
      const start_time = new Date('-005000-01-01T00:00:00Z');
      const documents = [{ _id: new ObjectId(), start_time }];
      const dump = await dumpOf(folder.path, { traces: documents }, 'long-ago');
      const { result } = await importFrom(opened, dump);
      expect(result.collections).toMatchObject([{ imported: 0, rejected: 1, watermark: null }]);
    });
  });

  it('remembers how far it came, but no day that is still to come', async () => {
    await open(database, async (opened) => {
      const late = new Date('2025-09-01T10:00:00Z');
      const documents = [late, new Date('2999-01-01T00:00:00Z')].map((start_time) => ({
        _id: new ObjectId(),
        start_time,
      }));
      const started = Date.now();
      await importDocuments(opened, { traces: documents.slice(0, 1) });
      const repository = opened.dataSource.getRepository(ImportCheckpoint);
      const find = (): Promise<ImportCheckpoint> =>
        repository.findOneByOrFail({ source: 'dump:genai', collection: 'traces' });
      expect((await find()).watermark).toEqual(late);
      await importDocuments(opened, { traces: documents });
      const { watermark } = await find();
      expect(watermark!.getTime()).toBeLessThanOrEqual(Date.now());
      expect(watermark!.getTime()).toBeGreaterThanOrEqual(started - 1000);
    });
  });
});
