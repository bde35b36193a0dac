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

type Child = Batch['children'][number];
type Ids = ReadonlySet<LogicalValue>;

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
    for (const child of batch.children) await this.writeChildren(runner, batch, child, inserted);
  }

  /** @returns the ids of rows that were inserted as new ones, as far as that is known */
  private async writeParents(runner: QueryRunner, { table, rows }: Batch): Promise<Ids> {
    const { dialect } = this.database;
    const [key, ...more] = primaryColumns(table);
    if (!dialect.insertNew || !key || more.length > 0) {
      await dialect.upsert(runner, table, rows);
      return new Set();
    }
    const found = await selectWhereIn(runner, table, [key], rows.map(idOf(key)));
    const there = new Set(found.map(([id]) => id));
    const [known, fresh] = partition(rows, (row) => there.has(idOf(key)(row)));
    await dialect.upsert(runner, table, known);
    const isInserted = await this.insert(runner, table, fresh);
    return new Set(isInserted ? fresh.map(idOf(key)) : []);
  }

  private async writeChildren(runner: QueryRunner, batch: Batch, child: Child, inserted: Ids): Promise<void> {
    const { table, parent } = child;
    // A row that refers to its parent was not there before it.
    const isNew = parent.references?.table === batch.table.name ? inserted : new Set<LogicalValue>();
    const parents = batch.rows.map((row) => row['id'] ?? null);
    await this.deleteStale(
      runner,
      child,
      parents.filter((id) => !isNew.has(id)),
    );
    const [known, fresh] = partition(child.rows, (row) => !isNew.has(idOf(parent)(row)));
    await this.database.dialect.upsert(runner, table, known);
    await this.insert(runner, table, fresh);
  }

  /** @returns whether they were all inserted as new ones */
  private async insert(
    runner: QueryRunner,
    table: TableModel,
    rows: readonly LogicalRow[],
  ): Promise<boolean> {
    const { dialect } = this.database;
    if (await dialect.insertNew?.(runner, table, rows)) return true;
    await dialect.upsert(runner, table, rows);
    return false;
  }

  private async deleteStale(
    runner: QueryRunner,
    child: Child,
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

const idOf =
  (column: ColumnModel) =>
  (row: LogicalRow): LogicalValue =>
    row[column.property] ?? null;

/** Those of which it is true, and those of which it is not, in their order. */
function partition<T>(items: readonly T[], isFirst: (item: T) => boolean): [T[], T[]] {
  const first: T[] = [];
  const second: T[] = [];
  for (const item of items) (isFirst(item) ? first : second).push(item);
  return [first, second];
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
