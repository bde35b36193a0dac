import type { DataSource, DataSourceOptions, QueryRunner } from 'typeorm';
import type { DatabaseSettings } from '../config/settings.js';
import type { DbtoolError } from '../errors/dbtool-error.js';
import type { DatabaseUrl } from './database-url.js';
import type { LockWaits } from './lock-waits.js';
import type { LogicalType, LogicalValue } from './model/logical-type.js';
import type { TableChange } from './model/table-change.js';
import type { TableModel } from './model/table-model.js';
import type { ScriptSyntax } from './script-syntax.js';
import type { SessionLocks } from './session-locks.js';
import type { VectorColumns } from './vector-columns.js';

/** A statement as the driver takes it. */
export interface Statement {
  text: string;
  parameters: unknown[];
}

/** What TypeORM needs to know of a column's type on one database. */
export interface NativeColumn {
  type: string;
  length?: number;
  precision?: number;
  scale?: number;
  collation?: string;
}

/** An index as the catalogue has it, names in the catalogue's case. */
export interface CatalogueIndex {
  table: string;
  name: string;
  /** Whether it is a unique key as `addUniques` makes it, where these are indexes. */
  isKey: boolean;
  /** In the index's order; null for an expression. */
  columns: (string | null)[];
  /** Whether it is what `createIndexes` makes: ascending columns of all rows and nothing else. */
  plain: boolean;
  /** The statement that makes it; undefined where the catalogue does not tell enough. */
  definition: string | undefined;
}

/** A row in logical form, by property name of the entity. */
export type LogicalRow = Readonly<Record<string, LogicalValue>>;

/** Options a DataSource is opened with. */
export interface OpenOptions {
  /** SQLite only: make the file when it is missing. Servers never create databases here. */
  create?: boolean;
  /** SQLite only: take an empty database in memory for a file that is not there, to look what would become of it. */
  emptyIfMissing?: boolean;
}

/** What a server says of itself. */
export interface ServerInfo {
  /** `PostgreSQL`, `MariaDB`, `MySQL`, `SQLite`, `Oracle`. */
  product: string;
  version: string;
  user: string | null;
  /** The server's clock. */
  now: Date;
  /** Time zone of this session; null where the database has none. */
  timeZone: string | null;
}

/**
 * Everything that differs between databases. One object per DBMS; no other module asks which
 * database it talks to.
 */
export interface Dialect {
  readonly name: 'postgres' | 'mysql' | 'mariadb' | 'sqlite' | 'oracle';
  /** Whether a transaction can take back CREATE and ALTER TABLE. */
  readonly transactionalDdl: boolean;
  /**
   * Runs in this process, on one connection that all share: there is no server to be away, no connection
   * to lose, no limit on the time of a statement.
   */
  readonly embedded: boolean;
  /** Whether the database itself refuses what a column's type does not hold; dbtool does everywhere. */
  readonly checksTypes: boolean;
  /** Whether the empty string is NULL. */
  readonly emptyStringIsNull: boolean;
  /** The first year whose times are kept; earlier ones are refused. */
  readonly firstYear: number;
  /** Whether JSON text comes back as it was written; elsewhere what is equal as a value. */
  readonly keepsJsonText: boolean;
  /** Most values of one IN list that are sent in one statement. */
  readonly maxInList: number;

  /** @throws DbtoolError `config.url.invalid`, `database.missing`, `config.unreadable` */
  dataSourceOptions(
    url: DatabaseUrl,
    settings: DatabaseSettings,
    open: OpenOptions,
  ): Promise<DataSourceOptions>;

  /** Tells TypeORM's driver of types that the database has and it does not know. */
  teachDriver?(dataSource: DataSource): void;

  /** How a logical type is stored. */
  nativeColumn(type: LogicalType): NativeColumn;
  /** The case an identifier has in this database's catalogue. */
  readonly identifier: (name: string) => string;
  /** A parameter in a statement of ours; positions count from 1. */
  placeholder(position: number): string;
  /** What follows `ENGINE=` or the like when a table is created; undefined where nothing does. */
  tableOptions?(runner: QueryRunner): string;
  /** An identifier in quotes, in the catalogue's case. */
  readonly quote: (name: string) => string;
  /**
   * Changes a table in the order given. The catalogue is read as little as the database allows (SQLite
   * rebuilds the table for most changes, and reads it for that), so that the statements are the same
   * whatever is there.
   * @throws Error on SQLite, when a table has to be rebuilt and foreign keys are on: rows that refer to
   *   it would be deleted
   */
  changeTable(runner: QueryRunner, table: string, changes: readonly TableChange[]): Promise<void>;
  /**
   * The indexes of tables as the catalogue has them, but for those that the database made for keys.
   * @param tables their names in the catalogue's case
   */
  readIndexes(runner: QueryRunner, tables: readonly string[]): Promise<CatalogueIndex[]>;
  /** Where the database may have a type for vectors. */
  readonly vectorColumns?: VectorColumns;

  /** A value in logical form, as the driver takes it in a statement of ours. */
  toDriver(type: LogicalType, value: LogicalValue): unknown;
  /** What the driver returned for a column, in the form entities have (json parsed, money canonical). */
  readonly fromDriver: (type: LogicalType, value: unknown) => unknown;
  /** Entity value to what TypeORM hands to the driver; undefined where TypeORM does it right itself. */
  entityTransformer(
    type: LogicalType,
  ): { to: (value: unknown) => unknown; from: (value: unknown) => unknown } | undefined;

  /**
   * Inserts rows, or updates those whose primary key is there already. No key twice among `rows`.
   * Runs in the runner's transaction.
   */
  upsert(runner: QueryRunner, table: TableModel, rows: readonly LogicalRow[]): Promise<void>;
  /**
   * As `upsert`, where the database has a faster way for rows that are new.
   * @param areNew whether they are thought to be; nothing is lost but time when they are not
   * @returns those that were not there before, as far as that is known
   */
  writeRows?(
    runner: QueryRunner,
    table: TableModel,
    rows: readonly LogicalRow[],
    areNew: boolean,
  ): Promise<readonly LogicalRow[]>;

  /**
   * Whether there is a table of that name.
   * @throws the driver's error of a missing privilege, where a table that may not be read looks like none
   */
  hasTable(runner: QueryRunner, name: string): Promise<boolean>;
  /** The tables of the schema that unqualified names are looked up in, in the case of the catalogue. */
  tableNames(runner: QueryRunner): Promise<string[]>;
  /** Indexes whose making broke off and that serve nothing; where an index can be made without a transaction. */
  brokenIndexes?(runner: QueryRunner): Promise<string[]>;
  /**
   * Rows whose foreign keys refer to nothing, a text for each that names the reference; where foreign keys
   * may be off, and only there.
   */
  brokenReferences?(runner: QueryRunner): Promise<string[]>;
  /**
   * The rows of a query one by one, as the driver gives them, in memory that does not grow with their
   * number. Read on a connection of their own, which is free again when the reading ends, however it
   * does; they are those of one moment, and another transaction's only once it is committed. Callers use
   * `streamRows`.
   * @param signal breaks off the query also while no row has come yet, where the database can
   * @throws driver errors as they are
   */
  stream(
    dataSource: DataSource,
    query: string,
    parameters: readonly unknown[],
    signal: AbortSignal,
  ): AsyncGenerator<Record<string, unknown>, void>;

  /** @throws driver errors as they are; callers map them with `explain` */
  serverInfo(dataSource: DataSource): Promise<ServerInfo>;

  /** How the database's own command-line client takes a script. */
  readonly script: ScriptSyntax;
  /** Runs `work` so that the database refuses, as far as it can, whatever writes. */
  readOnly<T>(runner: QueryRunner, work: () => Promise<T>): Promise<T>;
  /** Has names without a schema found as before, where one of these statements may have changed where they are looked up. */
  findNamesAgain?(runner: QueryRunner, statements: readonly { text: string }[]): Promise<void>;
  /** Starts the transaction in which the caller reads and then writes. */
  beginWrite(runner: QueryRunner): Promise<void>;
  /**
   * Lets the session's commits return before they are on disk, where their order is kept all the same: a crash
   * of the server may take back the last ones, never one before another that stays.
   * @returns what ends it; a commit that comes after waits for all earlier ones too
   */
  commitLazily?(runner: QueryRunner): Promise<() => Promise<void>>;
  /**
   * Runs the last statement of the transaction and commits it, in one message.
   * @param begin whether the next transaction begins with it too
   */
  commitTogether?(runner: QueryRunner, last: Statement, begin: boolean): Promise<void>;
  /** Locks of sessions, of which `src/migrate/lock` makes the migration lock. */
  readonly sessionLocks: SessionLocks;
  /** How long sessions wait for one another, and for whom. */
  readonly lockWaits: LockWaits;

  /** A driver's error as a coded one, without any secret; undefined when it is none of the known ones. */
  explain(error: unknown, where: string): DbtoolError | undefined;
}
