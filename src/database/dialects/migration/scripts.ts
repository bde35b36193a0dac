import type { ScriptSyntax } from '../../script-syntax.js';
import { MYSQL_SESSION, ORACLE_SESSION, POSTGRES_SESSION } from '../sessions.js';
import { utcText } from '../sql.js';

const quoted = (text: string): string => `'${text.replaceAll("'", "''")}'`;
const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');

/** Behind a minus sign, a negative number without parentheses would begin a comment. */
const plainNumber = (value: number | bigint): string => (value < 0 ? `(${value})` : String(value));

interface Forms {
  text: (text: string) => string;
  time: (date: Date) => string;
  bytes: (hexadecimal: string) => string;
}

/** What is the same almost everywhere: numbers, flags as numbers, NULL. */
function literal(value: unknown, forms: Forms): string {
  if (value === null || value === undefined) return 'NULL';
  if (typeof value === 'number' || typeof value === 'bigint') return plainNumber(value);
  if (typeof value === 'boolean') return String(Number(value));
  if (value instanceof Date) return forms.time(value);
  if (value instanceof Uint8Array) return forms.bytes(hex(value));
  return forms.text(typeof value === 'string' ? value : JSON.stringify(value));
}

/** The driver sends a value as text whose type the server finds by its place; so does a string without a type. */
function postgresLiteral(value: unknown): string {
  return value === null || value === undefined ? 'NULL' : quoted(postgresText(value));
}

function postgresText(value: unknown): string {
  if (typeof value === 'string') return value;
  if (value instanceof Date) return value.toISOString();
  if (value instanceof Uint8Array) return `\\x${hex(value)}`;
  if (Array.isArray(value)) return `{${value.map(arrayElement).join(',')}}`;
  return typeof value === 'number' || typeof value === 'bigint' ? String(value) : JSON.stringify(value);
}

function arrayElement(value: unknown): string {
  if (value === null || value === undefined) return 'NULL';
  const text = postgresText(value);
  return Array.isArray(value) ? text : `"${text.replaceAll('\\', '\\\\').replaceAll('"', '\\"')}"`;
}

export const postgresScript: ScriptSyntax = {
  client: 'psql',
  prologue: [
    '\\set ON_ERROR_STOP on',
    '\\encoding UTF8',
    `${POSTGRES_SESSION}; SET standard_conforming_strings = on;`,
  ],
  begin: 'BEGIN;',
  commit: 'COMMIT;',
  around: undefined,
  statement: (text) => `${text};`,
  literal: postgresLiteral,
  currentUser: 'CURRENT_USER',
};

/** The shell reads the end of a line as \n, however it was written, and no text behind a NUL. */
function sqliteText(text: string): string {
  const parts = text.split(/([\r\0])/).filter((part) => part !== '');
  if (parts.length < 2) return /^[\r\0]$/.test(text) ? `char(${text.charCodeAt(0)})` : quoted(text);
  return `(${parts.map(sqliteText).join(' || ')})`;
}

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
  literal: (value) =>
    literal(value, {
      text: sqliteText,
      time: (date) => quoted(utcText(date)),
      bytes: (digits) => `X'${digits}'`,
    }),
  currentUser: "'sqlite3'",
};

/** A routine's body has statements of its own: another delimiter keeps the client from cutting it. */
function mysqlStatement(text: string): string {
  return text.includes(';') ? `DELIMITER $$dbtool$$\n${text}\n$$dbtool$$\nDELIMITER ;` : `${text};`;
}

/** The driver writes a list as its values, and a list of lists as rows. */
function mysqlLiteral(value: unknown): string {
  if (Array.isArray(value))
    return value
      .map((one: unknown) => (Array.isArray(one) ? `(${mysqlLiteral(one)})` : mysqlLiteral(one)))
      .join(', ');
  return literal(value, {
    // The client reads the end of a line as \n, however it was written.
    text: (text) => quoted(text.replaceAll('\\', '\\\\').replaceAll('\r', '\\r').replaceAll('\0', '\\0')),
    time: (date) => quoted(utcText(date)),
    bytes: (digits) => `X'${digits}'`,
  });
}

export const mysqlScript: ScriptSyntax = {
  // Without the option the client takes the comments out of routines.
  client: 'mariadb --comments or mysql --comments',
  prologue: ['SET NAMES utf8mb4;', `${MYSQL_SESSION};`],
  begin: 'START TRANSACTION;',
  commit: 'COMMIT;',
  around: undefined,
  statement: mysqlStatement,
  literal: mysqlLiteral,
  currentUser: 'CURRENT_USER()',
};

/** The longest string in bytes that Oracle takes; a character has four at most. */
const ORACLE_STRING_BYTES = 4000;
const ORACLE_STRING = 1000;

/**
 * Text in one line: at the end of a line, and alone on one, SQL*Plus takes some characters for its own. What is
 * too long for a string is put together from several.
 */
function oracleText(text: string): string {
  const isLong = Buffer.byteLength(text) > ORACLE_STRING_BYTES;
  const parts = text
    .split(/([\r\n])/)
    .flatMap((line) =>
      line === '\r' || line === '\n'
        ? [`CHR(${line.charCodeAt(0)})`]
        : (line.match(new RegExp(`[^]{1,${ORACLE_STRING}}`, 'gu')) ?? []).map(quoted),
    );
  if (parts.length < 2) return parts[0] ?? "''";
  return `(${(isLong ? parts.map((part) => `TO_CLOB(${part})`) : parts).join('\n|| ')})`;
}

/** A line with a slash runs what stands before it. */
const oracleStatement = (text: string): string => `${text}\n/`;

export const oracleScript: ScriptSyntax = {
  client: 'sqlplus or sqlcl',
  prologue: [
    'WHENEVER SQLERROR EXIT FAILURE ROLLBACK',
    'WHENEVER OSERROR EXIT FAILURE ROLLBACK',
    'SET DEFINE OFF',
    'SET SQLBLANKLINES ON',
    // A semicolon at the end of a line would end the statement, in a string and in a comment too.
    'SET SQLTERMINATOR OFF',
    oracleStatement(ORACLE_SESSION),
  ],
  // A transaction begins by itself.
  begin: '',
  commit: oracleStatement('COMMIT'),
  around: undefined,
  statement: oracleStatement,
  literal: (value) =>
    literal(value, {
      text: oracleText,
      time: (date) => `TIMESTAMP '${utcText(date)} +00:00'`,
      bytes: (digits) => `HEXTORAW('${digits}')`,
    }),
  currentUser: 'USER',
};
