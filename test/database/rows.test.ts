import { afterAll, beforeAll, expect, it } from '@jest/globals';
import type { OpenDatabase } from '../../src/database/data-source.js';
import type { LogicalRow } from '../../src/database/dialect.js';
import { tableOf } from '../../src/database/model/table-model.js';
import { AiModel } from '../../src/entities/ai-model.js';
import { Provider } from '../../src/entities/provider.js';
import { Span } from '../../src/entities/span.js';
import { Trace } from '../../src/entities/trace.js';
import { BulkRepository } from '../../src/repositories/bulk-repository.js';
import { createTestDatabase, forEachDatabase, type TestDatabase } from '../support/databases.js';
import { migrateUp, open } from '../support/open-database.js';

const TEXTS = [
  '',
  ' ',
  'a',
  'a ',
  'A',
  'bób',
  'bob',
  '日本語 🚀',
  'it\'s "quoted"\\n',
  'tab\tnewline\n',
  '%_;--',
  'é'.repeat(255),
];

function traceRow(id: string, more: Record<string, unknown> = {}): LogicalRow {
  const row: Record<string, unknown> = { id, startTime: new Date('2025-08-07T11:54:39.327Z'), ...more };
  for (const column of tableOf(Trace).columns) row[column.property] ??= null;
  return row as LogicalRow;
}

function spanRow(traceId: string, id: string, more: Record<string, unknown> = {}): LogicalRow {
  const row: Record<string, unknown> = { traceId, id, position: 0, ...more };
  for (const column of tableOf(Span).columns) row[column.property] ??= null;
  return row as LogicalRow;
}

/** Whether the database refuses it as a fault of the row. */
async function rowError(opened: OpenDatabase, writing: Promise<void>): Promise<boolean> {
  const error: unknown = await writing.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  return error !== undefined && opened.dialect.isRowError(error);
}

forEachDatabase('rows that are written in bulk', (kind) => {
  let database: TestDatabase;

  beforeAll(async () => {
    database = await createTestDatabase(kind);
    await migrateUp(database);
  });

  afterAll(async () => {
    await database.drop();
  });

  const write = (opened: OpenDatabase, rows: LogicalRow[], spans: LogicalRow[] = []): Promise<void> =>
    new BulkRepository(opened).transaction((runner) => {
      const parent = tableOf(Span).columns.find((column) => column.property === 'traceId')!;
      const children = [{ table: tableOf(Span), parent, rows: spans }];
      return new BulkRepository(opened).write(runner, { table: tableOf(Trace), rows, children });
    });

  it('come back through the entities as they were', async () => {
    await open(database, async (opened) => {
      const rows = TEXTS.map((name, index) =>
        traceRow(`text-${index}`, {
          name,
          startTime: new Date(Date.UTC(1969, 11, 31, 23, 59, 59, 999 - index)),
          latency: [0.1, 1e-7, 9748.601, 1.7976931348623157e308][index % 4],
          costTotal: ['0.0000000001', '1234567890.0123456789', '-5', '0'][index % 4],
          costDetails: JSON.stringify({ b: 1.5, a: [name, null, true, { deep: 9007199254740991 }] }),
        }),
      );
      await write(opened, rows);
      const repository = opened.dataSource.getRepository(Trace);
      for (const row of rows) {
        const found = await repository.findOneByOrFail({ id: row['id'] as string });
        expect(found).toMatchObject({
          name: row['name'],
          startTime: row['startTime'],
          latency: row['latency'],
          costTotal: row['costTotal'],
          costDetails: JSON.parse(row['costDetails'] as string) as unknown,
          endTime: null,
          extra: null,
        });
      }
    });
  });

  it('are the same rows whether an entity or the bulk writer wrote them', async () => {
    await open(database, async (opened) => {
      const values = {
        name: 'both',
        costTotal: '0.00591',
        latency: 12.5,
        extraData: { x: ['y', 1] },
        endTime: new Date(1_754_567_890_123),
      };
      await write(opened, [traceRow('by-bulk', { ...values, extraData: JSON.stringify(values.extraData) })]);
      const repository = opened.dataSource.getRepository(Trace);
      const written = Object.assign(new Trace(), {
        ...values,
        id: 'by-entity',
        startTime: new Date('2025-08-07T11:54:39.327Z'),
      });
      await repository.save(written);
      const raw = await opened.dataSource.query<Record<string, unknown>[]>(
        "SELECT name, start_time, end_time, cost_total, latency, extra_data FROM traces WHERE id IN ('by-bulk', 'by-entity')",
      );
      expect(raw).toHaveLength(2);
      // JSON text may differ in its spaces on no database: both write what JSON.stringify gives.
      expect(raw[0]).toEqual(raw[1]);
    });
  });

  it('tell case, accents and trailing spaces apart, and sort by bytes', async () => {
    await open(database, async (opened) => {
      const ids = ['k', 'K', 'k ', 'ḱ', 'ä', 'z', 'Z', '_', '1'];
      await write(
        opened,
        ids.map((id) => traceRow(`sort-${id}`)),
      );
      const found = await opened.dataSource
        .getRepository(Trace)
        .createQueryBuilder('trace')
        .select('trace.id')
        .where("trace.id LIKE 'sort-%'")
        .orderBy('trace.id')
        .getMany();
      const byBytes = ids
        .map((id) => `sort-${id}`)
        .sort((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)));
      expect(found.map(({ id }) => id)).toEqual(byBytes);
    });
  });

  it('are updated when their key is there, and lose the children that are gone', async () => {
    await open(database, async (opened) => {
      await write(
        opened,
        [traceRow('t1', { name: 'old' }), traceRow('t2')],
        [spanRow('t1', 's1'), spanRow('t1', 's2'), spanRow('t2', 's1')],
      );
      await write(opened, [traceRow('t1', { name: 'new' })], [spanRow('t1', 's2', { name: 'kept' })]);
      const spans = await opened.dataSource
        .getRepository(Span)
        .find({ order: { traceId: 'ASC', id: 'ASC' } });
      expect(spans.map(({ traceId, id, name }) => [traceId, id, name])).toEqual([
        ['t1', 's2', 'kept'],
        ['t2', 's1', null],
      ]);
      expect((await opened.dataSource.getRepository(Trace).findOneByOrFail({ id: 't1' })).name).toBe('new');
    });
  });

  it('are refused, and nothing of the transaction stays, when one breaks a rule', async () => {
    await open(database, async (opened) => {
      const attempts = [
        [traceRow('broken-1'), traceRow('broken-2', { startTime: null })],
        [traceRow('broken-1', { extra: null })],
      ];
      expect(await rowError(opened, write(opened, attempts[0]!))).toBe(true);
      expect(await rowError(opened, write(opened, attempts[1]!, [spanRow('no-such-trace', 's')]))).toBe(true);
      expect(await opened.dataSource.getRepository(Trace).countBy({ id: 'broken-1' })).toBe(0);
    });
  });

  it('do not overwrite a stranger that has the same unique name', async () => {
    await open(database, async (opened) => {
      const table = tableOf(Provider);
      const provider = (id: string): LogicalRow =>
        Object.fromEntries(
          table.columns.map(({ property }) => [
            property,
            property === 'id' ? id : property === 'systemName' ? 'OPENAI' : null,
          ]),
        );
      const bulk = new BulkRepository(opened);
      const insert = (id: string): Promise<void> =>
        bulk.transaction((runner) => bulk.write(runner, { table, rows: [provider(id)], children: [] }));
      await insert('first');
      await insert('first');
      expect(await rowError(opened, insert('second'))).toBe(true);
      expect((await opened.dataSource.getRepository(Provider).find()).map(({ id }) => id)).toEqual(['first']);
    });
  });

  it('refuse a reference that leads nowhere', async () => {
    await open(database, async (opened) => {
      const table = tableOf(AiModel);
      const fixed: Record<string, string> = { id: 'm', systemName: 'M', providerSystemName: 'NOBODY' };
      const row = Object.fromEntries(
        table.columns.map(({ property }) => [property, fixed[property] ?? null]),
      );
      const bulk = new BulkRepository(opened);
      const writing = bulk.transaction((runner) => bulk.write(runner, { table, rows: [row], children: [] }));
      expect(await rowError(opened, writing)).toBe(true);
    });
  });

  it('may be many and long', async () => {
    await open(database, async (opened) => {
      const rows = Array.from({ length: 2500 }, (_, index) =>
        traceRow(`many-${index}`, { extraData: JSON.stringify('x'.repeat(2000)) }),
      );
      rows.push(traceRow('long', { extraData: JSON.stringify('語'.repeat(1_500_000)) }));
      await write(opened, rows);
      expect(await opened.dataSource.getRepository(Trace).count()).toBeGreaterThan(2500);
      const long = await opened.dataSource.getRepository(Trace).findOneByOrFail({ id: 'long' });
      expect(long.extraData).toHaveLength(1_500_000);
    });
  });
});
