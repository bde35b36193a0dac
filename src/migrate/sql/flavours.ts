import type { Dialect } from '../../database/dialect.js';

/** Whose SQL a text is written in. */
export type SqlFlavour = Dialect['name'];

/** How the words of a SQL text are told apart on one database. */
export interface LexRules {
  /** What may follow the first letter of an unquoted name. */
  word: RegExp;
  /** Characters that open a quoted name, with the one that closes it. */
  nameQuotes: Readonly<Record<string, string>>;
  /** Characters that quote a string. */
  stringQuotes: string;
  /** Whether a backslash in a string takes the next character along. */
  backslashes: boolean;
  /** Postgres: `E'…'`, `$tag$…$tag$`, comments in comments, strings that go on in the next line. */
  postgres: boolean;
  /** Oracle: `q'[…]'`, and a line with `/` alone ends a statement. */
  oracle: boolean;
  /** MySQL and MariaDB: `#` comments, `/*!…*\/` is code, `--` needs a blank, `DELIMITER`. */
  mysql: boolean;
}

const NONE = { backslashes: false, postgres: false, oracle: false, mysql: false };
const MYSQL: LexRules = {
  ...NONE,
  word: /[\p{L}_][\p{L}\p{N}_$]*/uy,
  nameQuotes: { '`': '`' },
  stringQuotes: `'"`,
  backslashes: true,
  mysql: true,
};

/** The rules of each database, as its server has them by default. */
export const LEX_RULES: Readonly<Record<SqlFlavour, LexRules>> = {
  postgres: {
    ...NONE,
    word: /[\p{L}_][\p{L}\p{N}_$]*/uy,
    nameQuotes: { '"': '"' },
    stringQuotes: `'`,
    postgres: true,
  },
  mysql: MYSQL,
  mariadb: MYSQL,
  sqlite: {
    ...NONE,
    word: /[\p{L}_][\p{L}\p{N}_$]*/uy,
    nameQuotes: { '"': '"', '`': '`', '[': ']' },
    stringQuotes: `'`,
  },
  oracle: {
    ...NONE,
    word: /[\p{L}][\p{L}\p{N}_$#]*/uy,
    nameQuotes: { '"': '"' },
    stringQuotes: `'`,
    oracle: true,
  },
};
