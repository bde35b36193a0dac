/*
 * What each database brings along to fill tables from files, for bench/import.mjs.
 */
import { spawnSync } from 'node:child_process';
import { createWriteStream, rmSync } from 'node:fs';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { loginOf } from './bench-database.mjs';
import { runProgram } from './program.mjs';

/** In the order in which they refer to each other. */
const TABLES = ['traces', 'spans'];
const fileOf = (table) => `${table}.rows`;

/**
 * @typedef {object} BulkTool
 * @property {string} name
 * @property {string} [program] which has to be on the PATH
 * @property {(url: string, folder: string) => Promise<unknown>} unload writes the rows of a database into files
 * @property {(url: string, folder: string) => Promise<{ ms: number }>} load fills the empty tables of another one
 */

/** @returns {BulkTool} */
export function bulkTool(kind) {
  if (kind === 'postgres') return PSQL;
  if (kind === 'mariadb') return MARIADB;
  return isInstalled(SQLITE.program) ? SQLITE : BETTER_SQLITE;
}

export function isInstalled(program) {
  return spawnSync(program, ['--version'], { stdio: 'ignore' }).status === 0;
}

/** @type {BulkTool} */
const PSQL = {
  name: String.raw`psql \copy`,
  program: 'psql',
  unload: (url, cwd) => psql(url, cwd, 'to'),
  load: (url, cwd) => psql(url, cwd, 'from'),
};

function psql(url, cwd, direction) {
  const copies = TABLES.flatMap((table) => [
    '-c',
    String.raw`\copy ${table} ${direction} '${fileOf(table)}'`,
  ]);
  return runProgram('psql', ['-X', '-q', '-v', 'ON_ERROR_STOP=1', ...copies, url], { cwd });
}

/** @type {BulkTool} */
const MARIADB = {
  name: 'LOAD DATA LOCAL INFILE',
  program: 'mariadb',
  unload: async (url, folder) => {
    for (const table of TABLES) await unloadMariadb(url, table, join(folder, fileOf(table)));
  },
  load: (url, cwd) => {
    const { host, port, user, password, database } = loginOf(url);
    const place = ['--no-defaults', '--protocol=tcp', `--host=${host}`, `--port=${port}`, `--user=${user}`];
    const loads = TABLES.map(
      (table) => `LOAD DATA LOCAL INFILE '${fileOf(table)}' INTO TABLE ${table} CHARACTER SET utf8mb4`,
    );
    const args = [...place, '--local-infile=1', `--execute=${loads.join('; ')}`, database];
    return runProgram('mariadb', args, { cwd, env: password === '' ? {} : { MYSQL_PWD: password } });
  },
};

/** The server could only write files at its own place, and its client does not tell NULL from the text. */
async function unloadMariadb(url, table, file) {
  const { default: mysql } = await import('mysql2');
  const connection = mysql.createConnection({ ...loginOf(url), charset: 'utf8mb4' });
  const typeCast = (field) => field.string();
  try {
    const rows = connection.query({ sql: `SELECT * FROM ${table}`, rowsAsArray: true, typeCast }).stream();
    await pipeline(rows, toLines, createWriteStream(file));
  } finally {
    connection.destroy();
  }
}

async function* toLines(rows) {
  const field = (text) => (text === null ? String.raw`\N` : text.replace(/[\\\t\n]/g, String.raw`\$&`));
  for await (const row of rows) yield `${row.map(field).join('\t')}\n`;
}

const pathOf = (url) => url.slice('sqlite:'.length);

/**
 * Its files know no NULL: what was one becomes empty text, which is stored and indexed as quickly.
 * @type {BulkTool}
 */
const SQLITE = {
  name: 'sqlite3 .import',
  program: 'sqlite3',
  unload: (url, cwd) => {
    const selects = TABLES.flatMap((table) => [`.once ${fileOf(table)}`, `SELECT * FROM ${table}`]);
    return runProgram('sqlite3', ['-batch', '-bail', '-ascii', '-readonly', pathOf(url), ...selects], {
      cwd,
    });
  },
  load: (url, cwd) => {
    const imports = TABLES.map((table) => `.import --ascii ${fileOf(table)} ${table}`);
    const commands = ['PRAGMA foreign_keys = ON', ...imports];
    return runProgram('sqlite3', ['-batch', '-bail', pathOf(url), ...commands], { cwd });
  },
};

/** @type {BulkTool} */
const BETTER_SQLITE = {
  name: 'better-sqlite3, prepared',
  unload: (url, folder) => {
    const file = join(folder, 'rows.sqlite');
    rmSync(file, { force: true });
    return withSqlite(pathOf(url), (database) => database.prepare('VACUUM INTO ?').run(file));
  },
  load: (url, folder) =>
    withSqlite(join(folder, 'rows.sqlite'), (source) =>
      withSqlite(pathOf(url), (target) => {
        const start = performance.now();
        target.transaction(() => {
          for (const table of TABLES) insertRows(source, target, table);
        })();
        return { ms: performance.now() - start };
      }),
    ),
};

async function withSqlite(path, work) {
  const { default: Database } = await import('better-sqlite3');
  const database = new Database(path);
  try {
    return await work(database);
  } finally {
    database.close();
  }
}

function insertRows(source, target, table) {
  const rows = source.prepare(`SELECT * FROM ${table}`).raw();
  const places = rows.columns().map(() => '?');
  const insert = target.prepare(`INSERT INTO ${table} VALUES (${places.join(', ')})`);
  for (const row of rows.iterate()) insert.run(row);
}
