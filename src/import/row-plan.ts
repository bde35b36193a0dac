import type { LogicalRow } from '../database/dialect.js';
import type { LogicalValue } from '../database/model/logical-type.js';
import {
  type ColumnModel,
  type EntityClass,
  type TableModel,
  tableOf,
} from '../database/model/table-model.js';
import { type FitTest, fitTestsOf, type Validator, validatorOf } from '../entities/validation.js';
import { type ColumnSource, from } from './mapping.js';

export interface Place {
  keys: readonly string[];
  path: string;
}

/** A column, and where in a document its value stands. */
export interface PlannedColumn extends Pick<ColumnSource, 'copy' | 'find' | 'rewrite'> {
  column: ColumnModel;
  property: string;
  isJson: boolean;
  /** Takes one top-level field, always the same and the whole of it, as it is. */
  isField: boolean;
  /** Takes what it is made of out of `extra`, of which it is a part. */
  isPart: boolean;
  /** Where to look. */
  places: readonly [Place, ...Place[]];
}

/** What a row has that is not read from the fields of its document. */
export interface Given {
  /** Properties that are filled in before the fields are read, with where in the document they come from. */
  fixed: Readonly<Record<string, string>>;
  /** Fields of the document that belong to no column and yet not to `extra`. */
  ownFields: readonly string[];
  /** Values of columns that are the same in all rows. */
  constants: LogicalRow;
}

export type MutableRow = Record<string, LogicalValue>;

/** Where the fields go that no column takes. */
export const EXTRA = 'extra';

/** What can be known of an entity's rows before the first document is. */
export class RowPlan {
  readonly table: TableModel;
  readonly columns: readonly PlannedColumn[];
  /** The fields that do not go to `extra`, with the columns that take them as they are. */
  readonly fields = new Map<string, PlannedColumn | null>();
  readonly validate: Validator;
  /** The same rules by property. */
  readonly fits: ReadonlyMap<string, FitTest>;
  readonly hasExtra: boolean;
  private readonly template: MutableRow;

  constructor(
    entity: EntityClass,
    sources: Readonly<Record<string, ColumnSource>> | undefined,
    readonly given: Given,
  ) {
    this.table = tableOf(entity);
    const { columns } = this.table;
    const unknown = Object.keys(sources ?? {}).filter(
      (property) => !columns.some((column) => column.property === property),
    );
    if (unknown.length > 0) throw new Error(`${entity.name} has no ${unknown.join(', ')}`);
    const { fixed, ownFields, constants } = given;
    const isRead = ({ property }: ColumnModel): boolean =>
      property !== EXTRA && !Object.hasOwn(fixed, property) && !Object.hasOwn(constants, property);
    for (const field of ownFields) this.fields.set(field, null);
    this.columns = columns
      .filter(isRead)
      .map((column) => this.plan(column, sources?.[column.property] ?? from(column.name)));
    this.hasExtra = columns.some(({ property }) => property === EXTRA);
    this.validate = validatorOf(entity);
    this.fits = fitTestsOf(entity);
    // Parsed, an object of many properties is one with a fixed layout, and so are the copies made of it. Built
    // property by property it would become a hash table, which costs several times as much.
    this.template = JSON.parse(
      JSON.stringify(Object.fromEntries(columns.map(({ property }) => [property, null]))),
    ) as MutableRow;
    Object.assign(this.template, constants);
  }

  /** A row without values but the constant ones. */
  blank(): MutableRow {
    return { ...this.template };
  }

  private plan(column: ColumnModel, source: ColumnSource): PlannedColumn {
    const { copy, find, rewrite } = source;
    const [first = '', ...others] = source.paths;
    const place = (path: string): Place => ({ keys: path.split('.'), path });
    const places = [place(first), ...others.map(place)] as const;
    const isWhole = !copy && places.length === 1 && places[0].keys.length === 1;
    const isField = isWhole && !find && !rewrite && !this.fields.has(first);
    const planned: PlannedColumn = {
      column,
      property: column.property,
      isJson: column.type.kind === 'json',
      isField,
      isPart: !copy && !isWhole,
      places,
      copy,
      find,
      rewrite,
    };
    if (isField) this.fields.set(first, planned);
    else if (isWhole && !this.fields.has(first)) this.fields.set(first, null);
    return planned;
  }
}
