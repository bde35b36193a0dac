import type { Table } from 'typeorm';
import type { OpenDatabase } from '../../src/database/data-source.js';

/** What is in a database, in a form that is equal only where the schema and all rows are. */
export interface DatabaseDump {
  /** Columns, keys and indexes of each table. */
  tables: Record<string, unknown>;
  /** The rows of each table, as sorted lines of JSON. */
  rows: Record<string, string[]>;
}

/** Everything but dbtool's own tables, and what the database itself adds. */
export async function dumpDatabase({ dataSource, dialect }: OpenDatabase): Promise<DatabaseDump> {
  const runner = dataSource.createQueryRunner();
  try {
    // By name: without, TypeORM reads the tables of all databases, and other tests drop theirs meanwhile.
    const names = (await dialect.tableNames(runner)).filter((name) => !/^(dbtool|sqlite)_\w+$/i.test(name));
    const found = names.length === 0 ? [] : await runner.getTables(names);
    const dump: DatabaseDump = { tables: {}, rows: {} };
    for (const table of found.sort((a, b) => (a.name < b.name ? -1 : 1))) {
      const exact = table.name.split('.').at(-1)!;
      const name = exact.toLowerCase();
      dump.tables[name] = shapeOf(table);
      const rows = (await runner.query(`SELECT * FROM ${dataSource.driver.escape(exact)}`)) as unknown[];
      dump.rows[name] = rows.map((row) => JSON.stringify(row)).sort();
    }
    return dump;
  } finally {
    await runner.release();
  }
}

function shapeOf(table: Table): unknown {
  return {
    // TypeORM reads them in any order; the real one shows in the rows.
    columns: table.columns
      .map(({ name, type, length, isNullable, isPrimary, default: given }) => ({
        name,
        type,
        length,
        isNullable,
        isPrimary,
        default: given as unknown,
      }))
      .sort(byName),
    indexes: table.indices
      .map(({ name, columnNames, isUnique }) => ({ name, columnNames, isUnique }))
      .sort(byName),
    uniques: table.uniques.map(({ columnNames }) => columnNames),
    foreignKeys: table.foreignKeys.map(({ columnNames, referencedTableName }) => ({
      columnNames,
      referencedTableName,
    })),
  };
}

function byName(a: { name?: string | undefined }, b: { name?: string | undefined }): number {
  return (a.name ?? '') < (b.name ?? '') ? -1 : 1;
}
