import { fileURLToPath } from 'node:url';
import { expect, it } from '@jest/globals';
import { Span } from '../../src/entities/span.js';
import { Trace } from '../../src/entities/trace.js';
import { campaign } from '../support/campaign.js';
import { runCli } from '../support/cli.js';
import { contentHashes } from '../support/content-hash.js';
import { createTestDatabase, forEachDatabase } from '../support/databases.js';
import { migrateUp, open } from '../support/open-database.js';

const DEMO = fileURLToPath(new URL('../../fixtures/demo-dump/genai', import.meta.url));
const KILLS = campaign(20);
const REJECTS_EXIT = 4;

/** Spread over the work, and the same in every run: a failure can be looked at again. */
function moments(first: number, step: number): number[] {
  return Array.from({ length: KILLS }, (_, index) => first + index * step);
}

forEachDatabase('kill -9', (kind) => {
  it(`during an import, ${KILLS} times: whole batches each time, and nothing lost or doubled in the end`, async () => {
    const database = await createTestDatabase(kind);
    const clean = await createTestDatabase(kind);
    try {
      await migrateUp(database);
      await migrateUp(clean);
      const importInto = (url: string) => ({
        env: { DBTOOL_DATABASE_URL: url, DBTOOL_IMPORT_BATCH_SIZE: '25' },
        timeoutMs: 120_000,
      });
      const args = ['import', 'mongo', '--from', DEMO];
      for (const batches of moments(1, Math.ceil(60 / KILLS))) {
        const killed = await runCli([...args, '--verbose'], {
          ...importInto(database.url),
          killAfterOutput: { match: new RegExp(`traces: ${batches * 25} imported`), signal: 'SIGKILL' },
        });
        expect(killed.signal).toBe('SIGKILL');
        await open(database, async ({ dataSource }) => {
          const traces = await dataSource.getRepository(Trace).count();
          expect(traces).toBeGreaterThanOrEqual(batches * 25);
          expect(traces % 25).toBe(0);
          const orphans = await dataSource
            .getRepository(Span)
            .createQueryBuilder('span')
            .leftJoin(Trace, 'trace', 'trace.id = span.traceId')
            .where('trace.id IS NULL')
            .getCount();
          expect(orphans).toBe(0);
        });
      }
      expect((await runCli(args, importInto(database.url))).code).toBe(REJECTS_EXIT);
      expect((await runCli(args, importInto(clean.url))).code).toBe(REJECTS_EXIT);
      const [mended, straight] = [await open(database, contentHashes), await open(clean, contentHashes)];
      expect(straight['traces']).toMatch(/^2000 rows/);
      expect(mended).toEqual(straight);
    } finally {
      await database.drop();
      await clean.drop();
    }
  }, 600_000);

  it(`during migrate up, ${KILLS} times: as before, done, or marked as half-way`, async () => {
    for (const delay of moments(5, 20)) {
      const database = await createTestDatabase(kind);
      const env = { DBTOOL_DATABASE_URL: database.url };
      try {
        const killed = await runCli(['migrate', 'up'], {
          env,
          killAfterOutput: { match: /Applying/, signal: 'SIGKILL', delayMs: delay },
        });
        const status = await runCli(['migrate', 'status', '--json'], { env });
        expect(status.code).toBe(0);
        const { migrations } = (JSON.parse(status.stdout) as { data: { migrations: { status: string }[] } })
          .data;
        const again = await runCli(['migrate', 'up'], { env });
        if (migrations[0]?.status === 'running') {
          // Only where DDL cannot be rolled back; then it says so instead of going on blindly.
          const isPlain = await open(database, ({ dialect }) => Promise.resolve(!dialect.transactionalDdl));
          expect(isPlain).toBe(true);
          expect({ code: again.code, told: again.stderr.includes('migrate.dirty') }).toEqual({
            code: 2,
            told: true,
          });
        } else {
          expect(killed.signal === 'SIGKILL' ? ['pending', 'applied'] : ['applied']).toContain(
            migrations[0]?.status,
          );
          expect(again.code).toBe(0);
          const up = await open(
            database,
            async ({ dataSource }) => (await dataSource.driver.createSchemaBuilder().log()).upQueries,
          );
          expect(up).toEqual([]);
        }
      } finally {
        await database.drop();
      }
    }
  }, 600_000);
});
