import type { Document } from 'bson';
import type { LogicalRow } from '../database/dialect.js';
import type { LogicalValue } from '../database/model/logical-type.js';
import {
  type ColumnModel,
  type EntityClass,
  type TableModel,
  tableOf,
} from '../database/model/table-model.js';
import { type Validator, validatorOf } from '../entities/validation.js';
import { valueAt } from './document-path.js';
import type { ChildMapping, ColumnSource, Mapping } from './mapping.js';
import { plainJson } from './plain-json.js';
import { derivedIdOf, ownIdOf, sourceIdOf } from './source-id.js';
import { convert } from './values.js';

/** Rows of one child entity. */
export interface ChildRows {
  table: TableModel;
  parent: ColumnModel;
  rows: LogicalRow[];
}

/** What a document became. */
export interface MappedDocument {
  row: LogicalRow;
  children: ChildRows[];
}

/** Called for each value that had to be changed: `traces.latency`, `text to number`. */
export type OnCoerced = (field: string, what: string) => void;

export type MapResult = { mapped: MappedDocument } | { problems: string[] };

/** Turns documents of one collection into rows, or says why they do not fit. */
export type Mapper = (document: Document, onCoerced: OnCoerced) => MapResult;

interface Plan {
  table: TableModel;
  columns: { column: ColumnModel; source: ColumnSource }[];
  validate: Validator;
  hasExtra: boolean;
}

const POSITION = 'position';
const EXTRA = 'extra';

/** Prepares a mapping once, for any number of documents. */
export function createMapper(mapping: Mapping): Mapper {
  const children = (mapping.children ?? []).map((child) => ({
    child,
    plan: planOf(child.entity, child.columns, [child.parent, POSITION]),
  }));
  const plan = planOf(mapping.entity, mapping.columns, ['id', 'sourceId']);
  const childFields = new Set(children.map(({ child }) => child.field));
  return (original, onCoerced) => {
    const document = mapping.upgrade?.(original) ?? original;
    const id =
      mapping.id === 'own' ? ownIdOf(document['_id']) : derivedIdOf(mapping.collection, document['_id']);
    const problems: string[] = [];
    const report: OnCoerced = (field, what) => {
      onCoerced(`${mapping.collection}.${field}`, what);
    };
    const fixed = { id, sourceId: sourceIdOf(document['_id']) };
    const row = mapRow(plan, document, fixed, new Set(['_id', ...childFields]), '', problems, report);
    const childRows = children.map(({ child, plan: childPlan }) =>
      mapChildren(child, childPlan, document, id, problems, report),
    );
    return problems.length > 0 ? { problems } : { mapped: { row, children: childRows } };
  };
}

function planOf(
  entity: EntityClass,
  sources: Record<string, ColumnSource> | undefined,
  fixed: string[],
): Plan {
  const table = tableOf(entity);
  const unknown = Object.keys(sources ?? {}).filter(
    (property) => !table.columns.some((column) => column.property === property),
  );
  if (unknown.length > 0) throw new Error(`${entity.name} has no ${unknown.join(', ')}`);
  return {
    table,
    columns: table.columns
      .filter((column) => !fixed.includes(column.property) && column.property !== EXTRA)
      .map((column) => ({
        column,
        source: sources?.[column.property] ?? { paths: [column.name], copy: false },
      })),
    validate: validatorOf(entity),
    hasExtra: table.columns.some((column) => column.property === EXTRA),
  };
}

function mapRow(
  plan: Plan,
  document: Document,
  fixed: Readonly<Record<string, LogicalValue>>,
  consumed: Set<string>,
  place: string,
  problems: string[],
  onCoerced: OnCoerced,
): LogicalRow {
  const values: Record<string, unknown> = { ...fixed };
  const failed = new Set<string>();
  for (const { column, source } of plan.columns) {
    const path =
      source.paths.find((one) => (valueAt(document, one) ?? null) !== null) ?? source.paths[0] ?? column.name;
    const converted = convert(column.type, valueAt(document, path));
    if (!source.copy) consumed.add(path);
    if ('problem' in converted) {
      // A copy is a convenience: what it was copied from is kept as it is.
      if (source.copy) values[column.property] = null;
      else {
        failed.add(column.property);
        problems.push(`${place}${path} ${converted.problem}`);
      }
      continue;
    }
    if (converted.coerced !== undefined)
      onCoerced(`${place.replace(/\[\d+\]/g, '')}${path}`, converted.coerced);
    values[column.property] = converted.value;
  }
  if (plan.hasExtra) values[EXTRA] = extraOf(document, consumed);
  for (const { property, message } of plan.validate(values)) {
    if (failed.has(property)) continue;
    const planned = plan.columns.find(({ column }) => column.property === property);
    if (planned?.source.copy) values[property] = null;
    else problems.push(`${place}${message.replace(property, planned?.column.name ?? property)}`);
  }
  return toLogical(plan.table, values);
}

function mapChildren(
  child: ChildMapping,
  plan: Plan,
  document: Document,
  parentId: string,
  problems: string[],
  onCoerced: OnCoerced,
): ChildRows {
  const parent = plan.table.columns.find((column) => column.property === child.parent);
  if (!parent) throw new Error(`${plan.table.name} has no ${child.parent}`);
  const list: unknown = document[child.field] ?? [];
  const rows: LogicalRow[] = [];
  if (!Array.isArray(list)) {
    problems.push(`${child.field} must be a list`);
    return { table: plan.table, parent, rows };
  }
  const ids = new Set<unknown>();
  list.forEach((item: unknown, position) => {
    const place = `${child.field}[${position}].`;
    if (typeof item !== 'object' || item === null || Array.isArray(item)) {
      problems.push(`${child.field}[${position}] must be an object`);
      return;
    }
    const fixed = { [child.parent]: parentId, [POSITION]: position };
    const row = mapRow(plan, item, fixed, new Set(), place, problems, onCoerced);
    if (ids.has(row['id'])) problems.push(`${place}id ${JSON.stringify(row['id'])} stands twice in the list`);
    ids.add(row['id']);
    rows.push(row);
  });
  return { table: plan.table, parent, rows };
}

/** The fields that no column took; of an object that was taken in part, the rest. */
function extraOf(document: Document, consumed: ReadonlySet<string>): unknown {
  const inPart = [...consumed].filter((path) => path.includes('.'));
  const rest = without(document, consumed, inPart, '');
  return rest === undefined ? null : plainJson(rest).json;
}

function without(
  value: Document,
  consumed: ReadonlySet<string>,
  inPart: readonly string[],
  prefix: string,
): Document | undefined {
  const rest: Document = {};
  for (const [key, inner] of Object.entries(value) as [string, unknown][]) {
    const path = `${prefix}${key}`;
    if (consumed.has(path)) continue;
    const isTakenInPart =
      inPart.length > 0 && isPlainObject(inner) && inPart.some((one) => one.startsWith(`${path}.`));
    const kept = isTakenInPart ? without(inner, consumed, inPart, `${path}.`) : inner;
    if (kept !== undefined) rest[key] = kept;
  }
  return Object.keys(rest).length === 0 ? undefined : rest;
}

function isPlainObject(value: unknown): value is Document {
  return typeof value === 'object' && value !== null && Object.getPrototypeOf(value) === Object.prototype;
}

function toLogical(table: TableModel, values: Record<string, unknown>): LogicalRow {
  const row: Record<string, LogicalValue> = {};
  for (const column of table.columns) {
    const value = values[column.property] ?? null;
    row[column.property] =
      column.type.kind === 'json' && value !== null ? JSON.stringify(value) : (value as LogicalValue);
  }
  return row;
}
