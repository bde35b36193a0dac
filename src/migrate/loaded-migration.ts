import type { QueryRunner } from 'typeorm';

/** A statement of a migration, as it is sent to the database. */
export interface MigrationStatement {
  text: string;
  parameters: readonly unknown[];
  /** Line of the file it stands in, counted from 1; undefined where a class made it. */
  line?: number | undefined;
  /** Rules of the linter that the migration acknowledges for this statement. */
  allow?: readonly string[] | undefined;
}

/** One way through a migration, up or down. */
export interface MigrationBody {
  /** Whether it asks for a transaction, where the database can put DDL into one. */
  transaction: boolean;
  /** The statements of an SQL file; undefined where a class decides while it runs. */
  statements: readonly MigrationStatement[] | undefined;
  run: (runner: QueryRunner) => Promise<void>;
}

/** A migration that was read from its file. */
export interface LoadedMigration {
  file: string;
  up: MigrationBody;
  /** Undefined where the file has no way back. */
  down: MigrationBody | undefined;
  /** Rules of the linter that the whole migration acknowledges. */
  allow: readonly string[];
  /** The name under which TypeORM keeps the migration; undefined for SQL files. */
  typeormName: string | undefined;
}
