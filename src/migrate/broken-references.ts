import { DbtoolError } from '../errors/dbtool-error.js';

/** How often each key stands in a list. */
export function countByKey(keys: readonly string[]): Map<string, number> {
  const counts = new Map<string, number>();
  for (const key of keys) counts.set(key, (counts.get(key) ?? 0) + 1);
  return counts;
}

/** Rows whose parents are gone, by the reference that is broken. */
export class BrokenReferences extends Error {
  constructor(readonly counts: ReadonlyMap<string, number>) {
    super([...counts].map(([key, count]) => `${key}: ${count}`).join(', '));
  }

  isWorseThan(before: ReadonlyMap<string, number>): boolean {
    return [...this.counts].some(([key, count]) => count > (before.get(key) ?? 0));
  }
}

export function brokenReferences(name: string, broken: BrokenReferences): DbtoolError {
  return new DbtoolError('migrate.failed', {
    message: `The migration ${name} would leave rows that refer to nothing`,
    why: `Number of rows by reference: ${broken.message}. Nothing of it remains; the database is as before.`,
    fix: 'Have the migration delete or change these rows too. Foreign keys are off while a migration runs on this database, so that tables can be rebuilt, and no row is deleted along with its parent.',
  });
}
