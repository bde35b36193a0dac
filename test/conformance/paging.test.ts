import { afterAll, beforeAll, expect, it } from '@jest/globals';
import type { OpenDatabase } from '../../src/database/data-source.js';
import { Span } from '../../src/entities/span.js';
import { Trace } from '../../src/entities/trace.js';
import { TraceRepository, type TraceFilter } from '../../src/repositories/trace-repository.js';
import { createTestDatabase, forEachDatabase, type TestDatabase } from '../support/databases.js';
import { migrateUp, open } from '../support/open-database.js';
import { writeRows } from './support/tables.js';

/** More than two pages, the last one not full. */
const TRACES = 1234;
const START = Date.UTC(2025, 2, 30, 0, 59, 59, 990);

/** Seven traces of each moment, ids in an order of their own, of upper and lower case. */
const ROWS = Array.from({ length: TRACES }, (_, index) => ({
  id: `${index % 2 === 0 ? 'T' : 't'}${(index * 7919) % TRACES}`,
  startTime: new Date(START + Math.floor(index / 7)),
  status: ['ok', 'error', null][index % 3],
  userId: index % 100 === 0 ? 'ü%_' : null,
}));

/** Newest first; of one moment those with the greater bytes first. */
const NEWEST_FIRST = [...ROWS].sort(
  (a, b) =>
    b.startTime.getTime() - a.startTime.getTime() || Buffer.compare(Buffer.from(b.id), Buffer.from(a.id)),
);

forEachDatabase('pages of traces', (kind) => {
  let database: TestDatabase;

  beforeAll(async () => {
    database = await createTestDatabase(kind);
    await migrateUp(database);
    await open(database, async (opened) => {
      await writeRows(opened, Trace, ROWS);
      const spans = ROWS.slice(0, 10).flatMap(({ id }, trace) =>
        Array.from({ length: trace }, (_, position) => ({
          traceId: id,
          id: `s${position}`,
          position,
          tokensTotal: position % 2 === 0 ? 2_000_000_000 : null,
        })),
      );
      await writeRows(opened, Span, spans);
    });
  });

  afterAll(() => database.drop());

  const ids = async (opened: OpenDatabase, filter: TraceFilter, limit?: number): Promise<string[]> => {
    const found: string[] = [];
    for await (const { trace } of new TraceRepository(opened).list(filter, limit)) found.push(trace.id);
    return found;
  };

  it('have every trace once, newest first', async () => {
    await open(database, async (opened) => {
      expect(await ids(opened, {})).toEqual(NEWEST_FIRST.map(({ id }) => id));
    });
  });

  it.each([1, 499, 500, 501, 1000, TRACES, TRACES + 1])(
    'have at most the %d that were asked for',
    async (limit) => {
      await open(database, async (opened) => {
        expect(await ids(opened, {}, limit)).toEqual(NEWEST_FIRST.slice(0, limit).map(({ id }) => id));
      });
    },
  );

  it('begin at a time and end before one, to the millisecond', async () => {
    await open(database, async (opened) => {
      const from = new Date(START + 10);
      const to = new Date(START + 15);
      const within = NEWEST_FIRST.filter(({ startTime }) => startTime >= from && startTime < to);
      expect(within).toHaveLength(35);
      expect(await ids(opened, { from, to })).toEqual(within.map(({ id }) => id));
    });
  });

  it('have only what the filters want', async () => {
    await open(database, async (opened) => {
      const errors = NEWEST_FIRST.filter(({ status }) => status === 'error');
      expect(await ids(opened, { status: 'error' })).toEqual(errors.map(({ id }) => id));
      expect(await ids(opened, { status: 'ERROR' })).toEqual([]);
      const users = NEWEST_FIRST.filter(({ userId }) => userId === 'ü%_');
      expect(await ids(opened, { userId: 'ü%_' })).toEqual(users.map(({ id }) => id));
      expect(await ids(opened, { status: 'x'.repeat(300) })).toEqual([]);
    });
  });

  it('add up the spans of each trace, beyond 32 bits', async () => {
    await open(database, async (opened) => {
      const sums = new Map<string, { spans: number; tokens: number | null }>();
      for await (const { trace, spans, tokens } of new TraceRepository(opened).list({}))
        sums.set(trace.id, { spans, tokens });
      for (const [trace, { id }] of ROWS.slice(0, 12).entries()) {
        const spans = trace < 10 ? trace : 0;
        const tokens = spans === 0 ? null : Math.ceil(spans / 2) * 2_000_000_000;
        expect(sums.get(id)).toEqual({ spans, tokens });
      }
    });
  });

  it('neither repeat nor leave out a trace when others come in meanwhile', async () => {
    await open(database, async (opened) => {
      const found: string[] = [];
      for await (const { trace } of new TraceRepository(opened).list({})) {
        found.push(trace.id);
        if (found.length === 100)
          await writeRows(opened, Trace, [
            { id: 'newer', startTime: new Date(START + 3_600_000) },
            { id: 'older', startTime: new Date(START - 3_600_000) },
          ]);
      }
      expect(found).toEqual([...NEWEST_FIRST.map(({ id }) => id), 'older']);
      await opened.dataSource.getRepository(Trace).delete(['newer', 'older']);
    });
  });

  it('find traces by how their ids begin, case and all', async () => {
    await open(database, async (opened) => {
      const traces = new TraceRepository(opened);
      const begin = (prefix: string): string[] =>
        ROWS.map(({ id }) => id)
          .filter((id) => id.startsWith(prefix))
          .sort();
      expect(await traces.idsLike('T11', 1000)).toEqual(begin('T11'));
      expect(await traces.idsLike('t11', 3)).toEqual(begin('t11').slice(0, 3));
      expect(await traces.idsLike('%', 10)).toEqual([]);
      expect((await traces.find(ROWS[5]!.id))?.id).toBe(ROWS[5]!.id);
      expect(await traces.find('no such trace')).toBeNull();
    });
  });
});
