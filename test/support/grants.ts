import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createTestDatabase, type TestDatabase } from './databases.js';
import { currentRun } from './servers/current-run.js';
import { SERVER_DRIVERS } from './servers/drivers.js';
import { isStale, newDatabaseName } from './servers/names.js';
import type { FoundServer, ServerKind } from './servers/types.js';

const PAGE = new URL('../../docs/databases.md', import.meta.url);
const HEADINGS: Record<ServerKind, string> = {
  postgres: 'PostgreSQL',
  mariadb: 'MySQL and MariaDB',
  mysql: 'MySQL and MariaDB',
  oracle: 'Oracle',
};

/** The statements of docs/databases.md for a database, by the first line of their block: `-- owner`. */
export function documentedGrants(kind: ServerKind): Map<string, string[]> {
  const page = readFileSync(PAGE, 'utf8');
  const privileges = /\n## Privileges\n([^]*?)\n## /.exec(page)?.[1] ?? '';
  const section = privileges.split('\n### ').find((part) => part.startsWith(`${HEADINGS[kind]}\n`)) ?? '';
  const blocks = [...section.matchAll(/^```sql\n-- (.+)\n([^]*?)^```/gm)];
  if (blocks.length === 0) throw new Error(`docs/databases.md has no grants under "${HEADINGS[kind]}"`);
  return new Map(
    blocks.map(([, title = '', sql = '']) => [
      title,
      sql
        .split(/;\s*\n/)
        .map((statement) => statement.trim())
        .filter(Boolean),
    ]),
  );
}

/** Statements from which one privilege, or one table of a list, is missing. */
export interface Reduced {
  missing: string;
  statements: string[];
}

/** For every single privilege that the statements grant: the statements without it. */
export function withoutEach(statements: readonly string[]): Reduced[] {
  return statements.flatMap((statement, index) => {
    const quota = / QUOTA UNLIMITED ON \w+/.exec(statement)?.[0];
    if (quota !== undefined)
      return [
        {
          missing: quota.trim(),
          statements: statements.map((one) => (one === statement ? one.replace(quota, '') : one)),
        },
      ];
    const match =
      /^([^]*GRANT )([A-Z, ]+?)( ON (?:(?:DATABASE|SCHEMA|ALL TABLES IN SCHEMA) )?)?([^ ]*(?:, [^ ]+)*)( TO .*)$/.exec(
        statement,
      );
    if (!match) {
      if (statement.includes('GRANT')) throw new Error(`This grant is of no known form: ${statement}`);
      return [];
    }
    const [, before = '', granted = '', on = '', objects = '', to = ''] = match;
    const drop = (list: string, join: (rest: string) => string): Reduced[] => {
      const items = list.split(', ');
      return items.map((item) => {
        const rest = items.filter((other) => other !== item).join(', ');
        const kept = rest === '' ? [] : [join(rest)];
        return {
          missing: `${item} (of ${statement.replace(/\s+/g, ' ')})`,
          statements: [...statements.slice(0, index), ...kept, ...statements.slice(index + 1)],
        };
      });
    };
    return [
      ...drop(granted, (rest) => before + rest + on + objects + to),
      ...(objects.includes(', ') ? drop(objects, (rest) => before + granted + on + rest + to) : []),
    ];
  });
}

export interface DatabaseUser {
  name: string;
  password: string;
  /** What `dbtool --database` takes. */
  url: string;
}

/** A database with users whose privileges are those of statements in the words of docs/databases.md. */
export class GrantedDatabase {
  private readonly users: string[] = [];
  private ownerName: string;

  private constructor(
    private readonly server: FoundServer,
    readonly database: TestDatabase | undefined,
  ) {
    this.ownerName = newDatabaseName(currentRun().id);
  }

  static async create(kind: ServerKind): Promise<GrantedDatabase> {
    const server = currentRun().servers[kind];
    if (!server.available) throw new Error(server.reason);
    // On Oracle the owner is the database.
    return new GrantedDatabase(server, kind === 'oracle' ? undefined : await createTestDatabase(kind));
  }

  /** Runs the statements as administrator. The first owner that is created owns the database's tables. */
  async owner(statements: readonly string[]): Promise<DatabaseUser> {
    return this.run(statements, this.ownerName);
  }

  async user(statements: readonly string[]): Promise<DatabaseUser> {
    return this.run(statements, newDatabaseName(currentRun().id));
  }

  /** Runs statements that create nobody. */
  async administer(statements: readonly string[]): Promise<void> {
    await execute(this.server, this.adminUrl, this.filled(statements, '', ''));
  }

  /** Further statements for a user that is there. */
  async more(statements: readonly string[], user: DatabaseUser): Promise<void> {
    await execute(this.server, this.adminUrl, this.filled(statements, user.name, user.password));
  }

  async drop(): Promise<void> {
    await this.database?.drop();
    await dropUsers(this.server, this.users);
  }

  private get adminUrl(): string {
    return this.database?.url ?? this.server.url;
  }

  private async run(statements: readonly string[], name: string): Promise<DatabaseUser> {
    const password = `P-${randomBytes(8).toString('hex')}`;
    this.users.push(name);
    await execute(this.server, this.adminUrl, this.filled(statements, name, password));
    const url = new URL(this.adminUrl);
    url.username = name;
    url.password = password;
    return { name, password, url: url.href };
  }

  private filled(statements: readonly string[], user: string, password: string): string[] {
    const database = new URL(this.adminUrl).pathname.slice(1);
    return statements.map((statement) =>
      statement
        .replaceAll(/\bgenai_(writer|reader)\b/g, user)
        .replaceAll(/\bgenai_owner\b/g, this.ownerName)
        .replaceAll(/\bgenai\b/g, database)
        .replaceAll('change-me', password),
    );
  }
}

/** Drops the users that runs of more than a day ago left behind. */
export async function dropStaleUsers(kind: ServerKind): Promise<void> {
  const server = currentRun().servers[kind];
  // On Oracle users are databases, which the run itself clears away.
  if (!server.available || kind === 'oracle') return;
  const names = await query(
    server,
    kind === 'postgres'
      ? String.raw`SELECT rolname AS name FROM pg_roles WHERE rolname LIKE 'dbtool\_test\_%'`
      : String.raw`SELECT user AS name FROM mysql.user WHERE user LIKE 'dbtool\_test\_%'`,
  );
  await dropUsers(
    server,
    names.filter((name) => isStale(name)),
  );
}

async function dropUsers(server: FoundServer, names: readonly string[]): Promise<void> {
  if (server.kind === 'oracle') {
    for (const name of names) await SERVER_DRIVERS.oracle.dropDatabase(server.url, name);
    return;
  }
  const drop = (name: string): string =>
    server.kind === 'postgres' ? `DROP ROLE IF EXISTS ${name}` : `DROP USER IF EXISTS '${name}'@'%'`;
  await execute(server, server.url, names.map(drop));
}

type Run = (sql: string) => Promise<Record<string, unknown>[]>;

async function execute(server: FoundServer, url: string, statements: readonly string[]): Promise<void> {
  await connected(server.kind, url, async (run) => {
    for (const statement of statements) await run(statement);
  });
}

async function query(server: FoundServer, sql: string): Promise<string[]> {
  return connected(server.kind, server.url, async (run) =>
    (await run(sql)).map((row) => String(row['name'])),
  );
}

async function connected<T>(kind: ServerKind, url: string, work: (run: Run) => Promise<T>): Promise<T> {
  if (kind === 'postgres') {
    const { default: pg } = await import('pg');
    const client = new pg.Client({ connectionString: url });
    await client.connect();
    try {
      return await work(async (sql) => (await client.query<Record<string, unknown>>(sql)).rows);
    } finally {
      await client.end();
    }
  }
  if (kind === 'oracle') return connectedToOracle(url, work);
  const { createConnection } = await import('mysql2/promise');
  const connection = await createConnection(url.replace(/^mariadb:/, 'mysql:'));
  try {
    return await work(async (sql) => (await connection.query(sql))[0] as Record<string, unknown>[]);
  } finally {
    await connection.end();
  }
}

async function connectedToOracle<T>(url: string, work: (run: Run) => Promise<T>): Promise<T> {
  const { default: oracledb } = await import('oracledb');
  const { username, password, hostname, port, pathname } = new URL(url);
  const connection = await oracledb.getConnection({
    user: decodeURIComponent(username),
    password: decodeURIComponent(password),
    connectString: `${hostname}:${port === '' ? '1521' : port}${pathname}`,
  });
  try {
    return await work(async (sql) => {
      await connection.execute(sql);
      return [];
    });
  } finally {
    await connection.close();
  }
}
