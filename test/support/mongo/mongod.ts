import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { constants } from 'node:fs';
import { access, mkdtemp, rm } from 'node:fs/promises';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';

const READY_LIMIT_MS = 30_000;
const KILL_AFTER_MS = 5_000;

/** A mongod of our own. */
interface Mongod {
  url: string;
  /** Ends the process and removes its data. */
  stop(): Promise<void>;
}

/** The first executable file of that name in the folders of PATH. */
export async function findOnPath(name: string, searchPath: string): Promise<string | null> {
  for (const folder of searchPath.split(path.delimiter).filter(Boolean)) {
    const file = path.join(folder, name);
    const isThere = await access(file, constants.X_OK).then(
      () => true,
      () => false,
    );
    if (isThere) return file;
  }
  return null;
}

/**
 * Starts a mongod on a free port of 127.0.0.1 with its data in a temporary folder.
 * @throws Error with the end of its log when it ends, or is not ready after 30 s
 */
export async function startMongod(binary: string): Promise<Mongod> {
  const folder = await mkdtemp(path.join(tmpdir(), 'dbtool-mongod-'));
  const port = await freePort();
  const options = ['--port', String(port), '--dbpath', folder, '--bind_ip', '127.0.0.1'];
  const storage = ['--storageEngine', 'wiredTiger', '--wiredTigerCacheSizeGB', '0.25', '--nounixsocket'];
  const child = spawn(binary, [...options, ...storage], { stdio: ['ignore', 'pipe', 'pipe'] });
  const onExit = (): void => {
    child.kill('SIGKILL');
  };
  // A run that is broken off must not leave a server behind.
  process.once('exit', onExit);
  const stop = async (): Promise<void> => {
    process.removeListener('exit', onExit);
    await end(child);
    await rm(folder, { recursive: true, force: true });
  };
  try {
    await ready(child);
  } catch (error) {
    await stop();
    throw error;
  }
  return { url: `mongodb://127.0.0.1:${port}`, stop };
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}

/** Waits until the log says that the server takes connections. */
function ready(child: ChildProcess): Promise<void> {
  return new Promise((resolve, reject) => {
    let log = '';
    const fail = (why: string): void => {
      clearTimeout(timer);
      reject(new Error(`mongod ${why}: ${log.trim().slice(-500) || 'it wrote no log'}`));
    };
    const timer = setTimeout(() => {
      fail(`was not ready after ${READY_LIMIT_MS / 1000} s`);
    }, READY_LIMIT_MS);
    const read = (chunk: Buffer): void => {
      // The end is enough for the error; a server that runs for long must not fill the memory.
      log = (log + chunk.toString('utf8')).slice(-20_000);
      if (!log.includes('Waiting for connections')) return;
      clearTimeout(timer);
      resolve();
    };
    child.stdout?.on('data', read);
    child.stderr?.on('data', read);
    child.once('error', (error) => {
      fail(`could not be started (${error.message})`);
    });
    child.once('exit', (code, signal) => {
      fail(`ended with ${signal ?? `exit code ${String(code)}`}`);
    });
  });
}

async function end(child: ChildProcess): Promise<void> {
  if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) return;
  const exited = once(child, 'exit');
  child.kill('SIGTERM');
  const timer = setTimeout(() => child.kill('SIGKILL'), KILL_AFTER_MS);
  await exited;
  clearTimeout(timer);
}
