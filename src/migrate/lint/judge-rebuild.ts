import type { Change } from '../sql/read-statement.js';
import type { LintColumn } from './danger.js';
import { type Scene, shown, type Verdict } from './judge.js';

/**
 * SQLite changes a table so: create another, copy the rows, drop the old one, rename the other. Then the
 * DROP takes nothing but the columns that were not copied.
 * @returns undefined where the change is no such DROP
 */
export async function judgeRebuild(
  change: Change,
  { before, after }: Scene,
  columnsOf: (change: Change) => Promise<readonly LintColumn[] | undefined>,
): Promise<Verdict[] | undefined> {
  if (change.kind !== 'drop-table') return undefined;
  const copy = before.find(({ kind, references }) => kind === 'insert' && references === change.table);
  const created = before.some(({ kind, table }) => kind === 'create-table' && table === copy?.table);
  const renamed = after.some(
    ({ kind, table, name }) => kind === 'rename-table' && table === copy?.table && name === change.table,
  );
  if (!copy || !created || !renamed) return undefined;
  const old = (await columnsOf(change))?.map(({ name }) => name);
  if (!old || !copy.columns) return [];
  const kept = copy.columns.map((name) => name.toLowerCase());
  const known = new Set(old.map((name) => name.toLowerCase()));
  const gone = old.filter((name) => !kept.includes(name.toLowerCase()));
  const fresh = copy.columns.filter((name) => !known.has(name.toLowerCase()));
  return gone.map((name, index) => told(change, name, fresh[index]));
}

/** What a column that was not copied under its name has become; undefined: nothing. */
function told(change: Change, name: string, newName: string | undefined): Verdict {
  const column = `${shown(change)}.${name}`;
  if (newName !== undefined)
    return {
      rule: 'rename-column',
      message: `${column} becomes ${newName} when the table is rebuilt`,
      why: 'Programs that run while this is deployed still use the old name, and fail.',
      fix: 'Add the new column, write to both, and drop the old one later; or acknowledge rename-column.',
    };
  return {
    rule: 'drop-column',
    message: `${column} is not copied when the table is rebuilt, and goes with its values`,
    why: 'The values are gone, also when the migration is taken back, and programs that still name the column fail.',
    fix: 'Deploy programs that do without the column first, then acknowledge drop-column.',
  };
}
