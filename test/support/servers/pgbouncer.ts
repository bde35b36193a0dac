import { once } from 'node:events';
import { connect } from 'node:net';
import { join } from 'node:path';
import { installWithApt } from './apt.js';
import {
  findProgram,
  freePort,
  inServerFolder,
  startWatched,
  unprivilegedUser,
  writeServerFiles,
} from './own-process.js';
import { explain, withDatabase } from './search.js';

/** A connection pooler before a Postgres server. */
interface Pooler {
  /** The database of that URL, through the pooler. */
  through(url: string): string;
  stop(): Promise<void>;
}

/** Few, so that clients take turns on the server's sessions. */
const SERVER_SESSIONS = 3;

/**
 * Starts pgbouncer in transaction mode: each transaction of a client may run in another session.
 * @returns the reason as text when it cannot be had
 */
export async function startPgbouncer(serverUrl: string): Promise<Pooler | string> {
  const found = await find();
  if (found === undefined) {
    const reason = await installWithApt(['pgbouncer']);
    if (reason !== undefined) return reason;
  }
  const program = found ?? (await find());
  if (program === undefined) return 'no pgbouncer installed';
  try {
    return await start(program, new URL(serverUrl));
  } catch (error) {
    return `pgbouncer could not be started: ${explain(error)}`;
  }
}

function find(): Promise<string | undefined> {
  return findProgram(['pgbouncer'], ['/usr/sbin']);
}

async function start(program: string, server: URL): Promise<Pooler> {
  const runAs = await unprivilegedUser(['postgres']);
  return inServerFolder('pgbouncer', runAs, async (folder) => {
    const port = await freePort();
    const login = [`user=${decodeURIComponent(server.username)}`];
    if (server.password !== '') login.push(`password=${decodeURIComponent(server.password)}`);
    const settings = [
      '[databases]',
      `* = host=${server.hostname} port=${server.port || 5432} ${login.join(' ')}`,
      '[pgbouncer]',
      'listen_addr = 127.0.0.1',
      `listen_port = ${port}`,
      'unix_socket_dir =',
      'auth_type = any',
      'pool_mode = transaction',
      `default_pool_size = ${SERVER_SESSIONS}`,
    ];
    await writeServerFiles(folder, { 'pgbouncer.ini': `${settings.join('\n')}\n` }, runAs);
    const args = [join(folder, 'pgbouncer.ini')];
    const { stop } = await startWatched({ command: program, args, folder, stopSignal: 'TERM', runAs }, () =>
      reach(port),
    );
    const through = (url: string): string =>
      withDatabase(`postgres://pooled@127.0.0.1:${port}/`, new URL(url).pathname.slice(1));
    return { through, stop };
  });
}

async function reach(port: number): Promise<void> {
  const socket = connect(port, '127.0.0.1');
  try {
    await once(socket, 'connect');
  } finally {
    socket.destroy();
  }
}
