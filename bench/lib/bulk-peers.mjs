/*
 * What each database has of its own for many rows: the rows of one database are copied into the same tables of
 * another, which are empty and have the same indexes. Only the writing is measured.
 */
import { createWriteStream } from 'node:fs';
import { once } from 'node:events';
import { join } from 'node:path';
import { mariadbOptions, query } from './bench-database.mjs';
import { run } from './processes.mjs';

/** @typedef {(from: string, to: string, tables: string[], folder: string) => Promise<{ms: number}>} Copy */

/** @typedef {(url: string, tables: string[]) => Promise<number[]>} Count */

/** @type {Record<string, {what: string, copy: Copy, count: Count}>} */
export const BULK_PEERS = {
  postgres: { what: String.raw`psql \copy`, copy: copyPostgres, count: countPostgres },
  mariadb: { what: 'LOAD DATA LOCAL INFILE', copy: copyMariadb, count: countMariadb },
  sqlite: { what: 'prepared INSERT', copy: copySqlite, count: countSqlite },
};

const countOf = (table) => `SELECT count(*) AS n FROM ${table}`;

function countPostgres(url, tables) {
  return Promise.all(tables.map(async (table) => Number((await query(url, countOf(table)))[0].n)));
}

async function countMariadb(url, tables) {
  const { default: mysql } = await import('mysql2/promise');
  const connection = await mysql.createConnection(mariadbOptions(url));
  const answers = [];
  for (const table of tables) answers.push((await connection.query(countOf(table)))[0][0].n);
  await connection.end();
  return answers;
}

async function countSqlite(url, tables) {
  const { default: Database } = await import('better-sqlite3');
  const database = new Database(url.slice('sqlite:'.length), { readonly: true });
  const counts = tables.map((table) => database.prepare(countOf(table)).get().n);
  database.close();
  return counts;
}

async function copyPostgres(from, to, tables, folder) {
  const commands = (direction) =>
    tables.flatMap((table) => ['-c', String.raw`\copy ${table} ${direction} '${join(folder, table)}.copy'`]);
  await run('psql', ['-X', '-q', '-v', 'ON_ERROR_STOP=1', ...commands('to'), from]);
  return run('psql', ['-X', '-q', '-v', 'ON_ERROR_STOP=1', ...commands('from'), to]);
}

async function copyMariadb(from, to, tables, folder) {
  for (const table of tables) await writeTable(from, table, `${join(folder, table)}.load`);
  const { host, port, user, password, database } = mariadbOptions(to);
  const place = [`--host=${host}`, `--port=${port}`, `--user=${user}`];
  const loads = tables.map(
    (table) =>
      `LOAD DATA LOCAL INFILE '${join(folder, table)}.load' INTO TABLE ${table} CHARACTER SET utf8mb4`,
  );
  const args = ['--no-defaults', ...place, '--protocol=tcp', '--local-infile=1', database];
  return run('mariadb', [...args, '-e', loads.join('; ')], { MYSQL_PWD: password ?? '' });
}

const ESCAPES = { '\\': '\\\\', '\t': String.raw`\t`, '\n': String.raw`\n` };

async function writeTable(url, table, file) {
  const { default: mysql } = await import('mysql2');
  const connection = mysql.createConnection({ ...mariadbOptions(url), typeCast: (field) => field.string() });
  const out = createWriteStream(file);
  const rows = connection.query({ sql: `SELECT * FROM ${table}`, rowsAsArray: true }).stream();
  for await (const row of rows) {
    const values = row.map((value) =>
      value === null ? String.raw`\N` : value.replaceAll(/[\\\t\n]/g, (character) => ESCAPES[character]),
    );
    if (!out.write(`${values.join('\t')}\n`)) await once(out, 'drain');
  }
  out.end();
  await once(out, 'close');
  connection.destroy();
}

/** The driver alone: one prepared statement for each table, in one transaction. */
async function copySqlite(from, to, tables) {
  const { default: Database } = await import('better-sqlite3');
  const source = new Database(from.slice('sqlite:'.length), { readonly: true });
  const target = new Database(to.slice('sqlite:'.length));
  // As dbtool has it.
  for (const pragma of ['journal_mode = WAL', 'synchronous = NORMAL', 'foreign_keys = ON'])
    target.pragma(pragma);
  let ms = 0;
  const timed = (work) => {
    const start = performance.now();
    work();
    ms += performance.now() - start;
  };
  timed(() => target.exec('BEGIN'));
  for (const table of tables) {
    const select = source.prepare(`SELECT * FROM ${table} WHERE rowid > ? ORDER BY rowid LIMIT 1000`).raw();
    const insert = target.prepare(
      `INSERT INTO ${table} VALUES (${select
        .columns()
        .map(() => '?')
        .join()})`,
    );
    const last = source.prepare(
      `SELECT max(rowid) AS last FROM (SELECT rowid FROM ${table} WHERE rowid > ? ORDER BY rowid LIMIT 1000)`,
    );
    for (let after = 0; after !== null; after = last.get(after).last) {
      const rows = select.all(after);
      timed(() => {
        for (const row of rows) insert.run(row);
      });
    }
  }
  timed(() => target.exec('COMMIT'));
  timed(() => target.close());
  source.close();
  return { ms };
}
