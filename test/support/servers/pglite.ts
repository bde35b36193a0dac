import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import pg from 'pg';
import type { TestDatabase } from '../databases.js';

const LOADER = new URL('../typescript-loader.mjs', import.meta.url).href;
const REGISTER = `data:text/javascript,import{register}from'node:module';register('${LOADER}')`;

/** Postgres with the extension vector at hand, which the usual servers of the tests lack. */
export interface Pglite {
  /** Empties its one database. */
  emptied(): Promise<TestDatabase>;
  stop(): Promise<void>;
}

/** Starts PGlite in a process of its own, which ends with this one. */
export async function startPglite(): Promise<Pglite> {
  const file = fileURLToPath(new URL('pglite-server.ts', import.meta.url));
  const child = spawn(process.execPath, ['--import', REGISTER, file], { stdio: ['pipe', 'pipe', 'pipe'] });
  let errors = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => (errors += text));
  const ended = once(child, 'exit');
  const failed = ended.then(() => {
    throw new Error(`PGlite ended: ${errors}`);
  });
  const [port] = (await Promise.race([once(child.stdout.setEncoding('utf8'), 'data'), failed])) as [string];
  failed.catch(() => undefined);
  const url = `postgres://postgres@127.0.0.1:${port.trim()}/postgres`;
  return {
    emptied: async () => {
      await onPostgres(url, (client) =>
        client.query(
          'DROP EXTENSION IF EXISTS vector CASCADE; DROP SCHEMA IF EXISTS public, extensions CASCADE; CREATE SCHEMA public',
        ),
      );
      return { kind: 'postgres', url, drop: () => Promise.resolve() };
    },
    stop: async () => {
      child.stdin.end();
      await ended;
    },
  };
}

/** Runs `work` on a connection of its own. */
export async function onPostgres<T>(url: string, work: (client: pg.Client) => Promise<T>): Promise<T> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    return await work(client);
  } finally {
    await client.end();
  }
}
