import { AsyncLocalStorage } from 'node:async_hooks';
import { createHash, type Hash } from 'node:crypto';
import { QueryResult, type QueryRunner, type Table } from 'typeorm';
import { dialectOf } from '../database/dialects.js';
import { asksMissingMetadata } from '../database/typeorm-metadata.js';
import type { MigrationStatement } from './loaded-migration.js';
import { onlyReads } from './sql/read-statement.js';

type Query = (text: string, parameters?: unknown[], structured?: boolean) => Promise<unknown>;

/** What becomes of a statement that writes: it is run by calling `run`, or left out by giving back `skipped`. */
export type Handler = (statement: MigrationStatement, run: () => Promise<unknown>) => Promise<unknown>;

/** How far a migration has come, the statement at hand included. */
export interface Progress {
  /** Number of statements. */
  count: number;
  /** SHA-256 of them all, hexadecimal. */
  checksum: string;
  readsData: boolean;
}

const NOTHING = Symbol('nothing');
/** What a handler gives back for a statement that it leaves out. */
export const skipped: unknown = NOTHING;

/**
 * Who sends a statement: the migration that a recorder watches, or somebody beside it. One for all recorders, since
 * Node hands each store on with each promise, for as long as the process runs.
 */
const CALLER = new AsyncLocalStorage<{ recorder: Recorder; as: 'migration' | 'aside' }>();

/**
 * Sees every statement that a migration sends through its runner. Those that read pass, and are noted, since
 * what the migration does then depends on what is in the database; the others go to the handler.
 */
export class Recorder {
  readonly statements: MigrationStatement[] = [];
  private readonly hash: Hash = createHash('sha256');
  private readsData = false;
  /** The last statement so far; the next waits for it. */
  private last: Promise<unknown> = Promise.resolve();
  private isOver = false;
  private known: readonly MigrationStatement[] | undefined;

  constructor(
    private readonly runner: QueryRunner,
    private readonly handler: Handler,
  ) {}

  get progress(): Progress {
    const { statements, hash, readsData } = this;
    return { count: statements.length, checksum: hash.copy().digest('hex'), readsData };
  }

  /**
   * Runs `work` with the runner under watch. What it sends at once (`Promise.all`) is sent one after the other,
   * and what it would send on another connection on this one: so that all is seen, in one order, and is in the
   * migration's transaction.
   * @param known the statements that will come, where they are known: reading ones count as well
   */
  async watch(known: readonly MigrationStatement[] | undefined, work: () => Promise<void>): Promise<void> {
    this.known = known;
    const restore = this.replaceMethods();
    try {
      await CALLER.run({ recorder: this, as: 'migration' }, work);
    } catch (error) {
      // Those that still wait are not sent any more.
      this.isOver = true;
      throw error;
    } finally {
      await this.drained();
      this.isOver = true;
      restore();
    }
  }

  /** What `work` sends is none of the migration's. */
  async aside<T>(work: () => Promise<T>): Promise<T> {
    return CALLER.run({ recorder: this, as: 'aside' }, work);
  }

  private replaceMethods(): () => void {
    const { runner } = this;
    const { dataSource } = runner;
    const query = runner.query.bind(runner) as Query;
    const createQueryRunner = dataSource.createQueryRunner.bind(dataSource);
    const isMigration = (): boolean => {
      const caller = CALLER.getStore();
      return caller?.recorder === this && caller.as === 'migration';
    };
    const ends = [
      replaced(runner, 'query', (...call: Parameters<Query>) =>
        isMigration() ? this.inTurn(() => this.pass(query, ...call)) : query(...call),
      ),
      replaced(dataSource, 'createQueryRunner', (...mode: Parameters<typeof createQueryRunner>) =>
        isMigration() ? runner : createQueryRunner(...mode),
      ),
      replaced(runner, 'release', () => Promise.resolve()),
    ];
    return () => {
      for (const end of ends) end();
    };
  }

  private inTurn(send: () => Promise<unknown>): Promise<unknown> {
    const sent = this.last.then(() => {
      if (this.isOver) throw new Error('The migration was over before this statement could be sent.');
      return send();
    });
    // After a failure the migration comes first: it may be over by that.
    this.last = sent.catch(() => new Promise(setImmediate));
    return sent;
  }

  private async drained(): Promise<void> {
    for (let last: Promise<unknown> | undefined; last !== this.last;) {
      last = this.last;
      await last;
    }
  }

  private async pass(
    query: Query,
    text: string,
    parameters?: unknown[],
    structured?: boolean,
  ): Promise<unknown> {
    if (!this.known && onlyReads(text, dialectOf(this.runner.dataSource).name)) {
      this.readsData = true;
      if (await this.aside(() => asksMissingMetadata(this.runner, text))) return nothingDone(structured);
      return query(text, parameters, structured);
    }
    const statement = this.known?.[this.statements.length] ?? { text, parameters: parameters ?? [] };
    addTo(this.hash, statement);
    this.statements.push(statement);
    const result = await this.handler(statement, () => query(text, parameters, structured));
    return result === NOTHING ? nothingDone(structured) : result;
  }
}

/** @returns what puts the method back as it was */
function replaced<T extends object>(object: T, name: keyof T & string, method: unknown): () => void {
  const own = Object.getOwnPropertyDescriptor(object, name);
  Object.assign(object, { [name]: method });
  return () => {
    if (own) Object.defineProperty(object, name, own);
    else Reflect.deleteProperty(object, name);
  };
}

/** What the database answers to a statement that found nothing to do. */
function nothingDone(structured: boolean | undefined): unknown {
  if (!structured) return [];
  const result = new QueryResult();
  result.raw = [];
  result.affected = 0;
  return result;
}

function addTo(hash: Hash, { text, parameters }: MigrationStatement): void {
  hash.update(`${text.replaceAll('\r\n', '\n').trim()}\n`);
  if (parameters.length > 0) hash.update(`${JSON.stringify(parameters, plain)}\n`);
  hash.update('\0');
}

function plain(_key: string, value: unknown): unknown {
  return typeof value === 'bigint' ? `${value}n` : value;
}

/** SHA-256 of statements, hexadecimal: the checksum of a migration. */
export function checksumOf(list: readonly MigrationStatement[]): string {
  const hash = createHash('sha256');
  for (const statement of list) addTo(hash, statement);
  return hash.digest('hex');
}

/** The checksum of the first, of the first two, of the first three statements, and so on. */
export function checksumsOf(list: readonly MigrationStatement[]): string[] {
  const hash = createHash('sha256');
  return list.map((statement) => {
    addTo(hash, statement);
    return hash.copy().digest('hex');
  });
}

/** The tables that TypeORM has read on this runner and takes for what is there. */
export function tablesSeenBy(runner: QueryRunner): Table[] {
  return (runner as QueryRunner & { loadedTables: Table[] }).loadedTables;
}

/**
 * Lets a runner believe in tables that it was told to create: in a dry run nothing is created, and what
 * TypeORM does to a table begins with looking at it.
 * @returns what ends it
 */
export function imagineTables(runner: QueryRunner): () => void {
  const createTable = runner.createTable.bind(runner);
  const dropTable = runner.dropTable.bind(runner);
  const hasTable = runner.hasTable.bind(runner);
  const gone = new Set<string>();
  const loadedTables = tablesSeenBy(runner);
  const nameOf = (table: Table | string): string => (typeof table === 'string' ? table : table.name);
  const find = (name: string): Table | undefined => loadedTables.find((table) => table.name === name);
  Object.assign(runner, {
    createTable: async (table: Table, ...rest: [boolean?, boolean?, boolean?]): Promise<void> => {
      await createTable(table, ...rest);
      gone.delete(table.name);
      if (!find(table.name)) loadedTables.push(table.clone());
    },
    dropTable: async (table: Table | string, ...rest: [boolean?, boolean?, boolean?]): Promise<void> => {
      await dropTable(table, ...rest);
      gone.add(nameOf(table));
      const at = loadedTables.findIndex((one) => one.name === nameOf(table));
      if (at !== -1) loadedTables.splice(at, 1);
    },
    hasTable: async (table: Table | string): Promise<boolean> =>
      find(nameOf(table)) !== undefined || (!gone.has(nameOf(table)) && (await hasTable(table))),
  });
  return () => {
    for (const name of ['createTable', 'dropTable', 'hasTable']) Reflect.deleteProperty(runner, name);
    loadedTables.length = 0;
  };
}
