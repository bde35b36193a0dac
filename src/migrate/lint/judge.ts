import type { SqlFlavour } from '../sql/flavours.js';
import type { Change } from '../sql/read-statement.js';
import type { LintColumn } from './danger.js';
import type { RuleName } from './rules.js';

/** What a rule says of a change. */
export interface Verdict {
  rule: RuleName;
  message: string;
  why: string;
  fix: string;
  /** The database will refuse it. */
  fails?: boolean;
}

/** What a rule may look at besides the change. */
export interface Scene {
  flavour: SqlFlavour;
  transaction: boolean;
  /** Whether the table of the change holds rows. */
  filled: boolean;
  /** The changes of the migration up to this one, and behind it. */
  before: readonly Change[];
  after: readonly Change[];
  /** A column as it is before the migration; undefined where that is not known. */
  column(change: Change, name: string | undefined): Promise<LintColumn | undefined>;
}

/** One rule or a few that belong together; it says nothing where there is no danger. */
export type Judge = (change: Change, scene: Scene) => Verdict | undefined | Promise<Verdict | undefined>;

/** MySQL and MariaDB are told the same. */
export const family = (flavour: SqlFlavour): Exclude<SqlFlavour, 'mariadb'> =>
  flavour === 'mariadb' ? 'mysql' : flavour;

export const isMysql = (flavour: SqlFlavour): boolean => family(flavour) === 'mysql';

/** The table's name as messages show it. */
export const shown = ({ schema, table }: Change): string =>
  schema === undefined ? (table ?? '?') : `${schema}.${table ?? '?'}`;
