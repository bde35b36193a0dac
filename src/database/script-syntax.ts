/** How a script for a database's own command-line client is written. */
export interface ScriptSyntax {
  /** The program that runs it: `psql`, `mariadb`, `sqlite3`, `sqlplus`. */
  client: string;
  /** What comes first, so that the script stops at the first error and nothing is read otherwise than dbtool would. */
  prologue: readonly string[];
  /** What begins a transaction; empty where each begins by itself. */
  begin: string;
  commit: string;
  /** What stands around a migration outside its transaction, and what ends the transaction. */
  around: { before: readonly string[]; end: readonly string[]; after: readonly string[] } | undefined;
  /** A statement with what ends it. */
  statement: (text: string) => string;
  /** A value as it is written in a statement. */
  literal: (value: unknown) => string;
  /** The user that runs the script. */
  currentUser: string;
}
