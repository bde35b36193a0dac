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
import { valueAtKeys } from './document-path.js';
import { type ChildMapping, type ColumnSource, from, type Mapping } from './mapping.js';
import { CLEANED, LOST, plainJson } from './plain-json.js';
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

interface PlannedColumn {
  column: ColumnModel;
  /** Where to look, each path split at its dots and as it is written. */
  places: { keys: string[]; path: string }[];
  copy: boolean;
  find?: ColumnSource['find'];
  rewrite?: ColumnSource['rewrite'];
}

/** What is known of a row before the first document is seen. */
interface Plan {
  table: TableModel;
  columns: PlannedColumn[];
  validate: Validator;
  hasExtra: boolean;
  /** Fields that always belong to a column. */
  taken: ReadonlySet<string>;
}

const POSITION = 'position';
const EXTRA = 'extra';
/** What the import itself keeps in a row; the document says nothing of it. */
export const IMPORT_PROPERTIES = ['contentHash', 'sourceDeletedAt'];

/** The id of the row that a document becomes. */
export function rowIdOf({ id, collection }: Pick<Mapping, 'id' | 'collection'>, _id: unknown): string {
  return id === 'own' ? ownIdOf(_id) : derivedIdOf(collection, _id);
}

/**
 * Prepares a mapping once, for any number of documents.
 * @param constants values of columns that are the same in all rows
 */
export function createMapper(mapping: Mapping, constants: LogicalRow = {}): Mapper {
  const children = (mapping.children ?? []).map((child) => ({
    child,
    plan: planOf(child.entity, child.columns, [child.parent, POSITION], []),
  }));
  const ownFields = ['_id', ...children.map(({ child }) => child.field)];
  const fixed = ['id', 'sourceId', ...IMPORT_PROPERTIES, ...Object.keys(constants)];
  const plan = planOf(mapping.entity, mapping.columns, fixed, ownFields);
  return (original, onCoerced) => {
    const document = mapping.upgrade?.(original) ?? original;
    const _id: unknown = document['_id'];
    // All documents without one would become the same row.
    if (_id === undefined) return { problems: ['_id is missing'] };
    const id = rowIdOf(mapping, _id);
    const problems: string[] = [];
    const report: OnCoerced = (field, what) => {
      onCoerced(`${mapping.collection}.${field}`, what);
    };
    const known = { id, sourceId: sourceIdOf(_id), contentHash: null, sourceDeletedAt: null, ...constants };
    const row = mapRow(plan, document, known, '', problems, report);
    const childRows = children.map(({ child, plan: childPlan }) =>
      mapChildren(child, childPlan, document, id, problems, report),
    );
    return problems.length > 0 ? { problems } : { mapped: { row, children: childRows } };
  };
}

/**
 * @param fixed properties that are not read from the document
 * @param ownFields fields of the document that belong to no column and yet not to `extra`
 */
function planOf(
  entity: EntityClass,
  sources: Record<string, ColumnSource> | undefined,
  fixed: string[],
  ownFields: string[],
): Plan {
  const table = tableOf(entity);
  const unknown = Object.keys(sources ?? {}).filter(
    (property) => !table.columns.some((column) => column.property === property),
  );
  if (unknown.length > 0) throw new Error(`${entity.name} has no ${unknown.join(', ')}`);
  const columns = table.columns
    .filter((column) => !fixed.includes(column.property) && column.property !== EXTRA)
    .map((column) => {
      const source = sources?.[column.property] ?? from(column.name);
      const places = source.paths.map((path) => ({ keys: path.split('.'), path }));
      return { column, places, copy: source.copy, find: source.find, rewrite: source.rewrite };
    });
  return {
    table,
    columns,
    validate: validatorOf(entity),
    hasExtra: table.columns.some((column) => column.property === EXTRA),
    taken: new Set([
      ...ownFields,
      ...columns.filter(isWholeField).map(({ places }) => places[0]?.path ?? ''),
    ]),
  };
}

/** Whether a column takes one top-level field, always the same and the whole of it. */
function isWholeField({ places, copy }: PlannedColumn): boolean {
  return !copy && places.length === 1 && places[0]?.keys.length === 1;
}

function mapRow(
  plan: Plan,
  document: Document,
  fixed: Readonly<Record<string, LogicalValue>>,
  place: string,
  problems: string[],
  onCoerced: OnCoerced,
): LogicalRow {
  const values: Record<string, unknown> = { ...fixed };
  // Of the other columns that take what they are made of: where it stood.
  const chosen: (readonly string[])[] = [];
  const failed: string[] = [];
  for (const planned of plan.columns) {
    const { column, places, copy, find, rewrite } = planned;
    const { value: found, path, keys } = firstPresent(document, places, find);
    const value = rewrite && found !== null ? rewrite(found, document) : found;
    if (!copy && !isWholeField(planned)) chosen.push(keys);
    const converted = convert(column.type, value);
    if (!('problem' in converted) && (converted.value !== null || column.nullable)) {
      values[column.property] = converted.value;
      if (converted.coerced !== undefined)
        onCoerced(`${place.replace(/\[\d+\]/g, '')}${path}`, converted.coerced);
      continue;
    }
    values[column.property] = null;
    // A copy is a convenience: what it was copied from is kept as it is.
    if (copy) continue;
    failed.push(column.property);
    problems.push(`${place}${path} ${'problem' in converted ? converted.problem : 'is missing'}`);
  }
  for (const { property, message } of plan.validate(values)) {
    if (failed.includes(property)) continue;
    const planned = plan.columns.find(({ column }) => column.property === property);
    if (planned?.copy) values[property] = null;
    else problems.push(`${place}${message.replace(property, planned?.column.name ?? property)}`);
  }
  if (plan.hasExtra) {
    const rest = extraOf(document, plan.taken, chosen);
    const { json, replaced, lost } = plainJson(rest);
    values[EXTRA] = json;
    if (lost) {
      const fields = Object.keys(rest ?? {}).filter((name) => plainJson(rest?.[name]).lost);
      problems.push(...fields.map((name) => `${place}${name} ${LOST}`));
    }
    if (replaced) onCoerced(`${place.replace(/\[\d+\]/g, '')}${EXTRA}`, CLEANED);
  }
  return toLogical(plan.table, values);
}

function firstPresent(
  document: Document,
  places: PlannedColumn['places'],
  find: PlannedColumn['find'],
): { value: unknown; path: string; keys: readonly string[] } {
  for (const { keys, path } of places) {
    const value = valueAtKeys(document, keys);
    if (value !== null && value !== undefined) return { value, path, keys };
  }
  return { value: find?.(document) ?? null, path: places[0]?.path ?? '', keys: places[0]?.keys ?? [] };
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
    const row = mapRow(plan, item, fixed, place, problems, onCoerced);
    if (ids.has(row['id'])) problems.push(`${place}id ${JSON.stringify(row['id'])} stands twice in the list`);
    ids.add(row['id']);
    rows.push(row);
  });
  return { table: plan.table, parent, rows };
}

/** The fields that no column took; of an object that was taken in part, the rest. Null when there is nothing. */
function extraOf(
  document: Document,
  taken: ReadonlySet<string>,
  chosen: readonly (readonly string[])[],
): Document | null {
  const rest: [string, unknown][] = [];
  for (const key of Object.keys(document)) {
    if (taken.has(key)) continue;
    const kept = without(document[key], key, chosen);
    if (kept !== undefined) rest.push([key, kept]);
  }
  // A field may be called __proto__, which an assignment would not make one.
  return rest.length === 0 ? null : Object.fromEntries(rest);
}

/** What is left of a field's value once the chosen paths are taken out of it; undefined when nothing is. */
function without(value: unknown, key: string, chosen: readonly (readonly string[])[]): unknown {
  const inside = chosen.filter(([first]) => first === key).map((keys) => keys.slice(1));
  if (inside.length === 0) return value;
  if (inside.some((keys) => keys.length === 0)) return undefined;
  if (!isPlainObject(value)) return value;
  const entries = Object.entries(value)
    .map(([name, inner]) => [name, without(inner, name, inside)] as const)
    .filter(([, inner]) => inner !== undefined);
  return entries.length === 0 ? undefined : Object.fromEntries(entries);
}

function isPlainObject(value: unknown): value is Document {
  return typeof value === 'object' && value !== null && Object.getPrototypeOf(value) === Object.prototype;
}

function toLogical(table: TableModel, values: Record<string, unknown>): LogicalRow {
  for (const { property, type } of table.columns) {
    const value = values[property];
    if (value === undefined) values[property] = null;
    else if (type.kind === 'json' && value !== null) values[property] = JSON.stringify(value);
  }
  return values as LogicalRow;
}
