import type { QueryRunner } from 'typeorm';
import { dialectOf } from './dialects.js';
import type { TableModel } from './model/table-model.js';

/** A column that the database computes from a JSON column: what is a list of numbers there is a vector in it. */
export interface VectorColumn {
  table: string;
  name: string;
  /** The JSON column. */
  source: string;
}

/** What is there of a vector column, and for it. */
export interface VectorColumnState {
  /** The type as this session writes it; undefined where the database has none that the user may use. */
  type: string | undefined;
  /** Whether the table has the column, and the database computes it. */
  exists: boolean;
}

/** How a database keeps vectors to search by similarity, which only an extension lets it. */
export interface VectorColumns {
  /** What brings the type, as its users call it. */
  readonly extension: string;
  /** Reads the catalogue. */
  state(runner: QueryRunner, column: VectorColumn): Promise<VectorColumnState>;
  /** The statement that adds the column and fills it. What is no vector is NULL in it and never an error. */
  addition(column: VectorColumn, type: string): string;
}

/** Adds the column where the database has a type for it, and the column is not there. */
export async function addVectorColumn(runner: QueryRunner, column: VectorColumn): Promise<void> {
  const { vectorColumns } = dialectOf(runner.dataSource);
  const state = await vectorColumns?.state(runner, column);
  if (vectorColumns && state?.type !== undefined && !state.exists)
    await runner.query(vectorColumns.addition(column, state.type));
}

/** Drops the column, with the indexes over it, where it is there. */
export async function dropVectorColumn(runner: QueryRunner, column: VectorColumn): Promise<void> {
  const { vectorColumns, quote } = dialectOf(runner.dataSource);
  const state = await vectorColumns?.state(runner, column);
  if (state?.exists === true)
    await runner.query(`ALTER TABLE ${quote(column.table)} DROP COLUMN ${quote(column.name)}`);
}

/** The vector columns that tables may have. */
export function vectorColumnsOf(tables: readonly TableModel[]): VectorColumn[] {
  return tables.flatMap(({ name: table, columns }) =>
    columns.flatMap(({ name: source, vectors: name }) =>
      name === undefined ? [] : [{ table, name, source }],
    ),
  );
}
