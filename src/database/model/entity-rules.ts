import {
  type EntityMetadata,
  type EntitySubscriberInterface,
  EventSubscriber,
  type InsertEvent,
  type UpdateEvent,
} from 'typeorm';
import type { Dialect } from '../dialect.js';
import { dialectOf } from '../dialects.js';
import type { LogicalType } from './logical-type.js';
import { refuseUnkeepable } from './row-rules.js';
import { type EntityClass, tableOf } from './table-model.js';

/** Refuses what no database could keep, of entities that are saved, as the writing of many rows does. */
@EventSubscriber()
export class EntityRules implements EntitySubscriberInterface {
  beforeInsert({ metadata, entity, dataSource }: InsertEvent<object>): void {
    refuseUnkeepableValues(metadata, entity, dialectOf(dataSource));
  }

  beforeUpdate({ metadata, entity, dataSource }: UpdateEvent<object>): void {
    if (entity) refuseUnkeepableValues(metadata, entity, dialectOf(dataSource));
  }
}

function refuseUnkeepableValues({ target }: EntityMetadata, entity: object, { firstYear }: Dialect): void {
  const table = tableOf(target as EntityClass);
  for (const column of table.columns) {
    const value = (entity as Record<string, unknown>)[column.property];
    // An expression of SQL is the database's to judge.
    if (typeof value !== 'function')
      refuseUnkeepable(table, column, logicalValue(column.type, value), firstYear);
  }
}

function logicalValue(type: LogicalType, value: unknown): unknown {
  const isJson = type.kind === 'json' && value !== null && value !== undefined;
  return isJson ? JSON.stringify(value) : value;
}
