import type { QueryRunner } from 'typeorm';
import { inTransaction } from '../database/transaction.js';
import { primaryColumns } from '../database/dialects/sql.js';
import type { OpenDatabase } from '../database/data-source.js';
import type { LogicalRow } from '../database/dialect.js';
import type { LogicalValue } from '../database/model/logical-type.js';
import type { ColumnModel, TableModel } from '../database/model/table-model.js';
import { deleteByKeys, selectWhereIn } from '../database/portable-sql.js';

/** Rows that are written together, each table's with what hangs on them. */
export interface Batch {
  table: TableModel;
  rows: readonly LogicalRow[];
  /**
   * Ids of rows that were there a moment ago, where somebody asked: all others are written as new ones first.
   * Nothing but time is lost where that is not so any more.
   */
  known?: ReadonlySet<LogicalValue>;
  children: readonly { table: TableModel; parent: ColumnModel; rows: readonly LogicalRow[] }[];
}

type Child = Batch['children'][number];
type Ids = ReadonlySet<LogicalValue | undefined>;

const NO_IDS: Ids = new Set();

/** Writes many rows at once, in transactions, through the database's fastest safe way. */
export class BulkRepository {
  constructor(private readonly database: OpenDatabase) {}

  /** Runs `work` in one write transaction on one connection. */
  transaction<T>(work: (runner: QueryRunner) => Promise<T>): Promise<T> {
    return inTransaction(this.database, work);
  }

  /**
   * Inserts or updates the rows by primary key, and makes their children exactly those given: a list
   * that has shrunk at the source leaves no stale rows.
   * @throws Error when two rows of a table have one key (a bug), DbtoolError `database.row.*`
   */
  async write(runner: QueryRunner, batch: Batch): Promise<void> {
    for (const { table, rows } of [batch, ...batch.children]) refuseTwins(table, rows);
    const inserted = await this.writeParents(runner, batch);
    const ids = new Set(inserted.map((row) => row['id'] ?? null));
    for (const child of batch.children) await this.writeChildren(runner, batch, child, ids);
  }

  /** @returns those that were not there before, as far as that is known */
  private async writeParents(
    runner: QueryRunner,
    { table, rows, known }: Batch,
  ): Promise<readonly LogicalRow[]> {
    if (!known) return this.writeRows(runner, table, rows, false);
    const isKnown = (row: LogicalRow): boolean => known.has(row['id'] ?? null);
    const there = rows.filter(isKnown);
    if (there.length > 0) await this.writeRows(runner, table, there, false);
    if (there.length === rows.length) return [];
    return this.writeRows(
      runner,
      table,
      there.length === 0 ? rows : rows.filter((row) => !isKnown(row)),
      true,
    );
  }

  /** @param inserted ids of parents that were not there before */
  private async writeChildren(runner: QueryRunner, batch: Batch, child: Child, inserted: Ids): Promise<void> {
    const { table, parent } = child;
    // What refers to its parent was not there before it.
    const areNew = parent.references?.table === batch.table.name ? inserted : NO_IDS;
    const parents = batch.rows.map((row) => row['id'] ?? null).filter((id) => !areNew.has(id));
    await this.deleteStale(runner, child, parents);
    const isNew = (row: LogicalRow): boolean => areNew.has(row[parent.property]);
    const known = child.rows.filter((row) => !isNew(row));
    if (known.length > 0) await this.writeRows(runner, table, known, false);
    if (known.length < child.rows.length) await this.writeRows(runner, table, child.rows.filter(isNew), true);
  }

  /** @returns those that were not there before, as far as that is known */
  private async writeRows(
    runner: QueryRunner,
    table: TableModel,
    rows: readonly LogicalRow[],
    areNew: boolean,
  ): Promise<readonly LogicalRow[]> {
    const { dialect } = this.database;
    if (dialect.writeRows) return dialect.writeRows(runner, table, rows, areNew);
    await dialect.upsert(runner, table, rows);
    return [];
  }

  private async deleteStale(
    runner: QueryRunner,
    child: Child,
    parents: readonly LogicalValue[],
  ): Promise<void> {
    const { table, parent } = child;
    const own = table.columns.find((column) => column.primary && column !== parent);
    if (!own) throw new Error(`${table.name} has no key of its own beside ${parent.name}`);
    if (parents.length === 0) return;
    const wanted = new Set(
      child.rows.map((row) => JSON.stringify([row[parent.property], row[own.property]])),
    );
    const there = await selectWhereIn(runner, table, [parent, own], parents);
    const stale = there.filter((key) => !wanted.has(JSON.stringify(key)));
    await deleteByKeys(runner, table, [parent, own], stale);
  }
}

/** Which of two rows with one key stays would be another on each database, where it is not an error. */
function refuseTwins(table: TableModel, rows: readonly LogicalRow[]): void {
  const key = primaryColumns(table);
  const seen = new Set<string>();
  for (const row of rows) {
    const text = keyText(key, row);
    if (seen.has(text)) {
      const values = JSON.stringify(key.map((column) => row[column.property]));
      throw new Error(`The batch of ${table.name} has the key ${values} twice`);
    }
    seen.add(text);
  }
}

/** Another text for each key: with their lengths, texts that are joined cannot be taken for others. */
function keyText(key: readonly ColumnModel[], row: LogicalRow): string {
  let text = '';
  for (const { property } of key) {
    const value = row[property];
    text += typeof value === 'string' ? `${value.length}:${value}` : `${JSON.stringify(value)};`;
  }
  return text;
}
