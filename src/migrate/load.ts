import { readFileSync } from 'node:fs';
import type { Dialect } from '../database/dialect.js';
import { DbtoolError } from '../errors/dbtool-error.js';
import { LINT_RULES, suggestRule } from './lint/rules.js';
import { loadMigrationClass } from './load-migration.js';
import type { LoadedMigration, MigrationBody, MigrationStatement } from './loaded-migration.js';
import { parseSqlMigration, type SqlSection } from './sql/sql-file.js';

/**
 * Reads a migration from its file.
 * @throws DbtoolError `migrate.source.invalid`
 */
export async function loadMigration(file: string, dialect: Dialect['name']): Promise<LoadedMigration> {
  return file.endsWith('.sql') ? ofSqlFile(file, dialect) : ofClass(file);
}

function ofSqlFile(file: string, dialect: Dialect['name']): LoadedMigration {
  const { up, down } = parseSqlMigration(readText(file), file, dialect);
  // Nothing to undo something with is no way back: it would be told as taken back, and all would be there.
  const isWayBack = down !== undefined && (down.statements.length > 0 || up.statements.length === 0);
  return {
    file,
    up: bodyOf(up),
    down: isWayBack ? bodyOf(down) : undefined,
    allow: [],
    typeormName: undefined,
  };
}

function bodyOf(section: SqlSection): MigrationBody {
  const statements = section.statements.map((statement): MigrationStatement => ({
    ...statement,
    parameters: [],
  }));
  return {
    transaction: section.transaction,
    statements,
    run: async (runner) => {
      for (const { text } of statements) await runner.query(text);
    },
  };
}

function readText(file: string): string {
  try {
    // At once: hundreds of small files, one after the other, take a tenth of the time that they take through the
    // thread pool.
    return readFileSync(file, 'utf8');
  } catch (error) {
    throw new DbtoolError('migrate.source.invalid', {
      message: `The migration ${file} cannot be read`,
      why: (error as Error).message,
      cause: error,
    });
  }
}

async function ofClass(file: string): Promise<LoadedMigration> {
  const { migration, className, ownName } = await loadMigrationClass(file);
  const transaction = migration.transaction ?? true;
  refuseUnknownRules(file, migration.allow ?? []);
  return {
    file,
    up: {
      transaction,
      statements: undefined,
      run: async (runner) => {
        await migration.up(runner);
      },
    },
    down: {
      transaction,
      statements: undefined,
      run: async (runner) => {
        await migration.down(runner);
      },
    },
    allow: migration.allow ?? [],
    typeormName: ownName ?? className,
  };
}

function refuseUnknownRules(file: string, rules: readonly string[]): void {
  const unknown = rules.find((rule) => !Object.hasOwn(LINT_RULES, rule));
  if (unknown === undefined) return;
  const meant = suggestRule(unknown);
  throw new DbtoolError('migrate.source.invalid', {
    message: `The migration ${file} acknowledges a danger that there is not: ${unknown}`,
    why: `The rules are ${Object.keys(LINT_RULES).join(', ')}.`,
    fix: meant === undefined ? 'Name one of them.' : `Write ${meant}, if that is meant.`,
  });
}
