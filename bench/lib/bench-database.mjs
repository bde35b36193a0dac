/*
 * Fresh databases for the benches: on the servers that the tests would use, and as files.
 */
import { rmSync } from 'node:fs';
import { join } from 'node:path';

const SERVERS = {
  postgres: {
    variable: 'DBTOOL_TEST_POSTGRES_URL',
    running: 'postgres://postgres@127.0.0.1:5432/postgres',
    query: queryPostgres,
    create: (name) => `CREATE DATABASE ${name} TEMPLATE template0`,
    drop: (name) => `DROP DATABASE ${name} WITH (FORCE)`,
  },
  mariadb: {
    variable: 'DBTOOL_TEST_MARIADB_URL',
    running: 'mariadb://root@127.0.0.1:3306/mysql',
    query: queryMariadb,
    create: (name) => `CREATE DATABASE ${name} CHARACTER SET utf8mb4`,
    drop: (name) => `DROP DATABASE ${name}`,
  },
};

const adminUrl = ({ variable, running }) => process.env[variable] || running;

/**
 * @typedef {object} BenchDatabase
 * @property {string} url `postgres://…`, `mariadb://…` or `sqlite:/path`
 * @property {(sql: string) => Promise<Record<string, unknown>[]>} query
 * @property {() => Promise<void>} drop
 */

/** @returns {Promise<BenchDatabase>} an empty database of the kind */
export function createDatabase(kind, folder, name) {
  return kind === 'sqlite' ? createSqlite(folder, name) : createOnServer(SERVERS[kind], name);
}

/**
 * @returns {Promise<string | undefined>} why there is no server of the kind; undefined when there is one
 * @throws Error when a URL is given and leads to none
 */
export async function whyUnreachable(kind) {
  if (kind === 'sqlite') return undefined;
  const server = SERVERS[kind];
  try {
    await server.query(adminUrl(server), 'SELECT 1');
    return undefined;
  } catch (error) {
    if (process.env[server.variable]) throw error;
    return error.message;
  }
}

async function createOnServer(server, name) {
  const admin = adminUrl(server);
  await server.query(admin, server.create(name));
  const url = Object.assign(new URL(admin), { pathname: `/${name}` }).href;
  return {
    url,
    query: (sql) => server.query(url, sql),
    drop: async () => {
      await server.query(admin, server.drop(name));
    },
  };
}

/** @throws Error that says what to set, when there is no server */
async function queryPostgres(url, sql) {
  const { default: pg } = await import('pg');
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 5000 });
  await connecting('Postgres', 'DBTOOL_TEST_POSTGRES_URL', () => client.connect());
  try {
    return (await client.query(sql)).rows;
  } finally {
    await client.end();
  }
}

async function queryMariadb(url, sql) {
  const { default: mysql } = await import('mysql2/promise');
  const connection = await connecting('MariaDB', 'DBTOOL_TEST_MARIADB_URL', () =>
    mysql.createConnection({ ...loginOf(url), connectTimeout: 5000 }),
  );
  try {
    return (await connection.query(sql))[0];
  } finally {
    await connection.end();
  }
}

async function connecting(product, variable, connect) {
  try {
    return await connect();
  } catch (error) {
    const why = error.message || error.code;
    throw new Error(`No ${product} (${why}): set ${variable}, or measure other databases only`, {
      cause: error,
    });
  }
}

/** A server's URL as the drivers of MySQL and MariaDB take it. */
export function loginOf(url) {
  const { hostname, port, username, password, pathname } = new URL(url);
  return {
    host: hostname,
    port: Number(port) || 3306,
    user: decodeURIComponent(username) || 'root',
    password: decodeURIComponent(password),
    database: pathname.slice(1),
  };
}

async function createSqlite(folder, name) {
  const { default: Database } = await import('better-sqlite3');
  const path = join(folder, `${name}.sqlite`);
  return {
    url: `sqlite:${path}`,
    query: (sql) => {
      const database = new Database(path, { readonly: true });
      try {
        return Promise.resolve(database.prepare(sql).all());
      } finally {
        database.close();
      }
    },
    drop: () => {
      for (const ending of ['', '-wal', '-shm', '-journal']) rmSync(path + ending, { force: true });
      return Promise.resolve();
    },
  };
}
