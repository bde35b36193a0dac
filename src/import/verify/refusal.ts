import type { QueryRunner } from 'typeorm';
import { selectWhereIn } from '../../database/portable-sql.js';
import type { LogicalRow } from '../../database/dialect.js';
import type { LogicalValue } from '../../database/model/logical-type.js';
import { type ColumnModel, type TableModel, tableOf } from '../../database/model/table-model.js';
import { ALL_ENTITIES } from '../../entities/all-entities.js';
import type { Reason } from '../reason.js';

const TABLES = new Map(ALL_ENTITIES.map((entity) => [tableOf(entity).name, tableOf(entity)]));

/** Which foreign key or unique key keeps a row out of its table; undefined when none does. */
export async function refusalOf(
  runner: QueryRunner,
  table: TableModel,
  row: LogicalRow,
): Promise<Reason | undefined> {
  for (const { name, property, references } of table.columns) {
    const value = row[property] ?? null;
    if (!references || value === null) continue;
    const target = TABLES.get(references.table);
    const column = target?.columns.find((one) => one.name === references.column);
    if (target && column && (await selectWhereIn(runner, target, [column], [value])).length === 0)
      return { field: name, reason: `names nothing in ${target.name}` };
  }
  for (const { columns: names } of table.uniques) {
    const columns = names.map((name) => columnOf(table, name, 'name'));
    if (await isTaken(runner, table, columns, row))
      return { field: names.join(', '), reason: 'is taken by another row' };
  }
  return undefined;
}

/** Whether a row of another id has the same values in these columns. */
async function isTaken(
  runner: QueryRunner,
  table: TableModel,
  columns: readonly ColumnModel[],
  row: LogicalRow,
): Promise<boolean> {
  const values = columns.map(({ property }) => row[property] ?? null);
  const [first] = columns;
  if (!first || values.includes(null)) return false;
  const wanted: [ColumnModel, ...ColumnModel[]] = [first, ...columns.slice(1), columnOf(table, 'id')];
  const rows = await selectWhereIn(runner, table, wanted, [values[0] as LogicalValue]);
  return rows.some(
    (found) => found.at(-1) !== row['id'] && JSON.stringify(found.slice(0, -1)) === JSON.stringify(values),
  );
}

/** @throws Error when there is none (a bug) */
export function columnOf(table: TableModel, name: string, by: 'property' | 'name' = 'property'): ColumnModel {
  const column = table.columns.find((one) => one[by] === name);
  if (!column) throw new Error(`${table.name} has no ${name}`);
  return column;
}
