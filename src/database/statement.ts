import type { QueryRunner } from 'typeorm';
import { dialectOf } from './dialects.js';
import type { LogicalType, LogicalValue } from './model/logical-type.js';

/** A value with its logical type, bound into a statement. */
interface Bound {
  type: LogicalType;
  value: LogicalValue;
}

export const bind = (type: LogicalType, value: LogicalValue): Bound => ({ type, value });

type Tag = (strings: TemplateStringsArray, ...values: Bound[]) => Promise<Record<string, unknown>[]>;

/**
 * A template tag that runs portable statements on a runner. Identifiers are written unquoted (they are
 * lower case, and upper case on Oracle, which is how unquoted ones are read there); values are bound.
 * The tag returns rows with lower-case column names and values as the driver gives them.
 */
export function statements(runner: QueryRunner): Tag {
  const dialect = dialectOf(runner.dataSource);
  return async (strings, ...values) => {
    const text = strings.reduce((sum, part, index) => sum + dialect.placeholder(index) + part);
    const rows: unknown = await runner.query(
      text,
      values.map((bound) => dialect.toDriver(bound.type, bound.value)),
    );
    if (!Array.isArray(rows)) return [];
    return (rows as Record<string, unknown>[]).map((row) =>
      Object.fromEntries(Object.entries(row).map(([name, value]) => [name.toLowerCase(), value])),
    );
  };
}
