import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

const execute = promisify(execFile);

/** PEM texts. */
export interface Certificate {
  cert: string;
  key: string;
}

/** Signs with an authority of its own. Needs `openssl`. */
export class Authority {
  private constructor(
    readonly folder: string,
    /** The authority's own certificate, PEM. */
    readonly cert: string,
  ) {}

  static async create(): Promise<Authority> {
    const folder = await mkdtemp(join(tmpdir(), 'dbtool-authority-'));
    const own = ['-keyout', 'ca.key', '-out', 'ca.crt', '-subj', '/CN=dbtool test authority'];
    await execute('openssl', ['req', '-x509', ...NEW_KEY, '-days', '2', ...own], { cwd: folder });
    return new Authority(folder, await readFile(join(folder, 'ca.crt'), 'utf8'));
  }

  /** @param names what the certificate is for, such as `DNS:localhost`; a client's needs none */
  async sign(commonName: string, names: string[] = []): Promise<Certificate> {
    const request = ['-keyout', 'leaf.key', '-out', 'leaf.csr', '-subj', `/CN=${commonName}`];
    await execute('openssl', ['req', ...NEW_KEY, ...request], { cwd: this.folder });
    const extensions = names.length === 0 ? '' : `subjectAltName=${names.join(',')}\n`;
    await writeFile(join(this.folder, 'leaf.ext'), `basicConstraints=CA:FALSE\n${extensions}`);
    const by = ['-CA', 'ca.crt', '-CAkey', 'ca.key', '-CAcreateserial', '-days', '2'];
    const paths = ['-in', 'leaf.csr', '-extfile', 'leaf.ext', '-out', 'leaf.crt'];
    await execute('openssl', ['x509', '-req', ...paths, ...by], { cwd: this.folder });
    const [cert, key] = await Promise.all(
      ['leaf.crt', 'leaf.key'].map((file) => readFile(join(this.folder, file), 'utf8')),
    );
    return { cert: cert!, key: key! };
  }

  remove(): Promise<void> {
    return rm(this.folder, { recursive: true });
  }
}

const NEW_KEY = ['-newkey', 'rsa:2048', '-nodes'];
