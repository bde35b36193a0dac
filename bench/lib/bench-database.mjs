/*
 * Fresh databases for the benches, on the servers that the tests would use and as files.
 */
import { rmSync } from 'node:fs';
import { join } from 'node:path';

const MARIADB_URL = process.env['DBTOOL_TEST_MARIADB_URL'] ?? 'mariadb://root@127.0.0.1:3306/mysql';
const ADMIN_URL = process.env['DBTOOL_TEST_POSTGRES_URL'] ?? 'postgres://postgres@127.0.0.1:5432/postgres';

/**
 * @typedef {object} BenchDatabase
 * @property {string} url `postgres://…`, `mariadb://…` or `sqlite:/path`
 * @property {() => Promise<number>} countTables tables that migrations made, none of a tool's own
 * @property {() => Promise<void>} drop
 */

/** @returns {Promise<BenchDatabase>} an empty database of the kind */
export function createDatabase(kind, folder, name) {
  if (kind === 'mariadb') return createMariadb(name);
  return kind === 'postgres' ? createPostgres(name) : createSqlite(folder, name);
}

/** What mysql2 connects with. */
export function mariadbOptions(url) {
  const { hostname, port, username, password, pathname } = new URL(url);
  return {
    host: hostname,
    port: Number(port || 3306),
    user: decodeURIComponent(username),
    password: decodeURIComponent(password),
    database: pathname.slice(1),
  };
}

async function createMariadb(name) {
  await queryMariadb(`CREATE DATABASE ${name}`);
  return {
    url: Object.assign(new URL(MARIADB_URL), { pathname: `/${name}` }).href,
    countTables: async () => {
      const sql = `SELECT count(*) AS n FROM information_schema.tables WHERE table_schema = '${name}' AND table_name RLIKE '^t[0-9]+$'`;
      const [{ n }] = await queryMariadb(sql);
      return n;
    },
    drop: () => queryMariadb(`DROP DATABASE ${name}`),
  };
}

/** @throws Error that says what to set, when there is no server */
async function queryMariadb(sql) {
  const { default: mysql } = await import('mysql2/promise');
  let connection;
  try {
    connection = await mysql.createConnection({ ...mariadbOptions(MARIADB_URL), connectTimeout: 5000 });
  } catch (error) {
    throw new Error(`No MariaDB (${error.message || error.code}): set DBTOOL_TEST_MARIADB_URL`, {
      cause: error,
    });
  }
  try {
    return (await connection.query(sql))[0];
  } finally {
    await connection.end();
  }
}

async function createPostgres(name) {
  await query(ADMIN_URL, `CREATE DATABASE ${name} TEMPLATE template0`);
  const url = Object.assign(new URL(ADMIN_URL), { pathname: `/${name}` }).href;
  return {
    url,
    countTables: async () => {
      const rows = await query(
        url,
        String.raw`SELECT count(*)::int AS n FROM pg_tables WHERE tablename ~ '^t\d+$'`,
      );
      return rows[0].n;
    },
    drop: async () => {
      await query(ADMIN_URL, `DROP DATABASE ${name} WITH (FORCE)`);
    },
  };
}

/** @throws Error that says what to set, when there is no server */
export async function query(url, sql) {
  const { default: pg } = await import('pg');
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 5000 });
  try {
    await client.connect();
  } catch (error) {
    const why = error.message || error.code;
    throw new Error(`No Postgres (${why}): set DBTOOL_TEST_POSTGRES_URL, or --only sqlite`, { cause: error });
  }
  try {
    return (await client.query(sql)).rows;
  } finally {
    await client.end();
  }
}

async function createSqlite(folder, name) {
  const { default: Database } = await import('better-sqlite3');
  const path = join(folder, `${name}.sqlite`);
  return {
    url: `sqlite:${path}`,
    countTables: () => {
      const database = new Database(path, { readonly: true });
      try {
        const sql = "SELECT count(*) AS n FROM sqlite_schema WHERE type = 'table' AND name GLOB 't[0-9]*'";
        return Promise.resolve(database.prepare(sql).get().n);
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
