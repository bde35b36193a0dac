/** What a statement does to a schema or to its data. */
export type ChangeKind =
  | 'create-table'
  | 'drop-table'
  | 'rename-table'
  | 'truncate'
  | 'add-column'
  | 'drop-column'
  | 'rename-column'
  | 'alter-type'
  | 'set-not-null'
  | 'drop-not-null'
  | 'set-default'
  | 'drop-default'
  | 'add-constraint'
  | 'drop-constraint'
  | 'rename-constraint'
  | 'validate-constraint'
  | 'change-charset'
  | 'rewrite-table'
  | 'lock-table'
  | 'alter-table'
  | 'create-index'
  | 'drop-index'
  | 'rename-index'
  | 'create-view'
  | 'drop-view'
  | 'create-schema'
  | 'drop-schema'
  | 'drop-database'
  /** Sequences, types, triggers, routines, extensions, …: `object` says which. */
  | 'create-object'
  | 'drop-object'
  | 'insert'
  | 'update'
  | 'delete'
  | 'merge'
  | 'select'
  | 'transaction'
  | 'other';

export type ConstraintKind = 'primary-key' | 'unique' | 'foreign-key' | 'check' | 'exclude';

/** One change of a statement. What does not apply is not there. */
export interface Change {
  kind: ChangeKind;
  /** Without schema; in the catalogue's case, as all names here. */
  table?: string;
  schema?: string;
  /** Column, index, constraint, view, schema or object; of a table that is renamed, its new name. */
  name?: string;
  /** Of a column, index or constraint that is renamed. */
  newName?: string;
  /** `SEQUENCE`, `TYPE`, `TRIGGER`, …, for `create-object` and `drop-object`. */
  object?: string;
  /** Of a new or changed column, in capitals: `VARCHAR(20)`, `DOUBLE PRECISION`. */
  type?: string;
  constraint?: ConstraintKind;
  /** Of an index or a constraint, as far as they are plain names; of a new table or INSERT, its columns. */
  columns?: string[];
  /** The table that a foreign key refers to; the table that INSERT … SELECT reads. */
  references?: string;
  ifExists?: true;
  ifNotExists?: true;
  temporary?: true;
  unique?: true;
  notNull?: true;
  /** A default other than NULL. */
  hasDefault?: true;
  /** The default has to be computed for every row. */
  volatileDefault?: true;
  /** An identity, serial or AUTO_INCREMENT column. */
  identity?: true;
  /** A generated column whose values are stored. */
  stored?: true;
  /** CONCURRENTLY on Postgres, ONLINE on Oracle. */
  concurrently?: true;
  cascade?: true;
  /** NOT VALID on Postgres, NOVALIDATE on Oracle. */
  notValid?: true;
  /** The constraint takes an index that is there. */
  usingIndex?: true;
  /** The constraint stands at its column. */
  inline?: true;
  /** The type is changed with an expression (`USING`). */
  using?: true;
  /** The statement has a WHERE. */
  where?: true;
  /** What MySQL's ALGORITHM= and LOCK= say, in capitals. */
  algorithm?: string;
  lock?: string;
}
