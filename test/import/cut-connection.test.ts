import { afterEach, beforeEach, expect, it } from '@jest/globals';
import { Trace } from '../../src/entities/trace.js';
import { traceDocument } from '../../bench/lib/trace-documents.mjs';
import { disconnectAll } from '../conformance/support/disconnect.js';
import { campaign } from '../support/campaign.js';
import { contentHashes } from '../support/content-hash.js';
import { createTestDatabase, forEachDatabase, type TestDatabase } from '../support/databases.js';
import { dumpOf, importAll } from '../support/import-documents.js';
import { migrateUp, open } from '../support/open-database.js';
import { useTempFolder } from '../support/temp-folder.js';

const TRACES = 600;
const CUTS = campaign(30);

forEachDatabase(
  'an import whose connections to the database are cut',
  (kind) => {
    const folder = useTempFolder();
    let database: TestDatabase;
    let clean: TestDatabase;

    beforeEach(async () => {
      database = await createTestDatabase(kind);
      clean = await createTestDatabase(kind);
      await migrateUp(database);
      await migrateUp(clean);
    });

    afterEach(async () => {
      await database.drop();
      await clean.drop();
    });

    it(`${CUTS} times makes them anew, says so, and loses and doubles nothing`, async () => {
      const dump = await dumpOf(folder.path, {
        traces: Array.from({ length: TRACES }, (_, at) => traceDocument(at)),
      });
      const notices: string[] = [];
      const every = Math.floor(TRACES / (CUTS + 1));
      let cuts = 0;
      let cutting: Promise<void> = Promise.resolve();
      await open(database, async (opened) => {
        const { result } = await importAll(opened, folder.path, dump, {
          batchSize: 10,
          onNotice: (text) => notices.push(text),
          onProgress: ({ imported }) => {
            if (cuts >= CUTS || imported < (cuts + 1) * every) return;
            cuts += 1;
            cutting = cutting.then(() => disconnectAll(database));
          },
        });
        await cutting;
        expect(result).toMatchObject({ complete: true, collections: [{ read: TRACES, imported: TRACES }] });
      });
      expect(cuts).toBe(CUTS);
      expect(notices.filter((text) => text.includes('trying again')).length).toBeGreaterThan(0);
      await open(clean, (opened) => importAll(opened, folder.path, dump));
      const [mended, straight] = [await open(database, contentHashes), await open(clean, contentHashes)];
      expect(mended).toEqual(straight);
      expect(await open(database, ({ dataSource }) => dataSource.getRepository(Trace).count())).toBe(TRACES);
    }, 300_000);
  },
  { only: ['postgres', 'mariadb'] },
);
