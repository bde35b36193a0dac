import { describe, expect, it } from '@jest/globals';
import { tableOf } from '../../../src/database/model/table-model.js';
import { createMapper } from '../../../src/import/mapper.js';
import { ALL_MAPPINGS } from '../../../src/import/mappings/all-mappings.js';

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
