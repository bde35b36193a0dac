import type { QueryRunner } from 'typeorm';
import type { Dialect } from '../../database/dialect.js';
import type { Difference } from './differences.js';
import { type Operation, runOperation } from './operations.js';
import type { DifferencePlan } from './plan-differences.js';

/** A migration in this database's SQL that does what the plan says. */
export async function renderSql(
  runner: QueryRunner,
  dialect: Dialect,
  plan: DifferencePlan,
  differences: readonly Difference[],
): Promise<string> {
  const { up, down } = await statementsOf(runner, dialect, plan);
  const list = (statements: readonly string[]): string[] => statements.map((sql) => `${sql.trim()};`);
  return [
    '-- Makes the database what the entities say:',
    ...differences.map(({ sentence }) => `-- - ${sentence.replaceAll(/\s+/g, ' ')}`),
    '',
    '-- migrate:up',
    ...list(up),
    '',
    '-- migrate:down',
    ...list(down),
    '',
  ].join('\n');
}

interface Statements {
  up: string[];
  down: string[];
}

async function statementsOf(
  runner: QueryRunner,
  dialect: Dialect,
  plan: DifferencePlan,
): Promise<Statements> {
  if (!dialect.embedded) return recorded(runner, plan, false);
  // SQLite reads how a table was made to make it anew, so what comes before has to be done: it is, and undone.
  await runner.beforeMigration();
  try {
    await dialect.beginWrite(runner);
    try {
      return await recorded(runner, plan, true);
    } finally {
      await runner.rollbackTransaction();
    }
  } finally {
    await runner.afterMigration();
  }
}

async function recorded(runner: QueryRunner, plan: DifferencePlan, isDone: boolean): Promise<Statements> {
  const run = async (operations: readonly Operation[]): Promise<string[]> => {
    const statements: string[] = [];
    const query = (sql: string, parameters?: unknown[]): Promise<unknown> => {
      const isRead = /^(SELECT\b|PRAGMA \w+$)/i.test(sql);
      if (!isRead) statements.push(sql);
      return isRead || isDone ? runner.query(sql, parameters) : Promise.resolve([]);
    };
    const recorder = Object.assign(Object.create(runner) as QueryRunner, { query });
    for (const operation of operations) await runOperation(recorder, operation);
    return statements;
  };
  return { up: await run(plan.up), down: await run(plan.down) };
}
