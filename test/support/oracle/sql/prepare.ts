/* For the time being: the other half of the stand-in brings the real rules and translation. */
import { OracleError } from './oracle-error.js';
import type { H2Statement, SessionRules, StatementBind } from './prepare-types.js';

const CAST = {
  number: 'DECFLOAT(40)',
  binaryDouble: 'DOUBLE PRECISION',
  varchar: 'VARCHAR',
  clob: 'CLOB',
  blob: 'BLOB',
  raw: 'VARBINARY',
  date: 'TIMESTAMP(0)',
  timestamp: 'TIMESTAMP(9)',
  timestampTz: 'TIMESTAMP(9) WITH TIME ZONE',
  boolean: 'BOOLEAN',
};

const RETURNING = /\sRETURNING\s+([\s\S]+?)\s+INTO\s+:[\s\S]*$/i;

/** @throws OracleError when Oracle would refuse the statement */
export function prepare(sql: string, binds: readonly StatementBind[], session: SessionRules): H2Statement {
  if (/;\s*$|\bLIMIT\s+\d/i.test(sql)) throw new OracleError(933, 'SQL command not properly ended');
  let text = sql.replace(RETURNING, '');
  const columns = binds.some((bind) => bind.returning) ? RETURNING.exec(sql)?.[1] : undefined;
  const inputs = binds.filter((bind) => !bind.returning);
  let position = 0;
  text = text.replace(/('(?:[^']|'')*'|"[^"]*")|:\s*[A-Za-z0-9_$#]+/g, (found, literal?: string) => {
    if (literal !== undefined || inputs.length === 0) return found;
    position += 1;
    return `CAST(?${position} AS ${CAST[inputs[position - 1]?.type ?? 'varchar']})`;
  });
  const ddl = /^\s*(CREATE|ALTER)\s+TABLE/i.test(text);
  if (ddl) {
    text = text.replace(
      /\bVARCHAR2\s*\((\d+)(?:\s+(BYTE|CHAR))?\)/gi,
      (_, size: string, unit?: string) =>
        `SYS."VARCHAR2(${size} ${unit?.toUpperCase() ?? session.lengthSemantics})"`,
    );
    text = text.replace(
      /\bTIMESTAMP\s*\((\d)\)\s+WITH\s+LOCAL\s+TIME\s+ZONE/gi,
      (_, precision: string) => `SYS."TIMESTAMP(${precision}) WITH LOCAL TIME ZONE"`,
    );
    text = text.replace(/\bNUMBER\b(?!\s*\()/gi, 'DECFLOAT(40)');
  }
  text = text
    .replace(/\bSESSIONTIMEZONE\b/gi, 'ORA_SESSIONTIMEZONE()')
    .replace(/\bUSER\b(?!\s+\w)/gi, 'ORA_USER()')
    .replace(/\bSYSTIMESTAMP\b/gi, 'CURRENT_TIMESTAMP');
  return {
    sql: text,
    returning: (columns ?? '')
      .split(',')
      .filter((name) => name !== '')
      .map((name) => (name.trim().startsWith('"') ? name.trim().slice(1, -1) : name.trim().toUpperCase())),
  };
}
