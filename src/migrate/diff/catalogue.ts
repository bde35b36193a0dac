import type { ColumnType, Driver, QueryRunner, Table, TableColumn } from 'typeorm';
import type { CatalogueIndex, Dialect } from '../../database/dialect.js';
import { dialectOf } from '../../database/dialects.js';
import { nativeTypeText } from '../../database/dialects/table-changes.js';
import {
  double,
  flag,
  instant,
  integer,
  json,
  type LogicalType,
  money,
  string,
  text,
} from '../../database/model/logical-type.js';
import type { KeyModel } from '../../database/model/table-model.js';
import { withoutMetadata } from '../../database/typeorm-metadata.js';

/** A column as the catalogue has it. */
export interface CatalogueColumn {
  name: string;
  /** Its type in the database's words, such as `varchar(20)`. */
  type: string;
  nullable: boolean;
  /** Whether the database computes it from other columns. */
  isComputed: boolean;
  /** A logical type that is kept so; undefined where there is none, and for columns with a default or computed. */
  logical: LogicalType | undefined;
  /** What stands behind the name in a statement that adds it; undefined where the catalogue tells too little. */
  definition: string | undefined;
  /** Whether a column of that logical type is kept so. */
  keeps: (type: LogicalType) => boolean;
}

export interface CatalogueForeignKey {
  name: string;
  columns: string[];
  table: string;
  referencedColumns: string[];
  onDelete: string;
}

/** A table as the catalogue has it, with names as entities and migrations write them. */
export interface CatalogueTable {
  name: string;
  columns: CatalogueColumn[];
  primaryKey: KeyModel | undefined;
  uniques: KeyModel[];
  indexes: CatalogueIndex[];
  foreignKeys: CatalogueForeignKey[];
}

/** Of those that one native type may be, the first is taken. */
const PLAIN_TYPES: readonly LogicalType[] = [text(), flag(), integer(), double(), money(), instant(), json()];

/** Those of the tables that are there. Reads and changes nothing. */
export async function readCatalogue(
  runner: QueryRunner,
  names: readonly string[],
): Promise<Map<string, CatalogueTable>> {
  const dialect = dialectOf(runner.dataSource);
  const natives = names.map(dialect.identifier);
  const tables = await withoutMetadata(runner).getTables(natives);
  const indexes = await dialect.readIndexes(runner, natives);
  const found = tables.map((table) => tableOf(runner, dialect, table, indexes));
  return new Map(found.map((table) => [table.name, table]));
}

function tableOf(
  runner: QueryRunner,
  dialect: Dialect,
  table: Table,
  allIndexes: readonly CatalogueIndex[],
): CatalogueTable {
  const native = lastPart(table.name);
  const portable = portableName(dialect);
  const primary = table.columns.filter((column) => column.isPrimary);
  const indexes = allIndexes
    .filter((index) => index.table === native)
    .map((index) => ({
      ...index,
      table: portable(index.table),
      name: portable(index.name),
      columns: index.columns.map((column) => (column === null ? null : portable(column))),
    }));
  const keys = [
    ...table.uniques.map((key) => ({ name: key.name ?? '', columns: key.columnNames })),
    ...indexes.filter(({ isKey }) => isKey),
  ];
  const name = portable(native);
  return {
    name,
    columns: table.columns.map((column) => columnOf(runner, dialect, column)),
    primaryKey: primary[0] && {
      name: portable(primary[0].primaryKeyConstraintName ?? `pk_${name}`),
      columns: primary.map((column) => portable(column.name)),
    },
    uniques: keys.map((key) => ({
      name: portable(key.name),
      columns: key.columns.flatMap((column) => (column === null ? [] : [portable(column)])),
    })),
    indexes: indexes.filter(({ isKey }) => !isKey),
    foreignKeys: table.foreignKeys.map((key) => ({
      name: portable(key.name ?? ''),
      columns: key.columnNames.map(portable),
      table: portable(lastPart(key.referencedTableName)),
      referencedColumns: key.referencedColumnNames.map(portable),
      // MySQL's other word for the same.
      onDelete: key.onDelete === undefined || key.onDelete === 'RESTRICT' ? 'NO ACTION' : key.onDelete,
    })),
  };
}

function columnOf(
  { dataSource: { driver } }: QueryRunner,
  dialect: Dialect,
  column: TableColumn,
): CatalogueColumn {
  // TypeORM says no length where it is its own default for the type. Of SQLite it has none, whatever its types say.
  const { dataTypeDefaults: defaults } = driver as Partial<Driver>;
  const length = column.length || String(defaults?.[column.type]?.length ?? '');
  const keeps = (type: LogicalType): boolean => {
    const native = dialect.nativeColumn(type);
    return (
      driver.normalizeType({ type: native.type as ColumnType }) === column.type &&
      !column.isArray &&
      !column.unsigned &&
      (native.length === undefined || String(native.length) === length) &&
      (native.precision === undefined || native.precision === column.precision) &&
      (native.scale === undefined || native.scale === column.scale) &&
      (native.collation === undefined || native.collation === column.collation)
    );
  };
  const type = typeText(column, length);
  const hasMore = column.default !== undefined && column.default !== null;
  const isComputed = column.generatedType !== undefined;
  const isSpecial = column.isGenerated || isComputed || column.type === 'enum';
  const candidates = length === '' ? PLAIN_TYPES : [string(Number(length)), ...PLAIN_TYPES];
  return {
    name: portableName(dialect)(column.name),
    type,
    nullable: column.isNullable,
    isComputed,
    logical: hasMore || isSpecial ? undefined : candidates.find(keeps),
    definition: isSpecial
      ? undefined
      : `${type}${hasMore ? ` DEFAULT ${String(column.default)}` : ''}${column.isNullable ? '' : ' NOT NULL'}`,
    keeps,
  };
}

/** Catalogues give precisions of types that take none, such as MySQL's `double`. */
const SIZED = /^(timestamp|datetime|time|number|numeric|decimal)/;

function typeText(column: TableColumn, length: string): string {
  const { type, precision, scale, unsigned, isArray, collation } = column;
  const isSized = SIZED.test(type);
  const text = nativeTypeText({
    type,
    length: length === '' ? undefined : Number(length),
    precision: isSized ? (precision ?? undefined) : undefined,
    scale: isSized ? scale : undefined,
    // What a database's own default is says nothing.
    collation: collation === 'C' ? collation : undefined,
  });
  return `${text}${unsigned ? ' unsigned' : ''}${isArray ? '[]' : ''}`;
}

/** TypeORM puts database and schema before names that are not of the connection's own. */
function lastPart(name: string): string {
  return name.split('.').at(-1) ?? name;
}

/** The name as entities and migrations write it, unless no such name means it. */
function portableName(dialect: Dialect): (native: string) => string {
  return (native) => (dialect.identifier(native.toLowerCase()) === native ? native.toLowerCase() : native);
}
