import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { access, chown, constants, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { promisify } from 'node:util';

const execute = promisify(execFile);

/** User and group a server process gets; empty when the tests do not run as root. */
interface RunAs {
  uid?: number;
  gid?: number;
}

/** Database servers refuse to run as root; root runs them as the first of these users that exists. */
export async function unprivilegedUser(candidates: string[]): Promise<RunAs> {
  if (process.getuid?.() !== 0) return {};
  for (const name of [...candidates, 'nobody']) {
    try {
      const [uid, gid] = await Promise.all([execute('id', ['-u', name]), execute('id', ['-g', name])]);
      return { uid: Number(uid.stdout), gid: Number(gid.stdout) };
    } catch {
      // No such user; the next one.
    }
  }
  throw new Error(`running as root and there is no user ${candidates.join(', ')} or nobody`);
}

/**
 * Sets up and starts a server in a new folder that only the server's user may enter, and removes the
 * folder if that fails. The folder's path is short: socket paths end at 107 bytes.
 */
export async function inServerFolder<T>(
  kind: string,
  runAs: RunAs,
  use: (folder: string) => Promise<T>,
): Promise<T> {
  const folder = await mkdtemp(join(tmpdir(), `dbtool-${kind}-`));
  try {
    if (runAs.uid !== undefined && runAs.gid !== undefined) await chown(folder, runAs.uid, runAs.gid);
    return await use(folder);
  } catch (error) {
    await rm(folder, { recursive: true, force: true });
    throw error;
  }
}

/** What a server of our own gets beside what it needs. */
export interface OwnServer {
  /** Files in the server's folder, by name, readable for the server alone. */
  files?: Record<string, string>;
  /** Settings as the server takes them on its command line; they may name the files. */
  settings?: (folder: string) => string[];
}

export async function writeServerFiles(
  folder: string,
  files: Record<string, string>,
  { uid, gid }: RunAs,
): Promise<void> {
  for (const [name, content] of Object.entries(files)) {
    const file = join(folder, name);
    await writeFile(file, content, { mode: 0o600 });
    if (uid !== undefined && gid !== undefined) await chown(file, uid, gid);
  }
}

/** Runs a set-up command to its end; its output becomes part of the error if it fails. */
export async function runToEnd(command: string, args: string[], runAs: RunAs, cwd: string): Promise<void> {
  await execute(command, args, { ...runAs, cwd, env: { ...process.env, LC_ALL: 'C' } });
}

/**
 * Waits for the end of its input, then stops the server. The input is a pipe held by the test run:
 * the kernel closes it however the run ends, even by SIGKILL, so no server outlives its tests.
 */
const WATCHDOG = `
folder=$1; signal=$2; shift 2
"$@" >"$folder/server.log" 2>&1 &
server=$!
read -r _
kill -s "$signal" "$server" 2>/dev/null
wait "$server"
cd / && rm -rf "$folder"
`;

interface WatchedCommand {
  command: string;
  args: string[];
  /** The server's folder; it is removed when the server has stopped. */
  folder: string;
  stopSignal: 'INT' | 'TERM';
  runAs: RunAs;
}

/**
 * Starts a server and waits until `probe` succeeds.
 *
 * @returns what the probe returned, and how to stop the server (which also removes its folder)
 */
export async function startWatched<T>(
  { command, args, folder, stopSignal, runAs }: WatchedCommand,
  probe: () => Promise<T>,
  timeoutMs = 60_000,
): Promise<{ ready: T; stop: () => Promise<void> }> {
  const watchdog = spawn('sh', ['-c', WATCHDOG, 'sh', folder, stopSignal, command, ...args], {
    ...runAs,
    cwd: folder,
    // A session of its own: Ctrl-C must reach the tests first, the server stops after them.
    detached: true,
    stdio: ['pipe', 'ignore', 'ignore'],
  });
  const ended = once(watchdog, 'exit');
  const stop = async (): Promise<void> => {
    watchdog.stdin.end();
    await ended;
  };
  try {
    return { ready: await retried(probe, timeoutMs), stop };
  } catch (error) {
    const log = await readFile(join(folder, 'server.log'), 'utf8').catch(() => '');
    await stop();
    throw new Error(`not ready within ${timeoutMs / 1000} s; its log ends: ${log.slice(-2000)}`, {
      cause: error,
    });
  }
}

async function retried<T>(probe: () => Promise<T>, timeoutMs: number): Promise<T> {
  const deadline = Date.now() + timeoutMs;
  for (;;) {
    try {
      return await probe();
    } catch (error) {
      if (Date.now() > deadline) throw error;
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  }
}

/** A TCP port of 127.0.0.1 that nobody listened on a moment ago. */
export async function freePort(): Promise<number> {
  const probe = createServer().listen(0, '127.0.0.1');
  await once(probe, 'listening');
  const address = probe.address();
  probe.close();
  if (address === null || typeof address === 'string') throw new Error('no TCP port could be had');
  return address.port;
}

/** The first of these programs found in PATH or in one of the folders, as a full path. */
export async function findProgram(names: string[], folders: string[] = []): Promise<string | undefined> {
  const path = (process.env['PATH'] ?? '').split(delimiter).filter((folder) => folder !== '');
  for (const name of names) {
    for (const folder of [...path, ...folders]) {
      const file = join(folder, name);
      if (await isExecutable(file)) return file;
    }
  }
  return undefined;
}

async function isExecutable(file: string): Promise<boolean> {
  try {
    await access(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
