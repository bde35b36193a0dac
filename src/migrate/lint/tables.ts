import type { Change } from '../sql/read-statement.js';
import type { LintColumn, LintDatabase } from './danger.js';

type TableRef = Pick<Change, 'table' | 'schema'>;

const keyOf = ({ schema, table }: TableRef): string => `${schema ?? ''}.${table ?? ''}`.toLowerCase();

/** What is known of the tables of a migration while it is followed statement by statement. */
export class Tables {
  /** Tables that the migration has created. */
  private readonly created = new Set<string>();
  /** What a table that the migration renamed is called in the database. */
  private readonly renamed = new Map<string, TableRef>();
  private readonly asked = new Map<string, Promise<'none' | 'some' | undefined>>();

  constructor(private readonly database: LintDatabase) {}

  /**
   * Whether the table of a change holds rows before the migration. `created`: the migration made it;
   * `absent`: there is no such table yet; `unknown`: the change is not of one table.
   */
  async rows(change: Change): Promise<'none' | 'some' | 'created' | 'absent' | 'unknown'> {
    if (change.table === undefined) return change.temporary ? 'created' : 'unknown';
    const key = keyOf(change);
    if (this.created.has(key)) return 'created';
    const { table = '', schema } = this.renamed.get(key) ?? change;
    let rows = this.asked.get(key);
    if (!rows) {
      rows = this.database.rows(table, schema);
      this.asked.set(key, rows);
    }
    return (await rows) ?? 'absent';
  }

  /** The columns as they are before the migration; undefined where they are not known. */
  async columns(change: TableRef): Promise<readonly LintColumn[] | undefined> {
    const key = keyOf(change);
    if (this.created.has(key)) return undefined;
    const { table = '', schema } = this.renamed.get(key) ?? change;
    return this.database.columns?.(table, schema);
  }

  /** Takes note of what a change does to tables. */
  follow(change: Change): void {
    const key = keyOf(change);
    if (change.kind === 'create-table' && !change.ifNotExists) this.created.add(key);
    if (change.kind === 'drop-table') {
      this.created.delete(key);
      this.renamed.delete(key);
    }
    if (change.kind !== 'rename-table' || change.name === undefined) return;
    const next = keyOf({ ...change, table: change.name });
    if (this.created.delete(key)) this.created.add(next);
    else this.renamed.set(next, this.renamed.get(key) ?? change);
  }
}
