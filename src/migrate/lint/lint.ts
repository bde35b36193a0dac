import type { MigrationStatement } from '../loaded-migration.js';
import type { LintDatabase } from './lint-database.js';

/** A change that may lose data or stand in the way of the programs that use the database. */
export interface Danger {
  rule: string;
  migration: string;
  /** 1, 2, 3, … */
  statement: number;
  line?: number;
  table?: string;
  message: string;
  why: string;
  fix: string;
  /** Whether the table in question holds data now. */
  holdsData: boolean;
  acknowledged: boolean;
}

export interface LintSubject {
  name: string;
  statements: readonly MigrationStatement[];
  transaction: boolean;
  /** Rules that the whole migration acknowledges. */
  allow: readonly string[];
}

export function lint(_subject: LintSubject, _database: LintDatabase): Promise<Danger[]> {
  return Promise.resolve([]);
}
