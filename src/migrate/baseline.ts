import { insertEntry } from './history.js';
import { planMigrations } from './plan.js';
import { refuseDirty, resolveName } from './refusals.js';
import { lastRun, type MigrationSession } from './session.js';
import { compareNames } from './sources.js';
import { isPending } from './state.js';

/**
 * Takes the pending migrations up to this one for applied, without running anything: of a database that
 * has what they make.
 * @returns the names of those that were pending
 * @throws DbtoolError `migrate.unknown`, `migrate.dirty`, `migrate.lock.held`
 */
export async function baseline(session: MigrationSession, given: string): Promise<string[]> {
  return session.locked(async ({ runner, view }) => {
    refuseDirty(view.all);
    const files = view.migrations.filter(({ file }) => file !== undefined);
    const limit = resolveName(
      given,
      files.map(({ name }) => name),
    );
    const upTo = view.all.filter((one) => isPending(one) && compareNames(one.name, limit) <= 0);
    const migrations = upTo.flatMap(({ migration }) => migration ?? []);
    const plans = await planMigrations(session.database, runner, migrations, 'up');
    await session.database.dialect.beginWrite(runner);
    try {
      for (const [index, { name, checksum, readsData }] of plans.entries()) {
        await insertEntry(runner, {
          run: lastRun(view) + 1 + index,
          name,
          action: 'baseline',
          direction: 'up',
          status: 'done',
          checksum: checksum ?? null,
          readsData,
          appliedAt: new Date(),
          ...session.operator,
          durationMs: null,
          statements: null,
          error: null,
        });
      }
      await runner.commitTransaction();
    } catch (error) {
      await runner.rollbackTransaction().catch(() => undefined);
      throw error;
    }
    return plans.map(({ name }) => name);
  });
}
