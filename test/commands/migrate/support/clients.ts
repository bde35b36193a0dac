import { spawn, spawnSync } from 'node:child_process';
import type { DatabaseKind, TestDatabase } from '../../../support/databases.js';
import { sqlplusStatements } from './sqlplus.js';

/** How a client ended. */
export interface ClientResult {
  code: number | null;
  stderr: string;
}

const PROGRAMS: Record<DatabaseKind, string | undefined> = {
  sqlite: 'sqlite3',
  postgres: 'psql',
  mariadb: 'mariadb',
  mysql: 'mysql',
  oracle: undefined,
};

/** Why no script can be run by the database's own client here; undefined where one can. */
export function noClient(kind: DatabaseKind): string | undefined {
  const program = PROGRAMS[kind];
  if (program === undefined) return undefined;
  const { error } = spawnSync(program, ['--version']);
  return error && `${program} is not installed`;
}

/** Runs a script with the database's own client; for Oracle, what SQL*Plus would send is sent. */
export function runScript({ kind, url }: TestDatabase, script: string): Promise<ClientResult> {
  if (kind === 'oracle') return runOnOracle(url, script);
  const { username, password, hostname, port, pathname } = new URL(url);
  switch (kind) {
    case 'sqlite':
      return run('sqlite3', [url.replace('sqlite:', '')], script);
    case 'postgres':
      return run('psql', ['-X', '-q', '-f', '-', url], script);
    default:
      return run(
        PROGRAMS[kind]!,
        ['--comments', '-h', hostname, '-P', port === '' ? '3306' : port, '-u', username, pathname.slice(1)],
        script,
        { MYSQL_PWD: decodeURIComponent(password) },
      );
  }
}

function run(
  program: string,
  args: readonly string[],
  input: string,
  env: Record<string, string> = {},
): Promise<ClientResult> {
  return new Promise((resolve, reject) => {
    // Whatever the locale and the time zone of whoever runs it.
    const clean = { PATH: process.env['PATH'], LC_ALL: 'C', TZ: 'America/New_York', HOME: '/nonexistent' };
    const child = spawn(program, args, { env: { ...clean, ...env } });
    let stderr = '';
    child.stderr.setEncoding('utf8').on('data', (chunk: string) => (stderr += chunk));
    child.stdout.resume();
    child.on('error', reject);
    child.on('close', (code) => {
      resolve({ code, stderr });
    });
    // A client that stops at an error does not read the rest.
    child.stdin.on('error', () => undefined);
    child.stdin.end(input);
  });
}

async function runOnOracle(url: string, script: string): Promise<ClientResult> {
  const { default: oracledb } = await import('oracledb');
  const { username, password, hostname, port, pathname } = new URL(url);
  const connection = await oracledb.getConnection({
    user: decodeURIComponent(username),
    password: decodeURIComponent(password),
    connectString: `${hostname}:${port === '' ? '1521' : port}${pathname}`,
  });
  try {
    for (const statement of sqlplusStatements(script)) await connection.execute(statement);
    await connection.commit();
    return { code: 0, stderr: '' };
  } catch (error) {
    await connection.rollback();
    return { code: 1, stderr: String(error) };
  } finally {
    await connection.close();
  }
}
