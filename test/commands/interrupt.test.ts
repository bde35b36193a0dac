import { expect, it } from '@jest/globals';
import { fileURLToPath } from 'node:url';
import { ImportProgress } from '../../src/entities/import-progress.js';
import { Span } from '../../src/entities/span.js';
import { Trace } from '../../src/entities/trace.js';
import { runCli } from '../support/cli.js';
import { createTestDatabase, forEachDatabase } from '../support/databases.js';
import { migrateUp, open } from '../support/open-database.js';

const DEMO = fileURLToPath(new URL('../../fixtures/demo-dump/genai', import.meta.url));

forEachDatabase('Ctrl-C during an import', (kind) => {
  for (const [signal, exit] of [
    ['SIGINT', 130],
    ['SIGTERM', 143],
  ] as const) {
    it(`leaves whole batches and says how to go on (${signal})`, async () => {
      const database = await createTestDatabase(kind);
      try {
        await migrateUp(database);
        const env = { DBTOOL_DATABASE_URL: database.url, DBTOOL_IMPORT_BATCH_SIZE: '10' };
        const args = ['import', 'mongo', '--from', DEMO, '--verbose'];
        const stopped = await runCli(args, {
          env,
          killAfterOutput: { match: /traces: 10 imported/, signal },
          timeoutMs: 60_000,
        });
        expect(stopped.code).toBe(exit);
        expect(stopped.stderr).toMatch(/Fix: Run the same command again: it goes on where this one stopped/);
        const count = (): Promise<[number, number]> =>
          open(database, async ({ dataSource }) => [
            await dataSource.getRepository(Trace).count(),
            await dataSource.getRepository(Span).count(),
          ]);
        const [traces, spans] = await count();
        expect(traces).toBeGreaterThan(0);
        expect(traces).toBeLessThan(2000);
        const [progress] = await open(database, ({ dataSource }) =>
          dataSource.getRepository(ImportProgress).find(),
        );
        const { documentsRead, documentsRejected } = progress!;
        expect(documentsRead % 10).toBe(0);
        expect(traces).toBe(documentsRead - documentsRejected);
        expect(spans).toBeGreaterThan(traces);
        const again = await runCli(args, { env: { DBTOOL_DATABASE_URL: database.url }, timeoutMs: 120_000 });
        expect(again.code).toBe(4);
        expect(await count()).toEqual([2000, 7484]);
      } finally {
        await database.drop();
      }
    });
  }
});
