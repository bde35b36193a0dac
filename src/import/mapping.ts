import type { Document } from 'bson';
import type { OpenDatabase } from '../database/data-source.js';
import type { LogicalRow } from '../database/dialect.js';
import type { EntityClass } from '../database/model/table-model.js';
import type { FoundInList } from './found-in-list.js';
import { derivedIdOf, idMeant } from './source-id.js';

/** Where a column's value comes from. */
export interface ColumnSource {
  /** Dotted paths in the document; the first that is there and not null is taken. */
  paths: readonly string[];
  /** The field also stays where it is in another column or in `extra`: the column is a copy for reports. */
  copy: boolean;
  /** Where to look for the value where no path leads. */
  find?: FoundInList;
  /** What becomes of the value before it is converted. */
  rewrite?: (value: unknown, document: Document) => unknown;
}

/** The value of the first of these fields; the others, where present too, end in `extra`. */
export const from = (...paths: string[]): ColumnSource => ({ paths, copy: false });
/** A copy of something inside a JSON column, so that reports can filter and sum by it. */
export const copyOf = (...paths: string[]): ColumnSource => ({ paths, copy: true });
/** As `copyOf`, but looked for in a list where the paths lead nowhere. */
export const copyFound = (find: FoundInList, ...paths: string[]): ColumnSource => ({
  paths,
  copy: true,
  find,
});

/**
 * The id of the row that a document of another collection becomes, of that document's `_id`, which is often
 * written as text. What the source says stays in `extra`.
 * @param collectionOf of undefined, the value is kept as it is
 */
export const referenceTo = (
  collectionOf: string | ((document: Document) => string | undefined),
  ...paths: string[]
): ColumnSource => ({
  paths,
  copy: true,
  rewrite: (value, document) => {
    const collection = typeof collectionOf === 'string' ? collectionOf : collectionOf(document);
    return collection === undefined ? value : derivedIdOf(collection, idMeant(value));
  },
});

/** A column that names a row of another table, where no foreign key makes sure that there is one. */
export interface LooseReference {
  property: string;
  /** The entity of the child rows that have the column; the collection's own where it is absent. */
  child?: EntityClass;
  to: EntityClass;
  toProperty: string;
}

/** Rows that a list inside the document becomes. They are replaced as a whole with their parent. */
export interface ChildMapping {
  entity: EntityClass;
  /** Field that holds the list. */
  field: string;
  /** Property that refers to the parent's id. */
  parent: string;
  columns?: Record<string, ColumnSource>;
}

/**
 * How a collection becomes rows. Every column of the entity comes from the field of the same name
 * (snake case) unless `columns` says otherwise; every field without a column goes to `extra`.
 */
export interface Mapping {
  collection: string;
  /** Of a mapping for many collections: whether this is one of them. Its `collection` is a pattern then. */
  matches?: (collection: string) => boolean;
  entity: EntityClass;
  /**
   * `own`: the document's `_id` is the row's id, as telemetry is referred to by it.
   * `derived`: a UUIDv5 of collection and `_id`, the same in every run and on every database.
   */
  id: 'own' | 'derived';
  /**
   * Fields that tell when a document was written, in order of preference, for `--since`; `_id` stands for the
   * time in an ObjectId. Without any, or where none holds a time, a document is always read.
   */
  cursor: readonly string[];
  columns?: Record<string, ColumnSource>;
  /**
   * Which documents will still change although their cursor will not, so that they have to be read again.
   * `holds` is given these fields only.
   */
  unfinished?: { fields: readonly string[]; holds: (document: Document) => boolean };
  /** Fills in what older documents lack, before the columns are read. Returns a new document. */
  upgrade?: (document: Document) => Document;
  children?: readonly ChildMapping[];
  references?: readonly LooseReference[];
  /** Columns that are the same in all rows of a collection, by what the target holds when its import begins. */
  fixed?: (collection: string, database: OpenDatabase) => Promise<LogicalRow>;
}
