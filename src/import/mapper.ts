import type { Document } from 'bson';
import type { LogicalRow } from '../database/dialect.js';
import { type ColumnModel, type TableModel, tableOf } from '../database/model/table-model.js';
import type { ChildMapping, Mapping } from './mapping.js';
import { Findings, type OnCoerced, type Problem } from './problem.js';
import { RowMapper } from './row-mapper.js';
import { type MutableRow, RowPlan } from './row-plan.js';
import { derivedIdOf, ownIdOf, sourceIdOf } from './source-id.js';

export type { Problem } from './problem.js';

/** Rows of one child entity. */
export interface ChildRows {
  table: TableModel;
  parent: ColumnModel;
  rows: LogicalRow[];
}

/** What a document became. */
export interface MappedDocument {
  row: MutableRow;
  children: ChildRows[];
}

export type MapResult = { mapped: MappedDocument } | { problems: Problem[] };

/** Turns documents of one collection into rows, or says why they do not fit. */
export type Mapper = (document: Document, onCoerced: OnCoerced) => MapResult;

/** Property of a list's rows: the place in the list, from 0. */
export const POSITION = 'position';
/** What the import itself keeps in a row; the document says nothing of it. */
export const IMPORT_PROPERTIES = ['contentHash', 'sourceDeletedAt'] as const;

/** The id of the row that a document becomes. */
export function rowIdOf({ id, collection }: Pick<Mapping, 'id' | 'collection'>, _id: unknown): string {
  return id === 'own' ? ownIdOf(_id) : derivedIdOf(collection, _id);
}

/**
 * Prepares a mapping once, for any number of documents.
 * @param constants values of columns that are the same in all rows
 */
export function createMapper(mapping: Mapping, constants: LogicalRow = {}): Mapper {
  const { collection, upgrade } = mapping;
  const children = (mapping.children ?? []).map((child) => new ListMapper(child));
  const rows = new RowMapper(planOf(mapping, constants));
  return (original, onCoerced) => {
    const document = upgrade?.(original) ?? original;
    const _id: unknown = document['_id'];
    const findings = new Findings(collection, onCoerced);
    // All documents without one would become the same row.
    if (_id === undefined) {
      findings.problem('_id', 'missing', '_id is missing');
      return { problems: findings.problems };
    }
    const row = rows.blank();
    const id = rowIdOf(mapping, _id);
    row['id'] = id;
    row['sourceId'] = sourceIdOf(_id);
    rows.fill(row, document, findings);
    const mapped: MappedDocument = { row, children: [] };
    for (const child of children) mapped.children.push(child.map(document, id, findings));
    return findings.problems.length > 0 ? { problems: findings.problems } : { mapped };
  };
}

/** How the rows of a collection's own table are made. */
export function planOf({ entity, columns, children }: Mapping, constants: LogicalRow): RowPlan {
  const fixed = { id: '_id', sourceId: '_id', contentHash: '_id', sourceDeletedAt: '_id' };
  const ownFields = ['_id', ...(children ?? []).map(({ field }) => field)];
  return new RowPlan(entity, columns, { fixed, ownFields, constants });
}

/** How the rows of a list inside the documents are made. */
export function planOfList({ entity, columns, parent }: ChildMapping): RowPlan {
  const fixed = { [parent]: parent, [POSITION]: POSITION };
  return new RowPlan(entity, columns, { fixed, ownFields: [], constants: {} });
}

/** The column that refers to the row of the document. */
export function parentOf({ entity, parent }: ChildMapping): ColumnModel {
  const { name, columns } = tableOf(entity);
  const column = columns.find(({ property }) => property === parent);
  if (!column) throw new Error(`${name} has no ${parent}`);
  return column;
}

/** Turns a list inside a document into rows of their own. */
class ListMapper {
  readonly field: string;
  private readonly parent: ColumnModel;
  private readonly rows: RowMapper;

  constructor(child: ChildMapping) {
    this.field = child.field;
    this.rows = new RowMapper(planOfList(child));
    this.parent = parentOf(child);
  }

  map(document: Document, parentId: string, findings: Findings): ChildRows {
    const { field, parent } = this;
    const list: unknown = document[field] ?? [];
    const mapped: ChildRows = { table: this.rows.table, parent, rows: [] };
    if (!Array.isArray(list)) {
      findings.problemOfList(field, undefined, 'must be a list');
      return mapped;
    }
    const ids = new Set<unknown>();
    for (let position = 0; position < list.length; position += 1) {
      const item: unknown = list[position];
      if (typeof item !== 'object' || item === null || Array.isArray(item)) {
        findings.problemOfList(field, position, 'must be an object');
        continue;
      }
      const row = this.rows.blank();
      row[parent.property] = parentId;
      row[POSITION] = position;
      findings.enter(field, position);
      this.rows.fill(row, item, findings);
      const { id } = row;
      if (ids.has(id)) findings.problem('id', 'twice', `id ${JSON.stringify(id)} stands twice in the list`);
      ids.add(id);
      mapped.rows.push(row);
    }
    return mapped;
  }
}
