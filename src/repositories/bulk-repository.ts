import type { QueryRunner } from 'typeorm';
import { inTransaction } from '../database/transaction.js';
import { primaryColumns } from '../database/dialects/sql.js';
import type { OpenDatabase } from '../database/data-source.js';
import type { LogicalRow } from '../database/dialect.js';
import type { LogicalValue } from '../database/model/logical-type.js';
import type { ColumnModel, TableModel } from '../database/model/table-model.js';
import { deleteByKey, selectWhereIn } from '../database/portable-sql.js';

/** Rows that are written together, each table's with what hangs on them. */
export interface Batch {
  table: TableModel;
  rows: readonly LogicalRow[];
  children: readonly { table: TableModel; parent: ColumnModel; rows: readonly LogicalRow[] }[];
}

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
    const { dialect } = this.database;
    for (const { table, rows } of [batch, ...batch.children]) refuseTwins(table, rows);
    await dialect.upsert(runner, batch.table, batch.rows);
    for (const child of batch.children) {
      const parents = batch.rows.map((row) => row['id'] ?? null);
      await this.deleteStale(runner, child, parents);
      await dialect.upsert(runner, child.table, child.rows);
    }
  }

  private async deleteStale(
    runner: QueryRunner,
    child: Batch['children'][number],
    parents: readonly LogicalValue[],
  ): Promise<void> {
    const { table, parent } = child;
    const own = table.columns.find((column) => column.primary && column !== parent);
    if (!own) throw new Error(`${table.name} has no key of its own beside ${parent.name}`);
    const wanted = new Set(
      child.rows.map((row) => JSON.stringify([row[parent.property], row[own.property]])),
    );
    const there = await selectWhereIn(runner, table, [parent, own], parents);
    const stale = there.filter((key) => !wanted.has(JSON.stringify(key)));
    for (const key of stale) await deleteByKey(runner, table, [parent, own], key);
  }
}

/** Which of two rows with one key stays would be another on each database, where it is not an error. */
function refuseTwins(table: TableModel, rows: readonly LogicalRow[]): void {
  const properties = primaryColumns(table).map((column) => column.property);
  const seen = new Set<string>();
  for (const row of rows) {
    const key = JSON.stringify(properties.map((property) => row[property]));
    if (seen.has(key)) throw new Error(`The batch of ${table.name} has the key ${key} twice`);
    seen.add(key);
  }
}
