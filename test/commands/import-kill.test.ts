import { afterEach, beforeEach, expect, it } from '@jest/globals';
import { ImportProgress } from '../../src/entities/import-progress.js';
import { Span } from '../../src/entities/span.js';
import { Trace } from '../../src/entities/trace.js';
import { traceDocument } from '../../bench/lib/trace-documents.mjs';
import { campaign, tally } from '../support/campaign.js';
import { type CliResult, runCli, startCli } from '../support/cli.js';
import { contentHashes } from '../support/content-hash.js';
import { createTestDatabase, forEachDatabase, type TestDatabase } from '../support/databases.js';
import { dumpOf, verifyAll } from '../support/import-documents.js';
import { migrateUp, open } from '../support/open-database.js';
import { useTempFolder } from '../support/temp-folder.js';

const KILLS = campaign(100);
const TRACES = campaign(20_000);
const BATCH = 40;
/** An import that is killed gets so far at most, so that all kills fit into one. */
const MOST_BATCHES = Math.max(1, Math.floor((TRACES / BATCH / KILLS) * 1.5));

/** Numbers from 0 to 1 that look random and are the same in every run: a failure can be looked at again. */
function* randoms(): Generator<number, number> {
  for (let state = 20251122; ;) {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    yield state / 2 ** 32;
  }
}

/** Kills the program a while after it has told of so many batches; it may end before. */
async function killAfter(
  args: string[],
  env: Record<string, string>,
  batches: number,
  delayMs: number,
): Promise<CliResult> {
  const { child, result } = startCli(args, { env, timeoutMs: 120_000 });
  let told = 0;
  child.stderr.on('data', (chunk: string) => {
    const before = told;
    told += chunk.match(/traces: \d+ imported/g)?.length ?? 0;
    if (before < batches && told >= batches) setTimeout(() => child.kill('SIGKILL'), delayMs);
  });
  return result;
}

forEachDatabase(
  'kill -9 of an import',
  (kind) => {
    const folder = useTempFolder();
    let database: TestDatabase;
    let clean: TestDatabase;
    let dump: string;

    beforeEach(async () => {
      database = await createTestDatabase(kind);
      clean = await createTestDatabase(kind);
      await migrateUp(database);
      await migrateUp(clean);
      dump = await dumpOf(folder.path, {
        traces: Array.from({ length: TRACES }, (_, at) => traceDocument(at)),
      });
    }, 120_000);

    afterEach(async () => {
      await database.drop();
      await clean.drop();
    });

    /** What must hold whenever an import was killed. @returns how far it says it is */
    async function whatIsThere(): Promise<{ traces: number; read: number }> {
      return open(database, async ({ dataSource }) => {
        const [progress] = await dataSource.getRepository(ImportProgress).find();
        const traces = await dataSource.getRepository(Trace).count();
        const spans = await dataSource.getRepository(Span).count();
        // Each trace has five: a trace is in with all of them, or not at all.
        expect(spans).toBe(traces * 5);
        // What the progress speaks of is in.
        if (progress) expect(traces).toBeGreaterThanOrEqual(progress.documentsRead);
        return { traces, read: progress?.documentsRead ?? traces };
      });
    }

    it(`${KILLS} times, and gone on with each time: nothing is lost and nothing doubled`, async () => {
      const env = { DBTOOL_DATABASE_URL: database.url, DBTOOL_IMPORT_BATCH_SIZE: String(BATCH) };
      const args = ['import', 'mongo', '--from', dump];
      const random = randoms();
      const outcomes = { killed: 0, 'at the very end': 0, anew: 0 };
      let before = { traces: 0, read: 0 };
      while (outcomes.killed < KILLS) {
        const batches = 1 + Math.floor(random.next().value * MOST_BATCHES);
        const again = before.read >= TRACES ? ['--restart', '--overwrite'] : [];
        if (again.length > 0) outcomes.anew += 1;
        const delayMs = Math.floor(random.next().value * 60);
        const { signal, code, stderr } = await killAfter(
          [...args, ...again, '--verbose'],
          env,
          batches,
          delayMs,
        );
        if (signal === 'SIGKILL') outcomes.killed += 1;
        else {
          outcomes['at the very end'] += 1;
          expect({ code, stderr }).toMatchObject({ code: 0 });
        }
        const after = await whatIsThere();
        expect(after.traces).toBeGreaterThanOrEqual(before.traces);
        before = after;
      }
      tally(`${kind}: kill -9 of an import of ${TRACES} traces`, outcomes);
      expect(await runCli(args, { env, timeoutMs: 300_000 })).toMatchObject({ code: 0 });
      const straight = { ...env, DBTOOL_DATABASE_URL: clean.url };
      expect(await runCli(args, { env: straight, timeoutMs: 300_000 })).toMatchObject({ code: 0 });
      const [mended, expected] = [await open(database, contentHashes), await open(clean, contentHashes)];
      expect(expected['traces']).toMatch(new RegExp(`^${TRACES} rows`));
      expect(mended).toEqual(expected);
      const verified = await open(database, (opened) => verifyAll(opened, dump));
      expect(verified['traces']).toMatchObject({
        read: TRACES,
        stored: TRACES,
        missing: 0,
        different: 0,
        extra: 0,
      });
    }, 3_600_000);

    it('is told by the history, with the file that its rejects are in', async () => {
      const env = { DBTOOL_DATABASE_URL: database.url, DBTOOL_IMPORT_BATCH_SIZE: '10' };
      const rejects = `${folder.path}/rejects.ndjson`;
      const args = ['import', 'mongo', '--from', dump, '--rejects', rejects, '--verbose'];
      expect(await killAfter(args, env, 1, 0)).toMatchObject({ signal: 'SIGKILL' });
      const { stdout, stderr } = await runCli(['import', 'history'], { env });
      expect(stdout).toContain(' killed ');
      expect(stderr).toContain(`rejects, if there are any, in ${rejects}`);
      const again = await runCli(['import', 'mongo', '--from', dump], { env, timeoutMs: 300_000 });
      expect(again).toMatchObject({ code: 0 });
      expect((await runCli(['import', 'history', '--limit', '1'], { env })).stderr).not.toContain('rejects');
    });
  },
  { only: ['sqlite', 'postgres', 'mariadb'] },
);
