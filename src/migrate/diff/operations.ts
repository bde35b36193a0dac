import type { QueryRunner } from 'typeorm';
import * as changes from '../../database/model/change-tables.js';
import { createTables, dropTables, type TableDefinition } from '../../database/model/create-tables.js';

const TABLE_CALLS = {
  addColumns: changes.addColumns,
  dropColumns: changes.dropColumns,
  changeColumns: changes.changeColumns,
  createIndexes: changes.createIndexes,
  dropIndexes: changes.dropIndexes,
  addUniques: changes.addUniques,
  dropUniques: changes.dropUniques,
  addPrimaryKey: changes.addPrimaryKey,
  dropPrimaryKey: changes.dropPrimaryKey,
  addForeignKeys: changes.addForeignKeys,
  dropForeignKeys: changes.dropForeignKeys,
};

type TableCalls = typeof TABLE_CALLS;

/** A call of one of the functions that change a table, with its last argument. */
export type TableOperation = {
  [Call in keyof TableCalls]: { call: Call; table: string; value: Parameters<TableCalls[Call]>[2] };
}[keyof TableCalls];

/** What a migration does, as data: it can be written down as well as done. */
export type Operation =
  | TableOperation
  | { call: 'createTables'; value: TableDefinition[] }
  | { call: 'dropTables'; value: string[] }
  /** A statement for this database only, and why there is no other way. */
  | { call: 'query'; sql: string; reason: string };

export async function runOperation(runner: QueryRunner, operation: Operation): Promise<void> {
  switch (operation.call) {
    case 'createTables':
      return createTables(runner, operation.value);
    case 'dropTables':
      return dropTables(runner, operation.value);
    case 'query':
      await runner.query(operation.sql);
      return;
    default: {
      const call = TABLE_CALLS[operation.call] as (
        runner: QueryRunner,
        table: string,
        value: unknown,
      ) => Promise<void>;
      return call(runner, operation.table, operation.value);
    }
  }
}

/** Neighbours that are the same call on the same table become one. */
export function merged(operations: readonly Operation[]): Operation[] {
  const result: Operation[] = [];
  for (const operation of operations) {
    const last = result.at(-1);
    const together = last && joined(last, operation);
    if (together) result.splice(-1, 1, together);
    else result.push(operation);
  }
  return result;
}

function joined(one: Operation, other: Operation): Operation | undefined {
  if (one.call !== other.call || one.call === 'query' || other.call === 'query') return undefined;
  if (('table' in one ? one.table : '') !== ('table' in other ? other.table : '')) return undefined;
  // A table has one primary key only.
  if (one.call === 'addPrimaryKey' || one.call === 'dropPrimaryKey') return undefined;
  const values: [unknown, unknown] = [one.value, other.value];
  const value = Array.isArray(values[0])
    ? [...(values[0] as unknown[]), ...(values[1] as unknown[])]
    : { ...(values[0] as object), ...(values[1] as object) };
  return { ...one, value } as Operation;
}
