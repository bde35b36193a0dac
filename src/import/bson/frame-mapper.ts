import type { LogicalRow } from '../../database/dialect.js';
import type { ColumnModel } from '../../database/model/table-model.js';
import {
  type ChildRows,
  type MappedDocument,
  parentOf,
  planOf,
  planOfList,
  POSITION,
  rowIdOf,
} from '../mapper.js';
import type { ChildMapping, Mapping } from '../mapping.js';
import type { RowPlan } from '../row-plan.js';
import { sourceIdOf } from '../source-id.js';
import { examine } from './frame.js';
import { FrameRowMapper } from './frame-row-mapper.js';
import { JsonWriter } from './json-writer.js';
import { viewOf } from './structure.js';

/**
 * Turns the bytes of a document into the rows that `createMapper` makes of the decoded document, where that has
 * nothing to tell: all fits, and nothing is coerced. Undefined for every other document.
 * @param _id the document's, decoded; undefined where it has none
 */
export type FrameMapper = (bytes: Uint8Array, _id: unknown) => MappedDocument | undefined;

/**
 * Prepares a mapping once, for any number of documents. That most are mapped without being decoded is what makes
 * an import as fast as its database.
 * @param firstYear the first whose times the database keeps (`Dialect.firstYear`)
 * @returns undefined for a mapping that has to see documents as a whole
 */
export function createFrameMapper(
  mapping: Mapping,
  constants: LogicalRow = {},
  firstYear = 1,
): FrameMapper | undefined {
  const plan = planOf(mapping, constants);
  const children = (mapping.children ?? []).map((child) => ({ child, plan: planOfList(child) }));
  const lists = children.map(({ child }) => child.field);
  const isKnown =
    FrameRowMapper.knows(plan, lists) && children.every((one) => FrameRowMapper.knows(one.plan, []));
  if (mapping.upgrade || !isKnown) return undefined;
  const writer = new JsonWriter();
  const rows = new FrameRowMapper(plan, writer, { lists, firstYear });
  const mappers = children.map((one) => new FrameListMapper(one.child, one.plan, writer, firstYear));
  return (bytes, _id) => {
    const view = viewOf(bytes);
    if (_id === undefined || !isSound(view)) return undefined;
    const row = plan.blank();
    const id = rowIdOf(mapping, _id);
    row['id'] = id;
    row['sourceId'] = sourceIdOf(_id);
    if (!rows.fill(row, view, 0)) return undefined;
    const mapped: MappedDocument = { row, children: [] };
    for (const mapper of mappers) {
      const items = rows.listOf(view, mapper.field);
      const list = items && mapper.map(view, items, id);
      if (!list) return undefined;
      mapped.children.push(list);
    }
    return mapped;
  };
}

/** Whether the bytes are a document that decoding would not change. */
function isSound(view: Buffer): boolean {
  try {
    return examine(view) === undefined;
  } catch {
    // Who decodes it tells what is wrong.
    return false;
  }
}

/** Turns a list inside a document into rows of their own. */
class FrameListMapper {
  readonly field: string;
  private readonly parent: ColumnModel;
  private readonly rows: FrameRowMapper;

  constructor(
    child: ChildMapping,
    private readonly plan: RowPlan,
    writer: JsonWriter,
    firstYear: number,
  ) {
    this.field = child.field;
    this.parent = parentOf(child);
    this.rows = new FrameRowMapper(plan, writer, { lists: [], firstYear });
  }

  map(view: Buffer, items: readonly number[], parentId: string): ChildRows | undefined {
    const { parent, plan } = this;
    const list: ChildRows = { table: plan.table, parent, rows: [] };
    const ids = new Set<unknown>();
    for (const [position, offset] of items.entries()) {
      const row = plan.blank();
      row[parent.property] = parentId;
      row[POSITION] = position;
      if (!this.rows.fill(row, view, offset)) return undefined;
      ids.add(row['id']);
      // One that is there twice is for the other mapper to tell.
      if (ids.size <= position) return undefined;
      list.rows.push(row);
    }
    return list;
  }
}
