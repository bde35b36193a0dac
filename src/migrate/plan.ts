import type { QueryRunner } from 'typeorm';
import { redact } from '../config/redact.js';
import type { OpenDatabase } from '../database/data-source.js';
import { driverError } from '../database/driver-error.js';
import { DbtoolError } from '../errors/dbtool-error.js';
import type { LoadedMigration, MigrationBody, MigrationStatement } from './loaded-migration.js';
import { checksumOf, imagineTables, Recorder, skipped } from './recorder.js';
import type { Migration } from './sources.js';

/** What a migration would do. */
export interface PlannedMigration {
  name: string;
  file: string;
  direction: 'up' | 'down';
  /** Whether it would run in one transaction. */
  transaction: boolean;
  /** In their order; undefined when they cannot be told without running it. */
  statements: readonly MigrationStatement[] | undefined;
  checksum: string | undefined;
  /** Whether the statements depend on what is in the database, and may be others when it is run. */
  readsData: boolean;
  /** Why the statements cannot be told. */
  problem: string | undefined;
  /** Rules of the linter that the whole migration acknowledges. */
  allow: readonly string[];
}

/**
 * What migrations would do, one after the other. Classes are run dry: what reads is sent to the database,
 * in a transaction that may only read; what writes is noted and left out. What a class asks of a table that
 * an earlier one of the list would have made is answered as far as TypeORM made it.
 * A way back that is missing is a plan with a problem.
 */
export async function planMigrations(
  database: OpenDatabase,
  runner: QueryRunner,
  migrations: readonly Migration[],
  direction: 'up' | 'down',
): Promise<PlannedMigration[]> {
  const plans: PlannedMigration[] = [];
  const rest: { frame: Frame; body: MigrationBody | undefined }[] = [];
  for (const migration of migrations) {
    const loaded = await migration.load();
    rest.push({ frame: frameOf(database, migration, loaded, direction), body: loaded[direction] });
  }
  const planFrom = async (): Promise<void> => {
    for (const { frame, body } of rest.slice(plans.length)) {
      const plan = { ...frame, ...(await planBody(runner, body)) };
      plans.push(plan);
      // A transaction in which something failed is of no more use.
      if (plan.problem !== undefined && body) return;
    }
  };
  if (rest.every(({ body }) => body?.statements)) {
    await planFrom();
    return plans;
  }
  const forget = imagineTables(runner);
  try {
    while (plans.length < rest.length) await database.dialect.readOnly(runner, planFrom);
    return plans;
  } finally {
    forget();
  }
}

type Frame = Pick<PlannedMigration, 'name' | 'file' | 'direction' | 'transaction' | 'allow'>;
type Content = Pick<PlannedMigration, 'statements' | 'checksum' | 'readsData' | 'problem'>;

function frameOf(
  { dialect }: OpenDatabase,
  { name }: Migration,
  { file, allow, ...bodies }: LoadedMigration,
  direction: 'up' | 'down',
): Frame {
  const transaction = dialect.transactionalDdl && bodies[direction]?.transaction !== false;
  return { name, file, direction, transaction, allow };
}

async function planBody(runner: QueryRunner, body: MigrationBody | undefined): Promise<Content> {
  const unknown = { statements: undefined, checksum: undefined, readsData: false };
  if (!body) return { ...unknown, problem: 'It says nothing of how to take it back.' };
  const { statements } = body;
  if (!statements) return dryRun(runner, body);
  return { statements, checksum: checksumOf(statements), readsData: false, problem: undefined };
}

async function dryRun(runner: QueryRunner, body: MigrationBody): Promise<Content> {
  const recorder = new Recorder(runner, () => Promise.resolve(skipped));
  try {
    await recorder.watch(undefined, () => body.run(runner));
    const { checksum, readsData } = recorder.progress;
    return { statements: recorder.statements, checksum, readsData, problem: undefined };
  } catch (error) {
    const problem = redact(error instanceof DbtoolError ? error.message : driverError(error).message);
    return { statements: undefined, checksum: undefined, readsData: true, problem };
  } finally {
    // It may have begun a transaction, which was left out like all else.
    Object.assign(runner, { isTransactionActive: false, transactionDepth: 0 });
  }
}
