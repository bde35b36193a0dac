import { afterEach, beforeEach, expect, it } from '@jest/globals';
import type { Document } from 'bson';
import type { OpenDatabase } from '../../src/database/data-source.js';
import { ImportLock as LockRow } from '../../src/entities/import-lock.js';
import { ImportRun } from '../../src/entities/import-run.js';
import { Trace } from '../../src/entities/trace.js';
import { ImportLock, importHolder } from '../../src/import/import-lock.js';
import { readImportHistory } from '../../src/import/import-status.js';
import { inTransaction } from '../../src/database/transaction.js';
import type { Plain } from '../../src/repositories/import-progress-repository.js';
import { ImportRunRepository } from '../../src/repositories/import-run-repository.js';
import { caught } from '../support/caught.js';
import { createTestDatabase, forEachDatabase, type TestDatabase } from '../support/databases.js';
import { dumpOf, importAll } from '../support/import-documents.js';
import { migrateUp, open } from '../support/open-database.js';
import { useTempFolder } from '../support/temp-folder.js';

const DOCUMENTS: Document[] = Array.from({ length: 60 }, (_, number) => ({
  _id: `trace-${number}`,
  name: 'a trace',
  start_time: new Date(Date.UTC(2025, 0, 1, 0, number)),
}));
const runOf = (id: string): Plain<ImportRun> => ({
  ...{
    id,
    source: 'file:x',
    scope: {},
    status: 'running',
    userName: 'u',
    host: 'h',
    pid: 1,
    toolVersion: 'test',
  },
  ...{ startedAt: new Date(), updatedAt: new Date(), endedAt: null },
  ...{ documentsRead: 0, documentsWritten: 0, documentsUnchanged: 0, documentsRejected: 0, documentsGone: 0 },
  ...{ rejectsFile: null, errorCode: null, errorMessage: null, collections: null },
});
const WHO = { toolVersion: 'test' };

forEachDatabase('the import lock', (kind) => {
  const folder = useTempFolder();
  let database: TestDatabase;

  beforeEach(async () => {
    database = await createTestDatabase(kind);
    await migrateUp(database);
  });

  afterEach(() => database.drop());

  const rows = (opened: OpenDatabase) => opened.dataSource.getRepository(LockRow);

  it('lets one import in at a time, and names it to the others', async () => {
    const dump = await dumpOf(folder.path, { traces: DOCUMENTS });
    await open(database, async (opened) => {
      const lock = await ImportLock.take(opened, WHO);
      const error = await caught(() => importAll(opened, folder.path, dump));
      expect(error).toMatchObject({ code: 'import.lock.held', details: { holder: { pid: process.pid } } });
      expect(String((error as { why?: string }).why)).toContain(`process ${process.pid}`);
      expect(await opened.dataSource.getRepository(Trace).count()).toBe(0);
      expect(await opened.dataSource.getRepository(ImportRun).count()).toBe(0);
      await lock.release();
      expect((await importAll(opened, folder.path, dump)).result.complete).toBe(true);
      expect(await importHolder(opened)).toBeUndefined();
    });
  });

  it('goes to one of two that ask at once', async () => {
    for (let round = 0; round < 5; round += 1) {
      const take = (): Promise<string> =>
        open(database, async (opened) => {
          try {
            await ImportLock.take(opened, WHO);
            return 'taken';
          } catch (error) {
            return (error as { code: string }).code;
          }
        });
      const outcomes = await Promise.all([take(), take()]);
      expect(outcomes.sort()).toEqual(['import.lock.held', 'taken']);
      await open(database, (opened) => rows(opened).clear());
    }
  });

  it('is taken from a process that is gone, whose import is told to be killed', async () => {
    const dump = await dumpOf(folder.path, { traces: DOCUMENTS });
    await open(database, async (opened) => {
      const lock = await ImportLock.take(opened, WHO);
      const [row] = await rows(opened).find();
      if (!row) throw new Error('there is no row');
      await lock.release();
      // The same process, born at another time.
      const [random, place] = row.token.split('.');
      const token = `${random}.${place}.1`;
      await rows(opened).insert(Object.assign(row, { token }));
      await inTransaction(opened, (runner) =>
        new ImportRunRepository(opened).save(runner, runOf(random ?? '')),
      );
      expect((await readImportHistory(opened, 5, undefined))[0]?.status).toBe('killed');
      const stale: number[] = [];
      const options = { onStale: ({ pid }: { pid: number }): number => stale.push(pid) };
      expect((await importAll(opened, folder.path, dump, options)).result.complete).toBe(true);
      expect(stale).toEqual([process.pid]);
      const found = await opened.dataSource.getRepository(ImportRun).findOneBy({ id: random });
      expect(found?.status).toBe('killed');
    });
  });

  it('is taken from another host only when its lease is over', async () => {
    await open(database, async (opened) => {
      const lock = await ImportLock.take(opened, { ...WHO, leaseMs: 60_000 });
      const [row] = await rows(opened).find();
      await rows(opened).update({ id: 1 }, { token: 'another.place.1', host: 'elsewhere' });
      expect(await caught(() => ImportLock.take(opened, WHO))).toMatchObject({ code: 'import.lock.held' });
      await rows(opened).update({ id: 1 }, { expiresAt: new Date(Date.now() - 1000) });
      const next = await ImportLock.take(opened, WHO);
      expect((await rows(opened).find())[0]?.token).not.toBe(row?.token);
      await next.release();
      await lock.release();
    });
  });

  it('keeps whoever lost it from writing', async () => {
    const dump = await dumpOf(folder.path, { traces: DOCUMENTS });
    await open(database, async (opened) => {
      let there = 0;
      const error = await caught(() =>
        importAll(opened, folder.path, dump, {
          batchSize: 5,
          onProgress: ({ imported }) => {
            if (there > 0 || imported < 5) return;
            there = imported;
            // Not awaited: the next batch is on its way already, and waits for this or comes before it.
            void rows(opened).update({ id: 1 }, { token: 'another.place.1', host: 'elsewhere' });
          },
        }),
      );
      expect(error).toMatchObject({ code: 'import.lock.lost' });
      expect(await opened.dataSource.getRepository(Trace).count()).toBeLessThan(DOCUMENTS.length);
      expect((await rows(opened).find())[0]?.token).toBe('another.place.1');
    });
  });

  it('renews its lease while nothing is written', async () => {
    await open(database, async (opened) => {
      const lock = await ImportLock.take(opened, { ...WHO, leaseMs: 400 });
      await rows(opened).update({ id: 1 }, { host: 'elsewhere' });
      await new Promise((resolve) => setTimeout(resolve, 1200));
      expect(await caught(() => ImportLock.take(opened, WHO))).toMatchObject({ code: 'import.lock.held' });
      await lock.release();
    });
  });
});
