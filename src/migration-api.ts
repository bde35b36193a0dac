/**
 * What migrations outside dbtool import as `dbtool/migration`: tables and logical types that are the
 * same on every database, and statements of their own.
 */
export {
  addColumns,
  addForeignKeys,
  addPrimaryKey,
  addUniques,
  changeColumns,
  type ColumnChange,
  createIndexes,
  dropColumns,
  dropForeignKeys,
  dropIndexes,
  dropPrimaryKey,
  dropUniques,
  type ForeignKeyDefinition,
  type KeyDefinition,
  renameColumn,
} from './database/model/change-tables.js';
export {
  type ColumnDefinition,
  createTables,
  dropTables,
  type TableDefinition,
} from './database/model/create-tables.js';
export {
  double,
  flag,
  instant,
  integer,
  json,
  type LogicalType,
  money,
  string,
  text,
} from './database/model/logical-type.js';
export { bind, statements } from './database/statement.js';
export type { MigrationInterface, QueryRunner } from 'typeorm';
