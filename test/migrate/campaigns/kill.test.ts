import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { campaign, tally } from '../../support/campaign.js';
import { type CliResult, runCli, startCli } from '../../support/cli.js';
import { createTestDatabase, forEachDatabase, type TestDatabase } from '../../support/databases.js';
import { type BodyMigration, bodyMigrations, writeMigrations } from './body-migrations.js';
import { type HistoryRow, type Observation, observe } from './observe.js';

const KILLS = campaign(100);
const COUNT = 20;
const REPAIR_MS = 600;
const STATES = ['applied', 'pending', 'running', 'failed'];

type Outcome = 'untouched' | 'partly applied' | 'dirty and resumed' | 'complete';

/**
 * Fractions of a run, one in each of so many equal parts of it, from before the work begins until after it
 * has ended; the same in every run of the test, so that a failure can be looked at again.
 */
function moments(count: number): number[] {
  let seed = 20260101;
  return Array.from({ length: count }, (_, index) => {
    // A linear congruential generator is random enough to break step with the migrations.
    seed = (seed * 1_664_525 + 1_013_904_223) % 2 ** 32;
    return (1.05 * (index + seed / 2 ** 32)) / count;
  });
}

forEachDatabase(
  'kill -9 of migrate up',
  (kind) => {
    let folder: string;
    let migrations: BodyMigration[];
    let expected: Observation;
    let durationMs: number;

    const env = (database: TestDatabase) => ({ DBTOOL_DATABASE_URL: database.url });
    const migrate = (database: TestDatabase, ...args: string[]): Promise<CliResult> =>
      runCli(['migrate', ...args, '--folder', folder], { env: env(database), timeoutMs: 120_000 });

    beforeAll(async () => {
      folder = await mkdtemp(join(tmpdir(), 'dbtool-kill-'));
      migrations = bodyMigrations(kind, COUNT);
      await writeMigrations(folder, migrations);
      const times: number[] = [];
      for (let run = 0; run < 3; run += 1) {
        const database = await createTestDatabase(kind);
        try {
          const started = performance.now();
          mustSucceed(await migrate(database, 'up'));
          times.push(performance.now() - started);
          expected = await observe(database);
        } finally {
          await database.drop();
        }
      }
      durationMs = times.sort((a, b) => a - b)[1]!;
    }, 120_000);
    afterAll(() => rm(folder, { recursive: true }));

    async function kill(database: TestDatabase, args: string[], afterMs: number): Promise<void> {
      const { child, result } = startCli(['migrate', ...args, '--folder', folder], { env: env(database) });
      const timer = setTimeout(() => child.kill('SIGKILL'), afterMs);
      const { code, signal, stderr } = await result;
      clearTimeout(timer);
      if (signal === null)
        expect({ code, stderr: code === 0 ? '' : stderr }).toEqual({ code: 0, stderr: '' });
    }

    async function statuses(database: TestDatabase): Promise<string[]> {
      const { code, stdout } = await migrate(database, 'status', '--json');
      const told = JSON.parse(stdout) as {
        error?: { code: string };
        data: { migrations: { name: string; status: string }[] };
      };
      // The process died before it made the file.
      if (kind === 'sqlite' && told.error?.code === 'database.missing')
        return migrations.map(() => 'pending');
      expect({ code, names: told.data.migrations.map(({ name }) => name) }).toEqual({
        code: 0,
        names: migrations.map(({ name }) => name),
      });
      return told.data.migrations.map(({ status }) => status);
    }

    async function recover(database: TestDatabase, before: string[], moment: number): Promise<Outcome> {
      const again = await migrate(database, 'up');
      if (again.code === 0) {
        if (before.every((status) => status === 'applied')) return 'complete';
        return before.every((status) => status === 'pending') ? 'untouched' : 'partly applied';
      }
      expect({ code: again.code, stderr: again.stderr }).toEqual({
        code: 2,
        stderr: expect.stringContaining('migrate.dirty') as unknown,
      });
      const repair = ['repair', '--resume', '--yes'];
      // What repairs may die as well; most of this time it starts.
      await kill(database, repair, moment * REPAIR_MS);
      mustSucceed(await migrate(database, ...repair));
      mustSucceed(await migrate(database, 'up'));
      return 'dirty and resumed';
    }

    it(`${KILLS} times, at any moment: the same schema and rows in the end, and a true history`, async () => {
      const outcomes: Partial<Record<Outcome, number>> = {};
      for (const moment of moments(KILLS)) {
        const database = await createTestDatabase(kind);
        try {
          await kill(database, ['up'], moment * durationMs);
          const before = await statuses(database);
          expect(before.filter((status) => !STATES.includes(status))).toEqual([]);
          // Oldest first, and at most one of them half-way.
          const halfway = before.findIndex((status) => status !== 'applied');
          if (halfway !== -1)
            expect(before.slice(halfway + 1).every((status) => status === 'pending')).toBe(true);
          const outcome = await recover(database, before, moment);
          outcomes[outcome] = (outcomes[outcome] ?? 0) + 1;
          expect(await statuses(database)).toEqual(migrations.map(() => 'applied'));
          const { dump, history } = await observe(database);
          expect(dump).toEqual(expected.dump);
          expectTrue(history, expected.history, outcome === 'dirty and resumed');
        } catch (error) {
          (error as Error).message +=
            `\nkilled at ${(100 * moment).toFixed(1)} % of ${durationMs.toFixed(0)} ms`;
          throw error;
        } finally {
          await database.drop();
        }
      }
      tally(`${kind}: kill -9 of migrate up (${durationMs.toFixed(0)} ms)`, outcomes);
    }, 3_600_000);
  },
  { only: ['sqlite', 'postgres', 'mariadb'] },
);

/** Every migration was completed once, as without a kill; what was begun and not completed is told beside it. */
function expectTrue(
  history: readonly HistoryRow[],
  expected: readonly HistoryRow[],
  wasDirty: boolean,
): void {
  expect(history.map(({ run }) => run)).toEqual(history.map((_, index) => index + 1));
  const facts = ({ name, direction, status, checksum, statements }: HistoryRow) => ({
    ...{ name, direction, status },
    ...{ checksum, statements },
  });
  const done = history.filter(({ status }) => status === 'done');
  expect(done.map(facts)).toEqual(expected.map(facts));
  const resumed = done.filter(({ action }) => action === 'resume').map(({ name }) => name);
  expect(resumed).toHaveLength(wasDirty ? 1 : 0);
  const begun = history.filter(({ status }) => status !== 'done').map(({ name }) => name);
  // Once by up, and once more where the repair was killed.
  expect([...new Set(begun)]).toEqual(resumed);
  expect(begun.length).toBeLessThanOrEqual(2);
}

function mustSucceed({ code, stdout, stderr }: CliResult): void {
  if (code !== 0) throw new Error(`ended with exit code ${String(code)}\n${stdout}\n${stderr}`);
}
