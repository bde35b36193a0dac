import type { Change } from '../sql/read-statement.js';
import { family, isMysql, type Judge, type Scene, shown, type Verdict } from './judge.js';
import { isCheapTypeChange } from './types.js';

/** Rules on columns that are added or changed. */

const columnOf = (change: Change): string => `${shown(change)}.${change.name ?? '?'}`;

export const judgeNewColumn: Judge = (change, { flavour, filled }) => {
  if (!change.notNull || change.hasDefault || change.identity || change.stored) return undefined;
  const mysql = isMysql(flavour);
  return {
    rule: 'not-null-without-default',
    message: `${columnOf(change)} is added as NOT NULL without a default`,
    why: mysql
      ? 'Rows that are there silently get 0, an empty text or an empty date, whatever that means to programs.'
      : 'Rows that are there have no value for it, and programs that do not know the column cannot insert any more.',
    fix: 'Add it with a DEFAULT, or as NULL, fill it, and make it NOT NULL in a later migration.',
    // SQLite asks for a default whether there are rows or not.
    fails: !mysql && (filled || flavour === 'sqlite'),
  };
};

export const judgeNewValue: Judge = (change, scene) => {
  const { flavour, filled } = scene;
  if (!change.volatileDefault && !change.identity && !change.stored) return undefined;
  // SQLite's ids are never added, and its generated columns are refused or virtual.
  if (flavour === 'sqlite' && !change.volatileDefault) return undefined;
  const fails = flavour === 'sqlite' && filled;
  return {
    rule: 'volatile-default',
    message: `${columnOf(change)} is added with a value that is computed for every row`,
    why: fails
      ? 'SQLite adds no column with a computed default to a table that holds rows.'
      : 'The whole table is written anew, and nobody can write to it (on Postgres and Oracle: read or write) meanwhile.',
    fix: 'Add the column without it, set the default for new rows, and fill the old ones in batches.',
    fails,
  };
};

export const judgeNotNull: Judge = async (change, scene) => {
  const { flavour, before } = scene;
  if ((await scene.column(change, change.name))?.nullable === false) return undefined;
  // Postgres looks at no row where a checked CHECK says the same.
  const validated = before.some(
    ({ kind, table }) => kind === 'validate-constraint' && table === change.table,
  );
  if (flavour === 'postgres' && validated) return undefined;
  return {
    rule: 'set-not-null',
    message: `${columnOf(change)} becomes NOT NULL`,
    why: `It fails if one row has no value, and ${
      isMysql(flavour)
        ? 'the table is rebuilt'
        : 'all rows are checked while nobody can read or write the table'
    }.`,
    fix:
      flavour === 'postgres'
        ? 'ADD CONSTRAINT … CHECK (… IS NOT NULL) NOT VALID first; then VALIDATE CONSTRAINT and SET NOT NULL in a later migration.'
        : 'Fill the column first, and see that no row is without a value; then acknowledge set-not-null.',
  };
};

export const judgeType: Judge = async (change, scene): Promise<Verdict | undefined> => {
  const { flavour } = scene;
  const { type } = change;
  if (type === undefined || staysOnline(change)) return undefined;
  const old = await scene.column(change, nameBefore(change, scene));
  if (old && !change.using && isCheapTypeChange(old.type, type, flavour)) return undefined;
  return {
    rule: 'change-type',
    message: `${columnOf(change)} becomes ${type.toLowerCase()}${old ? ` (it is ${old.type})` : ''}`,
    why: WHY_TYPE[family(flavour)],
    fix: 'Add a column of the new type, write to both, fill it in batches, and drop the old one; or acknowledge change-type.',
  };
};

const WHY_TYPE = {
  postgres:
    'Unless both types are stored alike, all rows and indexes are written anew while nobody can read or write the table.',
  mysql: 'Unless a varchar only grows, the table is copied while nobody can write to it.',
  oracle: 'Unless the type only grows, Oracle refuses it as soon as a row has a value in the column.',
  sqlite: 'The table is rebuilt.',
};

/** MySQL refuses the statement rather than copy the table. */
const staysOnline = ({ algorithm, lock }: Change): boolean =>
  /^(?:INSTANT|INPLACE|NOCOPY)$/.test(algorithm ?? '') || lock === 'NONE';

/** CHANGE a b … is a new name and a new type; the database still knows the old name. */
function nameBefore(change: Change, { before }: Scene): string | undefined {
  const renamed = before.findLast(
    ({ kind, table, newName }) =>
      kind === 'rename-column' && table === change.table && newName === change.name,
  );
  return renamed?.name ?? change.name;
}

export const judgeCharset: Judge = (change) => {
  if (staysOnline(change)) return undefined;
  return {
    rule: 'change-charset',
    message: `${change.name === undefined ? shown(change) : columnOf(change)} changes its character set`,
    why: 'The table is copied while nobody can write to it, and texts that do not fit are cut or refused.',
    fix: 'Use a tool that copies beside the work (pt-online-schema-change, gh-ost), or acknowledge change-charset.',
  };
};

const EXPAND =
  'Add the new one, write to both, move the readers, and drop the old one in a later migration; or acknowledge';

export const judgeRenameColumn: Judge = (change) => ({
  rule: 'rename-column',
  message: `${columnOf(change)} becomes ${change.newName ?? '?'}`,
  why: 'Programs that run while this is deployed still use the old name, and fail.',
  fix: `${EXPAND} rename-column.`,
});

export const judgeRenameTable: Judge = (change) => ({
  rule: 'rename-table',
  message: `${shown(change)} becomes ${change.name ?? '?'}`,
  why: 'Programs that run while this is deployed still use the old name, and fail.',
  fix: `Leave a view under the old name for as long as it is used; or acknowledge rename-table.`,
});
