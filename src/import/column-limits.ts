import { explain, type OpenDatabase } from '../database/data-source.js';
import type { LogicalRow } from '../database/dialect.js';
import { fitsString } from '../database/model/row-rules.js';
import { type TableModel, tableOf } from '../database/model/table-model.js';
import { readCatalogue } from '../migrate/diff/catalogue.js';
import type { MappedDocument } from './mapper.js';
import type { Mapping } from './mapping.js';
import type { Problem } from './problem.js';

/** A text column that holds less than the entity says. */
interface ShortColumn {
  property: string;
  name: string;
  /** Characters. */
  length: number;
}

/** What of a document is longer than the columns of the database are. */
export type LimitCheck = (mapped: MappedDocument) => Problem[];

/**
 * Looks for columns that somebody has made shorter than the migrations did: what a dry run has to know, since
 * no statement will tell.
 * @throws DbtoolError `database.*`
 */
export async function limitCheck(mapping: Mapping, database: OpenDatabase): Promise<LimitCheck> {
  // Whatever their declared length is, the columns of SQLite hold any text.
  if (!database.dialect.checksTypes) return () => [];
  const table = tableOf(mapping.entity);
  const lists = (mapping.children ?? []).map(({ entity, field }) => ({ field, table: tableOf(entity) }));
  const short = await shortColumns(database, [table, ...lists.map((list) => list.table)]);
  const check = (at: TableModel, row: LogicalRow, list: string, index: string): Problem[] =>
    (short.get(at.name) ?? []).flatMap(({ property, name, length }) =>
      fits(row[property], length) ? [] : [problemOf(list, index, name, length)],
    );
  return ({ row, children }) => [
    ...check(table, row, '', ''),
    ...children.flatMap((child, place) =>
      child.rows.flatMap((one, index) => check(child.table, one, lists[place]?.field ?? '', `[${index}]`)),
    ),
  ];
}

async function shortColumns(
  database: OpenDatabase,
  tables: readonly TableModel[],
): Promise<Map<string, ShortColumn[]>> {
  const runner = database.dataSource.createQueryRunner();
  try {
    const names = tables.map(({ name }) => name);
    const catalogue = await readCatalogue(runner, names);
    return new Map(
      tables.map(({ name, columns }) => [
        name,
        columns.flatMap(({ property, name: column, type }) => {
          const length = lengthOf(catalogue.get(name)?.columns.find((one) => one.name === column)?.type);
          const isShort = type.kind === 'string' && length !== undefined && length < type.length;
          return isShort ? [{ property, name: column, length }] : [];
        }),
      ]),
    );
  } catch (error) {
    throw explain(error, database);
  } finally {
    await runner.release();
  }
}

/** Of `character varying(10)` and the like; undefined for all other types. */
function lengthOf(native: string | undefined): number | undefined {
  const length = /char[^(]*\((\d+)/i.exec(native ?? '')?.[1];
  return length === undefined ? undefined : Number(length);
}

const fits = (value: unknown, length: number): boolean =>
  typeof value !== 'string' || fitsString(value, length);

function problemOf(list: string, index: string, name: string, length: number): Problem {
  const path = list === '' ? name : `${list}${index}.${name}`;
  const field = list === '' ? name : `${list}.${name}`;
  const words = `must have at most ${length} characters, which is what its column holds in this database`;
  return { path, field, rule: 'too-long', reason: `${path} ${words}` };
}
