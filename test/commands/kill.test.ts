import { expect, it } from '@jest/globals';
import { campaign } from '../support/campaign.js';
import { runCli } from '../support/cli.js';
import { createTestDatabase, forEachDatabase } from '../support/databases.js';
import { open } from '../support/open-database.js';

const KILLS = campaign(20);

/** Spread over the work, and the same in every run: a failure can be looked at again. */
function moments(first: number, step: number): number[] {
  return Array.from({ length: KILLS }, (_, index) => first + index * step);
}

forEachDatabase('kill -9', (kind) => {
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
        const statuses = migrations.map(({ status: one }) => one);
        if (statuses.includes('running')) {
          // Only where DDL cannot be rolled back; then it says so instead of going on blindly.
          const isPlain = await open(database, ({ dialect }) => Promise.resolve(!dialect.transactionalDdl));
          expect(isPlain).toBe(true);
          expect({ code: again.code, told: again.stderr.includes('migrate.dirty') }).toEqual({
            code: 2,
            told: true,
          });
        } else {
          // One after the other, each wholly or not at all.
          const firstPending = statuses.indexOf('pending');
          const applied = firstPending < 0 ? statuses.length : firstPending;
          const isWhole = statuses.every((one, index) => one === (index < applied ? 'applied' : 'pending'));
          expect([isWhole, statuses]).toEqual([true, statuses]);
          if (killed.signal !== 'SIGKILL') expect(applied).toBe(statuses.length);
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
