import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from '@jest/globals';
import { ObjectId, type Document } from 'bson';
import { MongoClient } from 'mongodb';
import { Trace } from '../../src/entities/trace.js';
import { runCli, type CliResult } from '../support/cli.js';
import { createTestDatabase, forEachDatabase, type TestDatabase } from '../support/databases.js';
import { loadDocuments } from '../support/mongo/load.js';
import { startStandIn, type StandIn } from '../support/mongo/server.js';
import { databaseUrl, type MongoHandle, startMongo } from '../support/mongo/start.js';
import { migrateUp, open } from '../support/open-database.js';

const DAY = 86_400_000;

interface Summary {
  data: { collections: { collection: string; read: number; imported: number }[] };
}

function trace(name: string, start_time: unknown): Document {
  return { _id: new ObjectId(), name, start_time, spans: [{ id: 'root', name }] };
}

async function replaceDocument(
  url: string,
  database: string,
  collection: string,
  document: Document,
): Promise<void> {
  const client = new MongoClient(url);
  try {
    await client
      .db(database)
      .collection(collection)
      .replaceOne({ _id: document['_id'] as ObjectId }, document);
  } finally {
    await client.close();
  }
}

forEachDatabase('--since, from a live server', (kind) => {
  let mongo: MongoHandle;
  let database: TestDatabase;
  let name: string;

  beforeAll(async () => {
    mongo = await startMongo();
  });

  afterAll(async () => {
    await mongo.stop();
  });

  beforeEach(async () => {
    name = `since_${new ObjectId().toHexString()}`;
    database = await createTestDatabase(kind);
    await migrateUp(database);
  });

  afterEach(async () => {
    await database.drop();
  });

  async function importTraces(
    ...flags: string[]
  ): Promise<{ code: number | null; read: number; stderr: string }> {
    const { code, stdout, stderr } = await runCli(['import', 'mongo', '--json', ...flags], {
      env: { DBTOOL_DATABASE_URL: database.url, DBTOOL_IMPORT_FROM: databaseUrl(mongo.url, name) },
    });
    const summary = JSON.parse(stdout) as Summary;
    return {
      code,
      read: summary.data.collections.find(({ collection }) => collection === 'traces')?.read ?? -1,
      stderr,
    };
  }
  const names = (): Promise<string[]> =>
    open(database, async ({ dataSource }) =>
      (await dataSource.getRepository(Trace).find({ order: { name: 'ASC' } })).map((one) => one.name ?? ''),
    );

  it('a date: what started then or later, and what has no date to tell by', async () => {
    await loadDocuments(mongo.url, name, {
      traces: [
        trace('a before', new Date('2025-08-19T23:59:59.999Z')),
        trace('b exactly', new Date('2025-08-20T00:00:00.000Z')),
        trace('c after', new Date('2025-08-21T10:00:00.000Z')),
        trace('d text', '2025-01-01T00:00:00Z'),
      ],
    });
    expect(await importTraces('--since', '2025-08-20')).toMatchObject({ code: 0, read: 3 });
    expect(await names()).toEqual(['b exactly', 'c after', 'd text']);
  });

  it('an age: what started in the last so many days', async () => {
    const now = Date.now();
    await loadDocuments(mongo.url, name, {
      traces: [
        trace('eight days ago', new Date(now - 8 * DAY)),
        trace('six days ago', new Date(now - 6 * DAY)),
        trace('now', new Date(now)),
      ],
    });
    expect(await importTraces('--since', '7d')).toMatchObject({ code: 0, read: 2 });
    expect(await names()).toEqual(['now', 'six days ago']);
  });

  it('last: everything at first, then only what is new, and some time before it', async () => {
    const start = Date.now() - DAY;
    const at = (minutes: number): Date => new Date(start + minutes * 60_000);
    await loadDocuments(mongo.url, name, {
      traces: [trace('1', at(0)), trace('2', at(50)), trace('3', at(60))],
    });
    expect(await importTraces('--since', 'last')).toMatchObject({ code: 0, read: 3 });
    // Written late, with a start shortly before the last one that was seen.
    await loadDocuments(mongo.url, name, { traces: [trace('4 late', at(55)), trace('5 new', at(120))] });
    expect(await importTraces('--since', 'last')).toMatchObject({ code: 0, read: 4 });
    expect(await names()).toEqual(['1', '2', '3', '4 late', '5 new']);
    expect(await importTraces('--since', 'last')).toMatchObject({ code: 0, read: 1 });
    expect(await names()).toHaveLength(5);
  });

  it('last: what was still running is read again until it is done', async () => {
    const start = Date.now() - DAY / 2;
    const at = (minutes: number): Date => new Date(start + minutes * 60_000);
    const running = { ...trace('long', at(0)), status: 'running' };
    const stuck = { ...trace('stuck', new Date(start - 3 * DAY)), status: 'running' };
    await loadDocuments(mongo.url, name, { traces: [stuck, running, trace('later', at(300))] });
    expect(await importTraces('--since', 'last')).toMatchObject({ code: 0, read: 3 });
    await replaceDocument(mongo.url, name, 'traces', { ...running, status: 'success', latency: 42 });
    expect(await importTraces('--since', 'last')).toMatchObject({ code: 0, read: 2 });
    await open(database, async ({ dataSource }) => {
      const found = await dataSource.getRepository(Trace).findOneByOrFail({ name: 'long' });
      expect(found).toMatchObject({ status: 'success', latency: 42 });
    });
    // Nothing runs any more, so only the overlap before the newest is read.
    expect(await importTraces('--since', 'last')).toMatchObject({ code: 0, read: 1 });
  });

  it('last: another source is another matter', async () => {
    await loadDocuments(mongo.url, name, {
      traces: [
        trace('old', new Date('2020-01-01T00:00:00Z')),
        trace('new', new Date('2025-01-01T00:00:00Z')),
      ],
    });
    await importTraces('--since', 'last');
    name = `${name}_other`;
    await loadDocuments(mongo.url, name, { traces: [trace('very old', new Date('2019-01-01T00:00:00Z'))] });
    expect(await importTraces('--since', 'last')).toMatchObject({ code: 0, read: 1 });
    expect(await names()).toEqual(['new', 'old', 'very old']);
  });
});

forEachDatabase('a live server that is difficult', (kind) => {
  const PASSWORD = 'gr3en-Tea!';
  let server: StandIn;
  let database: TestDatabase;

  beforeAll(async () => {
    server = await startStandIn({ users: [{ user: 'reader', password: PASSWORD }] });
    database = await createTestDatabase(kind);
    await migrateUp(database);
    const traces = Array.from({ length: 3000 }, (_, index) =>
      trace(`t${index}`, new Date(1_750_000_000_000 + index)),
    );
    await loadDocuments(withUser(PASSWORD), 'genai', { traces });
  });

  afterAll(async () => {
    await server.stop();
    await database.drop();
  });

  const withUser = (password: string): string =>
    server.url.replace('mongodb://', `mongodb://reader:${encodeURIComponent(password)}@`);
  const importFrom = (
    url: string,
    env: Record<string, string> = {},
    ...flags: string[]
  ): Promise<CliResult> =>
    runCli(['import', 'mongo', ...flags], {
      env: { DBTOOL_DATABASE_URL: database.url, DBTOOL_IMPORT_FROM: url, ...env },
    });
  const rows = (): Promise<number> =>
    open(database, ({ dataSource }) => dataSource.getRepository(Trace).count());

  it('refuses a wrong password, which is shown nowhere', async () => {
    for (const json of [[], ['--json'], ['--verbose']]) {
      const result = await importFrom(
        `${withUser('wr0ng-Pass/word')}/genai?authSource=admin`,
        { DEBUG: '1' },
        ...json,
      );
      expect(result.code).toBe(2);
      expect(result.stdout + result.stderr).toContain('import.source.authentication');
      expect(result.stdout + result.stderr).not.toMatch(/wr0ng/);
    }
    expect(await rows()).toBe(0);
  });

  it('breaks off: coded, what came is in whole batches, and a second run completes it', async () => {
    // The password apart from the URL, as one would have it in production.
    const url = `${server.url.replace('mongodb://', 'mongodb://reader@')}/genai?authSource=admin`;
    const settings = { DBTOOL_IMPORT_PASSWORD: PASSWORD, DBTOOL_IMPORT_BATCH_SIZE: '100' };
    // Each time once more by the driver itself.
    server.failNext({ command: 'getMore', after: 1, how: 'close' });
    server.failNext({ command: 'find', after: 1, how: 'close', times: 14 });
    const broken = await importFrom(url, settings);
    expect(broken.code).toBe(1);
    expect(broken.stderr).toContain('import.source.lost');
    const came = await rows();
    expect(came).toBeGreaterThan(0);
    expect(came).toBeLessThan(3000);
    expect(came % 100).toBe(0);
    expect(await importFrom(url, settings)).toMatchObject({ code: 0 });
    expect(await rows()).toBe(3000);
  });
});
