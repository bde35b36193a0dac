import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from '@jest/globals';
import { type Document, serialize } from 'bson';
import { Trace } from '../../src/entities/trace.js';
import { runCli } from '../support/cli.js';
import { createTestDatabase, forEachDatabase, type TestDatabase } from '../support/databases.js';
import { dumpOf } from '../support/import-documents.js';
import { migrateUp, open } from '../support/open-database.js';
import { useTempFolder } from '../support/temp-folder.js';

const COUNT = 1000;
const traces = (broken: Document): Document[] =>
  Array.from({ length: COUNT }, (_, number) => ({
    _id: `trace-${number}`,
    name: 'a trace',
    start_time: new Date(Date.UTC(2025, 0, 1, 0, number)),
    ...(number === 500 && broken),
  }));

forEachDatabase(
  'import retry',
  (kind) => {
    const folder = useTempFolder();
    let database: TestDatabase;

    beforeEach(async () => {
      database = await createTestDatabase(kind);
      await migrateUp(database);
    });

    afterEach(() => database.drop());

    const dbtool = (...args: string[]) =>
      runCli(args, { cwd: folder.path, env: { DBTOOL_DATABASE_URL: database.url }, timeoutMs: 60_000 });
    const count = (): Promise<number> =>
      open(database, ({ dataSource }) => dataSource.getRepository(Trace).count());
    const rejectsFiles = async (): Promise<string[]> =>
      (await readdir(folder.path)).filter((name) => name.startsWith('dbtool-rejects-')).sort();

    it('brings in the one of a thousand that was rejected, once it is mended', async () => {
      const dump = await dumpOf(folder.path, { traces: traces({ start_time: 'soon' }) });
      expect(await dbtool('import', 'mongo', '--from', dump)).toMatchObject({ code: 4 });
      expect(await count()).toBe(COUNT - 1);
      const [file = ''] = await rejectsFiles();
      expect(await dbtool('import', 'retry', file)).toMatchObject({ code: 4 });
      expect(await count()).toBe(COUNT - 1);

      const text = await readFile(join(folder.path, file), 'utf8');
      const mended = text.replace('"soon"', '{"$date": {"$numberLong": "1735689600000"}}');
      expect(mended).not.toBe(text);
      await writeFile(join(folder.path, 'mended.ndjson'), mended);
      const { code, stdout } = await dbtool('import', 'retry', 'mended.ndjson', '--json');
      expect(code).toBe(0);
      expect(JSON.parse(stdout)).toMatchObject({
        ok: true,
        data: { complete: true, collections: [{ collection: 'traces', read: 1, imported: 1 }] },
      });
      expect(await count()).toBe(COUNT);
      const [row] = await open(database, ({ dataSource }) =>
        dataSource.getRepository(Trace).findBy({ id: 'trace-500' }),
      );
      expect(row?.startTime).toEqual(new Date(1735689600000));
      // Nothing is kept that an import would go on from.
      const status = await dbtool('import', 'status', '--json');
      const { collections } = (JSON.parse(status.stdout) as { data: { collections: Document[] } }).data;
      expect(collections.filter(({ source }) => String(source).startsWith('rejects:'))).toEqual([]);
      const history = await dbtool('import', 'history');
      expect(history.stdout.match(/ completed /g)).toHaveLength(3);
      expect(history.stdout).toContain('rejects:mended.ndjson');
    });

    it('rejects again what could not be decoded, with its bytes', async () => {
      const bytes = serialize({ _id: 'x', name: 'abc', start_time: new Date() });
      bytes[bytes.indexOf(0x62)] = 0xff;
      const $bson = Buffer.from(bytes).toString('base64');
      await writeFile(
        join(folder.path, 'broken.ndjson'),
        JSON.stringify({ collection: 'traces', id: null, reasons: [], document: { $bson } }),
      );
      expect(await dbtool('import', 'retry', 'broken.ndjson')).toMatchObject({ code: 4 });
      const [file = ''] = await rejectsFiles();
      expect(JSON.parse(await readFile(join(folder.path, file), 'utf8'))).toMatchObject({
        document: { $bson },
      });
    });

    it.each([
      ['no JSON', '{"collection": "traces", "document"', 'in the middle of a line'],
      ['no collection', '{"document": {"_id": 1}}', 'Line 1 names no'],
      ['an unknown collection', '{"collection": "x", "document": {"_id": 1}}', 'Line 1 names no'],
      [
        'no document',
        '{"collection": "traces", "document": {"_id": 1}}\n{"collection": "traces"}',
        'Line 2 holds no',
      ],
      ['no lines', '', 'It holds no documents'],
    ])('refuses %s', async (_, text, told) => {
      await writeFile(join(folder.path, 'bad.ndjson'), text);
      const { code, stderr } = await dbtool('import', 'retry', 'bad.ndjson');
      expect({ code, isTold: stderr.includes('import.rejects.unreadable') && stderr.includes(told) }).toEqual(
        {
          code: 2,
          isTold: true,
        },
      );
      expect(await count()).toBe(0);
    });
  },
  { only: ['sqlite', 'postgres', 'mariadb'] },
);
