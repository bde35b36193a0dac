/*
 * The tools that bench/migrate.mjs compares: how the same migrations look in each one's own format,
 * and how its command line is called. Every statement is the same raw SQL for all.
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { ROOT } from '../../scripts/lib/process.mjs';

const BENCH = join(ROOT, 'bench');
const MODULES = join(BENCH, 'node_modules');

const file = (number, ending) => `${20260101000000 + number}-create-t${number}.${ending}`;
const createTable = (number) =>
  `CREATE TABLE t${number} (id integer PRIMARY KEY, name varchar(100) NOT NULL, amount numeric(12, 2), at timestamp)`;
const dropTable = (number) => `DROP TABLE t${number}`;

const FORMATS = {
  sql: {
    file: (number) => file(number, 'sql'),
    text: (number) => `-- migrate:up\n${createTable(number)};\n\n-- migrate:down\n${dropTable(number)};\n`,
  },
  typeorm: {
    file: (number) => file(number, 'cjs'),
    text: (number) => `class CreateT${1767225600000 + number} {
  name = 'CreateT${1767225600000 + number}';
  async up(runner) { await runner.query(${JSON.stringify(createTable(number))}); }
  async down(runner) { await runner.query(${JSON.stringify(dropTable(number))}); }
}
module.exports = { CreateT${1767225600000 + number}: CreateT${1767225600000 + number} };
`,
  },
  knex: {
    file: (number) => file(number, 'cjs'),
    text: (number) => `exports.up = (knex) => knex.raw(${JSON.stringify(createTable(number))});
exports.down = (knex) => knex.raw(${JSON.stringify(dropTable(number))});
`,
  },
  // knex commits each on its own only when one of them asks for no transaction; here the last one does.
  knexEach: {
    file: (number) => file(number, 'cjs'),
    text: (number, count) =>
      FORMATS.knex.text(number) + (number === count ? 'exports.config = { transaction: false };\n' : ''),
  },
  nodePgMigrate: {
    file: (number) => file(number, 'cjs'),
    text: (number) => `exports.up = (pgm) => pgm.sql(${JSON.stringify(createTable(number))});
exports.down = (pgm) => pgm.sql(${JSON.stringify(dropTable(number))});
`,
  },
};

/**
 * Writes the migrations in every format.
 * @returns {Record<keyof FORMATS, string>} the folder of each format
 */
export function writeMigrations(folder, count) {
  const folders = {};
  for (const [name, format] of Object.entries(FORMATS)) {
    folders[name] = join(folder, name);
    mkdirSync(folders[name]);
    for (let number = 1; number <= count; number += 1)
      writeFileSync(join(folders[name], format.file(number)), format.text(number, count));
  }
  return folders;
}

/**
 * A tool in one of its modes.
 *
 * @typedef {object} Tool
 * @property {string} name
 * @property {string[]} databases the kinds of databases it is measured on
 * @property {boolean} [isDbtool]
 * @property {boolean} [commitsEach] a Node tool that commits each migration by itself
 * @property {boolean} [isTypeorm]
 * @property {boolean} [isDbmate]
 * @property {(place: { folders: Record<string, string>, work: string, url: string }) =>
 *   { command?: string, args: string[], env?: Record<string, string> }} call how it is run to migrate an
 *   empty folder `work` and a database `url` (`postgres://…` or `sqlite:/path`); Node, where no command is given
 */

const BOTH = ['postgres', 'sqlite'];

/** @returns {Tool[]} */
export function migrationTools() {
  return [
    { ...dbtool('SQL files', 'sql'), databases: BOTH, isDbtool: true },
    { ...dbtool('classes', 'typeorm'), databases: BOTH, isDbtool: true },
    { ...typeorm('each'), databases: BOTH, isTypeorm: true, commitsEach: true },
    { ...typeorm('all'), databases: BOTH, isTypeorm: true },
    { ...knex('each', 'knexEach'), databases: BOTH, commitsEach: true },
    { ...knex('all', 'knex'), databases: BOTH },
    { ...nodePgMigrate('each', ['--no-single-transaction']), databases: ['postgres'], commitsEach: true },
    { ...nodePgMigrate('all', []), databases: ['postgres'] },
    { ...dbmate(), databases: BOTH, isDbmate: true },
  ];
}

function dbtool(what, format) {
  return {
    name: `dbtool, ${what}`,
    call: ({ folders, url }) => ({
      args: [
        join(ROOT, 'bin', 'dbtool.js'),
        ...['migrate', 'up', '--database', url, '--folder', folders[format]],
      ],
    }),
  };
}

function typeorm(mode) {
  return {
    name: `TypeORM, ${mode}`,
    call: ({ folders, work, url }) => {
      const dataSource = join(work, 'data-source.cjs');
      const database = url.startsWith('sqlite:')
        ? { type: 'better-sqlite3', database: url.slice('sqlite:'.length) }
        : { type: 'postgres', url };
      const options = JSON.stringify({ ...database, migrations: [join(folders.typeorm, '*.cjs')] });
      writeFileSync(dataSource, `module.exports = new (require('typeorm').DataSource)(${options});\n`);
      return {
        args: [join(MODULES, 'typeorm', 'cli.js'), 'migration:run', '-d', dataSource, '-t', mode],
      };
    },
  };
}

function knex(mode, format) {
  return {
    name: `knex, ${mode}`,
    call: ({ folders, work, url }) => {
      const database = url.startsWith('sqlite:')
        ? {
            client: 'better-sqlite3',
            connection: { filename: url.slice('sqlite:'.length) },
            useNullAsDefault: true,
          }
        : { client: 'pg', connection: url };
      const options = JSON.stringify({ ...database, migrations: { directory: folders[format] } });
      const knexfile = join(work, 'knexfile.cjs');
      writeFileSync(knexfile, `module.exports = ${options};\n`);
      return { args: [join(MODULES, 'knex', 'bin', 'cli.js'), 'migrate:latest', '--knexfile', knexfile] };
    },
  };
}

function nodePgMigrate(mode, flags) {
  return {
    name: `node-pg-migrate, ${mode}`,
    call: ({ folders, url }) => ({
      args: [
        join(MODULES, 'node-pg-migrate', 'bin', 'node-pg-migrate.js'),
        ...['up', '--migrations-dir', folders.nodePgMigrate, '--no-verbose', ...flags],
      ],
      env: { DATABASE_URL: url },
    }),
  };
}

/** The program itself, without the Node process that the npm package starts it with. */
function dbmate() {
  const require = createRequire(join(MODULES, 'dbmate', 'package.json'));
  const ending = process.platform === 'win32' ? '.exe' : '';
  const command = require.resolve(`@dbmate/${process.platform}-${process.arch}/bin/dbmate${ending}`);
  return {
    name: 'dbmate',
    call: ({ folders, url }) => ({
      command,
      args: [
        ...['--url', url.startsWith('sqlite:') ? url : `${url}?sslmode=disable`],
        ...['--migrations-dir', folders.sql, '--no-dump-schema', 'migrate'],
      ],
    }),
  };
}
