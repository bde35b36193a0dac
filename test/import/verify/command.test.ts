import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { type Document, ObjectId } from 'bson';
import { type CliResult, runCli } from '../../support/cli.js';
import { createTestDatabase, forEachDatabase, type TestDatabase } from '../../support/databases.js';
import { dumpOf, importAll } from '../../support/import-documents.js';
import { migrateUp, open } from '../../support/open-database.js';
import { useTempFolder } from '../../support/temp-folder.js';

const id = (number: number): ObjectId => new ObjectId(number.toString(16).padStart(24, '0'));
const hex = (number: number): string => id(number).toHexString();
const trace = (date: number, more: Document = {}): Document => ({
  ...{ _id: id(date), start_time: new Date(Date.UTC(2025, 7, date)) },
  ...more,
});

forEachDatabase(
  'dbtool import verify',
  (kind) => {
    const folder = useTempFolder();
    let database: TestDatabase;
    beforeAll(async () => {
      database = await createTestDatabase(kind);
      await migrateUp(database);
    });
    afterAll(() => database.drop());

    const verify = (from: string, ...flags: string[]): Promise<CliResult> =>
      runCli(['import', 'verify', '--from', from, ...flags], { env: { DBTOOL_DATABASE_URL: database.url } });
    const plain = (text: string): string => text.replaceAll(/ {2,}/g, '  ');

    it('tells what no longer fits, what differs in extra, and what does not fit', async () => {
      const before = { traces: [trace(1), trace(2, { region: 'eu' }), trace(3)] };
      const after = {
        traces: [trace(1, { latency: 'slow' }), trace(2, { region: 'us' }), trace(3), trace(4, { name: 1 })],
      };
      await open(database, async (opened) =>
        importAll(opened, folder.path, await dumpOf(folder.path, before)),
      );
      const dump = await dumpOf(folder.path, after);
      const { code, stdout } = await verify(dump);
      expect(code).toBe(12);
      expect(plain(stdout)).toMatch(/^traces {2}differs {2}4 {2}2 {2}3 {2}0 {2}1 {2}1 {2}0 {2}/m);
      expect(stdout).toContain(
        `traces ${hex(1)}: its document no longer fits: latency must be a number, not a text\n`,
      );
      expect(stdout).toContain(`traces ${hex(2)}: extra.region: "us" at the source, "eu" in the database\n`);
      expect(plain(stdout)).toContain(`traces  name  must be a string, not a number  1  ${hex(4)}\n`);
      const json = JSON.parse((await verify(dump, '--json')).stdout) as { data: { collections: unknown } };
      expect(json.data.collections).toMatchObject([
        {
          ...{
            collection: 'traces',
            since: null,
            until: null,
            unfit: 2,
            different: 1,
            outdated: 1,
            extra: 0,
          },
          unfitReasons: [
            { field: 'latency', reason: 'must be a number, not a text', documents: 1, examples: [hex(1)] },
            { field: 'name', reason: 'must be a string, not a number', documents: 1, examples: [hex(4)] },
          ],
        },
      ]);
    });

    it('compares only the dates that are asked for, and says so', async () => {
      const dump = await dumpOf(folder.path, { traces: [trace(11), trace(12), trace(13)] });
      await open(database, (opened) => importAll(opened, folder.path, dump));
      const range = ['--since', '2025-08-12', '--until', '2025-08-13'];
      const { code, stdout, stderr } = await verify(dump, ...range);
      expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
      expect(plain(stdout)).toMatch(/^traces {2}equal {2}1 {2}0 {2}1 {2}0 {2}0 {2}0 {2}- {2}/m);
      expect(stdout).toContain(
        'only documents since 2025-08-12T00:00:00.000Z and before 2025-08-13T00:00:00.000Z',
      );
      const json = JSON.parse((await verify(dump, ...range, '--json')).stdout) as {
        data: { collections: unknown };
      };
      expect(json.data.collections).toMatchObject([
        { since: '2025-08-12T00:00:00.000Z', until: '2025-08-13T00:00:00.000Z', read: 1, extra: null },
      ]);
      expect(await verify(dump, '--since', 'lately')).toMatchObject({ code: 2 });
      expect(await verify(dump, '--until', '2025-02-30')).toMatchObject({ code: 2 });
    });

    it('says what it does under --verbose', async () => {
      const dump = await dumpOf(folder.path, { traces: [trace(21)] });
      const { stderr } = await verify(dump, '--verbose');
      expect(stderr).toContain('traces: reading the source\n');
      expect(stderr).toContain('traces: reading the table spans\n');
    });
  },
  { only: ['sqlite'] },
);
