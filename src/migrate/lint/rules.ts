import { closest } from 'fastest-levenshtein';

/** What a lint rule is about. Its name is what a migration acknowledges it by. */
export interface LintRule {
  summary: string;
}

/** Every rule of the linter. A name is a promise to migrations that acknowledge it. */
export const LINT_RULES = {
  'drop-table': { summary: 'A table goes with its rows.' },
  'drop-column': { summary: 'A column goes with its values.' },
  'drop-schema': { summary: 'A schema or a whole database goes with all that is in it.' },
  'drop-cascade': { summary: 'A DROP … CASCADE takes along what depends on it, columns too.' },
  truncate: { summary: 'All rows of a table or a partition go.' },
  'delete-all': { summary: 'A DELETE without WHERE takes every row.' },
  'update-all': { summary: 'An UPDATE without WHERE writes every row in one statement.' },
  'not-null-without-default': { summary: 'A column that must have a value is added to rows that have none.' },
  'set-not-null': { summary: 'A column of a filled table becomes NOT NULL.' },
  'index-not-concurrent': { summary: 'An index is built while writes to the table wait.' },
  'concurrent-in-transaction': {
    summary: 'CONCURRENTLY stands in a transaction, where Postgres refuses it.',
  },
  'change-type': { summary: 'A column changes its type, and the table is rewritten or checked.' },
  'change-charset': { summary: 'A table or column changes its character set, and the table is rewritten.' },
  'rename-table': { summary: 'A table changes its name under programs that still use the old one.' },
  'rename-column': { summary: 'A column changes its name under programs that still use the old one.' },
  'constraint-validating': { summary: 'A foreign key or CHECK is checked for all rows under a lock.' },
  'unique-constraint': { summary: 'A unique constraint builds its index while the table is locked.' },
  'change-primary-key': {
    summary: 'A primary key is added or dropped while the table is locked or rebuilt.',
  },
  'volatile-default': {
    summary: 'A new column gets a value computed for every row, and the table is rewritten.',
  },
  'lock-table': { summary: 'A table is locked by hand.' },
  'rewrite-table': { summary: 'The whole table is written anew under a lock.' },
  'mixed-ddl-dml': {
    summary: 'Changes of schema and of data in one migration that cannot be rolled back.',
  },
} as const satisfies Record<string, LintRule>;

export type RuleName = keyof typeof LINT_RULES;

/** The rule that may be meant by a name that is none; undefined where it is one. */
export function suggestRule(name: string): string | undefined {
  return name in LINT_RULES ? undefined : closest(name, Object.keys(LINT_RULES));
}
