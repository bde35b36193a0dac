/** What SQL*Plus has been told by SET. */
interface Options {
  terminator: boolean;
  define: boolean;
  blankLines: boolean;
}

const LONGEST_LINE = 2499;
const PLSQL = /^(BEGIN|DECLARE|CREATE (OR REPLACE )?(FUNCTION|PROCEDURE|PACKAGE|TRIGGER|TYPE))\b/i;

/**
 * The statements that SQL*Plus would send, line by line as it reads them.
 * @throws Error where it would understand something else than SQL, or leave a statement in its buffer
 */
export function sqlplusStatements(script: string): string[] {
  const options: Options = { terminator: true, define: true, blankLines: false };
  const statements: string[] = [];
  let buffer: string[] = [];
  const end = (): void => {
    statements.push(buffer.join('\n'));
    buffer = [];
  };
  for (const line of script.split('\n')) {
    if (buffer.length === 0 && (line.trim() === '' || line.startsWith('--'))) continue;
    if (buffer.length === 0 && isCommand(line, options)) continue;
    if (line.trim() === '/') {
      end();
      continue;
    }
    refuse(line, options);
    const isPlsql = PLSQL.test(buffer[0] ?? line);
    if (options.terminator && !isPlsql && /;\s*$/.test(line)) {
      buffer.push(line.replace(/;\s*$/, ''));
      end();
    } else {
      buffer.push(line);
    }
  }
  if (buffer.length > 0) throw new Error(`SQL*Plus never ran: ${buffer.join('\n')}`);
  return statements;
}

function isCommand(line: string, options: Options): boolean {
  if (/^WHENEVER (SQLERROR|OSERROR) EXIT FAILURE ROLLBACK$/.test(line)) return true;
  const [, name, value] = /^SET (DEFINE|SQLBLANKLINES|SQLTERMINATOR) (ON|OFF)$/.exec(line) ?? [];
  if (name === undefined) return false;
  const key = { DEFINE: 'define', SQLBLANKLINES: 'blankLines', SQLTERMINATOR: 'terminator' }[name];
  options[key as keyof Options] = value === 'ON';
  return true;
}

function refuse(line: string, { define, blankLines }: Options): void {
  const fault =
    line.length > LONGEST_LINE
      ? 'a line is too long'
      : /-\s*$/.test(line)
        ? 'a hyphen at the end of a line goes on in the next'
        : line.startsWith('#') || line.trim() === '.'
          ? 'a command stands within a statement'
          : define && line.includes('&')
            ? 'a substitution variable'
            : !blankLines && line.trim() === ''
              ? 'a blank line ends the statement'
              : undefined;
  if (fault !== undefined) throw new Error(`SQL*Plus: ${fault}: ${line.slice(0, 200)}`);
}
