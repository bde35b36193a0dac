import type { LogicalType } from './logical-type.js';

/** A class whose table was declared with `@Table`. */
export type EntityClass<T extends object = object> = new () => T;

export interface ForeignKeyTarget {
  table: string;
  column: string;
  onDelete: 'CASCADE' | 'NO ACTION';
}

export interface ColumnModel {
  /** Property of the entity class, camelCase. */
  property: string;
  /** Column in the database, snake_case (upper case on Oracle). */
  name: string;
  type: LogicalType;
  nullable: boolean;
  primary: boolean;
  /** Never part of what is printed or exported. */
  secret?: boolean;
  /** Of a JSON column: the column that may be beside it, with the same as vectors (`src/database/vector-columns.ts`). */
  vectors?: string;
  references?: ForeignKeyTarget;
}

export interface KeyModel {
  /** Names of columns, not properties. */
  columns: string[];
  name: string;
}

/** A table as the entities and the migrations both describe it. */
export interface TableModel {
  name: string;
  columns: ColumnModel[];
  uniques: KeyModel[];
  indexes: KeyModel[];
}

interface PartialTable {
  name?: string;
  columns: ColumnModel[];
  uniques: string[][];
  indexes: string[][];
}

const declarations = new WeakMap<object, PartialTable>();

/** The own declaration of a class prototype, made on first use. */
export function declarationOf(prototype: object): PartialTable {
  let found = declarations.get(prototype);
  if (!found) {
    found = { columns: [], uniques: [], indexes: [] };
    declarations.set(prototype, found);
  }
  return found;
}

/** `startTime` to `start_time`. */
export function snakeCase(property: string): string {
  return property.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}

/** Name of an index, a key or a foreign key: readable, and within Postgres's 63 bytes. */
export function keyName(
  prefix: 'pk' | 'uq' | 'ix' | 'fk',
  table: string,
  columns: readonly string[],
): string {
  return [prefix, table, ...columns].join('_').slice(0, 63);
}

/**
 * The table of an entity class, columns of its parent classes first.
 * @throws Error when the class was not declared with `@Table` (a bug)
 */
export function tableOf(entity: EntityClass): TableModel {
  const chain: PartialTable[] = [];
  for (
    let at = entity.prototype as object | null;
    at && at !== Object.prototype;
    at = Object.getPrototypeOf(at) as object | null
  )
    chain.unshift(declarationOf(at));
  const name = chain.at(-1)?.name;
  if (name === undefined) throw new Error(`${entity.name} is not declared with @Table`);
  const columnNames = (properties: string[]): string[] => properties.map(snakeCase);
  const keys = (prefix: 'uq' | 'ix', lists: string[][]): KeyModel[] =>
    lists.map((properties) => ({
      columns: columnNames(properties),
      name: keyName(prefix, name, columnNames(properties)),
    }));
  const columns = chain.flatMap((part) => part.columns);
  return {
    name,
    // Keys first, what was added by the import last, as people read tables.
    columns: [...columns.filter((column) => column.primary), ...columns.filter((column) => !column.primary)],
    uniques: keys(
      'uq',
      chain.flatMap((part) => part.uniques),
    ),
    indexes: keys(
      'ix',
      chain.flatMap((part) => part.indexes),
    ),
  };
}

/** @throws Error when the table has no such column (a bug) */
export function columnOf(table: TableModel, property: string): ColumnModel {
  const column = table.columns.find((one) => one.property === property);
  if (!column) throw new Error(`${table.name} has no ${property}`);
  return column;
}
