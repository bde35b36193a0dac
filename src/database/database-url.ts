import { maskUrl } from '../config/redact.js';
import { DbtoolError } from '../errors/dbtool-error.js';

/** A database URL, taken apart. */
export type DatabaseUrl =
  | { kind: 'sqlite'; path: string; display: string }
  | {
      kind: 'postgres' | 'mysql' | 'mariadb' | 'oracle';
      host: string;
      port: number;
      user?: string;
      password?: string;
      /** Database; on Oracle the service name. */
      database: string;
      /** Parameters behind the `?`. */
      parameters: Record<string, string>;
      /** The URL as it may be shown: no password. */
      display: string;
    };

const KINDS = {
  postgres: { kind: 'postgres', port: 5432 },
  postgresql: { kind: 'postgres', port: 5432 },
  mysql: { kind: 'mysql', port: 3306 },
  mariadb: { kind: 'mariadb', port: 3306 },
  oracle: { kind: 'oracle', port: 1521 },
} as const;

/** Parameters that are understood, by kind; anything else is refused rather than ignored. */
const PARAMETERS: Record<string, readonly string[]> = {
  postgres: ['sslmode', 'host'],
  mysql: ['socket'],
  mariadb: ['socket'],
  oracle: [],
};

/**
 * Reads a database URL.
 * @throws DbtoolError `config.url.invalid`
 */
export function parseDatabaseUrl(text: string): DatabaseUrl {
  if (text.startsWith('sqlite:')) return sqliteUrl(text);
  const scheme = /^([a-z0-9+]+):\/\//i.exec(text)?.[1]?.toLowerCase() ?? '';
  const known = Object.hasOwn(KINDS, scheme) ? KINDS[scheme as keyof typeof KINDS] : undefined;
  if (!known)
    throw invalid(text, scheme === '' ? 'It has no scheme.' : `"${scheme}://" is no database dbtool knows.`);
  const url = takeApart(text);
  const database = decode(text, url.pathname.replace(/^\//, ''));
  if (database === '')
    throw invalid(
      text,
      known.kind === 'oracle'
        ? 'It names no service behind the host.'
        : 'It names no database behind the host.',
    );
  const parameters = Object.fromEntries(url.searchParams);
  const unknown = Object.keys(parameters).filter((name) => !PARAMETERS[known.kind]?.includes(name));
  if (unknown.length > 0)
    throw invalid(
      text,
      `Its parameter "${unknown.join('", "')}" is not understood; TLS, pool and timeouts are set by database.* settings.`,
    );
  return {
    kind: known.kind,
    host:
      parameters['host'] ??
      // A percent-encoded path is the folder of a Unix socket, as Postgres's own tools write it.
      (url.hostname === '' ? 'localhost' : decode(text, url.hostname).replace(/^\[(.*)\]$/, '$1')),
    port: url.port === '' ? known.port : Number(url.port),
    user: url.username === '' ? undefined : decode(text, url.username),
    password: url.password === '' ? undefined : decode(text, url.password),
    database,
    parameters,
    display: maskUrl(text),
  };
}

function takeApart(text: string): URL {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  // What stands behind the / # or ? of a password that was not encoded passes for database and parameters.
  if (url && !text.includes('#') && !`${url.pathname}${url.search}`.includes('@')) return url;
  throw invalid(
    text,
    'It is malformed. Characters such as @ / # % : in a user or password must be percent-encoded.',
  );
}

function sqliteUrl(text: string): DatabaseUrl {
  const path = text.slice('sqlite:'.length).replace(/^\/\/(?=\/)/, '');
  if (path === '' || path.startsWith('//')) throw invalid(text, 'It names no file.');
  return { kind: 'sqlite', path, display: text };
}

function decode(text: string, part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    throw invalid(
      text,
      'It holds a % that is not followed by two hexadecimal digits; write %25 for a % itself.',
    );
  }
}

function invalid(text: string, why: string): DbtoolError {
  return new DbtoolError('config.url.invalid', {
    message: `The database URL "${maskUrl(text)}" cannot be used`,
    why,
    fix: 'Write sqlite:PATH, postgres://USER@HOST:PORT/DATABASE, mysql://…, mariadb://… or oracle://USER@HOST:PORT/SERVICE.',
  });
}
