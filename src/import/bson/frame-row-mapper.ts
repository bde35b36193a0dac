import type { LogicalType, LogicalValue } from '../../database/model/logical-type.js';
import type { FitTest } from '../../entities/validation.js';
import { type FoundInList } from '../found-in-list.js';
import { EXTRA, type MutableRow, type PlannedColumn, type RowPlan } from '../row-plan.js';
import { asIs, convert } from '../values.js';
import { type Field, Fields } from './fields.js';
import type { JsonWriter } from './json-writer.js';
import { type Scalar, scalarAt } from './scalar.js';
import {
  ARRAY,
  BOOLEAN,
  DOCUMENT,
  DOUBLE,
  endOf,
  endOfName,
  INSTANT,
  INT32,
  INT64,
  lastOf,
  NULL,
  STRING,
  UNDEFINED,
} from './structure.js';

/** Types of values that have nothing inside them, or nothing that has one of our names. */
const PLAIN = new Set([ARRAY, DOUBLE, STRING, UNDEFINED, BOOLEAN, INSTANT, NULL, INT32, INT64]);

/** A column with the numbers of the places where it looks. */
interface Target {
  planned: PlannedColumn;
  slots: readonly number[];
  fits: FitTest;
}

/** A column that is filled in by somebody else. */
interface GivenColumn {
  property: string;
  nullable: boolean;
  fits: FitTest;
}

const ANYTHING: FitTest = () => true;

/**
 * Fills rows of one table straight from the bytes of documents, as `RowMapper` does from decoded ones, for
 * documents about which there is nothing to tell: all others it leaves to that.
 */
export class FrameRowMapper {
  private readonly fields: Fields;
  private readonly targets: readonly Target[];
  private readonly given: readonly GivenColumn[];
  /** Slots of the lists that `lists` names. */
  private readonly listSlots = new Map<string, number>();
  /** By slot, what the document at hand has there: the value's type (0: none), and where it stands. */
  private readonly types: Uint8Array;
  private readonly starts: Int32Array;
  private readonly ends: Int32Array;
  /** The fields of the document at hand that no column takes. */
  private others: number[] = [];

  private readonly firstYear: number;

  /**
   * @param options.lists fields whose lists somebody asks for
   * @param options.firstYear the first whose times are kept
   */
  constructor(
    private readonly plan: RowPlan,
    private readonly writer: JsonWriter,
    { lists, firstYear }: { lists: readonly string[]; firstYear: number },
  ) {
    this.firstYear = firstYear;
    this.fields = new Fields(plan.hasExtra);
    let count = 0;
    const slotAt = (keys: readonly string[]): number => {
      this.fields.add(keys, count, plan.fields.has(keys[0] ?? ''));
      count += 1;
      return count - 1;
    };
    for (const name of plan.fields.keys()) this.fields.known(name);
    const testOf = (property: string): FitTest => plan.fits.get(property) ?? ANYTHING;
    this.targets = plan.columns.map((planned) => ({
      planned,
      slots: planned.places.map(({ keys }) => slotAt(keys)),
      fits: testOf(planned.property),
    }));
    const isGiven = (property: string): boolean =>
      property !== EXTRA && plan.columns.every((planned) => planned.property !== property);
    this.given = plan.table.columns
      .filter(({ property }) => isGiven(property))
      .map(({ property, nullable }) => ({ property, nullable, fits: testOf(property) }));
    for (const list of lists) this.listSlots.set(list, slotAt([list]));
    this.types = new Uint8Array(count);
    this.starts = new Int32Array(count);
    this.ends = new Int32Array(count);
  }

  /** Whether rows can be made so at all. */
  static knows({ columns }: RowPlan, lists: readonly string[]): boolean {
    return columns.every(
      ({ isPart, rewrite, find }) => !isPart && !rewrite && (!find || lists.includes(find.list)),
    );
  }

  /**
   * Fills in a row from the document at an offset of one that has been examined.
   * @returns false when that is for the other mapper to do
   */
  fill(row: MutableRow, view: Buffer, offset: number): boolean {
    this.types.fill(0);
    this.others = [];
    if (!this.look(view, offset, this.fields)) return false;
    for (const target of this.targets) if (!this.fillColumn(row, view, target)) return false;
    for (const { property, nullable, fits } of this.given) {
      const value = row[property] ?? null;
      if (value === null ? !nullable : !fits(value)) return false;
    }
    if (this.others.length === 0) return true;
    const extra = this.writer.object(view, this.others);
    if (!extra) return false;
    row[EXTRA] = extra;
    return true;
  }

  /**
   * Where the documents of a list of the document at hand begin.
   * @returns undefined when it is no list, or not of documents
   */
  listOf(view: Buffer, field: string): number[] | undefined {
    const slot = this.listSlots.get(field) ?? -1;
    const type = this.types[slot] ?? 0;
    if (isNothing(type)) return [];
    if (type !== ARRAY) return undefined;
    const items: number[] = [];
    const start = this.starts[slot] ?? 0;
    const last = lastOf(view, start);
    for (let at = start + 4; at < last;) {
      const value = endOfName(view, at + 1) + 1;
      if (view[at] !== DOCUMENT) return undefined;
      items.push(value);
      at = endOf(view, DOCUMENT, value, last);
    }
    return items;
  }

  /** Notes where the values stand. */
  private look(view: Buffer, offset: number, fields: Fields): boolean {
    const last = lastOf(view, offset);
    let field: Field | undefined;
    for (let at = offset + 4; at < last;) {
      const type = view[at] ?? 0;
      field = fields.at(view, at + 1, field);
      const start = at + field.name.length + 2;
      const end = endOf(view, type, start, last);
      for (const slot of field.slots) {
        this.types[slot] = type;
        this.starts[slot] = start;
        this.ends[slot] = end;
      }
      if (field.isOther) this.others.push(at, start, end);
      if (field.inner && !this.lookInside(view, type, start, field.inner)) return false;
      at = end;
    }
    return true;
  }

  private lookInside(view: Buffer, type: number, start: number, inner: Fields): boolean {
    return type === DOCUMENT ? this.look(view, start, inner) : PLAIN.has(type);
  }

  private fillColumn(row: MutableRow, view: Buffer, target: Target): boolean {
    const { column, find, isJson, property } = target.planned;
    let slot = -1;
    let type = 0;
    for (const one of target.slots) {
      slot = one;
      type = this.types[one] ?? 0;
      if (!isNothing(type)) break;
    }
    let value: LogicalValue | undefined;
    if (isNothing(type)) {
      const found = find ? this.find(view, find) : null;
      if (found === null) return column.nullable;
      value = keptFormOf(column.type, found);
    } else {
      const start = this.starts[slot] ?? 0;
      const end = this.ends[slot] ?? 0;
      value = isJson
        ? this.writer.value(view, type, start, end)
        : keptFormOf(column.type, scalarAt(view, type, start, end));
    }
    if (value === undefined || !target.fits(value)) return false;
    if (value instanceof Date && value.getUTCFullYear() < this.firstYear) return false;
    row[property] = value;
    return true;
  }

  /** @returns null where there is none, undefined where that is hard to say */
  private find(view: Buffer, { where, list, keys }: FoundInList): string | null | undefined {
    // Of the other fields nothing is kept that would tell.
    const wanted = fieldAt(view, 0, [where.field]);
    if (!wanted || wanted.type !== STRING || scalarAt(view, STRING, wanted.start, wanted.end) !== where.is)
      return null;
    const items = this.listOf(view, list);
    if (!items) return undefined;
    for (const item of items) {
      const found = fieldAt(view, item, keys);
      if (found?.type === STRING) return scalarAt(view, STRING, found.start, found.end) as string | undefined;
    }
    return null;
  }
}

/** A value in its column's form, where it needs no other or has one that is not worth telling. */
function keptFormOf(type: LogicalType, value: Scalar | undefined): LogicalValue | undefined {
  if (value === undefined) return undefined;
  const kept = asIs(type, value);
  if (kept !== undefined) return kept;
  const converted = convert(type, value);
  if ('problem' in converted || converted.coerced !== undefined || converted.value === null) return undefined;
  return converted.value as LogicalValue;
}

const isNothing = (type: number): boolean => type === 0 || type === NULL || type === UNDEFINED;

/** What stands at a path that leads through documents. */
function fieldAt(
  view: Buffer,
  offset: number,
  [key = '', ...others]: readonly string[],
): { type: number; start: number; end: number } | undefined {
  const last = lastOf(view, offset);
  for (let at = offset + 4; at < last;) {
    const type = view[at] ?? 0;
    const start = endOfName(view, at + 1) + 1;
    const end = endOf(view, type, start, last);
    if (view.toString('utf8', at + 1, start - 1) === key) {
      if (others.length === 0) return { type, start, end };
      return type === DOCUMENT ? fieldAt(view, start, others) : undefined;
    }
    at = end;
  }
  return undefined;
}
