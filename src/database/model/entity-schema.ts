import { EntitySchema, type EntitySchemaColumnOptions, EntitySchemaOptions } from 'typeorm';
import type { Dialect } from '../dialect.js';
import { type ColumnModel, type EntityClass, keyName, type TableModel, tableOf } from './table-model.js';

/**
 * The entities as TypeORM takes them for one database. Made anew for every DataSource, so that two of
 * different databases live in one process; TypeORM's own decorators would fix the types for all.
 */
export function entitySchemas(entities: readonly EntityClass[], dialect: Dialect): EntitySchema[] {
  const byTable = new Map(entities.map((entity) => [tableOf(entity).name, entity]));
  return entities.map((entity) => entitySchema(entity, tableOf(entity), byTable, dialect));
}

function entitySchema(
  entity: EntityClass,
  table: TableModel,
  byTable: Map<string, EntityClass>,
  dialect: Dialect,
): EntitySchema {
  const property = (columnName: string): string =>
    table.columns.find((column) => column.name === columnName)?.property ?? columnName;
  const properties = (names: string[]): string[] => names.map(property);
  return new EntitySchema(
    Object.assign(new EntitySchemaOptions<Record<string, never>>(), {
      target: entity,
      name: entity.name,
      tableName: dialect.identifier(table.name),
      columns: Object.fromEntries(
        table.columns.map((column) => [column.property, columnOptions(table, column, byTable, dialect)]),
      ),
      uniques: table.uniques.map((key) => ({
        name: dialect.identifier(key.name),
        columns: properties(key.columns),
      })),
      indices: table.indexes.map((key) => ({
        name: dialect.identifier(key.name),
        columns: properties(key.columns),
      })),
    }),
  );
}

function columnOptions(
  table: TableModel,
  column: ColumnModel,
  byTable: Map<string, EntityClass>,
  dialect: Dialect,
): EntitySchemaColumnOptions {
  const primaries = table.columns.filter((one) => one.primary).map((one) => one.name);
  const options: EntitySchemaColumnOptions = {
    ...(dialect.nativeColumn(column.type) as EntitySchemaColumnOptions),
    name: dialect.identifier(column.name),
    nullable: column.nullable,
    primary: column.primary,
    transformer: dialect.entityTransformer(column.type),
  };
  if (column.primary)
    options.primaryKeyConstraintName = dialect.identifier(keyName('pk', table.name, primaries));
  if (column.references) {
    const { table: targetTable, column: targetColumn, onDelete } = column.references;
    const target = byTable.get(targetTable);
    if (!target) throw new Error(`${table.name}.${column.name} refers to ${targetTable}, which is no table`);
    options.foreignKey = {
      target: () => target,
      inverseSide: tableOf(target).columns.find((one) => one.name === targetColumn)?.property ?? targetColumn,
      name: dialect.identifier(keyName('fk', table.name, [column.name])),
      onDelete,
      onUpdate: 'NO ACTION',
    };
  }
  return options;
}
