import { describe, expect, it } from '@jest/globals';
import { Column, Keys, Table } from '../../../src/database/model/decorators.js';
import { integer, string } from '../../../src/database/model/logical-type.js';
import { keyName, snakeCase, tableOf, type TableModel } from '../../../src/database/model/table-model.js';
import { ALL_ENTITIES } from '../../../src/entities/all-entities.js';

@Keys({ uniques: [['systemName']] })
abstract class Named {
  @Column(string(10), { primary: true })
  id!: string;

  @Column(string(20))
  systemName!: string;
}

@Table('plain_things', { indexes: [['sizeInMm', 'systemName']] })
class PlainThing extends Named {
  @Column(integer(), { nullable: true })
  sizeInMm!: number | null;
}

@Table('other_things', { uniques: [['otherId', 'id']] })
class OtherThing extends Named {
  @Column(string(10), { primary: true })
  otherId!: string;
}

class Undeclared {}

describe('snakeCase', () => {
  it.each([
    ['id', 'id'],
    ['startTime', 'start_time'],
    ['priceStandardInputUnitCount', 'price_standard_input_unit_count'],
    ['xAttributes', 'x_attributes'],
  ])('%s is %s', (property, column) => {
    expect(snakeCase(property)).toBe(column);
  });
});

describe('tableOf', () => {
  it('puts keys first, then the columns of parent classes, then the own ones', () => {
    expect(tableOf(PlainThing).columns.map(({ name }) => name)).toEqual(['id', 'system_name', 'size_in_mm']);
    expect(tableOf(OtherThing).columns.map(({ name }) => name)).toEqual(['id', 'other_id', 'system_name']);
  });

  it('names keys after table and columns, those of parent classes after each table', () => {
    const { uniques, indexes } = tableOf(PlainThing);
    expect(uniques).toEqual([{ name: 'uq_plain_things_system_name', columns: ['system_name'] }]);
    expect(indexes).toEqual([
      { name: 'ix_plain_things_size_in_mm_system_name', columns: ['size_in_mm', 'system_name'] },
    ]);
    expect(tableOf(OtherThing).uniques.map(({ name }) => name)).toEqual([
      'uq_other_things_system_name',
      'uq_other_things_other_id_id',
    ]);
  });

  it('does not let one class see what another added to their parent', () => {
    expect(tableOf(OtherThing).indexes).toEqual([]);
    expect(tableOf(OtherThing).columns.map(({ name }) => name)).not.toContain('size_in_mm');
  });

  it('refuses a class without a table', () => {
    expect(() => tableOf(Undeclared)).toThrow('Undeclared is not declared with @Table');
    expect(() => tableOf(class extends PlainThing {})).toThrow('is not declared with @Table');
  });
});

describe('keyName', () => {
  it('keeps within 63 bytes', () => {
    expect(keyName('ix', 'a', ['b', 'c'])).toBe('ix_a_b_c');
    expect(keyName('ix', 'x'.repeat(100), ['b'])).toHaveLength(63);
  });
});

describe('the tables of all entities', () => {
  const tables: TableModel[] = ALL_ENTITIES.map((entity) => tableOf(entity));
  const primary = ({ columns }: TableModel): string[] =>
    columns.filter((column) => column.primary).map((column) => column.name);
  /** Names of what shares one name space in a schema: tables, keys and indexes. */
  const names = tables.flatMap((table) => [
    table.name,
    keyName('pk', table.name, primary(table)),
    ...table.uniques.map(({ name }) => name),
    ...table.indexes.map(({ name }) => name),
    ...table.columns
      .filter(({ references }) => references)
      .map((column) => keyName('fk', table.name, [column.name])),
  ]);

  it('have names that are all different, across tables too', () => {
    expect(names.length).toBeGreaterThan(ALL_ENTITIES.length * 2);
    expect(names.filter((name, index) => names.indexOf(name) !== index)).toEqual([]);
  });

  it('have names that every database takes: plain, lower case, and never cut short', () => {
    const columns = tables.flatMap((table) => table.columns.map(({ name }) => name));
    for (const name of [...names, ...columns]) {
      expect(name).toMatch(/^[a-z][a-z0-9_]*$/);
      // At 63 a name may have been cut, and two that were cut may be the same one day.
      expect(Buffer.byteLength(name)).toBeLessThan(63);
    }
  });

  it.each(tables.map((table) => [table.name, table] as const))(
    '%s has a key and no column twice',
    (_, table) => {
      expect(primary(table).length).toBeGreaterThan(0);
      const columns = table.columns.map(({ name }) => name);
      expect(new Set(columns).size).toBe(columns.length);
      expect(table.columns.filter((column) => column.primary && column.nullable)).toEqual([]);
    },
  );

  it.each(tables.map((table) => [table.name, table] as const))(
    '%s has keys of columns that it has',
    (_, table) => {
      const columns = table.columns.map(({ name }) => name);
      for (const key of [...table.uniques, ...table.indexes])
        for (const column of key.columns) expect(columns).toContain(column);
    },
  );

  it('refer only to unique columns of the same type, in tables that come before', () => {
    tables.forEach((table, index) => {
      for (const { references, type, name } of table.columns) {
        if (!references) continue;
        const target = tables.slice(0, index).find((one) => one.name === references.table);
        if (!target)
          throw new Error(`${table.name}.${name} refers to ${references.table}, which is not before it`);
        expect(target.columns.find((column) => column.name === references.column)?.type).toEqual(type);
        const keys = [primary(target), ...target.uniques.map(({ columns }) => columns)];
        expect(keys).toContainEqual([references.column]);
      }
    });
  });

  it('index no text without a limit, which not every database can', () => {
    for (const table of tables)
      for (const key of [...table.uniques, ...table.indexes, { columns: primary(table) }])
        for (const name of key.columns)
          expect(['text', 'json']).not.toContain(
            table.columns.find((column) => column.name === name)?.type.kind,
          );
  });

  it('keep every index within the 3072 bytes that InnoDB allows', () => {
    for (const table of tables)
      for (const key of [...table.uniques, ...table.indexes, { name: 'pk', columns: primary(table) }]) {
        const bytes = key.columns.reduce((sum, name) => {
          const type = table.columns.find((column) => column.name === name)?.type;
          return sum + (type?.kind === 'string' ? type.length * 4 + 2 : 10);
        }, 0);
        expect({ key: key.name, bytes: Math.max(bytes, 3072) }).toEqual({ key: key.name, bytes: 3072 });
      }
  });
});
