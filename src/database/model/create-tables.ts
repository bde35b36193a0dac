import type { QueryRunner } from 'typeorm';
import { Table, TableForeignKey, TableIndex, TableUnique } from 'typeorm';
import { dialectOf } from '../dialects.js';
import type { LogicalType } from './logical-type.js';
import { type ForeignKeyTarget, keyName } from './table-model.js';

/** A table as a migration writes it: column names and logical types, the same for every database. */
export interface TableDefinition {
  name: string;
  columns: Record<string, ColumnDefinition>;
  primaryKey: string[];
  uniques?: string[][];
  indexes?: string[][];
}

export interface ColumnDefinition {
  type: LogicalType;
  nullable?: boolean;
  references?: ForeignKeyTarget;
}

/** Creates tables in the order given (what is referred to first), with readable names for all keys. */
export async function createTables(runner: QueryRunner, tables: readonly TableDefinition[]): Promise<void> {
  const dialect = dialectOf(runner.dataSource);
  const engine = dialect.tableOptions?.(runner);
  const id = dialect.identifier;
  for (const table of tables) {
    const named = (prefix: 'pk' | 'uq' | 'ix' | 'fk', columns: string[]): string =>
      id(keyName(prefix, table.name, columns));
    const columns = Object.entries(table.columns);
    await runner.createTable(
      new Table({
        name: id(table.name),
        engine,
        columns: columns.map(([name, column]) => {
          const native = dialect.nativeColumn(column.type);
          return {
            ...native,
            length: native.length === undefined ? undefined : String(native.length),
            name: id(name),
            isNullable: column.nullable ?? false,
            isPrimary: table.primaryKey.includes(name),
            primaryKeyConstraintName: table.primaryKey.includes(name)
              ? named('pk', table.primaryKey)
              : undefined,
          };
        }),
        uniques: (table.uniques ?? []).map(
          (list) => new TableUnique({ name: named('uq', list), columnNames: list.map(id) }),
        ),
        indices: (table.indexes ?? []).map(
          (list) => new TableIndex({ name: named('ix', list), columnNames: list.map(id) }),
        ),
        foreignKeys: columns.flatMap(([name, { references }]) =>
          references === undefined
            ? []
            : [
                new TableForeignKey({
                  name: named('fk', [name]),
                  columnNames: [id(name)],
                  referencedTableName: id(references.table),
                  referencedColumnNames: [id(references.column)],
                  // Said outright: left out, MariaDB's catalogue says RESTRICT and the others NO ACTION.
                  onDelete: references.onDelete,
                  onUpdate: 'NO ACTION',
                }),
              ],
        ),
      }),
    );
  }
}

/**
 * Drops tables in the order given (what refers to others first). A table that others still refer to is
 * refused, where the database checks foreign keys.
 */
export async function dropTables(runner: QueryRunner, names: readonly string[]): Promise<void> {
  const { quote } = dialectOf(runner.dataSource);
  for (const name of names) await runner.query(`DROP TABLE ${quote(name)}`);
}
