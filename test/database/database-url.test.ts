import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { type DatabaseUrl, parseDatabaseUrl } from '../../src/database/database-url.js';
import { campaign } from '../support/campaign.js';
import { caught } from '../support/caught.js';

type ServerUrl = Extract<DatabaseUrl, { host: string }>;
const server = (text: string): ServerUrl => {
  const url = parseDatabaseUrl(text);
  if (url.kind === 'sqlite') throw new Error(`${text} is no server`);
  return url;
};

describe('a server URL', () => {
  it('is taken apart', () => {
    expect(parseDatabaseUrl('postgres://bob:hunter2@db.example:6543/genai?sslmode=require')).toEqual({
      kind: 'postgres',
      host: 'db.example',
      port: 6543,
      user: 'bob',
      password: 'hunter2',
      database: 'genai',
      parameters: { sslmode: 'require' },
      display: 'postgres://bob:***@db.example:6543/genai?sslmode=require',
    });
  });

  it.each([
    ['postgres://h/x', 'postgres', 5432],
    ['postgresql://h/x', 'postgres', 5432],
    ['POSTGRES://h/x', 'postgres', 5432],
    ['mysql://h/x', 'mysql', 3306],
    ['mariadb://h/x', 'mariadb', 3306],
    ['oracle://h/x', 'oracle', 1521],
  ])('%s has the kind %s and the port %d', (text, kind, port) => {
    expect(server(text)).toMatchObject({ kind, port, host: 'h', database: 'x', parameters: {} });
    expect(server(text).user).toBeUndefined();
    expect(server(text).password).toBeUndefined();
  });

  it.each([
    ['postgres://[::1]/x', '::1', 5432],
    ['postgres://bob@[2001:db8::1]:6543/x', '2001:db8::1', 6543],
    ['postgres:///x', 'localhost', 5432],
    ['postgres:///x?host=/var/run/postgresql', '/var/run/postgresql', 5432],
    ['postgres://%2Fvar%2Frun%2Fpostgresql/x', '/var/run/postgresql', 5432],
    ['postgres://DB.Example/x', 'DB.Example', 5432],
    ['mysql://10.0.0.7:3307/x', '10.0.0.7', 3307],
  ])('%s has the host %s and the port %d', (text, host, port) => {
    expect(server(text)).toMatchObject({ host, port });
  });

  it('takes the socket parameter of MySQL and MariaDB', () => {
    expect(server('mysql://u@localhost/x?socket=/tmp/my.sock').parameters).toEqual({
      socket: '/tmp/my.sock',
    });
    expect(server('mariadb:///x?socket=/tmp/my.sock').parameters).toEqual({ socket: '/tmp/my.sock' });
  });

  it('gives back any user, password and database that were percent-encoded, and shows no password', () => {
    const text = fc.string({ minLength: 1, unit: 'binary' }).map((raw) => Buffer.from(raw).toString());
    // A URL's own rules shorten these path segments.
    const database = text.filter((raw) => !/^\.{1,2}$/.test(raw));
    fc.assert(
      fc.property(
        fc.constantFrom('postgres', 'mysql', 'mariadb', 'oracle'),
        text,
        text,
        database,
        (kind, user, password, name) => {
          const parts = [user, password, name].map(encodeURIComponent);
          const url = server(`${kind}://${String(parts[0])}:${String(parts[1])}@h:1/${String(parts[2])}`);
          expect(url).toMatchObject({ kind, user, password, database: name, host: 'h', port: 1 });
          expect(url.display).toBe(`${kind}://${String(parts[0])}:***@h:1/${String(parts[2])}`);
        },
      ),
      { numRuns: campaign(2000) },
    );
  });
});

describe('an SQLite URL', () => {
  it.each([
    ['sqlite:dbtool.sqlite', 'dbtool.sqlite'],
    ['sqlite:/data/x.sqlite', '/data/x.sqlite'],
    ['sqlite:///data/x.sqlite', '/data/x.sqlite'],
    ['sqlite:./a b/ü?x=1#y%20.db', './a b/ü?x=1#y%20.db'],
    ['sqlite::memory:', ':memory:'],
    [String.raw`sqlite:C:\data\x.sqlite`, String.raw`C:\data\x.sqlite`],
    ['sqlite:me@home.sqlite', 'me@home.sqlite'],
  ])('%s is the file %s', (text, path) => {
    expect(parseDatabaseUrl(text)).toEqual({ kind: 'sqlite', path, display: text });
  });
});

describe('what is refused', () => {
  it.each([
    ['', 'It has no scheme.'],
    ['dbtool.sqlite', 'It has no scheme.'],
    ['postgres:x', 'It has no scheme.'],
    ['bob:hunter2@h/x', 'It has no scheme.'],
    ['mongodb://h/x', '"mongodb://" is no database dbtool knows.'],
    ['constructor://h/x', '"constructor://" is no database dbtool knows.'],
    ['sqlite:', 'It names no file.'],
    ['sqlite://x', 'It names no file.'],
    ['postgres://h', 'It names no database behind the host.'],
    ['postgres://h/', 'It names no database behind the host.'],
    ['postgres://h?sslmode=require', 'It names no database behind the host.'],
    ['oracle://h', 'It names no service behind the host.'],
    ['postgres://bob:hunt er2@h:x/x', 'malformed'],
    ['postgres://bob:hunter2@h:99999/x', 'malformed'],
    ['postgres://bob:hunter2@h:54 32/x', 'malformed'],
    ['postgres://bob:hunter2@[::1/x', 'malformed'],
    ['postgres://bob:hunter2@/x', 'malformed'],
    // Passwords that were not encoded; what follows their / or # must not pass for something else.
    ['postgres://bob:hunt/er2@h/x', 'malformed'],
    ['postgres://bob:12/hunter2@h/x', 'malformed'],
    ['postgres://bob:12#hunter2@h/x', 'malformed'],
    ['postgres://bob:12/x#hunter2@h/x', 'malformed'],
    ['postgres://bob:12/x?hunter2@h/x', 'malformed'],
    ['postgres://bob@h/x#fragment', 'malformed'],
    ['postgres://bob@h/x#', 'malformed'],
    ['postgres://bob:hunter2%@h/x', 'malformed|hexadecimal'],
    ['postgres://bob:hunter2%zz@h/x', 'hexadecimal'],
    ['postgres://bob:hunter2%ff@h/x', 'hexadecimal'],
    ['postgres://h/x%', 'hexadecimal'],
    ['postgres://%zz/x', 'malformed|hexadecimal'],
    ['postgres://h/x?sslmod=require', 'Its parameter "sslmod" is not understood'],
    ['postgres://h/x?sslmode=require&a=1&b=2', 'Its parameter "a", "b" is not understood'],
    ['mysql://h/x?sslmode=require', 'Its parameter "sslmode" is not understood'],
    ['oracle://h/x?sslmode=require', 'Its parameter "sslmode" is not understood'],
    ['postgres://h/x?__proto__=1', 'Its parameter "__proto__" is not understood'],
    ['postgres://h/x?password=hunter2', 'Its parameter "password" is not understood'],
  ])('%s: %s', async (text, why) => {
    const error = await caught(() => parseDatabaseUrl(text));
    expect(error.code).toBe('config.url.invalid');
    expect(error.why).toMatch(new RegExp(why.replaceAll('.', String.raw`\.`)));
    expect(error.fix).toContain('sqlite:PATH');
    expect(`${error.message} ${String(error.why)}`).not.toMatch(/hunt(?! er2@h:x)|er2/);
  });

  it('never shows the password, however broken the URL is', () => {
    const breaks = fc.stringMatching(/^[@/:#?%[\]\\ &=]{1,3}$/);
    fc.assert(
      fc.property(
        fc.constantFrom('postgres', 'mysql', 'oracle', 'mongodb', 'x'),
        fc.array(breaks, { minLength: 1, maxLength: 3 }),
        fc.constantFrom('h/x', 'h:99999/x', '[::1/x', 'h', ''),
        (scheme, parts, rest) => {
          const password = parts.map((part) => `hunter2${part}`).join('');
          let shown: string;
          try {
            shown = parseDatabaseUrl(`${scheme}://bob:${password}@${rest}`).display;
          } catch (error) {
            shown = `${(error as Error).message} ${String((error as { why?: string }).why)}`;
          }
          expect(shown).not.toContain('hunter2');
        },
      ),
      { numRuns: campaign(3000) },
    );
  });
});
