import { afterEach, beforeEach, expect, it } from '@jest/globals';
import { type Document, ObjectId } from 'bson';
import { readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { BROKEN, generateDemoData } from '../../scripts/demo-data/generate.mjs';
import { AiModel } from '../../src/entities/ai-model.js';
import { Span } from '../../src/entities/span.js';
import { Trace } from '../../src/entities/trace.js';
import type { ImportResult } from '../../src/import/importer.js';
import type { Reject } from '../../src/import/rejects.js';
import { type CliOptions, type CliResult, runCli } from '../support/cli.js';
import { contentLines } from '../support/content-hash.js';
import { createTestDatabase, forEachDatabase, type TestDatabase } from '../support/databases.js';
import { extendedJson } from '../support/extended-json-texts.js';
import { dumpOf, importAll } from '../support/import-documents.js';
import { migrateUp, open } from '../support/open-database.js';
import { writeArchive } from '../support/platform-sources.js';
import { expectSameContent } from '../support/same-content.js';
import { useTempFolder } from '../support/temp-folder.js';

type Rows = Record<string, Record<string, unknown>[]>;

/** Texts that a program which guesses takes for times, numbers and the like. */
const TEXTS = [
  ...[
    '20240115',
    '2024-01-15',
    '2024-01-15T10:00:00Z',
    '2024-01-15 10:00:00.000+02:00',
    '15.01.2024',
    '12:30',
  ],
  ...['1705312800000', '1e5', '007', '0x10', '-0', 'NaN', 'true', 'null', 'None', '65cd6db93a8d335865cd6db9'],
  ...['{"$date":"2024-01-15T00:00:00Z"}', '[1]', ' padded '],
];

/** Documents of all collections, without those that are broken on purpose. */
function soundDocuments(): Record<string, Document[]> {
  const broken = new Set(BROKEN.map(({ id }) => id));
  return Object.fromEntries(
    Object.entries(generateDemoData({ traces: 60 })).map(([collection, documents]) => [
      collection,
      documents.filter(({ _id }) => !broken.has(String(_id))),
    ]),
  );
}

/** What the first database holds after an import of these documents. */
let first: Record<string, string[]> | undefined;

/** What the script did that dbtool takes the place of, each by its name. */
forEachDatabase('never again', (kind) => {
  const folder = useTempFolder();
  let database: TestDatabase;

  beforeEach(async () => {
    database = await createTestDatabase(kind);
    await migrateUp(database);
  });
  afterEach(() => database.drop());

  const dbtool = (args: string[], options: CliOptions = {}): Promise<CliResult> =>
    runCli(args, {
      cwd: folder.path,
      timeoutMs: 120_000,
      ...options,
      env: { DBTOOL_DATABASE_URL: database.url, ...options.env },
    });
  const importInto = (target: TestDatabase, from: string, options = {}): Promise<Rows> =>
    open(target, async (opened) => {
      const { rejects } = await importAll(opened, folder.path, from, options);
      expect(rejects).toEqual([]);
      const lines = Object.entries(await contentLines(opened, null));
      return Object.fromEntries(
        lines.map(([table, rows]) => [table, rows.map((row) => JSON.parse(row) as Record<string, unknown>)]),
      );
    });
  const linesOf = (rows: Rows): Record<string, string[]> =>
    Object.fromEntries(
      Object.entries(rows).map(([table, list]) => [table, list.map((row) => JSON.stringify(row))]),
    );

  it.each([
    ['a rule of dbtool', { price_input: 'free' }, 'price_input must be an amount of money'],
    ['the database alone', { provider_system_name: 'NOBODY' }, 'the database refuses it'],
  ])('loses a document that fits for another of its batch that %s refuses', async (_, fault, reason) => {
    const models = Array.from({ length: 1000 }, (__, number) => ({
      ...{ _id: new ObjectId(), system_name: `MODEL_${number}` },
      ...(number === 617 && fault),
    }));
    const from = await dumpOf(folder.path, { models });
    const { code, stdout } = await dbtool([
      'import',
      'mongo',
      '--from',
      from,
      '--rejects',
      'bad.ndjson',
      '--json',
    ]);
    expect(code).toBe(4);
    expect(JSON.parse(stdout)).toMatchObject({
      findings: [{ code: 'import.rejects' }],
      data: { collections: [{ read: 1000, imported: 999, rejected: 1 }] },
    });
    const lines = (await readFile(path.join(folder.path, 'bad.ndjson'), 'utf8')).trimEnd().split('\n');
    expect(lines.map((line) => JSON.parse(line) as Reject)).toMatchObject([
      {
        id: { $oid: models[617]?._id.toHexString() },
        reasons: [{ reason: expect.stringContaining(reason) as unknown }],
      },
    ]);
    const names = await open(database, async ({ dataSource }) =>
      (await dataSource.getRepository(AiModel).find()).map(({ systemName }) => systemName),
    );
    const expected = models.map(({ system_name }) => system_name).filter((name) => name !== 'MODEL_617');
    expect(names.sort()).toEqual(expected.sort());
  });

  it('doubles rows when it runs again', async () => {
    const documents = soundDocuments();
    const from = await dumpOf(folder.path, documents);
    const once = linesOf(await importInto(database, from));
    expectSameContent(linesOf(await importInto(database, from)), once);
    // Also where all is written again, in other batches, and read from another kind of source.
    expectSameContent(linesOf(await importInto(database, from, { overwrite: true, batchSize: 7 })), once);
    const archive = await writeArchive(folder.path, documents, true);
    expectSameContent(linesOf(await importInto(database, archive, { restart: true, overwrite: true })), once);
  }, 180_000);

  it('makes ids anew in each run, so that references lead nowhere', async () => {
    const documents = soundDocuments();
    const rows = await importInto(database, await dumpOf(folder.path, documents));
    const other = await createTestDatabase(kind);
    try {
      await migrateUp(other);
      const backwards = Object.entries(documents).map(([name, list]) => [name, list.toReversed()] as const);
      const again = await importInto(other, await dumpOf(folder.path, Object.fromEntries(backwards)));
      expectSameContent(linesOf(again), linesOf(rows));
    } finally {
      await other.drop();
    }
    first ??= linesOf(rows);
    expectSameContent(linesOf(rows), first);
    for (const { table, column, to, least } of [
      { table: 'knowledge_sources', column: 'jobId', to: ['jobs'], least: 1 },
      { table: 'evaluations', column: 'jobId', to: ['jobs'], least: 1 },
      { table: 'document_chunks', column: 'knowledgeSourceId', to: ['knowledge_sources'], least: 15 },
      { table: 'spans', column: 'traceId', to: ['traces'], least: 60 },
      { table: 'metrics', column: 'traceId', to: ['traces'], least: 60 },
      {
        table: 'metrics',
        column: 'featureId',
        to: ['prompts', 'rag_tools', 'retrieval_tools', 'agents'],
        least: 50,
      },
    ]) {
      const there = new Set(to.flatMap((name) => rows[name] ?? []).map(({ id }) => id));
      const references = (rows[table] ?? []).map((row) => row[column]).filter((id) => id !== null);
      expect(references.length).toBeGreaterThanOrEqual(least);
      expect([table, column, references.filter((id) => !there.has(id))]).toEqual([table, column, []]);
    }
  }, 180_000);

  it.each(['a dump', 'Extended JSON'])('takes texts for dates, from %s', async (kindOfSource) => {
    const traces: Document[] = TEXTS.map((text, number) => ({
      ...{ _id: `trace-${number}`, start_time: new Date(0), name: text, user_id: text, status: text },
      ...{ extra_data: { text, list: [text, { at: text }], [text]: 1 }, unknown: { created_at: text, text } },
      spans: [{ id: `span-${number}`, name: text, input: text, output: { text }, birthday: text }],
    }));
    let from = await dumpOf(folder.path, { traces });
    if (kindOfSource === 'Extended JSON') {
      from = path.join(folder.path, 'traces.json');
      await writeFile(from, traces.map((trace) => `${extendedJson(trace, 'relaxed, version 2')}\n`).join(''));
    }
    await importInto(database, from);
    await open(database, async ({ dataSource }) => {
      for (const [number, text] of TEXTS.entries()) {
        const id = `trace-${number}`;
        expect(await dataSource.getRepository(Trace).findOneByOrFail({ id })).toMatchObject({
          ...{ name: text, userId: text, status: text, sourceId: expect.stringContaining(id) as unknown },
          extraData: { text, list: [text, { at: text }], [text]: 1 },
          extra: { unknown: { created_at: text, text } },
        });
        expect(await dataSource.getRepository(Span).findOneByOrFail({ traceId: id })).toMatchObject({
          ...{ name: text, input: text, output: { text }, extra: { birthday: text } },
        });
      }
    });
  });

  it('drops fields that it does not know', async () => {
    const unknown = {
      deep: [1, 'x', { at: new Date(0), id: new ObjectId('65cd6db93a8d335865cd6db9') }],
      none: null,
    };
    const lists = ['spans', 'messages', 'results'];
    const documents = Object.entries(soundDocuments()).map(([name, list]) => [
      name,
      list.map((document) => ({
        ...document,
        brand_new: unknown,
        ...Object.fromEntries(
          lists
            .filter((field) => Array.isArray(document[field]))
            .map((field) => [
              field,
              (document[field] as Document[]).map((one) => ({ ...one, brand_new: unknown })),
            ]),
        ),
      })),
    ]);
    const rows = await importInto(
      database,
      await dumpOf(folder.path, Object.fromEntries(documents) as Record<string, Document[]>),
    );
    const kept = {
      deep: [1, 'x', { at: { $date: '1970-01-01T00:00:00.000Z' }, id: { $oid: '65cd6db93a8d335865cd6db9' } }],
      none: null,
    };
    for (const [table, list] of Object.entries(rows)) {
      expect([table, list.length > 0]).toEqual([table, true]);
      for (const { extra } of list) expect([table, (extra as Document)['brand_new']]).toEqual([table, kept]);
    }
  });

  it('begins at the beginning after it was killed', async () => {
    const count = 2000;
    const traces = Array.from({ length: count }, (_, number) => ({
      ...{ _id: `trace-${String(number).padStart(5, '0')}`, start_time: new Date(number) },
      spans: [{ id: 'a' }, { id: 'b' }],
    }));
    const from = await dumpOf(folder.path, { traces });
    const args = ['import', 'mongo', '--from', from];
    const killed = await dbtool([...args, '--verbose'], {
      env: { DBTOOL_IMPORT_BATCH_SIZE: '20' },
      killAfterOutput: { match: /traces: [1-9]\d* imported/, signal: 'SIGKILL' },
    });
    expect(killed.signal).toBe('SIGKILL');
    const { code, stdout } = await dbtool([...args, '--json']);
    expect(code).toBe(0);
    const { collections } = (JSON.parse(stdout) as { data: ImportResult }).data;
    const [{ read, resumed } = { read: 0, resumed: null }] = collections;
    expect(resumed?.documents).toBeGreaterThanOrEqual(20);
    expect(resumed?.documents).toBeLessThan(count);
    expect(read).toBe(count - (resumed?.documents ?? 0));
    await open(database, async ({ dataSource }) => {
      expect(await dataSource.getRepository(Trace).count()).toBe(count);
      expect(await dataSource.getRepository(Span).count()).toBe(count * 2);
    });
  });
});
