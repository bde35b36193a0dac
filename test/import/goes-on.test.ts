import { afterEach, beforeEach, expect, it } from '@jest/globals';
import type { Document } from 'bson';
import { utimes } from 'node:fs/promises';
import path from 'node:path';
import type { OpenDatabase } from '../../src/database/data-source.js';
import { ImportCheckpoint } from '../../src/entities/import-checkpoint.js';
import { ImportProgress } from '../../src/entities/import-progress.js';
import { ImportRun } from '../../src/entities/import-run.js';
import { Span } from '../../src/entities/span.js';
import { Trace } from '../../src/entities/trace.js';
import type { ImportOptions, ImportResult } from '../../src/import/importer.js';
import { readImportHistory, readImportStatus } from '../../src/import/import-status.js';
import { caught } from '../support/caught.js';
import { contentHashes } from '../support/content-hash.js';
import { createTestDatabase, forEachDatabase, type TestDatabase } from '../support/databases.js';
import { dumpOf, importAll } from '../support/import-documents.js';
import { migrateUp, open } from '../support/open-database.js';
import { useTempFolder } from '../support/temp-folder.js';

const COUNT = 120;
const at = (minute: number): Date => new Date(Date.UTC(2025, 0, 1, 0, minute));

function traceOf(number: number, more: Document = {}): Document {
  return {
    _id: `trace-${String(number).padStart(4, '0')}`,
    name: `Trace ${number}`,
    status: 'success',
    start_time: at(number),
    spans: [{ id: `span-${number}`, name: 'only', start_time: at(number) }],
    ...more,
  };
}

const traces = (more: Record<number, Document> = {}): Document[] =>
  Array.from({ length: COUNT }, (_, number) => traceOf(number, more[number]));

forEachDatabase('an import that goes on', (kind) => {
  const folder = useTempFolder();
  let database: TestDatabase;

  beforeEach(async () => {
    database = await createTestDatabase(kind);
    await migrateUp(database);
  });

  afterEach(() => database.drop());

  /** Stops the import once so many documents are in. */
  async function stopAfter(opened: OpenDatabase, dump: string, documents: number): Promise<ImportResult> {
    const stop = new AbortController();
    const { result } = await importAll(opened, folder.path, dump, {
      batchSize: 10,
      signal: stop.signal,
      onProgress: ({ imported }) => {
        if (imported >= documents) stop.abort();
      },
    });
    return result;
  }

  const importWith = async (
    opened: OpenDatabase,
    dump: string,
    options: Partial<ImportOptions> = {},
  ): Promise<{ result: ImportResult; notices: string[] }> => {
    const notices: string[] = [];
    const onNotice = (text: string): number => notices.push(text);
    const { result } = await importAll(opened, folder.path, dump, { batchSize: 10, onNotice, ...options });
    return { result, notices };
  };

  const progressOf = (opened: OpenDatabase): Promise<ImportProgress[]> =>
    opened.dataSource.getRepository(ImportProgress).find();

  it('reads only what is left, and ends with what one import would have made', async () => {
    const dump = await dumpOf(folder.path, { traces: traces() });
    await open(database, async (opened) => {
      const stopped = await stopAfter(opened, dump, 50);
      expect(stopped).toMatchObject({ complete: false, collections: [{ stoppedBy: 'signal' }] });
      const there = await opened.dataSource.getRepository(Trace).count();
      expect(there).toBeGreaterThanOrEqual(50);
      expect(await progressOf(opened)).toMatchObject([{ collection: 'traces', documentsRead: there }]);
      expect(await opened.dataSource.getRepository(ImportCheckpoint).count()).toBe(0);

      const { result, notices } = await importWith(opened, dump);
      expect(result).toMatchObject({
        complete: true,
        collections: [{ read: COUNT - there, imported: COUNT - there, resumed: { documents: there } }],
      });
      expect(notices.join()).toContain(`behind document ${there}`);
      expect(await progressOf(opened)).toEqual([]);
      const [checkpoint] = await opened.dataSource.getRepository(ImportCheckpoint).find();
      expect(checkpoint).toMatchObject({ documents: COUNT, watermark: at(COUNT - 1) });
      const made = await contentHashes(opened);
      const clean = await createTestDatabase(kind);
      try {
        await migrateUp(clean);
        await open(clean, async (other) => {
          await importWith(other, dump);
          expect(await contentHashes(other)).toEqual(made);
        });
      } finally {
        await clean.drop();
      }
    });
  });

  it('begins anew when told to, when asked for something else, and when the file is another one', async () => {
    const dump = await dumpOf(folder.path, { traces: traces() });
    await open(database, async (opened) => {
      await stopAfter(opened, dump, 20);
      expect((await importWith(opened, dump, { restart: true })).result.collections[0]?.read).toBe(COUNT);
      await stopAfter(opened, dump, 20);
      const until = { until: at(COUNT) };
      expect((await importWith(opened, dump, until)).result.collections[0]?.read).toBe(COUNT);
      // All is in by now, so that nothing but the reading itself can be stopped.
      await importWith(opened, dump, { limit: 20 });
      expect(await progressOf(opened)).toMatchObject([{ documentsRead: 20 }]);
      await utimes(path.join(dump, 'traces.bson'), at(0), at(0));
      const { result, notices } = await importWith(opened, dump);
      expect(result.collections[0]).toMatchObject({ read: COUNT, unchanged: COUNT, resumed: null });
      expect(notices.join()).toContain('the source is another one by now');
    });
  });

  it('stops at a limit, in time, and at too many rejects, and goes on behind that', async () => {
    const broken = Object.fromEntries([30, 31, 32, 33].map((number) => [number, { start_time: 'soon' }]));
    const dump = await dumpOf(folder.path, { traces: traces(broken) });
    await open(database, async (opened) => {
      const limited = await importWith(opened, dump, { limit: 25 });
      expect(limited.result).toMatchObject({
        complete: false,
        collections: [{ read: 25, imported: 25, stoppedBy: 'limit' }],
      });
      const timed = await importWith(opened, dump, { maxMs: 0 });
      expect(timed.result).toMatchObject({ complete: false, collections: [] });
      const error = await caught(() => importWith(opened, dump, { maxRejects: 2 }));
      expect(error).toMatchObject({ code: 'import.rejects.too-many' });
      const read = (await progressOf(opened))[0]?.documentsRead ?? 0;
      expect(read).toBeGreaterThan(33);
      const { result } = await importWith(opened, dump);
      expect(result).toMatchObject({
        complete: true,
        collections: [{ read: COUNT - read, resumed: { documents: read, rejected: 4 } }],
      });
      expect(await opened.dataSource.getRepository(Trace).count()).toBe(COUNT - 4);
      const history = await readImportHistory(opened, 10, undefined);
      expect(history.map(({ status, errorCode }) => [status, errorCode])).toEqual([
        ['completed', null],
        ['failed', 'import.rejects.too-many'],
        ['stopped', null],
        ['stopped', null],
      ]);
    });
  });

  it('counts what the database refused, up to the document where it stopped', async () => {
    const models = Array.from({ length: 40 }, (_, number) => ({
      ...{ _id: number, system_name: `MODEL_${number}` },
      ...(number % 7 === 3 && { provider_system_name: 'NOBODY' }),
      ...(number % 7 === 5 && { price_input: 'free' }),
    }));
    const dump = await dumpOf(folder.path, { models });
    await open(database, async (opened) => {
      // The last batch before the end holds documents that are refused, and so does the one after it.
      const { result } = await importWith(opened, dump, { limit: 34 });
      expect(result.collections).toMatchObject([{ read: 34, rejected: 10, stoppedBy: 'limit' }]);
      expect(await progressOf(opened)).toMatchObject([{ documentsRead: 34, documentsRejected: 10 }]);
      const { result: rest } = await importWith(opened, dump);
      expect(rest.collections).toMatchObject([
        { read: 6, rejected: 1, resumed: { documents: 34, rejected: 10 } },
      ]);
    });
  });

  it('passes over no document that was written while it was stopped', async () => {
    const dump = await dumpOf(folder.path, { traces: traces() });
    await open(database, async (opened) => {
      await stopAfter(opened, dump, 20);
      await opened.dataSource
        .getRepository(ImportProgress)
        .update({ collection: 'traces' }, { startedAt: at(40) });
      await importWith(opened, dump);
      // What is dated behind the beginning may have been written where the first import had passed already.
      const [checkpoint] = await opened.dataSource.getRepository(ImportCheckpoint).find();
      expect(checkpoint?.watermark).toEqual(at(40));
    });
  });

  it('writes nothing of what is unchanged, and only that what has changed', async () => {
    await open(database, async (opened) => {
      await importWith(opened, await dumpOf(folder.path, { traces: traces() }));
      const repository = opened.dataSource.getRepository(Trace);
      await repository.update({ id: 'trace-0007' }, { name: 'changed by hand' });
      const changed = traces({ 5: { name: 'new', spans: [] } });
      const dump = await dumpOf(folder.path, { traces: changed });
      const { result } = await importWith(opened, dump);
      expect(result.collections[0]).toMatchObject({ read: COUNT, imported: COUNT, unchanged: COUNT - 1 });
      expect(await repository.findOneBy({ id: 'trace-0005' })).toMatchObject({ name: 'new' });
      expect(await opened.dataSource.getRepository(Span).countBy({ traceId: 'trace-0005' })).toBe(0);
      expect(await repository.findOneBy({ id: 'trace-0007' })).toMatchObject({ name: 'changed by hand' });
      await importWith(opened, dump, { overwrite: true });
      expect(await repository.findOneBy({ id: 'trace-0007' })).toMatchObject({ name: 'Trace 7' });
    });
  });

  it('keeps the later one of two documents with one _id, also when the first is in already', async () => {
    await open(database, async (opened) => {
      const [first, second] = [traceOf(1), traceOf(1, { name: 'later' })];
      for (const list of [
        [first, second],
        [second, first],
        [first, second, first],
      ]) {
        await importWith(opened, await dumpOf(folder.path, { traces: list }), { batchSize: 1 });
        const [row] = await opened.dataSource.getRepository(Trace).find();
        expect(row?.name).toBe(list.at(-1)?.['name']);
      }
    });
  });

  it('does not even read a file that was imported before, when only what is new is wanted', async () => {
    const dump = await dumpOf(folder.path, { traces: traces() });
    const last = { since: { kind: 'last' } } as const;
    await open(database, async (opened) => {
      const first = await importWith(opened, dump, last);
      expect(first.notices.join()).toContain('no import of this source is on record');
      const again = await importWith(opened, dump, last);
      expect(again.result).toMatchObject({ complete: true, collections: [{ read: 0, sameSource: true }] });
      await utimes(path.join(dump, 'traces.bson'), at(0), at(0));
      const other = await importWith(opened, dump, last);
      // The last quarter of an hour is read again, its first minute included.
      expect(other.result.collections[0]).toMatchObject({ read: 16, unchanged: 16, sameSource: false });
    });
  });

  it('tells what is in, what was stopped and how imports ended', async () => {
    const dump = await dumpOf(folder.path, { traces: traces(), prompts: [] });
    await open(database, async (opened) => {
      await stopAfter(opened, dump, 30);
      const { holder, collections } = await readImportStatus(opened);
      expect(holder).toBeUndefined();
      expect(collections).toMatchObject([
        { collection: 'prompts', state: 'complete', documents: 0, documentsRead: null },
        { collection: 'traces', state: 'stopped', completedAt: null },
      ]);
      const [run] = await opened.dataSource.getRepository(ImportRun).find();
      expect(run).toMatchObject({ status: 'stopped', documentsWritten: collections[1]?.documentsRead });
      await importWith(opened, dump);
      const done = await readImportStatus(opened);
      expect(done.collections.map(({ state }) => state)).toEqual(['complete', 'complete']);
    });
  });
});
