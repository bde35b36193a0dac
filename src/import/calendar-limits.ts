import type { LogicalRow } from '../database/dialect.js';
import { type TableModel, tableOf } from '../database/model/table-model.js';
import type { Mapper } from './mapper.js';
import type { Mapping } from './mapping.js';
import type { Problem } from './problem.js';

/** What the mapper itself refuses times before. */
const FIRST_YEAR = 1;

/**
 * A mapper that also refuses times before the first year that this database keeps. It would refuse their rows
 * itself, but only when they are written: neither a dry run nor a verification would know.
 * @param firstYear `Dialect.firstYear`
 */
export function withinCalendar(
  map: Mapper,
  { entity, children = [] }: Pick<Mapping, 'entity' | 'children'>,
  firstYear: number,
): Mapper {
  if (firstYear <= FIRST_YEAR) return map;
  const own = instantsOf(tableOf(entity));
  const lists = children.map((child) => ({
    field: child.field,
    instants: instantsOf(tableOf(child.entity)),
  }));
  return (document, onCoerced) => {
    const result = map(document, onCoerced);
    if ('problems' in result) return result;
    const problems = own.flatMap((instant) => problemOf(result.mapped.row, instant, firstYear, '', ''));
    for (const [place, { rows }] of result.mapped.children.entries()) {
      const { field, instants } = lists[place] ?? { field: '', instants: [] };
      for (const [index, row] of rows.entries())
        for (const instant of instants)
          problems.push(...problemOf(row, instant, firstYear, `${field}[${index}].`, `${field}.`));
    }
    return problems.length > 0 ? { problems } : result;
  };
}

type Instant = Pick<TableModel['columns'][number], 'property' | 'name'>;

const instantsOf = ({ columns }: TableModel): Instant[] =>
  columns.filter(({ type }) => type.kind === 'instant');

function problemOf(
  row: LogicalRow,
  { property, name }: Instant,
  firstYear: number,
  place: string,
  list: string,
): Problem[] {
  const value = row[property];
  if (!(value instanceof Date) || value.getUTCFullYear() >= firstYear) return [];
  const reason = `${place}${name} must be a time in the years ${firstYear} to 9999 in this database`;
  return [{ path: `${place}${name}`, field: `${list}${name}`, rule: 'out-of-range', reason }];
}
