import { readFile } from 'node:fs/promises';
import type { Dialect } from '../database/dialect.js';
import { DbtoolError } from '../errors/dbtool-error.js';
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

async function ofSqlFile(file: string, dialect: Dialect['name']): Promise<LoadedMigration> {
  const { up, down } = parseSqlMigration(await readText(file), file, dialect);
  return { file, up: bodyOf(up), down: down && bodyOf(down), allow: [], typeormName: undefined };
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

async function readText(file: string): Promise<string> {
  try {
    return await readFile(file, 'utf8');
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
