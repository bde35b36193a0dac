import { afterEach, beforeEach, expect, it } from '@jest/globals';
import { type Document, ObjectId } from 'bson';
import type { OpenDatabase } from '../../src/database/data-source.js';
import { Prompt } from '../../src/entities/prompt.js';
import { Span } from '../../src/entities/span.js';
import { Trace } from '../../src/entities/trace.js';
import { BigIntSet } from '../../src/import/big-int-set.js';
import type { DeletesMode, DeletesResult, MostDeletes } from '../../src/import/deletes.js';
import type { VerifyResult } from '../../src/import/verify/verifier.js';
import { caught } from '../support/caught.js';
import { createTestDatabase, forEachDatabase, type TestDatabase } from '../support/databases.js';
import { dumpOf, importAll, verifyAll } from '../support/import-documents.js';
import { migrateUp, open } from '../support/open-database.js';
import { useTempFolder } from '../support/temp-folder.js';

const idOf = (number: number): string => `trace-${String(number).padStart(2, '0')}`;
const traceOf = (number: number): Document => ({
  _id: idOf(number),
  name: 'a trace',
  start_time: new Date(Date.UTC(2025, 0, 1, 0, number)),
  spans: [{ id: 'span', name: 'only', start_time: new Date(Date.UTC(2025, 0, 1)) }],
});
const all = Array.from({ length: 40 }, (_, number) => traceOf(number));
const without = (...gone: number[]): Document[] => all.filter((_, number) => !gone.includes(number));

forEachDatabase('documents that are gone at the source', (kind) => {
  const folder = useTempFolder();
  let database: TestDatabase;

  beforeEach(async () => {
    database = await createTestDatabase(kind);
    await migrateUp(database);
  });

  afterEach(() => database.drop());

  async function importTraces(
    opened: OpenDatabase,
    traces: Document[],
    deletes?: DeletesMode,
    maxDeletes?: MostDeletes,
  ): Promise<DeletesResult | null | undefined> {
    const dump = await dumpOf(folder.path, { traces });
    const { result } = await importAll(opened, folder.path, dump, { deletes, maxDeletes });
    return result.collections[0]?.deletes;
  }

  const marked = async (opened: OpenDatabase): Promise<string[]> => {
    const rows = await opened.dataSource.getRepository(Trace).find({ order: { id: 'ASC' } });
    return rows.filter(({ sourceDeletedAt }) => sourceDeletedAt !== null).map(({ id }) => id);
  };

  it('are reported, marked and removed as told, and nothing else is', async () => {
    await open(database, async (opened) => {
      const { dataSource } = opened;
      expect(await importTraces(opened, all)).toBeNull();
      // What was not imported is none of the source's business.
      await dataSource.getRepository(Trace).insert({ id: 'by-hand', startTime: new Date() });
      const report = await importTraces(opened, without(3, 7), 'report');
      expect(report).toEqual({ gone: 2, marked: 0, removed: 0, examples: [idOf(3), idOf(7)] });
      expect(await marked(opened)).toEqual([]);

      expect(await importTraces(opened, without(3, 7), 'mark')).toMatchObject({ gone: 2, marked: 2 });
      expect(await marked(opened)).toEqual([idOf(3), idOf(7)]);
      const [first] = await dataSource.getRepository(Trace).findBy({ id: idOf(3) });
      expect(await importTraces(opened, without(3, 7, 8), 'mark')).toMatchObject({ gone: 3, marked: 1 });
      const [again] = await dataSource.getRepository(Trace).findBy({ id: idOf(3) });
      expect(again?.sourceDeletedAt).toEqual(first?.sourceDeletedAt);

      // One comes back, and is unmarked although it is as it was.
      expect(await importTraces(opened, without(3, 8), 'mark')).toMatchObject({ gone: 2, marked: 0 });
      expect(await marked(opened)).toEqual([idOf(3), idOf(8)]);

      expect(await importTraces(opened, without(3, 8), 'remove')).toMatchObject({ gone: 2, removed: 2 });
      expect(await dataSource.getRepository(Trace).count()).toBe(39);
      expect(await dataSource.getRepository(Span).count()).toBe(38);
      expect(await dataSource.getRepository(Trace).countBy({ id: 'by-hand' })).toBe(1);
    });
  });

  it('are no difference to a verification once they are marked, but for those that came back', async () => {
    await open(database, async (opened) => {
      const rename = (name: string): Promise<unknown> =>
        opened.dataSource.createQueryBuilder().update(Trace).set({ name }).execute();
      await importTraces(opened, all);
      const few = await dumpOf(folder.path, { traces: without(3, 7) });
      const verify = async (dump: string): Promise<VerifyResult | undefined> =>
        (await verifyAll(opened, dump))['traces'];
      expect(await verify(few)).toMatchObject({ stored: 40, marked: 0, extra: 2 });

      await importTraces(opened, without(3, 7), 'mark');
      const equal = { missing: 0, different: 0, extra: 0, unexamined: 0, differences: [] };
      expect(await verify(few)).toMatchObject({ ...equal, read: 38, stored: 38, marked: 2 });
      // Also where the rows beside it are looked at one by one.
      await rename('another');
      expect(await verify(few)).toMatchObject({
        ...equal,
        different: 38,
        differences: expect.anything() as unknown,
      });
      await rename('a trace');

      expect(await verify(await dumpOf(folder.path, { traces: without(3) }))).toMatchObject({
        ...{ stored: 38, marked: 2, different: 1, missing: 0, extra: 0, unexamined: 0 },
        differences: [
          { id: idOf(7), details: ['is at the source, and marked in the database as gone there'] },
        ],
      });
    });
  });

  it('are left alone when there are too many, unless that is allowed', async () => {
    await open(database, async (opened) => {
      await importTraces(opened, all);
      const few = all.slice(0, 20);
      for (const mode of ['mark', 'remove'] as const)
        expect(await caught(() => importTraces(opened, few, mode))).toMatchObject({
          code: 'import.deletes.too-many',
          details: { gone: 20, rows: 40, allowed: 10 },
        });
      expect(await marked(opened)).toEqual([]);
      expect(await caught(() => importTraces(opened, few, 'remove', { count: 19 }))).toMatchObject({
        code: 'import.deletes.too-many',
      });
      expect(await importTraces(opened, few, 'mark', { share: 0.5 })).toMatchObject({ marked: 20 });
      expect(await importTraces(opened, few, 'remove', { count: 20 })).toMatchObject({ removed: 20 });
      expect(await opened.dataSource.getRepository(Trace).count()).toBe(20);
    });
  });

  it('are found by the ids of rows that are made of the _id, of whatever type it is', async () => {
    await open(database, async (opened) => {
      const prompts = [new ObjectId(), 'a text', 7].map((_id, index) => ({ _id, system_name: `P${index}` }));
      const from = (list: Document[]) => dumpOf(folder.path, { prompts: list });
      await importAll(opened, folder.path, await from(prompts));
      for (const left of [2, 1]) {
        const dump = await from(prompts.slice(0, left));
        const { result } = await importAll(opened, folder.path, dump, { deletes: 'remove' });
        expect(result.collections[0]?.deletes).toMatchObject({ gone: 1, removed: 1 });
        expect(await opened.dataSource.getRepository(Prompt).count()).toBe(left);
      }
    });
  });
});

it('a set of numbers has what was added, and nothing else', () => {
  const set = new BigIntSet();
  const numbers = Array.from(
    { length: 5000 },
    (_, index) => (BigInt(index) * 0x9e3779b97f4a7c15n) & (2n ** 64n - 1n),
  );
  for (const number of numbers) set.add(number);
  expect(numbers.every((number) => set.has(number))).toBe(true);
  expect(numbers.some((number) => set.has(number + 1n))).toBe(false);
  expect(new BigIntSet().has(0n)).toBe(false);
});
