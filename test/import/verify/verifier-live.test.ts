import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { type Document, ObjectId } from 'bson';
import type { OpenDatabase } from '../../../src/database/data-source.js';
import { Span } from '../../../src/entities/span.js';
import { Trace } from '../../../src/entities/trace.js';
import { changingSource, type ChangingSource } from './support/changing-source.js';
import { createTestDatabase, forEachDatabase, type TestDatabase } from '../../support/databases.js';
import { dumpOf, importAll, verifyAll } from '../../support/import-documents.js';
import { migrateUp, open } from '../../support/open-database.js';
import { useTempFolder } from '../../support/temp-folder.js';

const id = (number: number): ObjectId => new ObjectId(number.toString(16).padStart(24, '0'));
const hex = (number: number): string => id(number).toHexString();
const START = new Date('2025-08-07T11:54:39.327Z');
const trace = (number: number, name = 'as it was', _id: unknown = id(number)): Document => ({
  ...{ _id, name, start_time: START, spans: [{ id: 'a', name }] },
});
const NUMBERS = [1, 2, 3, 4, 5, 6, 7, 8];

forEachDatabase('verifying a source that moves', (kind) => {
  const folder = useTempFolder();
  let database: TestDatabase;
  beforeAll(async () => {
    database = await createTestDatabase(kind);
    await migrateUp(database);
  });
  afterAll(() => database.drop());

  const importTraces = async (opened: OpenDatabase, traces: Document[]): Promise<void> => {
    await importAll(opened, folder.path, await dumpOf(folder.path, { traces }));
  };
  /** With a source whose documents are imported, and what becomes of it once they are compared. */
  const withSource = (
    identity: string | undefined,
    test: (opened: OpenDatabase, source: ChangingSource) => Promise<void>,
  ): Promise<void> =>
    open(database, async (opened) => {
      for (const entity of [Span, Trace])
        await opened.dataSource.getRepository(entity).createQueryBuilder().delete().execute();
      const traces = NUMBERS.map((number) => trace(number));
      await importTraces(opened, traces);
      await test(opened, changingSource({ traces }, identity));
    });
  /** Everything that may happen to a document, before the examination of what differs, and after it. */
  const change = (
    opened: OpenDatabase,
    source: ChangingSource,
    traces: Document[],
    later: Document[],
  ): void => {
    source.documents = { traces };
    source.onRead = async (_, { where }) => {
      if (!where) return;
      source.documents = { traces: later };
      await importTraces(
        opened,
        later.filter(({ name }) => name !== 'not imported'),
      );
    };
  };

  it('reads once more what differs, by its _id, and tells of what still does', async () => {
    await withSource(undefined, async (opened, source) => {
      const standing = [5, 6, 7, 8].map((number) => trace(number));
      const found = [trace(1), trace(2, 'new'), trace(3, 'new'), trace(9), trace(10), ...standing];
      const later = [trace(2, 'new'), trace(3, 'not imported'), trace(4), trace(9), ...standing];
      change(opened, source, found, later);
      const { traces: result } = await verifyAll(opened, source);
      expect(result).toMatchObject({ read: 9, stored: 8, missing: 0, different: 1, outdated: 0, extra: 0 });
      // The 2nd and the 9th have been imported since, the 4th is at the source again, the 10th no longer.
      expect(result).toMatchObject({ settled: 4, unexamined: 0 });
      expect(result?.differences).toMatchObject([{ sourceId: hex(3), kind: 'different' }]);
      expect(result?.differences[0]?.details[0]).toBe(
        'name: "not imported" at the source, "as it was" in the database',
      );
      const again = source.requests.filter(({ where }) => where);
      expect(again).toHaveLength(1);
      expect((again[0]?.where as { _id: { $in: unknown[] } })._id.$in.map(String).sort()).toEqual(
        [2, 3, 4, 9, 10].map(hex),
      );
    });
  });

  it('tells of a document that was deleted while it was compared', async () => {
    await withSource(undefined, async (opened, source) => {
      const rest = NUMBERS.slice(1).map((number) => trace(number));
      change(opened, source, [trace(1, 'new'), ...rest], rest);
      const { traces: result } = await verifyAll(opened, source);
      expect(result).toMatchObject({ missing: 0, different: 0, extra: 1, settled: 0 });
      expect(result?.differences).toMatchObject([{ id: hex(1), kind: 'extra', details: [] }]);
    });
  });

  it('does so for a range of dates too', async () => {
    await withSource(undefined, async (opened, source) => {
      const rest = NUMBERS.slice(2).map((number) => trace(number));
      const found = [trace(1, 'new'), trace(2, 'new'), ...rest];
      change(opened, source, found, [trace(1, 'new'), trace(2, 'not imported'), ...rest]);
      const range = { since: { kind: 'time', from: START } as const };
      const { traces: result } = await verifyAll(opened, source, range);
      expect(result).toMatchObject({ read: 8, stored: 8, different: 1, missing: 0, settled: 1, extra: null });
    });
  });

  it('leaves as it was found what no _id can be asked for, and what a file says', async () => {
    const rest = NUMBERS.map((number) => trace(number));
    await withSource(undefined, async (opened, source) => {
      await opened.dataSource.getRepository(Trace).insert({ id: 'by hand', startTime: START });
      const document = trace(9, 'new', { b: 1, a: 2 });
      change(opened, source, [...rest, document], [...rest, document]);
      const { traces: result } = await verifyAll(opened, source);
      expect(result).toMatchObject({ missing: 1, extra: 1, settled: 0 });
      expect(source.requests.some(({ where }) => where)).toBe(false);
    });
    await withSource('dump:genai', async (opened, source) => {
      change(opened, source, [trace(9), ...rest], [trace(9), ...rest]);
      expect((await verifyAll(opened, source))['traces']).toMatchObject({ missing: 1, settled: 0 });
      expect(source.requests.some(({ where }) => where)).toBe(false);
    });
  });

  it('takes for equal what an import has made equal before it was looked at', async () => {
    await withSource(undefined, async (opened, source) => {
      const traces = [...NUMBERS.map((number) => trace(number)), trace(9)];
      source.documents = { traces };
      // The first reading finds a document that is imported only then.
      source.onRead = async (reading) => {
        if (reading === 1) await importTraces(opened, traces);
      };
      const { traces: result } = await verifyAll(opened, source);
      expect(result).toMatchObject({ missing: 0, different: 0, extra: 0, unexamined: 0, differences: [] });
      expect(result).toMatchObject({ read: 9, stored: 9 });
    });
  });

  it('does not take for equal what it cannot explain, live or not', async () => {
    for (const identity of [undefined, 'dump:genai'])
      await withSource(identity, async (opened, source) => {
        // The later one is what was imported.
        const twins = [trace(1, 'overtaken', hex(1)), ...NUMBERS.map((number) => trace(number))];
        source.documents = { traces: twins };
        const { traces: result } = await verifyAll(opened, source);
        expect(result).toMatchObject({ missing: 0, different: 0, extra: 0, differences: [] });
        expect(result?.unexamined).toBeGreaterThan(0);
      });
  });
});
