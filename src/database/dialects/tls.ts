import { readFile } from 'node:fs/promises';
import type { TlsSettings } from '../../config/settings.js';
import { DbtoolError } from '../../errors/dbtool-error.js';

/** Options in the form of Node's tls module, which all drivers take. */
export interface TlsOptions {
  rejectUnauthorized: boolean;
  ca?: string;
  cert?: string;
  key?: string;
}

/**
 * @returns undefined when TLS is off
 * @throws DbtoolError `config.unreadable`
 */
export async function tlsOptions(tls: TlsSettings): Promise<TlsOptions | undefined> {
  if (tls.mode === 'disable') return undefined;
  const read = async (path: string | undefined, key: string): Promise<string | undefined> => {
    if (path === undefined) return undefined;
    try {
      return await readFile(path, 'utf8');
    } catch (error) {
      throw new DbtoolError('config.unreadable', {
        message: `The file ${path} (database.tls.${key}) cannot be read`,
        why: (error as Error).message,
        fix: 'Make it readable for this user, or correct the path.',
        cause: error,
      });
    }
  };
  return {
    rejectUnauthorized: tls.mode === 'verify',
    ca: await read(tls.ca, 'ca'),
    cert: await read(tls.cert, 'cert'),
    key: await read(tls.key, 'key'),
  };
}
