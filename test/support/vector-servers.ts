import { afterAll, beforeAll, describe } from '@jest/globals';
import { createTestDatabase, type TestDatabase } from './databases.js';
import { currentRun } from './servers/current-run.js';
import { onPostgres, type Pglite, startPglite } from './servers/pglite.js';

const { postgres } = currentRun().servers;

/** The server of the tests has the extension only where somebody has put it there. */
const hasExtension =
  postgres.available &&
  (await onPostgres(postgres.url, async (client) => {
    const { rowCount } = await client.query(`SELECT 1 FROM pg_available_extensions WHERE name = 'vector'`);
    return rowCount === 1;
  }));

/**
 * Defines the same describe block for PGlite, and for the Postgres server of the tests where it has the
 * extension vector too.
 * @param define takes what makes an empty database, without the extension
 */
export function forEachVectorServer(
  name: string,
  define: (create: () => Promise<TestDatabase>) => void,
): void {
  describe(name, () => {
    describe('PGlite', () => {
      let pglite: Pglite;
      beforeAll(async () => {
        pglite = await startPglite();
      });
      afterAll(() => pglite.stop());
      define(() => pglite.emptied());
    });
    if (hasExtension)
      describe('the Postgres server', () => {
        define(() => createTestDatabase('postgres'));
      });
  });
}

/** Runs one statement on a connection of its own. */
export function query(
  { url }: TestDatabase,
  text: string,
  values: unknown[] = [],
): Promise<Record<string, unknown>[]> {
  return onPostgres(url, async (client) => (await client.query<Record<string, unknown>>(text, values)).rows);
}
