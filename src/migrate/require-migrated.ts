import type { OpenDatabase } from '../database/data-source.js';
import { DbtoolError } from '../errors/dbtool-error.js';
import { Migrator, type MigratorOptions } from './migrator.js';

/**
 * Refuses to work on a database whose migrations are pending or half-way.
 * @throws DbtoolError `database.migrations.pending`
 */
export async function requireMigrated(database: OpenDatabase, options: MigratorOptions): Promise<void> {
  const states = await new Migrator(database, options).status();
  const open = states.filter(
    ({ status }) => status === 'pending' || status === 'running' || status === 'failed',
  );
  if (open.length === 0) return;
  throw new DbtoolError('database.migrations.pending', {
    message: `The database ${database.url.display} lacks ${open.length === 1 ? 'a migration' : `${open.length} migrations`}`,
    why: `${open.map((state) => `${state.name} is ${state.status}`).join(', ')}.`,
    fix: 'Run `dbtool migrate up` first.',
    details: { pending: open.map((state) => state.name) },
  });
}
