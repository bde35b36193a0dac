import type { Document } from 'bson';
import type { EntityClass } from '../database/model/table-model.js';

/** Where a column's value comes from. */
export interface ColumnSource {
  /** Dotted paths in the document; the first that is there and not null is taken. */
  paths: readonly string[];
  /** The field also stays where it is in another column or in `extra`: the column is a copy for reports. */
  copy: boolean;
  /** Looks for the value where no path leads. */
  find?: (document: Document) => unknown;
  /** The collection whose document the value names by its `_id`: the column takes the id of that one's row. */
  refersTo?: string;
}

/** The value of the first of these fields; the others, where present too, end in `extra`. */
export const from = (...paths: string[]): ColumnSource => ({ paths, copy: false });
/** A copy of something inside a JSON column, so that reports can filter and sum by it. */
export const copyOf = (...paths: string[]): ColumnSource => ({ paths, copy: true });
/** As `copyOf`, but where the value stands takes some looking, which is done when the paths lead nowhere. */
export const copyFound = (find: (document: Document) => unknown, ...paths: string[]): ColumnSource => ({
  paths,
  copy: true,
  find,
});

/** The same value for all documents. */
export const constant = (value: string): ColumnSource => ({ paths: [], copy: true, find: () => value });
/** Names a document of another collection by its `_id`; what stood there is kept in `extra` too. */
export const refersTo = (collection: string, ...paths: string[]): ColumnSource => ({
  paths,
  copy: true,
  refersTo: collection,
});

/** Rows that a list inside the document becomes. They are replaced as a whole with their parent. */
export interface ChildMapping {
  entity: EntityClass;
  /** Field that holds the list. */
  field: string;
  /** Property that refers to the parent's id. */
  parent: string;
  columns?: Record<string, ColumnSource>;
}

/** A column that names a row of another table without a foreign key, so that it may lead nowhere. */
export interface Reference {
  property: string;
  /** Where the column is one of a child's table. */
  child?: EntityClass;
  to: EntityClass;
  toProperty: string;
}

/**
 * How a collection becomes rows. Every column of the entity comes from the field of the same name
 * (snake case) unless `columns` says otherwise; every field without a column goes to `extra`.
 */
export interface Mapping {
  /** The collection's name; of a mapping for many collections, what stands for their names. */
  collection: string;
  /** Of mappings for many collections: whether a collection is one of them. */
  matches?: (collection: string) => boolean;
  entity: EntityClass;
  /**
   * `own`: the document's `_id` is the row's id, as telemetry is referred to by it.
   * `derived`: a UUIDv5 of collection and `_id`, the same in every run and on every database.
   */
  id: 'own' | 'derived';
  /** Fields that tell when a document was written, in order of preference, for `--since`. */
  cursor: readonly string[];
  columns?: Record<string, ColumnSource>;
  /** Whether a document will still change although its cursor will not, so that it has to be read again. */
  unfinished?: (document: Document) => boolean;
  /** Fills in what older documents lack, before the columns are read. Returns a new document. */
  upgrade?: (document: Document) => Document;
  children?: readonly ChildMapping[];
  /** Columns that name a row of another table without a foreign key. */
  references?: readonly Reference[];
}
