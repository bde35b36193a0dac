import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { expect } from '@jest/globals';
import type { QueryRunner } from 'typeorm';
import { hasHistory, type HistoryEntry, readHistory } from '../../../../src/migrate/history.js';
import { type CliOptions, type CliResult, runCli } from '../../../support/cli.js';
import { createTestDatabase, type DatabaseKind, type TestDatabase } from '../../../support/databases.js';
import { type DatabaseDump, dumpDatabase } from '../../../support/dump-database.js';
import { open } from '../../../support/open-database.js';

/** The one document that a command prints under `--json`. */
export interface JsonDocument {
  ok: boolean;
  data?: Record<string, unknown>;
  error?: {
    code: string;
    message: string;
    why: string | null;
    fix: string | null;
    details?: Record<string, unknown>;
  };
  findings?: { code: string; message: string }[];
  warnings?: string[];
}

export interface JsonResult {
  code: number | null;
  document: JsonDocument;
  stderr: string;
}

/** What a command may have changed: tables, rows, and the history, which is null where there is none. */
export interface DatabaseState extends DatabaseDump {
  history: HistoryEntry[] | null;
}

/** A working directory with migrations in `migrations/`, and a database that they are for. */
export class Project {
  private constructor(
    readonly kind: DatabaseKind,
    readonly database: TestDatabase,
    readonly folder: string,
  ) {}

  static async create(kind: DatabaseKind): Promise<Project> {
    const folder = await mkdtemp(path.join(tmpdir(), 'dbtool-project-'));
    await mkdir(path.join(folder, 'migrations'));
    return new Project(kind, await createTestDatabase(kind), folder);
  }

  async drop(): Promise<void> {
    await rm(this.folder, { recursive: true, force: true });
    await this.database.drop();
  }

  /** Empties the folder `migrations`. */
  async clear(): Promise<void> {
    await rm(path.join(this.folder, 'migrations'), { recursive: true, force: true });
    await mkdir(path.join(this.folder, 'migrations'));
  }

  /** A file of the project; without a folder in its name it goes to `migrations`. */
  async write(name: string, content: string | Uint8Array): Promise<string> {
    const file = path.join(this.folder, name.includes('/') ? name : `migrations/${name}`);
    await mkdir(path.dirname(file), { recursive: true });
    await writeFile(file, content);
    return file;
  }

  async remove(name: string): Promise<void> {
    await rm(path.join(this.folder, 'migrations', name));
  }

  /** `dbtool migrate …` on the folder `migrations`. */
  async migrate(args: readonly string[], options: CliOptions = {}): Promise<CliResult> {
    return runCli(['migrate', ...args], this.options(options));
  }

  async dbtool(args: readonly string[]): Promise<CliResult> {
    return runCli([...args], this.options({}));
  }

  /** `dbtool migrate … --json`; whatever happened, stdout has one document and nothing else. */
  async json(args: readonly string[], options: CliOptions = {}): Promise<JsonResult> {
    const { code, stdout, stderr } = await runCli(['migrate', ...args, '--json'], this.options(options));
    return { code, document: JSON.parse(stdout) as JsonDocument, stderr };
  }

  /** As `json`, of a command that has to succeed: its data. */
  async data(args: readonly string[], options: CliOptions = {}): Promise<Record<string, unknown>> {
    const { code, document } = await this.json(args, options);
    expect({ args, code, error: document.error }).toEqual({ args, code: 0, error: undefined });
    return document.data!;
  }

  async query(sql: string): Promise<Record<string, unknown>[]> {
    return open(this.database, ({ dataSource }) => dataSource.query<Record<string, unknown>[]>(sql));
  }

  async runner<T>(work: (runner: QueryRunner) => Promise<T>): Promise<T> {
    return open(this.database, async ({ dataSource }) => {
      const runner = dataSource.createQueryRunner();
      try {
        return await work(runner);
      } finally {
        await runner.release();
      }
    });
  }

  async history(): Promise<HistoryEntry[]> {
    return this.runner(readHistory);
  }

  async state(): Promise<DatabaseState> {
    return open(this.database, async (opened) => {
      const dump = await dumpDatabase(opened);
      const runner = opened.dataSource.createQueryRunner();
      try {
        return { ...dump, history: (await hasHistory(runner)) ? await readHistory(runner) : null };
      } finally {
        await runner.release();
      }
    });
  }

  private options({ env, ...options }: CliOptions): CliOptions {
    return {
      cwd: this.folder,
      timeoutMs: 60_000,
      ...options,
      env: { DBTOOL_DATABASE_URL: this.database.url, DBTOOL_MIGRATE_FOLDERS: './migrations', ...env },
    };
  }
}

/** A migration in an SQL file. */
export function sqlMigration(
  up: readonly string[],
  down?: readonly string[],
  { transaction = true }: { transaction?: boolean } = {},
): string {
  const section = (direction: string, statements: readonly string[]): string[] => [
    `-- migrate:${direction}${transaction ? '' : ' transaction:false'}`,
    ...statements.map((statement) => `${statement};`),
  ];
  return [...section('up', up), ...(down ? section('down', down) : []), ''].join('\n');
}

/** A migration class in JavaScript. */
export function classMigration(
  className: string,
  up: readonly string[],
  down: readonly string[] = [],
  members = '',
): string {
  const body = (statements: readonly string[]): string =>
    statements.map((statement) => `    await runner.query(${JSON.stringify(statement)});`).join('\n');
  return `export class ${className} {\n${members}\n  async up(runner) {\n${body(up)}\n  }\n  async down(runner) {\n${body(down)}\n  }\n}\n`;
}

/** `ALTER TABLE … ADD`, which Oracle does not follow with COLUMN. */
export const addColumn = (kind: DatabaseKind, table: string, column: string): string =>
  `ALTER TABLE ${table} ADD ${kind === 'oracle' ? '' : 'COLUMN '}${column}`;

/** Whether a migration is all or nothing there. */
export const isTransactional = (kind: DatabaseKind): boolean => kind === 'sqlite' || kind === 'postgres';
