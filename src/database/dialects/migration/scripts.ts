import type { ScriptSyntax } from '../../script-syntax.js';
import { utcText } from '../sql.js';

const quoted = (text: string): string => `'${text.replaceAll("'", "''")}'`;

/** What is the same everywhere: numbers, NULL, and text in quotes. */
function literal(
  value: unknown,
  special: {
    text?: (text: string) => string;
    flag?: (value: boolean) => string;
    time: (date: Date) => string;
    bytes: (hex: string) => string;
  },
): string {
  if (value === null || value === undefined) return 'NULL';
  if (typeof value === 'number' || typeof value === 'bigint') return String(value);
  if (typeof value === 'boolean') return special.flag?.(value) ?? String(Number(value));
  if (value instanceof Date) return special.time(value);
  if (value instanceof Uint8Array) return special.bytes(Buffer.from(value).toString('hex'));
  const text = typeof value === 'string' ? value : JSON.stringify(value);
  return (special.text ?? quoted)(text);
}

export const postgresScript: ScriptSyntax = {
  client: 'psql',
  prologue: ['\\set ON_ERROR_STOP on', 'SET standard_conforming_strings = on;'],
  begin: 'BEGIN;',
  commit: 'COMMIT;',
  around: undefined,
  statement: (text) => `${text};`,
  literal: (value) =>
    literal(value, {
      flag: (flag) => (flag ? 'TRUE' : 'FALSE'),
      time: (date) => quoted(date.toISOString()),
      bytes: (hex) => `'\\x${hex}'::bytea`,
    }),
  currentUser: 'CURRENT_USER',
};

export const sqliteScript: ScriptSyntax = {
  client: 'sqlite3',
  prologue: ['.bail on'],
  begin: 'BEGIN IMMEDIATE;',
  commit: 'COMMIT;',
  // As dbtool does it: with foreign keys on, rebuilding a table deletes the rows that refer to it.
  around: {
    before: [
      'PRAGMA foreign_keys = OFF;',
      'CREATE TEMP TABLE dbtool_broken (before INTEGER, after INTEGER, CONSTRAINT rows_refer_to_nothing CHECK (after <= before));',
      'INSERT INTO dbtool_broken (before) SELECT COUNT(*) FROM pragma_foreign_key_check;',
    ],
    // Breaks the constraint, and with it the script, where the migration left rows without what they refer to.
    end: ['UPDATE dbtool_broken SET after = (SELECT COUNT(*) FROM pragma_foreign_key_check);'],
    after: ['DROP TABLE temp.dbtool_broken;', 'PRAGMA foreign_keys = ON;'],
  },
  statement: (text) => `${text};`,
  literal: (value) => literal(value, { time: (date) => quoted(utcText(date)), bytes: (hex) => `X'${hex}'` }),
  currentUser: "'sqlite3'",
};

/** A routine's body has statements of its own: another delimiter keeps the client from cutting it. */
function mysqlStatement(text: string): string {
  return text.includes(';') ? `DELIMITER $$dbtool$$\n${text}\n$$dbtool$$\nDELIMITER ;` : `${text};`;
}

export const mysqlScript: ScriptSyntax = {
  client: 'mariadb or mysql',
  prologue: [
    'SET NAMES utf8mb4;',
    "SET SESSION time_zone = '+00:00', sql_mode = 'STRICT_ALL_TABLES,NO_ENGINE_SUBSTITUTION,NO_ZERO_DATE,NO_ZERO_IN_DATE,ERROR_FOR_DIVISION_BY_ZERO,ONLY_FULL_GROUP_BY';",
  ],
  begin: 'START TRANSACTION;',
  commit: 'COMMIT;',
  around: undefined,
  statement: mysqlStatement,
  literal: (value) =>
    literal(value, {
      text: (text) => quoted(text.replaceAll('\\', '\\\\')),
      time: (date) => quoted(utcText(date)),
      bytes: (hex) => `X'${hex}'`,
    }),
  currentUser: 'CURRENT_USER()',
};

export const oracleScript: ScriptSyntax = {
  client: 'sqlplus or sqlcl',
  prologue: [
    'WHENEVER SQLERROR EXIT FAILURE ROLLBACK',
    'WHENEVER OSERROR EXIT FAILURE ROLLBACK',
    'SET DEFINE OFF',
    'SET SQLBLANKLINES ON',
    "ALTER SESSION SET TIME_ZONE = 'UTC';",
  ],
  begin: 'SET TRANSACTION READ WRITE;',
  commit: 'COMMIT;',
  around: undefined,
  // PL/SQL ends with its own semicolon, and a line with a slash runs it.
  statement: (text) => (text.endsWith(';') ? `${text}\n/` : `${text};`),
  literal: (value) =>
    literal(value, {
      time: (date) => `TIMESTAMP '${utcText(date)} +00:00'`,
      bytes: (hex) => `HEXTORAW('${hex}')`,
    }),
  currentUser: 'USER',
};
