import type { QueryRunner } from 'typeorm';
import type { Statement } from './dialect.js';
import { dialectOf } from './dialects.js';
import type { LogicalType, LogicalValue } from './model/logical-type.js';

/** A value with its logical type, bound into a statement. */
interface Bound {
  type: LogicalType;
  value: LogicalValue;
}

export const bind = (type: LogicalType, value: LogicalValue): Bound => ({ type, value });

type Tag<T> = (strings: TemplateStringsArray, ...values: Bound[]) => T;
type Rows = Record<string, unknown>[];

/** A template tag that writes what `statements` runs. */
export function statementFor(runner: QueryRunner): Tag<Statement> {
  const dialect = dialectOf(runner.dataSource);
  return (strings, ...values) => ({
    text: strings.reduce((sum, part, index) => sum + dialect.placeholder(index) + part),
    parameters: values.map(({ type, value }) => dialect.toDriver(type, value)),
  });
}

/** @returns rows with lower-case column names and values as the driver gives them */
export async function run(runner: QueryRunner, { text, parameters }: Statement): Promise<Rows> {
  const rows: unknown = await runner.query(text, parameters);
  if (!Array.isArray(rows)) return [];
  return (rows as Rows).map((row) =>
    Object.fromEntries(Object.entries(row).map(([name, value]) => [name.toLowerCase(), value])),
  );
}

/**
 * A template tag that runs portable statements on a runner. Identifiers are written unquoted (they are
 * lower case, and upper case on Oracle, which is how unquoted ones are read there); values are bound.
 * The tag returns rows with lower-case column names and values as the driver gives them.
 */
export function statements(runner: QueryRunner): Tag<Promise<Rows>> {
  const statement = statementFor(runner);
  return (strings, ...values) => run(runner, statement(strings, ...values));
}
