import { beforeAll, expect, it } from '@jest/globals';
import { setTimeout as sleep } from 'node:timers/promises';
import type { OpenDatabase } from '../../src/database/data-source.js';
import { string } from '../../src/database/model/logical-type.js';
import { tableOf } from '../../src/database/model/table-model.js';
import { streamRows, streamTable } from '../../src/database/row-stream.js';
import { inTransaction } from '../../src/database/transaction.js';
import { forEachDatabase } from '../support/databases.js';
import { settingsFor } from '../support/open-database.js';
import { disconnectAll } from './support/disconnect.js';
import { Mark } from './support/library.js';
import { Sample } from './support/sample.js';
import { runScript } from './support/script.js';
import { useTables } from './support/bench.js';
import { refusal, withRunner, writeRows } from './support/tables.js';

const SOME = 1000;
const MANY = 200_000;
const MIB = 1024 * 1024;

forEachDatabase('a stream of rows', (kind) => {
  const bench = useTables(kind, [Sample, Mark]);

  beforeAll(async () => {
    await bench.open((opened) =>
      writeRows(
        opened,
        Sample,
        Array.from({ length: SOME }, (_, index) => ({
          id: `row-${String(index).padStart(4, '0')}`,
          title: index % 3 === 0 ? null : `t${index}`,
          body: 'x'.repeat(500),
          whole: index,
          real: index / 3,
          price: `${index}.25`,
          good: index % 2 === 0,
          momentAt: new Date(Date.UTC(1969, 11, 31) + index * 86_400_123),
          data: JSON.stringify({ index, list: ['ü', null] }),
        })),
      ),
    );
  });

  /** Whether the one connection of the pool is free: the stream has let go of it. */
  async function expectFree(opened: OpenDatabase): Promise<void> {
    await inTransaction(opened, (runner) => runner.query('SELECT COUNT(*) FROM samples'));
  }

  const one = { poolSize: 1, connectTimeout: 5000 };

  it('has the same rows as a query, in the form of entities', async () => {
    await bench.open(async (opened) => {
      const rows = [];
      for await (const row of streamTable(opened, tableOf(Sample))) rows.push(row);
      rows.sort((a, b) => Number(a['whole']) - Number(b['whole']));
      const entities = await opened.dataSource.getRepository(Sample).find({ order: { whole: 'ASC' } });
      expect(rows).toEqual(entities.map((entity) => ({ ...(entity as object) })));
      await expectFree(opened);
    }, one);
  });

  it('takes parameters, keeps the order and names columns in lower case', async () => {
    await bench.open(async (opened) => {
      const { dialect } = opened;
      const query = `SELECT id, whole AS number_of FROM samples WHERE id >= ${dialect.placeholder(1)} AND id < ${dialect.placeholder(2)} ORDER BY id DESC`;
      const bounds = ['row-0990', 'row-0999'].map((id) => dialect.toDriver(string(50), id));
      const rows = [];
      for await (const row of streamRows(opened, query, bounds)) rows.push(row);
      expect(rows.map((row) => row['id'])).toEqual(
        [998, 997, 996, 995, 994, 993, 992, 991, 990].map((number) => `row-0${number}`),
      );
      expect(Object.keys(rows[0]!)).toEqual(['id', 'number_of']);
    }, one);
  });

  it('may have no row', async () => {
    await bench.open(async (opened) => {
      for await (const row of streamTable(opened, tableOf(Mark))) expect(row).toBeUndefined();
      await expectFree(opened);
    }, one);
  });

  it('leaves its connection when the loop is left', async () => {
    await bench.open(async (opened) => {
      for (let round = 0; round < 5; round += 1) {
        let seen = 0;
        for await (const row of streamTable(opened, tableOf(Sample))) {
          expect(row['body']).toHaveLength(500);
          seen += 1;
          if (seen === 1 + 150 * round) break;
        }
        await expectFree(opened);
      }
    }, one);
  });

  it('leaves its connection when the loop fails, with the error of the loop', async () => {
    await bench.open(async (opened) => {
      const reading = (async (): Promise<void> => {
        for await (const row of streamTable(opened, tableOf(Sample))) throw new Error(`not ${typeof row}`);
      })();
      await expect(reading).rejects.toThrow('not object');
      await expectFree(opened);
    }, one);
  });

  it('ends with the reason of a signal, and leaves its connection', async () => {
    await bench.open(async (opened) => {
      const controller = new AbortController();
      let seen = 0;
      const reading = (async (): Promise<void> => {
        for await (const row of streamTable(opened, tableOf(Sample), controller.signal)) {
          expect(row).toBeDefined();
          seen += 1;
          if (seen === 300) controller.abort(new Error('enough'));
        }
      })();
      await expect(reading).rejects.toThrow('enough');
      expect(seen).toBe(300);
      await expectFree(opened);
      const late = streamTable(opened, tableOf(Sample), controller.signal);
      await expect(late.next()).rejects.toThrow('enough');
    }, one);
  });

  it.each([0, 1, 5, 300])(
    'ends with the reason of a signal also while it waits for its first row, after %d ms',
    async (delay) => {
      await bench.open(async (opened) => {
        // A query within this process cannot be broken off before its first row.
        if (opened.dialect.embedded) return;
        const controller = new AbortController();
        const slow =
          'SELECT COUNT(*) AS n FROM samples a, samples b, samples c, samples d WHERE a.body <> b.title';
        const reading = streamRows(opened, slow, [], controller.signal).next();
        const caught = expect(reading).rejects.toThrow('enough');
        // At once, and when the query has long begun: neither may be missed.
        await sleep(delay);
        const started = performance.now();
        controller.abort(new Error('enough'));
        await caught;
        expect(performance.now() - started).toBeLessThan(5000);
        await expectFree(opened);
      }, one);
    },
  );

  it('tells errors as all else does', async () => {
    await bench.open(async (opened) => {
      const wrong = streamRows(opened, 'SELECT nothing FROM samples').next();
      expect((await refusal(opened, wrong)).code).toBe('database.failed');
      await expectFree(opened);
      if (opened.dialect.embedded) return;
      const broken = (async (): Promise<void> => {
        for await (const row of streamTable(opened, tableOf(Sample))) {
          if (row['whole'] === 10) await disconnectAll(bench.database);
        }
      })();
      // What had come already may be all there is to come.
      const error = await broken.then(
        () => undefined,
        (reason: unknown) => reason,
      );
      if (error !== undefined) expect(error).toMatchObject({ code: 'database.lost' });
    }, one);
  });

  it('shows what is committed, and lets others write meanwhile', async () => {
    await bench.open(async (opened) => {
      const ids: unknown[] = [];
      for await (const row of streamTable(opened, tableOf(Sample))) {
        if (ids.length === 0) await writeRows(opened, Mark, [{ book: 'while', word: 'reading' }]);
        ids.push(row['id']);
      }
      expect(new Set(ids).size).toBe(SOME);
      await inTransaction(opened, async (runner) => {
        await runner.query('DELETE FROM marks');
        const words = [];
        for await (const row of streamTable(opened, tableOf(Mark))) words.push(row['word']);
        expect(words).toEqual(['reading']);
      });
    });
  });

  it(`of ${MANY} rows takes no more memory than one of few`, async () => {
    await bench.open(async (opened) => {
      await withRunner(opened, async (runner) => {
        await runner.query('DELETE FROM samples WHERE whole >= 500');
        // The database multiplies its rows by itself: sending them would take the time of the test.
        const factor = Math.ceil(MANY / 500) - 1;
        await runner.query(
          `INSERT INTO samples (id, body, whole) SELECT CONCAT(CONCAT(a.id, '-'), b.id), a.body, a.whole + 1000 FROM samples a, samples b WHERE b.whole < ${factor}`,
        );
      });
    });
    const result = await runScript<{ rows: number; growth: number }>(
      'read-many.ts',
      settingsFor(bench.database),
      {
        node: ['--expose-gc'],
      },
    );
    expect(result.rows).toBe(MANY);
    // All rows would take 100 MiB and more.
    expect(result.growth).toBeLessThan(16 * MIB);
  });
});
