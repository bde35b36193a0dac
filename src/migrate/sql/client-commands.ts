import type { SqlFlavour } from './flavours.js';
import { SqlFault } from './sql-fault.js';
import type { Token } from './tokens.js';

/** Words that begin a command of SQL*Plus; no server knows them. */
const SQLPLUS = new Set(
  `ACCEPT ARCHIVE BREAK BTITLE CLEAR COL COLUMN COMPUTE CONN CONNECT COPY DEFINE DESC DESCRIBE DISCONNECT ED EDIT
  EXEC EXECUTE EXIT GET HOST INPUT LIST PASSWORD PAUSE PRINT PROMPT QUIT RECOVER REM REMARK REPFOOTER REPHEADER
  RUN SAVE SHO SHOW SHUTDOWN SPOOL START STARTUP STORE TIMING TTITLE UNDEFINE VAR VARIABLE WHENEVER`.split(
    /\s+/,
  ),
);
/** The SET that is SQL on Oracle; any other is SQL*Plus's. */
const ORACLE_SET = new Set(['TRANSACTION', 'ROLE', 'CONSTRAINT', 'CONSTRAINTS']);

/**
 * Refuses what only a database's own client understands.
 * @param code the first tokens of a statement, or all of them
 * @throws SqlFault
 */
export function refuseClientCommand(code: readonly Token[], flavour: SqlFlavour): void {
  const [first, second] = code;
  if (!first) return;
  const word = first.text.toUpperCase();
  const command = isShell(flavour, word, second?.text.toUpperCase() ?? '') ? 0 : code.findIndex(isBackslash);
  const at = code[command];
  if (at && (command === 0 || flavour !== 'oracle')) {
    const next = code[command + 1]?.text ?? '';
    throw new SqlFault(
      at.line,
      `${at.text}${at.kind === 'word' ? ' ' : ''}${next} is a command of ${CLIENTS[flavour]}, which no server knows`,
      'Take it out; a migration holds SQL only.',
    );
  }
  if (flavour === 'postgres' && word === 'COPY') refuseCopy(code);
}

const CLIENTS: Readonly<Record<SqlFlavour, string>> = {
  postgres: 'psql',
  mysql: 'the client mysql',
  mariadb: 'the client mariadb',
  sqlite: 'the shell sqlite3',
  oracle: 'SQL*Plus',
};

function isShell(flavour: SqlFlavour, word: string, next: string): boolean {
  if (flavour === 'sqlite') return word === '.';
  if (flavour !== 'oracle') return word === 'SOURCE' && flavour !== 'postgres';
  if (word === 'SET') return !ORACLE_SET.has(next);
  return SQLPLUS.has(word) || word === '@' || word === '!';
}

const isBackslash = (token: Token): boolean => token.kind === 'symbol' && token.text === '\\';

function refuseCopy(code: readonly Token[]): void {
  const from = code.findIndex((token) => token.text.toUpperCase() === 'FROM');
  if (from < 0 || code[from + 1]?.text.toUpperCase() !== 'STDIN') return;
  throw new SqlFault(
    code[from]?.line ?? 1,
    'COPY … FROM STDIN takes its rows from the client, and a migration has none',
    'Write INSERT statements.',
  );
}
