import type { Dialect } from '../../database/dialect.js';
import type { ColumnChange, KeyDefinition } from '../../database/model/change-tables.js';
import type { ColumnDefinition, TableDefinition } from '../../database/model/create-tables.js';
import { type KeyModel, keyName, type TableModel } from '../../database/model/table-model.js';
import { DbtoolError } from '../../errors/dbtool-error.js';
import type { CatalogueColumn, CatalogueForeignKey } from './catalogue.js';
import type { Difference } from './differences.js';
import { merged, type Operation } from './operations.js';

/** What makes a database what the entities say, and what undoes that. */
export interface DifferencePlan {
  up: Operation[];
  down: Operation[];
}

/** The order in which changes can be made: keys hold columns, and foreign keys hold other tables' keys. */
const PHASES = [
  'drop foreign keys',
  'drop keys',
  'drop columns',
  'add columns',
  'change columns',
  'add keys',
  'create tables',
  'add foreign keys',
] as const;

interface Step {
  phase: (typeof PHASES)[number];
  up: Operation;
  down: Operation;
}

type Of<Kind extends Difference['object']> = Extract<Difference, { object: Kind }>;

/** Thrown within this module for a difference that `down` could not bring back. */
class Irreversible extends Error {}

/**
 * @throws DbtoolError `migrate.generate.irreversible` when something that only the database has could not
 *   be brought back; all such are told
 */
export function planDifferences(dialect: Dialect, differences: readonly Difference[]): DifferencePlan {
  const steps: Step[] = [];
  const faults: string[] = [];
  for (const difference of inCreationOrder(differences)) {
    try {
      steps.push(...stepsOf(dialect, difference));
    } catch (error) {
      if (!(error instanceof Irreversible)) throw error;
      faults.push(`${difference.sentence}: ${error.message}`);
    }
  }
  if (faults.length > 0)
    throw new DbtoolError('migrate.generate.irreversible', {
      message: 'Some differences cannot be made a migration that can be taken back',
      why: `${faults.join('; ')}.`,
      fix: 'Write these by hand: `dbtool migrate create NAME --sql`, apply that, and generate the rest.',
      details: { differences: faults },
    });
  const inPhase = (phase: Step['phase']): Step[] => steps.filter((step) => step.phase === phase);
  // Tables go in the other order than they come; columns come back in the order they had.
  const backInPhase = (phase: Step['phase']): Step[] =>
    phase === 'create tables' ? inPhase(phase).toReversed() : inPhase(phase);
  return {
    up: merged(PHASES.flatMap(inPhase).map(({ up }) => up)),
    down: merged(
      PHASES.toReversed()
        .flatMap(backInPhase)
        .map(({ down }) => down),
    ),
  };
}

/** Missing tables after those that they refer to; of everything else the order does not matter. */
function inCreationOrder(differences: readonly Difference[]): Difference[] {
  const waiting = differences.filter((one): one is Of<'table'> => one.object === 'table');
  const rest = differences.filter((one) => one.object !== 'table');
  const ordered: Difference[] = [];
  while (waiting.length > 0) {
    const isWaitedFor = (one: Of<'table'>): boolean =>
      (one.expected?.columns ?? []).some(
        ({ references }) =>
          references &&
          references.table !== one.table &&
          waiting.some(({ table }) => table === references.table),
      );
    const next = waiting.findIndex((one) => !isWaitedFor(one));
    ordered.push(...waiting.splice(Math.max(next, 0), 1));
  }
  return [...ordered, ...rest];
}

function stepsOf(dialect: Dialect, difference: Difference): Step[] {
  switch (difference.object) {
    case 'table':
      return difference.expected ? [tableStep(difference.expected)] : [];
    case 'column':
      return [columnStep(dialect, difference)];
    case 'foreign key':
      return foreignKeySteps(dialect, difference);
    case 'index':
      return indexSteps(difference);
    case 'primary key':
    case 'unique key':
      return keySteps(difference);
  }
}

function tableStep(table: TableModel): Step {
  const definition: TableDefinition = {
    name: table.name,
    columns: Object.fromEntries(
      table.columns.map(({ name, type, nullable, references }): [string, ColumnDefinition] => [
        name,
        { type, ...(nullable ? { nullable } : {}), ...(references ? { references } : {}) },
      ]),
    ),
    primaryKey: table.columns.filter((column) => column.primary).map(({ name }) => name),
    ...(table.uniques.length > 0 ? { uniques: table.uniques.map(({ columns }) => columns) } : {}),
    ...(table.indexes.length > 0 ? { indexes: table.indexes.map(({ columns }) => columns) } : {}),
  };
  return {
    phase: 'create tables',
    up: { call: 'createTables', value: [definition] },
    down: { call: 'dropTables', value: [table.name] },
  };
}

function columnStep(dialect: Dialect, { table, name, expected, actual }: Of<'column'>): Step {
  const before = actual && formOf(actual);
  const after = expected && formOf({ logical: expected.type, nullable: expected.nullable });
  if (after && actual) {
    if (!before) throw new Irreversible('dbtool has no type that would bring it back');
    const change = (from: ColumnDefinition, to: ColumnDefinition): Operation => ({
      call: 'changeColumns',
      table,
      value: { [name]: { from, to } satisfies ColumnChange },
    });
    return { phase: 'change columns', up: change(before, after), down: change(after, before) };
  }
  const drop: Operation = { call: 'dropColumns', table, value: [name] };
  if (after)
    return { phase: 'add columns', up: { call: 'addColumns', table, value: { [name]: after } }, down: drop };
  const down: Operation = before
    ? { call: 'addColumns', table, value: { [name]: before } }
    : addedAsItWas(dialect, table, name, actual);
  return { phase: 'drop columns', up: drop, down };
}

function formOf({
  logical,
  nullable,
}: Pick<CatalogueColumn, 'logical' | 'nullable'>): ColumnDefinition | undefined {
  return logical && { type: logical, ...(nullable ? { nullable } : {}) };
}

function addedAsItWas(
  dialect: Dialect,
  table: string,
  name: string,
  column: CatalogueColumn | undefined,
): Operation {
  if (column?.definition === undefined) throw new Irreversible('it is computed, or of a type of its own');
  // SQLite's ALTER TABLE adds no such column, though the table be empty.
  if (dialect.embedded && !column.nullable && !column.definition.includes(' DEFAULT '))
    throw new Irreversible('SQLite adds no column that may not be null and has no default');
  const { quote } = dialect;
  return {
    call: 'query',
    sql: `ALTER TABLE ${quote(table)} ADD ${quote(name)} ${column.definition}`,
    reason: `dbtool has no type for ${column.definition}`,
  };
}

function keySteps({ object, table, expected, actual }: Of<'primary key' | 'unique key'>): Step[] {
  const isPrimary = object === 'primary key';
  const prefix = isPrimary ? 'pk' : 'uq';
  const add = (key: KeyModel): Operation =>
    isPrimary
      ? { call: 'addPrimaryKey', table, value: definitionOf(prefix, table, key) }
      : { call: 'addUniques', table, value: [definitionOf(prefix, table, key)] };
  const drop = (key: KeyModel): Operation =>
    isPrimary
      ? { call: 'dropPrimaryKey', table, value: definitionOf(prefix, table, key) }
      : { call: 'dropUniques', table, value: [definitionOf(prefix, table, key)] };
  return [
    ...(actual ? [{ phase: 'drop keys', up: drop(actual), down: add(actual) } as const] : []),
    ...(expected ? [{ phase: 'add keys', up: add(expected), down: drop(expected) } as const] : []),
  ];
}

function indexSteps({ table, expected, actual }: Of<'index'>): Step[] {
  const steps: Step[] = [];
  const drop = (key: KeyModel): Operation => ({
    call: 'dropIndexes',
    table,
    value: [definitionOf('ix', table, key)],
  });
  const create = (key: KeyModel): Operation => ({ ...drop(key), call: 'createIndexes' }) as Operation;
  if (actual) {
    const key = { name: actual.name, columns: actual.columns.filter((column) => column !== null) };
    if (!actual.plain && actual.definition === undefined) throw new Irreversible('it is over expressions');
    const down: Operation = actual.plain
      ? create(key)
      : { call: 'query', sql: actual.definition ?? '', reason: 'dbtool makes no such index' };
    steps.push({ phase: 'drop keys', up: drop(key), down });
  }
  if (expected) steps.push({ phase: 'add keys', up: create(expected), down: drop(expected) });
  return steps;
}

function definitionOf(prefix: 'pk' | 'uq' | 'ix', table: string, { name, columns }: KeyModel): KeyDefinition {
  return name === keyName(prefix, table, columns) ? columns : { columns, name };
}

function foreignKeySteps(dialect: Dialect, { table, expected, actual }: Of<'foreign key'>): Step[] {
  const steps: Step[] = [];
  if (actual) {
    const drop = foreignKey('dropForeignKeys', table, actual);
    steps.push({ phase: 'drop foreign keys', up: drop, down: foreignKeyAsItWas(dialect, table, actual) });
  }
  if (expected) {
    const value = { [expected.column]: expected.references };
    const up: Operation = { call: 'addForeignKeys', table, value };
    steps.push({ phase: 'add foreign keys', up, down: { call: 'dropForeignKeys', table, value } });
  }
  return steps;
}

function foreignKey(
  call: 'addForeignKeys' | 'dropForeignKeys',
  table: string,
  key: CatalogueForeignKey,
): Operation {
  const [column = '', ...others] = key.columns;
  if (others.length > 0 && call === 'addForeignKeys') throw new Irreversible('it has several columns');
  const name = key.name === keyName('fk', table, [column]) ? {} : { name: key.name };
  const onDelete = key.onDelete === 'CASCADE' ? 'CASCADE' : 'NO ACTION';
  const target = { table: key.table, column: key.referencedColumns[0] ?? '', onDelete } as const;
  return { call, table, value: { [column]: { ...target, ...name } } };
}

function foreignKeyAsItWas(dialect: Dialect, table: string, key: CatalogueForeignKey): Operation {
  const isOurs = key.columns.length === 1 && /^(CASCADE|NO ACTION)$/.test(key.onDelete);
  if (isOurs) return foreignKey('addForeignKeys', table, key);
  if (dialect.embedded) throw new Irreversible('SQLite cannot add it to a table that is there');
  const { quote } = dialect;
  const columns = key.columns.map(quote).join(', ');
  const referenced = key.referencedColumns.map(quote).join(', ');
  const action = key.onDelete === 'NO ACTION' ? '' : ` ON DELETE ${key.onDelete}`;
  return {
    call: 'query',
    sql: `ALTER TABLE ${quote(table)} ADD CONSTRAINT ${quote(key.name)} FOREIGN KEY (${columns}) REFERENCES ${quote(key.table)} (${referenced})${action}`,
    reason: 'dbtool makes no such foreign key',
  };
}
