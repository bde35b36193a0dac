import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it } from '@jest/globals';
import { currentRun } from './servers/current-run.js';
import { SERVER_DRIVERS, SERVER_KINDS } from './servers/drivers.js';
import { newDatabaseName } from './servers/names.js';
import type { ServerKind } from './servers/types.js';

export type DatabaseKind = 'sqlite' | ServerKind;

/** A database of a test's own, empty at first. */
export interface TestDatabase {
  kind: DatabaseKind;
  /** What `dbtool --database` takes. */
  url: string;
  /** Drops it, ending connections that are still open. */
  drop(): Promise<void>;
}

/**
 * Defines the same describe block for every database that can be had. One that cannot gives a skipped
 * test which tells why; MySQL is tested only when its URL is given, and else not mentioned here but once
 * at the end of `npm test`.
 */
export function forEachDatabase(
  name: string,
  define: (kind: DatabaseKind) => void,
  options: { only?: DatabaseKind[] } = {},
): void {
  const { servers } = currentRun();
  const wanted = (kind: DatabaseKind): boolean => options.only?.includes(kind) ?? true;
  describe(name, () => {
    if (wanted('sqlite'))
      describe('sqlite', () => {
        define('sqlite');
      });
    for (const kind of SERVER_KINDS.filter(wanted)) {
      const server = servers[kind];
      if (server.available)
        describe(kind, () => {
          define(kind);
        });
      else if (!server.byUrlOnly) it.skip(`${kind} (skipped: ${server.reason})`, () => undefined);
    }
  });
}

/** Creates a database for one test or one file; whoever creates it drops it. */
export async function createTestDatabase(kind: DatabaseKind): Promise<TestDatabase> {
  if (kind === 'sqlite') {
    const folder = await mkdtemp(join(tmpdir(), 'dbtool-sqlite-'));
    const drop = (): Promise<void> => rm(folder, { recursive: true, force: true });
    return { kind, url: `sqlite:${join(folder, 'test.sqlite')}`, drop };
  }
  const run = currentRun();
  const server = run.servers[kind];
  if (!server.available) throw new Error(`There is no ${kind} server: ${server.reason}`);
  const driver = SERVER_DRIVERS[kind];
  const name = newDatabaseName(run.id);
  const url = await driver.createDatabase(server.url, name);
  return { kind, url, drop: () => driver.dropDatabase(server.url, name) };
}
