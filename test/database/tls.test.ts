import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createConnection } from 'mysql2/promise';
import pg from 'pg';
import type { TlsSettings } from '../../src/config/settings.js';
import { withDatabase } from '../../src/database/data-source.js';
import { caught } from '../support/caught.js';
import { Authority, type Certificate } from '../support/certificates.js';
import { runCli } from '../support/cli.js';
import * as mariadb from '../support/servers/mariadb.js';
import { findProgram, type OwnServer } from '../support/servers/own-process.js';
import * as postgres from '../support/servers/postgres.js';
import type { Attempt } from '../support/servers/search.js';

/** Users of the servers: only plain, only encrypted, only with a certificate. */
type User = 'plain' | 'secure' | 'certified';

interface Kind {
  name: string;
  /** Whether the server's programs are installed. */
  installed: boolean;
  start: (server?: OwnServer) => Promise<Attempt>;
  /** What makes it speak TLS and know the users. */
  server: (certificate: Certificate, authority: string) => OwnServer;
  createUsers: (adminUrl: string) => Promise<void>;
  /** What verifying gives for a host that is an address and not a name. */
  address: 'database.tls' | 'config.invalid';
  /** The TLS version of the connection that asks; empty without. */
  versionOf: string;
}

const PASSWORD = 'op3n-Sesame';
const CERTIFICATES = ['ca.crt', 'server.crt', 'server.key'] as const;
const filesOf = ({ cert, key }: Certificate, authority: string): Record<string, string> => ({
  'ca.crt': authority,
  'server.crt': cert,
  'server.key': key,
});

const POSTGRES: Kind = {
  name: 'postgres',
  installed: await postgres.isInstalled(),
  start: postgres.start,
  server: (certificate, authority) => ({
    files: {
      ...filesOf(certificate, authority),
      'hba.conf': [
        'hostnossl all plain all trust',
        'hostssl all secure all trust',
        'hostssl all certified all cert',
        'host all postgres all trust',
        '',
      ].join('\n'),
    },
    settings: (folder) => [
      'ssl=on',
      `hba_file=${join(folder, 'hba.conf')}`,
      ...['ssl_ca_file', 'ssl_cert_file', 'ssl_key_file'].map(
        (setting, index) => `${setting}=${join(folder, CERTIFICATES[index]!)}`,
      ),
    ],
  }),
  createUsers: async (url) => {
    const client = new pg.Client(url);
    await client.connect();
    try {
      for (const user of ['plain', 'secure', 'certified']) await client.query(`CREATE ROLE ${user} LOGIN`);
    } finally {
      await client.end();
    }
  },
  address: 'database.tls',
  versionOf: `SELECT COALESCE(version, '') AS version FROM pg_stat_ssl WHERE pid = pg_backend_pid()`,
};

const MARIADB: Kind = {
  name: 'mariadb',
  installed: await mariadb.isInstalled(),
  start: mariadb.start,
  server: (certificate, authority) => ({
    files: filesOf(certificate, authority),
    settings: (folder) =>
      ['--ssl-ca', '--ssl-cert', '--ssl-key'].map(
        (option, index) => `${option}=${join(folder, CERTIFICATES[index]!)}`,
      ),
  }),
  createUsers: async (url) => {
    const connection = await createConnection(url.replace(/^mariadb:/, 'mysql:'));
    try {
      for (const [user, require] of [
        ['plain', 'NONE'],
        ['secure', 'SSL'],
        ['certified', 'X509'],
      ])
        await connection.query(`CREATE USER '${user}'@'%' IDENTIFIED BY '${PASSWORD}' REQUIRE ${require}`);
      await connection.query("GRANT SELECT ON mysql.* TO 'plain'@'%', 'secure'@'%', 'certified'@'%'");
    } finally {
      await connection.end();
    }
  },
  // The driver cannot check addresses.
  address: 'config.invalid',
  versionOf: `SELECT VARIABLE_VALUE AS version FROM information_schema.SESSION_STATUS WHERE VARIABLE_NAME = 'SSL_VERSION'`,
};

const hasOpenssl = (await findProgram(['openssl'])) !== undefined;

describe('TLS', () => {
  let folder: string;
  let authority: Authority;
  let stranger: Authority;
  let ofServer: Certificate;

  beforeAll(async () => {
    if (!hasOpenssl) return;
    folder = await mkdtemp(join(tmpdir(), 'dbtool-tls-'));
    [authority, stranger] = await Promise.all([Authority.create(), Authority.create()]);
    ofServer = await authority.sign('database', ['DNS:localhost']);
    const { cert, key } = await authority.sign('certified');
    const files = { ca: authority.cert, stranger: stranger.cert, cert, key };
    for (const [name, text] of Object.entries(files)) await writeFile(join(folder, `${name}.pem`), text);
  });

  afterAll(async () => {
    if (!hasOpenssl) return;
    await Promise.all([authority.remove(), stranger.remove(), rm(folder, { recursive: true })]);
  });

  for (const kind of [POSTGRES, MARIADB]) {
    const missing = !hasOpenssl ? 'no openssl' : kind.installed ? undefined : 'its server is not installed';
    if (missing !== undefined) {
      it.skip(`${kind.name} (skipped: ${missing})`, () => undefined);
      continue;
    }

    describe(kind.name, () => {
      let server: Extract<Attempt, { url: string }>;

      beforeAll(async () => {
        server = await started(kind.start, kind.server(ofServer, authority.cert));
        await kind.createUsers(server.url);
      });

      afterAll(async () => {
        await server.stop?.();
      });

      const urlOf = (user: User, host = 'localhost'): string => {
        const url = new URL(server.url);
        url.username = user;
        url.password = PASSWORD;
        url.hostname = host;
        return url.href;
      };
      const file = (name: string): string => join(folder, `${name}.pem`);
      /** The TLS version that the server sees. */
      const connect = (url: string, tls: TlsSettings): Promise<string> =>
        withDatabase(
          { url, poolSize: 1, connectTimeout: 5000, statementTimeout: 0, tls },
          [],
          async ({ dataSource }) => {
            const [row] = await dataSource.query<{ version: string }[]>(kind.versionOf);
            return row!.version;
          },
        );
      const codeOf = async (url: string, tls: TlsSettings): Promise<string> =>
        (await caught(() => connect(url, tls))).code;
      const verify = { mode: 'verify' } as const;

      it('is off with disable', async () => {
        expect(await connect(urlOf('plain'), { mode: 'disable' })).toBe('');
        expect(await codeOf(urlOf('secure'), { mode: 'disable' })).toBe('database.authentication');
      });

      if (kind === POSTGRES)
        it('is set by sslmode in the URL', async () => {
          expect(await connect(`${urlOf('secure')}?sslmode=require`, { mode: 'disable' })).toMatch(/^TLSv1/);
          const url = `${urlOf('secure')}?sslmode=verify-full`;
          expect(await connect(url, { mode: 'disable', ca: file('ca') })).toMatch(/^TLSv1/);
          expect(await codeOf(url, { mode: 'disable' })).toBe('database.tls');
        });

      it('is on with require, whoever signed for whatever host', async () => {
        for (const host of ['localhost', '127.0.0.1'])
          expect(await connect(urlOf('secure', host), { mode: 'require' })).toMatch(/^TLSv1\.[23]$/);
      });

      it('checks the authority with verify', async () => {
        expect(await connect(urlOf('secure'), { ...verify, ca: file('ca') })).toMatch(/^TLSv1\.[23]$/);
        expect(await codeOf(urlOf('secure'), verify)).toBe('database.tls');
        expect(await codeOf(urlOf('secure'), { ...verify, ca: file('stranger') })).toBe('database.tls');
      });

      it('checks the name of the host with verify', async () => {
        expect(await codeOf(urlOf('secure', '127.0.0.1'), { ...verify, ca: file('ca') })).toBe(kind.address);
        const elsewhere = await authority.sign('database', ['DNS:db.example.com']);
        const other = await started(kind.start, kind.server(elsewhere, authority.cert));
        try {
          await kind.createUsers(other.url);
          const url = urlOf('secure').replace(/:\d+\//, `:${new URL(other.url).port}/`);
          expect(await connect(url, { mode: 'require' })).toMatch(/^TLSv1\.[23]$/);
          expect(await codeOf(url, { ...verify, ca: file('ca') })).toBe('database.tls');
        } finally {
          await other.stop?.();
        }
      });

      it("shows the client's certificate", async () => {
        const client = { cert: file('cert'), key: file('key') };
        const withClient = { ...verify, ca: file('ca'), ...client };
        expect(await connect(urlOf('certified'), withClient)).toMatch(/^TLSv1\.[23]$/);
        expect(await codeOf(urlOf('certified'), { ...verify, ca: file('ca') })).toBe(
          'database.authentication',
        );
      });

      it('is not given up where the server has none', async () => {
        const plain = await started(kind.start, NO_TLS[kind.name]);
        try {
          const url = plain.url.replace('127.0.0.1', 'localhost');
          expect(await codeOf(url, { mode: 'require' })).toBe('database.tls');
          expect(await codeOf(url, { ...verify, ca: file('ca') })).toBe('database.tls');
        } finally {
          await plain.stop?.();
        }
      });

      it('is set by variables of the program, which tells what is wrong', async () => {
        const env = {
          DBTOOL_DATABASE_URL: urlOf('secure'),
          DBTOOL_DATABASE_TLS_MODE: 'verify',
          DBTOOL_DATABASE_TLS_CA: file('ca'),
        };
        expect(await runCli(['migrate', 'status'], { env })).toMatchObject({ code: 0 });
        const wrong = await runCli(['migrate', 'status'], {
          env: { ...env, DBTOOL_DATABASE_TLS_CA: file('stranger') },
        });
        expect(wrong.code).toBe(2);
        expect(wrong.stderr).toContain('(database.tls)');
        expect(wrong.stderr).toContain('database.tls.ca');
      });
    });
  }
});

const NO_TLS: Record<string, OwnServer> = { postgres: {}, mariadb: { settings: () => ['--skip-ssl'] } };

async function started(
  start: Kind['start'],
  server: OwnServer | undefined,
): Promise<Extract<Attempt, { url: string }>> {
  const attempt = await start(server);
  if ('reason' in attempt) throw new Error(attempt.reason);
  return attempt;
}
