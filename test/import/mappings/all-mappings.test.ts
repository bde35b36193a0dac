import { describe, expect, it } from '@jest/globals';
import { ALL_ENTITIES } from '../../../src/entities/all-entities.js';
import { ImportCheckpoint } from '../../../src/entities/import-checkpoint.js';
import { tableOf } from '../../../src/database/model/table-model.js';
import { createMapper } from '../../../src/import/mapper.js';
import { ALL_MAPPINGS, mappingFor, sortByDependence } from '../../../src/import/mappings/all-mappings.js';

describe('ALL_MAPPINGS', () => {
  it('names no collection and no table twice', () => {
    const collections = ALL_MAPPINGS.map(({ collection }) => collection);
    const tables = ALL_MAPPINGS.flatMap(({ entity, children = [] }) => [
      entity,
      ...children.map((child) => child.entity),
    ]);
    expect(new Set(collections).size).toBe(collections.length);
    expect(new Set(tables.map((entity) => tableOf(entity).name)).size).toBe(tables.length);
  });

  it('fills every table of the platform', () => {
    const filled = ALL_MAPPINGS.flatMap(({ entity, children = [] }) => [
      entity,
      ...children.map((child) => child.entity),
    ]);
    const platform = ALL_ENTITIES.filter((entity) => entity !== ImportCheckpoint);
    expect(filled.map((entity) => tableOf(entity).name).sort()).toEqual(
      platform.map((entity) => tableOf(entity).name).sort(),
    );
  });

  it('names in its references only columns that there are, of tables that are filled', () => {
    const references = ALL_MAPPINGS.flatMap((mapping) =>
      (mapping.references ?? []).map((reference) => ({ mapping, reference })),
    );
    expect(references.length).toBeGreaterThan(0);
    for (const { mapping, reference } of references) {
      const { property, child, to, toProperty } = reference;
      const properties = (entity: typeof to): string[] => tableOf(entity).columns.map((one) => one.property);
      expect(properties(child ?? mapping.entity)).toContain(property);
      expect(properties(to)).toContain(toProperty);
      if (child) expect(mapping.children?.map(({ entity }) => entity)).toContain(child);
    }
  });

  it.each(ALL_MAPPINGS.map((mapping) => [mapping.collection, mapping] as const))(
    '%s names only columns that there are, and children that refer to it',
    (_, mapping) => {
      expect(() => createMapper(mapping)).not.toThrow();
      for (const child of mapping.children ?? []) {
        const parent = tableOf(child.entity).columns.find(({ property }) => property === child.parent);
        expect(parent).toMatchObject({
          primary: true,
          references: { table: tableOf(mapping.entity).name, column: 'id', onDelete: 'CASCADE' },
        });
      }
    },
  );

  it('puts what is referred to first', () => {
    const seen: string[] = [];
    const all = ALL_MAPPINGS.map(({ entity }) => tableOf(entity).name);
    for (const { entity, children = [] } of ALL_MAPPINGS) {
      for (const table of [entity, ...children.map((child) => child.entity)].map((one) => tableOf(one))) {
        seen.push(table.name);
        for (const { references } of table.columns)
          if (references && all.includes(references.table)) expect(seen).toContain(references.table);
      }
    }
  });
});

describe('mappingFor', () => {
  it('finds every collection by its name', () => {
    for (const mapping of ALL_MAPPINGS.filter(({ matches }) => !matches))
      expect(mappingFor(mapping.collection)).toBe(mapping);
  });

  it('binds the chunks to their collection', () => {
    expect(mappingFor('documents_67646f2593242e1e58005d24')?.collection).toBe(
      'documents_67646f2593242e1e58005d24',
    );
  });

  it.each(['documents', 'documents_', 'Traces', 'system.indexes', ''])('knows no %j', (name) => {
    expect(mappingFor(name)).toBeUndefined();
  });
});

describe('sortByDependence', () => {
  it('puts what is referred to first, and what is not imported last', () => {
    expect(
      sortByDependence([
        'zebra',
        'metrics',
        'documents_b',
        'models',
        'documents_a',
        'collections',
        'providers',
      ]),
    ).toEqual(['providers', 'models', 'collections', 'documents_a', 'documents_b', 'metrics', 'zebra']);
  });
});
