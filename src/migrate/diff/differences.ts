import type { QueryRunner } from 'typeorm';
import type { CatalogueIndex } from '../../database/dialect.js';
import { dialectOf } from '../../database/dialects.js';
import { nativeTypeText } from '../../database/dialects/table-changes.js';
import type { ForeignKeyModel } from '../../database/model/table-change.js';
import {
  type ColumnModel,
  type KeyModel,
  keyName,
  type TableModel,
} from '../../database/model/table-model.js';
import { vectorColumnsOf } from '../../database/vector-columns.js';
import {
  type CatalogueColumn,
  type CatalogueForeignKey,
  type CatalogueTable,
  readCatalogue,
} from './catalogue.js';

/**
 * One thing in which the database is not what the entities say. `expected` is what the entities say, absent
 * for what only the database has; `actual` is what the database has, absent for what is missing there.
 */
interface DifferenceOf<Kind extends string, Expected, Actual> {
  object: Kind;
  problem: 'missing' | 'extra' | 'different';
  table: string;
  /** Of the column or key; the table's for a table. */
  name: string;
  /** For people, without a full stop. */
  sentence: string;
  expected?: Expected;
  actual?: Actual;
}

export type Difference =
  | DifferenceOf<'table', TableModel, never>
  | DifferenceOf<'column', ColumnModel, CatalogueColumn>
  | DifferenceOf<'primary key' | 'unique key', KeyModel, KeyModel>
  | DifferenceOf<'index', KeyModel, CatalogueIndex>
  | DifferenceOf<'foreign key', ForeignKeyModel, CatalogueForeignKey>;

/**
 * What in the database is not as the entities say, table by table. Tables that are no entity's are left
 * alone, and so are defaults, checks and the names of primary keys. Reads and changes nothing.
 */
export async function schemaDifferences(
  runner: QueryRunner,
  entities: readonly TableModel[],
): Promise<Difference[]> {
  const catalogue = await readCatalogue(
    runner,
    entities.map(({ name }) => name),
  );
  const native = (column: ColumnModel): string =>
    nativeTypeText(dialectOf(runner.dataSource).nativeColumn(column.type));
  return entities.flatMap((model): Difference[] => {
    const table = catalogue.get(model.name);
    if (table) return [...columnDifferences(model, table, native), ...keyDifferences(model, table)];
    const sentence = `table ${model.name} is missing`;
    return [
      { object: 'table', problem: 'missing', table: model.name, name: model.name, sentence, expected: model },
    ];
  });
}

function columnDifferences(
  model: TableModel,
  table: CatalogueTable,
  native: (column: ColumnModel) => string,
): Difference[] {
  const found: Difference[] = [];
  const add = (name: string, sentence: string, expected?: ColumnModel, actual?: CatalogueColumn): void => {
    const problem = expected ? (actual ? 'different' : 'missing') : 'extra';
    found.push({ object: 'column', problem, table: model.name, name, sentence, expected, actual });
  };
  for (const expected of model.columns) {
    const where = `column ${model.name}.${expected.name}`;
    const actual = table.columns.find(({ name }) => name === expected.name);
    if (!actual) {
      add(expected.name, `${where} (${native(expected)}) is missing`, expected);
      continue;
    }
    const parts: string[] = [];
    if (!actual.keeps(expected.type)) parts.push(`is ${actual.type}, the entities say ${native(expected)}`);
    if (actual.nullable !== expected.nullable)
      parts.push(
        actual.nullable ? 'may be null, the entities say not' : 'may not be null, the entities say it may',
      );
    if (parts.length > 0) add(expected.name, `${where} ${parts.join(', and ')}`, expected, actual);
  }
  const mayBeThere = vectorColumnsOf([model]).map(({ name }) => name);
  for (const actual of table.columns) {
    const isKnown = model.columns.some(({ name }) => name === actual.name);
    if (!isKnown && !(actual.isComputed && mayBeThere.includes(actual.name)))
      add(
        actual.name,
        `column ${model.name}.${actual.name} (${actual.type}) is in no entity`,
        undefined,
        actual,
      );
  }
  return found;
}

function keyDifferences(model: TableModel, table: CatalogueTable): Difference[] {
  const foreignKeys = model.columns.flatMap(({ name, references }): ForeignKeyModel[] =>
    references ? [{ name: keyName('fk', model.name, [name]), column: name, references }] : [],
  );
  const { name } = model;
  return [
    ...primaryKeyDifferences(model, table),
    ...compared('unique key', name, model.uniques, table.uniques, {
      expected: listed,
      actual: listed,
      isSame: isSameSet,
    }),
    ...compared('index', name, model.indexes, withoutVectorIndexes(model, table.indexes), {
      expected: listed,
      actual: (index) => (index.plain ? listed(index) : (index.definition ?? 'of expressions')),
      isSame: (expected, actual) => actual.plain && expected.columns.join() === actual.columns.join(),
    }),
    ...compared('foreign key', name, foreignKeys, table.foreignKeys, {
      expected: ({ column, references }) =>
        `(${column}) to ${references.table} (${references.column}), on delete ${references.onDelete.toLowerCase()}`,
      actual: (key) =>
        `(${key.columns.join(', ')}) to ${key.table} (${key.referencedColumns.join(', ')}), on delete ${key.onDelete.toLowerCase()}`,
      isSame: ({ column, references }, actual) =>
        actual.columns.join() === column &&
        actual.table === references.table &&
        actual.referencedColumns.join() === references.column &&
        actual.onDelete === references.onDelete,
    }),
  ];
}

/** Whoever searches by a vector column says how: indexes over it are in no entity, and no surplus. */
function withoutVectorIndexes(model: TableModel, indexes: readonly CatalogueIndex[]): CatalogueIndex[] {
  const names = vectorColumnsOf([model]).map(({ name }) => new RegExp(`\\b${name}\\b`));
  return indexes.filter(({ definition = '' }) => !names.some((name) => name.test(definition)));
}

const listed = ({ columns }: { columns: readonly (string | null)[] }): string => `(${columns.join(', ')})`;

/** The catalogue does not tell the order of a key's columns everywhere, and it means nothing. */
const isSameSet = (one: KeyModel, other: KeyModel): boolean =>
  [...one.columns].sort().join() === [...other.columns].sort().join();

/** By its columns: its name is of no use to anybody, and is not kept everywhere. */
function primaryKeyDifferences(model: TableModel, table: CatalogueTable): Difference[] {
  const columns = model.columns.filter((column) => column.primary).map(({ name }) => name);
  const name = keyName('pk', model.name, columns);
  const expected = columns.length > 0 ? [{ name, columns }] : [];
  const actual = table.primaryKey ? [{ ...table.primaryKey, name }] : [];
  const how = { expected: listed, actual: listed, isSame: isSameSet };
  return compared('primary key', model.name, expected, actual, how).map((one) => ({
    ...one,
    actual: one.actual && table.primaryKey,
  }));
}

interface Comparison<Expected, Actual> {
  expected: (key: Expected) => string;
  actual: (key: Actual) => string;
  isSame: (expected: Expected, actual: Actual) => boolean;
}

/** Keys go by their names. */
function compared<
  Kind extends Difference['object'],
  Expected extends { name: string },
  Actual extends { name: string },
>(
  object: Kind,
  table: string,
  expectedKeys: readonly Expected[],
  actualKeys: readonly Actual[],
  how: Comparison<Expected, Actual>,
): DifferenceOf<Kind, Expected, Actual>[] {
  const found: DifferenceOf<Kind, Expected, Actual>[] = [];
  const add = (
    problem: 'missing' | 'extra' | 'different',
    name: string,
    rest: string,
    expected?: Expected,
    actual?: Actual,
  ): void => {
    const sentence = `${object} ${name} of ${table} ${rest}`;
    found.push({ object, problem, table, name, sentence, expected, actual });
  };
  for (const expected of expectedKeys) {
    const actual = actualKeys.find(({ name }) => name === expected.name);
    if (!actual) add('missing', expected.name, `${how.expected(expected)} is missing`, expected);
    else if (!how.isSame(expected, actual))
      add(
        'different',
        expected.name,
        `is ${how.actual(actual)}, the entities say ${how.expected(expected)}`,
        expected,
        actual,
      );
  }
  for (const actual of actualKeys) {
    if (!expectedKeys.some(({ name }) => name === actual.name))
      add('extra', actual.name, `${how.actual(actual)} is in no entity`, undefined, actual);
  }
  return found;
}
