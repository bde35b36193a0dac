import type { SqlFlavour } from '../sql/flavours.js';

/** A migration to be looked through. */
export interface LintSubject {
  name: string;
  statements: readonly {
    text: string;
    /** In its file, from 1. */
    line?: number | undefined;
    /** Rules acknowledged for it. */
    allow?: readonly string[] | undefined;
  }[];
  /** Whether the statements run in a transaction. */
  transaction: boolean;
  /** Rules acknowledged for the whole migration; classes declare them. */
  allow: readonly string[];
}

/** A column as the database has it. */
export interface LintColumn {
  name: string;
  /** `varchar(20)`, `timestamp with time zone`; as far as the catalogue tells. */
  type: string;
  nullable: boolean;
}

/** What the linter asks of the database. */
export interface LintDatabase {
  flavour: SqlFlavour;
  /** Whether a table holds rows; undefined: there is no such table (yet). */
  rows(table: string, schema?: string): Promise<'none' | 'some' | undefined>;
  /** The columns of a table; undefined where they are not known. */
  columns?(table: string, schema?: string): Promise<readonly LintColumn[] | undefined>;
}

/** A statement of a migration that may cost data or keep others from a table. */
export interface Danger {
  /** One of `LINT_RULES`. */
  rule: string;
  migration: string;
  /** Which of the migration's statements, from 1. */
  statement: number;
  /** 1-based line in the file; not there for classes. */
  line?: number;
  table?: string;
  /** What the statement does. */
  message: string;
  /** What that means for data and for others at work. */
  why: string;
  /** The safe way. */
  fix: string;
  /** Whether the table in question holds rows now. True where that cannot be told. */
  holdsData: boolean;
  /** Whether the database will refuse the statement as it is now. */
  fails: boolean;
  acknowledged: boolean;
}
