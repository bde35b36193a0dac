import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { Decimal128, Long, ObjectId, type Document } from 'bson';
import { BROKEN } from '../../scripts/demo-data/generate.mjs';
import { writeDump } from '../../scripts/demo-data/dump-writer.mjs';
import type { OpenDatabase } from '../../src/database/data-source.js';
import { tableOf } from '../../src/database/model/table-model.js';
import { ALL_ENTITIES } from '../../src/entities/all-entities.js';
import { Conversation } from '../../src/entities/conversation.js';
import { DocumentChunk } from '../../src/entities/document-chunk.js';
import { Evaluation } from '../../src/entities/evaluation.js';
import { ImportCheckpoint } from '../../src/entities/import-checkpoint.js';
import { Job } from '../../src/entities/job.js';
import { KnowledgeSource } from '../../src/entities/knowledge-source.js';
import { Metric } from '../../src/entities/metric.js';
import { Span } from '../../src/entities/span.js';
import { Trace } from '../../src/entities/trace.js';
import { importCollections, type ImportOptions, type ImportResult } from '../../src/import/importer.js';
import { type Reject, RejectsFile } from '../../src/import/rejects.js';
import { openSource } from '../../src/import/sources/open-source.js';
import { contentHashes } from '../support/content-hash.js';
import { createTestDatabase, forEachDatabase, type TestDatabase } from '../support/databases.js';
import { migrateUp, open } from '../support/open-database.js';

const DEMO_DUMP = fileURLToPath(new URL('../../fixtures/demo-dump/genai', import.meta.url));
const SOURCE_SETTINGS = { connectTimeout: 5000 };

/** Rows of the demo dump by table, counted in the dump: all documents but the broken ones, and their lists. */
const DEMO_ROWS = {
  agent_conversations: 60,
  agents: 3,
  ai_apps: 3,
  ai_models: 14,
  api_keys: 6,
  api_servers: 2,
  api_tools: 4,
  conversation_messages: 591,
  document_chunks: 15,
  evaluation_results: 60,
  evaluation_sets: 3,
  evaluations: 6,
  jobs: 8,
  knowledge_sources: 3,
  mcp_servers: 2,
  metrics: 3909,
  prompts: 6,
  providers: 3,
  rag_tools: 4,
  retrieval_tools: 4,
  spans: 7484,
  traces: 2000,
};

interface Imported {
  result: ImportResult;
  rejects: Reject[];
}

forEachDatabase('an import', (kind) => {
  let database: TestDatabase;
  let folder: string;
  let dumps = 0;

  beforeAll(async () => {
    database = await createTestDatabase(kind);
    folder = await mkdtemp(join(tmpdir(), 'dbtool-import-'));
    await migrateUp(database);
  });

  afterAll(async () => {
    await database.drop();
    await rm(folder, { recursive: true });
  });

  async function importFrom(
    opened: OpenDatabase,
    from: string,
    options: Partial<ImportOptions> = {},
  ): Promise<Imported> {
    const source = await openSource(from, SOURCE_SETTINGS);
    const rejects = await RejectsFile.prepare(join(folder, `rejects-${++dumps}.ndjson`));
    try {
      const result = await importCollections(source, opened, rejects, {
        collections: [],
        since: { kind: 'all' },
        batchSize: 500,
        dryRun: false,
        signal: new AbortController().signal,
        onStart: () => undefined,
        onProgress: () => undefined,
        ...options,
      });
      await rejects.close();
      const lines = rejects.count === 0 ? '' : await readFile(rejects.path, 'utf8');
      return {
        result,
        rejects: lines
          .split('\n')
          .filter(Boolean)
          .map((line) => JSON.parse(line) as Reject),
      };
    } finally {
      await rejects.close();
      await source.close();
    }
  }

  async function importDocuments(
    opened: OpenDatabase,
    collections: Record<string, Document[]>,
    options: Partial<ImportOptions> = {},
  ): Promise<Imported> {
    const dump = join(folder, `dump-${++dumps}`, 'genai');
    await writeDump(dump, collections, { gzip: false });
    return importFrom(opened, dump, options);
  }

  it('brings in all of the demo dump but the broken documents, which it names', async () => {
    await open(database, async (opened) => {
      const { result, rejects } = await importFrom(opened, DEMO_DUMP);
      const told = rejects
        .map(({ collection, id }) => `${collection} ${(id as { $oid: string }).$oid}`)
        .sort();
      expect(told).toEqual(BROKEN.map(({ collection, id }) => `${collection} ${id}`).sort());
      expect(
        rejects.every(({ reasons }) => reasons.length > 0 && reasons.every((reason) => reason.length > 10)),
      ).toBe(true);
      for (const one of result.collections) expect(one.imported + one.rejected).toBe(one.read);
      expect(result.leftAlone).toEqual([]);
      const counts = await Promise.all(
        ALL_ENTITIES.map(async (entity) => [
          tableOf(entity).name,
          await opened.dataSource.getRepository(entity).count(),
        ]),
      );
      const { import_checkpoints: checkpoints, ...rows } = Object.fromEntries(counts) as Record<
        string,
        number
      >;
      expect(rows).toEqual(DEMO_ROWS);
      expect(checkpoints).toBe(result.collections.length);
    });
  });

  it('leads from one collection to another by the new ids', async () => {
    await open(database, async (opened) => {
      const all = <T extends object>(entity: new () => T): Promise<T[]> =>
        opened.dataSource.getRepository(entity).find();
      const sources = new Map((await all(KnowledgeSource)).map((one) => [one.id, one.systemName]));
      const chunks = (await all(DocumentChunk)).map((chunk) => sources.get(chunk.knowledgeSourceId));
      expect(new Set(chunks)).toEqual(new Set(['HELP_CENTER', 'HR_WIKI', 'ALTE_HANDBUCHER_2023']));
      const jobs = new Map((await all(Job)).map((job) => [job.id, job]));
      const referring = [...(await all(KnowledgeSource)), ...(await all(Evaluation))].filter(
        ({ jobId }) => jobId !== null,
      );
      expect(referring.length).toBeGreaterThan(1);
      for (const { jobId, extra } of referring)
        expect(jobs.get(jobId ?? '')?.sourceId).toBe(extra?.['job_id']);
      const conversations = new Set((await all(Conversation)).map(({ id }) => id));
      const metrics = (await all(Metric)).filter(({ conversationId }) => conversationId !== null);
      expect(metrics.length).toBeGreaterThan(0);
      for (const { conversationId } of metrics) expect(conversations).toContain(conversationId);
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
