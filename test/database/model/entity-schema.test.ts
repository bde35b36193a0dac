import { describe, expect, it } from '@jest/globals';
import { type EntityMetadata, TableColumn } from 'typeorm';
import type { DatabaseSettings } from '../../../src/config/settings.js';
import { createDatabase, type OpenDatabase } from '../../../src/database/data-source.js';
import { parseDatabaseUrl } from '../../../src/database/database-url.js';
import { dialectFor, dialectOf } from '../../../src/database/dialects.js';
import { Column, Table } from '../../../src/database/model/decorators.js';
import { entitySchemas } from '../../../src/database/model/entity-schema.js';
import { string } from '../../../src/database/model/logical-type.js';
import { keyName, tableOf } from '../../../src/database/model/table-model.js';
import { AiModel } from '../../../src/entities/ai-model.js';
import { ALL_ENTITIES } from '../../../src/entities/all-entities.js';
import { Metric } from '../../../src/entities/metric.js';

const SETTINGS: DatabaseSettings = {
  url: '',
  poolSize: 1,
  connectTimeout: 1000,
  statementTimeout: 0,
  tls: { mode: 'disable' },
};
const URLS = {
  postgres: 'postgres://u@h/x',
  mysql: 'mysql://u@h/x',
  mariadb: 'mariadb://u@h/x',
  oracle: 'oracle://u@h/x',
  sqlite: 'sqlite::memory:',
};

/** A DataSource whose entities TypeORM has checked against the driver, without a connection. */
async function build(url: string): Promise<OpenDatabase> {
  const database = await createDatabase({ ...SETTINGS, url }, ALL_ENTITIES, { create: true });
  await (database.dataSource as unknown as { buildMetadatas(): Promise<void> }).buildMetadatas();
  return database;
}

const typeOf = (metadata: EntityMetadata, property: string): unknown =>
  metadata.findColumnWithPropertyName(property)?.type;

describe.each(Object.entries(URLS))('on %s', (name, url) => {
  it('TypeORM takes every entity, with its table and columns', async () => {
    const { dataSource, dialect } = await build(url);
    expect(dialectOf(dataSource).name).toBe(name);
    expect(dataSource.entityMetadatas).toHaveLength(ALL_ENTITIES.length);
    for (const entity of ALL_ENTITIES) {
      const table = tableOf(entity);
      const metadata = dataSource.getMetadata(entity);
      expect(metadata.tableName).toBe(dialect.identifier(table.name));
      const summary = metadata.columns.map((column) => ({
        property: column.propertyName,
        name: column.databaseName,
        nullable: column.isNullable,
        primary: column.isPrimary,
        ...nativeOf(column),
      }));
      expect(summary).toEqual(
        table.columns.map((column) => ({
          property: column.property,
          name: dialect.identifier(column.name),
          nullable: column.nullable,
          primary: column.primary,
          ...nativeOf(dialect.nativeColumn(column.type)),
        })),
      );
    }
  });

  it('keys and indexes have the names that migrations give them', async () => {
    const { dataSource, dialect } = await build(url);
    for (const entity of ALL_ENTITIES) {
      const table = tableOf(entity);
      const metadata = dataSource.getMetadata(entity);
      const id = (text: string): string => dialect.identifier(text);
      const sorted = (keys: { name: string; columns: string[] }[]): unknown =>
        [...keys].sort((a, b) => (a.name < b.name ? -1 : 1));
      const ours = (keys: { name: string; columns: string[] }[]): unknown =>
        sorted(keys.map((key) => ({ name: id(key.name), columns: key.columns.map(id) })));
      const theirs = (keys: { name: string; columns: { databaseName: string }[] }[]): unknown =>
        sorted(keys.map((key) => ({ name: key.name, columns: key.columns.map((one) => one.databaseName) })));
      // The MySQL family keeps unique keys among the indexes.
      const uniqueIndexes = metadata.indices.filter(({ isUnique }) => isUnique);
      expect(theirs([...metadata.uniques, ...uniqueIndexes])).toEqual(ours(table.uniques));
      expect(theirs(metadata.indices.filter(({ isUnique }) => !isUnique))).toEqual(ours(table.indexes));
      const references = table.columns.filter((column) => column.references);
      expect(
        sorted(metadata.foreignKeys.map((key) => ({ name: key.name, columns: key.columnNames }))),
      ).toEqual(
        sorted(
          references.map((column) => ({
            name: id(keyName('fk', table.name, [column.name])),
            columns: [id(column.name)],
          })),
        ),
      );
      for (const key of metadata.foreignKeys) {
        const column = references.find((one) => id(one.name) === key.columnNames[0]);
        expect(key.referencedEntityMetadata.tableName).toBe(id(column?.references?.table ?? ''));
        expect(key.referencedColumnNames).toEqual([id(column?.references?.column ?? '')]);
        expect(key.onDelete).toBe(column?.references?.onDelete);
      }
      expect(metadata.primaryColumns[0]?.primaryKeyConstraintName).toBe(
        id(
          keyName(
            'pk',
            table.name,
            table.columns.filter((column) => column.primary).map((column) => column.name),
          ),
        ),
      );
    }
  });
});

/** What of a column's type a dialect decides, in one shape for both sides. */
function nativeOf(column: {
  type: unknown;
  length?: string | number;
  precision?: number | null;
  scale?: number;
  collation?: string;
}): Record<string, unknown> {
  return {
    type: column.type,
    length: column.length === undefined || column.length === '' ? undefined : String(column.length),
    precision: column.precision ?? undefined,
    scale: column.scale,
    collation: column.collation,
  };
}

describe('two databases in one process', () => {
  it('each have their own types, in whatever order they are made', async () => {
    const [oracle, postgres, sqlite] = await Promise.all([
      build(URLS.oracle),
      build(URLS.postgres),
      build(URLS.sqlite),
    ]);
    const postgresAgain = await build(URLS.postgres);
    const types = ({ dataSource }: OpenDatabase): unknown[] => {
      const metadata = dataSource.getMetadata(Metric);
      return [
        metadata.tableName,
        typeOf(metadata, 'extraData'),
        typeOf(metadata, 'cost'),
        typeOf(metadata, 'startTime'),
      ];
    };
    expect(types(oracle)).toEqual(['METRICS', 'clob', 'number', 'timestamp with local time zone']);
    expect(types(postgres)).toEqual(['metrics', 'jsonb', 'numeric', 'timestamp with time zone']);
    expect(types(postgresAgain)).toEqual(types(postgres));
    expect(types(sqlite)[0]).toBe('metrics');
    expect(types(sqlite)).not.toEqual(types(postgres));
  });
});

describe('on Oracle', () => {
  it('all identifiers are upper case and within 128 bytes', async () => {
    const { dataSource } = await build(URLS.oracle);
    const identifiers = dataSource.entityMetadatas.flatMap((metadata) => [
      metadata.tableName,
      ...metadata.columns.map((column) => column.databaseName),
      ...metadata.columns.flatMap((column) => column.primaryKeyConstraintName ?? []),
      ...metadata.uniques.map(({ name }) => name),
      ...metadata.indices.map(({ name }) => name),
      ...metadata.foreignKeys.map(({ name }) => name),
    ]);
    expect(identifiers.length).toBeGreaterThan(300);
    for (const identifier of identifiers) {
      expect(identifier).toMatch(/^[A-Z][A-Z0-9_]*$/);
      expect(Buffer.byteLength(identifier)).toBeLessThanOrEqual(128);
    }
  });

  it('doubles are the 64 bits that they are everywhere', async () => {
    const { dataSource } = await build(URLS.oracle);
    expect(typeOf(dataSource.getMetadata(Metric), 'latency')).toBe('binary_double');
    const column = new TableColumn({ name: 'LATENCY', type: 'binary_double' });
    expect(dataSource.driver.createFullType(column)).toBe('binary_double');
  });

  it('flags, json and money are turned by transformers, since the driver knows them not', async () => {
    const { dataSource } = await build(URLS.oracle);
    const metadata = dataSource.getMetadata(AiModel);
    const to = (property: string, value: unknown): unknown =>
      dataSource.driver.preparePersistentValue(value, metadata.findColumnWithPropertyName(property)!);
    const from = (property: string, value: unknown): unknown =>
      dataSource.driver.prepareHydratedValue(value, metadata.findColumnWithPropertyName(property)!);
    expect(to('isActive', true)).toBe(1);
    expect(from('isActive', 0)).toBe(false);
    expect(from('isActive', null)).toBeNull();
    expect(to('configs', { a: [1] })).toBe('{"a":[1]}');
    expect(from('configs', '{"a":[1]}')).toEqual({ a: [1] });
    expect(to('configs', null)).toBeNull();
    expect(to('priceInput', '0.5')).toBe('0.5');
    expect(from('priceInput', '.5')).toBe('0.5');
  });
});

describe('entitySchemas', () => {
  it('refuses a reference to a table that is not among the entities', () => {
    @Table('leaves')
    class Leaf {
      @Column(string(10), {
        primary: true,
        references: { table: 'trees', column: 'id', onDelete: 'CASCADE' },
      })
      id!: string;
    }
    const dialect = dialectFor(parseDatabaseUrl(URLS.postgres));
    expect(() => entitySchemas([Leaf], dialect)).toThrow('leaves.id refers to trees, which is no table');
  });
});
