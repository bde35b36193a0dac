import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { findProgram, freePort, inServerFolder, startWatched } from './own-process.js';

/** A "server" that writes its process id and notes the signal that ends it outside its folder. */
const SERVER = `
  const { writeFileSync } = require('node:fs');
  process.on('SIGTERM', () => { writeFileSync(process.argv[1] + '.ended', 'TERM'); process.exit(); });
  setInterval(() => undefined, 1000);
  writeFileSync(process.argv[1] + '.pid', String(process.pid));
`;

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

async function eventually<T>(read: () => Promise<T>): Promise<T> {
  for (let tries = 0; ; tries += 1) {
    try {
      return await read();
    } catch (error) {
      if (tries === 200) throw error;
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }
}

describe('startWatched', () => {
  let notes: string;
  beforeEach(async () => {
    notes = join(await mkdtemp(join(tmpdir(), 'dbtool-watch-')), 'server');
  });
  afterEach(() => rm(join(notes, '..'), { recursive: true, force: true }));
  const readPid = async (): Promise<number> => Number(await readFile(`${notes}.pid`, 'utf8'));

  it('stops the server and removes its folder', async () => {
    const folder = await inServerFolder('test', {}, (made) => Promise.resolve(made));
    const command = { command: process.execPath, args: ['-e', SERVER, notes], folder, runAs: {} };
    const { ready: pid, stop } = await startWatched({ ...command, stopSignal: 'TERM' }, readPid);
    expect(isAlive(pid)).toBe(true);
    await stop();
    expect(isAlive(pid)).toBe(false);
    expect(await readFile(`${notes}.ended`, 'utf8')).toBe('TERM');
    expect(existsSync(folder)).toBe(false);
  });

  it('stops the server when the process that started it is killed', async () => {
    const folder = await inServerFolder('test', {}, (made) => Promise.resolve(made));
    const loader = new URL('../typescript-loader.mjs', import.meta.url).href;
    const program = `
      (await import('node:module')).register(${JSON.stringify(loader)});
      const { startWatched } = await import(${JSON.stringify(new URL('./own-process.ts', import.meta.url).href)});
      await startWatched({ command: process.execPath, args: ['-e', ${JSON.stringify(SERVER)}, ${JSON.stringify(notes)}],
        folder: ${JSON.stringify(folder)}, stopSignal: 'TERM', runAs: {} }, () => Promise.resolve());
      setInterval(() => undefined, 1000);
    `;
    const cwd = fileURLToPath(new URL('../../../', import.meta.url));
    const starter = spawn(process.execPath, ['--input-type=module', '-e', program], {
      cwd,
      stdio: 'inherit',
    });
    const pid = await eventually(readPid);
    expect(isAlive(pid)).toBe(true);
    starter.kill('SIGKILL');
    await once(starter, 'exit');
    expect(await eventually(() => readFile(`${notes}.ended`, 'utf8'))).toBe('TERM');
    await eventually(() =>
      existsSync(folder) ? Promise.reject(new Error('still there')) : Promise.resolve(),
    );
  });

  it("shows the end of the server's log when it does not get ready", async () => {
    const folder = await inServerFolder('test', {}, (made) => Promise.resolve(made));
    const command = { command: 'sh', args: ['-c', 'echo "port in use" >&2'], folder, runAs: {} };
    const never = () => Promise.reject(new Error('refused'));
    await expect(startWatched({ ...command, stopSignal: 'TERM' }, never, 300)).rejects.toThrow(/port in use/);
    expect(existsSync(folder)).toBe(false);
  });
});

describe('inServerFolder', () => {
  it('removes the folder of a set-up that failed', async () => {
    let folder = '';
    const failing = inServerFolder('test', {}, (made) => {
      folder = made;
      return Promise.reject(new Error('initdb failed'));
    });
    await expect(failing).rejects.toThrow('initdb failed');
    expect(folder).not.toBe('');
    expect(existsSync(folder)).toBe(false);
  });
});

describe('findProgram and freePort', () => {
  it('finds a program in PATH, and none that is missing', async () => {
    expect(await findProgram(['no-such-program-at-all', 'sh'])).toMatch(/\/sh$/);
    expect(await findProgram(['no-such-program-at-all'], ['/usr/sbin'])).toBeUndefined();
  });

  it('gives a usable port', async () => {
    expect(await freePort()).toBeGreaterThan(1023);
  });
});
