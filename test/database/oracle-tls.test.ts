import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createServer, type PeerCertificate, type Server, type TLSSocket } from 'node:tls';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import type { TlsSettings } from '../../src/config/settings.js';
import { withDatabase } from '../../src/database/data-source.js';
import { caught } from '../support/caught.js';
import { Authority } from '../support/certificates.js';
import { runCli } from '../support/cli.js';
import { findProgram } from '../support/servers/own-process.js';

const hasOpenssl = (await findProgram(['openssl'])) !== undefined;
const TNS_REFUSE = 4;

/** A listener's answer to a client that asks for a service it does not have. */
function refusal(): Buffer {
  const text = '(DESCRIPTION=(TMP=)(VSNNUM=0)(ERR=12514)(ERROR_STACK=(ERROR=(CODE=12514)(EMFI=4))))';
  const packet = Buffer.alloc(12 + text.length);
  packet.writeUInt16BE(packet.length, 0);
  packet.writeUInt8(TNS_REFUSE, 4);
  packet.writeUInt16BE(text.length, 10);
  packet.write(text, 12, 'latin1');
  return packet;
}

/** Of a client without a certificate Node gives an empty object. */
function nameOf(socket: TLSSocket): string | undefined {
  return (socket.getPeerCertificate() as Partial<PeerCertificate>).subject?.CN?.toString();
}

/*
 * A listener that speaks TLS and refuses every service: as far as certificates go, the driver's own code
 * against Node's. A refusal that the driver understands came through the encrypted connection.
 */
describe('TLS to an Oracle listener', () => {
  if (!hasOpenssl) {
    it.skip('oracle (skipped: no openssl)', () => undefined);
    return;
  }
  let folder: string;
  let authority: Authority;
  let stranger: Authority;
  let listener: Server;
  /** What the listener saw of clients that came through the handshake. */
  let clients: { authorized: boolean; name?: string }[] = [];

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'dbtool-tls-'));
    [authority, stranger] = await Promise.all([Authority.create(), Authority.create()]);
    const server = await authority.sign('database', ['DNS:localhost']);
    const client = await authority.sign('dbtool');
    const files = { ca: authority.cert, stranger: stranger.cert, ...client };
    for (const [name, text] of Object.entries(files)) await writeFile(join(folder, `${name}.pem`), text);
    listener = createServer({ ...server, ca: authority.cert, requestCert: true, rejectUnauthorized: false });
    listener.on('secureConnection', (socket: TLSSocket) => {
      clients.push({ authorized: socket.authorized, name: nameOf(socket) });
      socket.on('error', () => undefined);
      socket.once('data', () => socket.end(refusal()));
    });
    listener.on('tlsClientError', () => undefined);
    await once(listener.listen(0, '127.0.0.1'), 'listening');
  });

  afterEach(() => {
    clients = [];
  });

  afterAll(async () => {
    listener.close();
    await Promise.all([authority.remove(), stranger.remove(), rm(folder, { recursive: true })]);
  });

  const file = (name: string): string => join(folder, `${name}.pem`);
  const urlOf = (host: string): string =>
    `oracle://app:secret@${host}:${(listener.address() as AddressInfo).port}/APP`;
  const codeOf = async (host: string, tls: TlsSettings): Promise<string> => {
    const settings = { url: urlOf(host), poolSize: 1, connectTimeout: 5000, statementTimeout: 0, tls };
    return (await caught(() => withDatabase(settings, [], () => Promise.resolve()))).code;
  };
  /** The refusal came through: all of TLS was well. */
  const THROUGH = 'database.missing';

  it("shows the client's certificate, and checks the listener's authority and name", async () => {
    const files = { ca: file('ca'), cert: file('cert'), key: file('key') };
    expect(await codeOf('localhost', { mode: 'verify', ...files })).toBe(THROUGH);
    expect(clients).toEqual([{ authorized: true, name: 'dbtool' }]);
    expect(await codeOf('127.0.0.1', { mode: 'verify', ...files })).toBe('database.tls');
  });

  it('refuses an authority that is not trusted, with require too', async () => {
    const files = { ca: file('stranger'), cert: file('cert'), key: file('key') };
    for (const mode of ['verify', 'require'] as const)
      expect(await codeOf('localhost', { mode, ...files })).toBe('database.tls');
    expect(await codeOf('localhost', { mode: 'verify' })).toBe('database.tls');
  });

  it("does not check the listener's name with require", async () => {
    const files = { ca: file('ca'), cert: file('cert'), key: file('key') };
    expect(await codeOf('127.0.0.1', { mode: 'require', ...files })).toBe(THROUGH);
  });

  it('trusts the authority of NODE_EXTRA_CA_CERTS without a certificate of the client', async () => {
    const env = {
      DBTOOL_DATABASE_URL: urlOf('localhost'),
      DBTOOL_DATABASE_TLS_MODE: 'verify',
      NODE_EXTRA_CA_CERTS: file('ca'),
    };
    const { code, stderr } = await runCli(['migrate', 'status'], { env });
    expect({ code, told: stderr.includes(`(${THROUGH})`) }).toEqual({ code: 2, told: true });
    expect(clients).toEqual([{ authorized: false, name: undefined }]);
    const alone = await runCli(['migrate', 'status'], {
      env: { ...env, NODE_EXTRA_CA_CERTS: undefined, DBTOOL_DATABASE_TLS_CA: file('ca') },
    });
    expect(alone.code).toBe(2);
    expect(alone.stderr).toContain('NODE_EXTRA_CA_CERTS');
  });
});
