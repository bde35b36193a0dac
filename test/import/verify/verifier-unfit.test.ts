import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { type Document, ObjectId } from 'bson';
import type { OpenDatabase } from '../../../src/database/data-source.js';
import { AiModel } from '../../../src/entities/ai-model.js';
import { Span } from '../../../src/entities/span.js';
import { Trace } from '../../../src/entities/trace.js';
import { createTestDatabase, forEachDatabase, type TestDatabase } from '../../support/databases.js';
import { dumpOf, importAll, verifyAll } from '../../support/import-documents.js';
import { migrateUp, open } from '../../support/open-database.js';
import { useTempFolder } from '../../support/temp-folder.js';

const id = (number: number): ObjectId => new ObjectId(number.toString(16).padStart(24, '0'));
const hex = (number: number): string => id(number).toHexString();
const START = new Date('2025-08-07T11:54:39.327Z');
const trace = (number: number, more: Document = {}): Document => ({
  ...{ _id: id(number), start_time: START },
  ...more,
});

forEachDatabase('verifying documents that do not fit', (kind) => {
  const folder = useTempFolder();
  let database: TestDatabase;
  beforeAll(async () => {
    database = await createTestDatabase(kind);
    await migrateUp(database);
  });
  afterAll(() => database.drop());

  /** With the first documents imported, a dump of the second ones. */
  const withDumps = (
    before: Record<string, Document[]>,
    after: Record<string, Document[]>,
    test: (opened: OpenDatabase, dump: string) => Promise<void>,
  ): Promise<void> =>
    open(database, async (opened) => {
      for (const entity of [Span, Trace, AiModel])
        await opened.dataSource.getRepository(entity).createQueryBuilder().delete().execute();
      await importAll(opened, folder.path, await dumpOf(folder.path, before));
      await test(opened, await dumpOf(folder.path, after));
    });

  it('tells of a row whose document no longer fits, and why', async () => {
    const before = { traces: [trace(1), trace(2), trace(3)] };
    const after = {
      traces: [trace(1), trace(2, { latency: 'hush', spans: [{ name: 5 }] }), trace(4, { start_time: null })],
    };
    await withDumps(before, after, async (opened, dump) => {
      const { traces: result } = await verifyAll(opened, dump);
      expect(result).toMatchObject({ read: 3, unfit: 2, stored: 3 });
      expect(result).toMatchObject({ missing: 0, different: 0, outdated: 1, extra: 1, unexamined: 0 });
      const differences = [...(result?.differences ?? [])].sort((one, other) => (one.id < other.id ? -1 : 1));
      expect(differences).toMatchObject([
        {
          ...{ id: hex(2), sourceId: hex(2), kind: 'outdated' },
          details: expect.arrayContaining(['latency must be a number, not a text', 'spans.id is missing']),
        },
        { id: hex(3), kind: 'extra', details: [] },
      ]);
      expect(JSON.stringify(result)).not.toContain('hush');
      const reasons = result?.unfitReasons.map(({ field, documents, examples }) => [
        field,
        documents,
        examples,
      ]);
      expect(reasons).toEqual(
        expect.arrayContaining([
          ['latency', 1, [hex(2)]],
          ['spans.name', 1, [hex(2)]],
          ['start_time', 1, [hex(4)]],
        ]),
      );
    });
  });

  it('tells of a row whose document has come to refer to nothing, or to have a name that is taken', async () => {
    const model = (number: number, system_name: string, provider: string | null = null): Document => ({
      ...{ _id: id(number), system_name, provider_system_name: provider },
    });
    const before = { models: [model(1, 'A'), model(2, 'B'), model(3, 'C')] };
    const after = {
      models: [
        model(1, 'A', 'NOBODY'),
        model(2, 'C'),
        { ...model(3, 'C'), name: 'new' },
        model(4, 'D', 'NOBODY'),
      ],
    };
    await withDumps(before, after, async (opened, dump) => {
      const { models: result } = await verifyAll(opened, dump);
      expect(result).toMatchObject({ read: 4, unfit: 3, stored: 3 });
      expect(result).toMatchObject({ missing: 0, different: 1, outdated: 2, extra: 0, unexamined: 0 });
      expect(
        result?.differences.map(({ sourceId, kind, details }) => [sourceId, kind, ...details]).sort(),
      ).toEqual([
        [hex(1), 'outdated', 'provider_system_name names nothing in providers'],
        [hex(2), 'outdated', 'system_name is taken by another row'],
        [hex(3), 'different', 'name: "new" at the source, null in the database'],
      ]);
      expect(result?.unfitReasons).toEqual([
        {
          ...{ field: 'provider_system_name', reason: 'names nothing in providers' },
          ...{ documents: 2, examples: [hex(1), hex(4)] },
        },
        { field: 'system_name', reason: 'is taken by another row', documents: 1, examples: [hex(2)] },
      ]);
    });
  });

  it('takes a document that fits for the one of two with its id', async () => {
    const fits = trace(1, { name: 'fits' });
    const twin = { _id: hex(1), start_time: 'never' };
    for (const traces of [
      [fits, twin],
      [twin, fits],
    ])
      await withDumps({ traces: [fits] }, { traces: [...traces, trace(2)] }, async (opened, dump) => {
        const { traces: result } = await verifyAll(opened, dump);
        expect(result).toMatchObject({
          unfit: 1,
          stored: 1,
          missing: 1,
          different: 0,
          outdated: 0,
          extra: 0,
        });
        const range = { until: new Date(START.getTime() + 1) };
        expect((await verifyAll(opened, dump, range))['traces']).toMatchObject({ missing: 1, outdated: 0 });
        await opened.dataSource.getRepository(Trace).update({ id: hex(1) }, { name: 'changed' });
        expect((await verifyAll(opened, dump))['traces']).toMatchObject({ different: 1, outdated: 0 });
      });
  });

  it('does so however far apart they are', async () => {
    const others = Array.from({ length: 600 }, (_, index) => trace(index + 2));
    const twin = { _id: hex(1), start_time: 'never' };
    await withDumps({ traces: [trace(1)] }, { traces: [trace(1), ...others, twin] }, async (opened, dump) => {
      await opened.dataSource.getRepository(Trace).update({ id: hex(1) }, { name: 'changed' });
      const { traces: result } = await verifyAll(opened, dump);
      expect(result).toMatchObject({ unfit: 1, missing: 600, different: 1, outdated: 0 });
    });
  });
});
