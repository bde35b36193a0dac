import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { expect, it } from '@jest/globals';
import { isGone, isHere, newToken, thisProcess } from '../../src/lock/this-process.js';

async function endedPid(): Promise<number> {
  const child = spawn('true');
  await once(child, 'exit');
  return child.pid!;
}

it('takes itself for running, and for here', () => {
  const me = thisProcess();
  const token = newToken();
  expect(me.pid).toBe(process.pid);
  expect(isHere(me.host, token)).toBe(true);
  expect(isGone(me, token)).toBe(false);
});

it('knows that a process has ended', async () => {
  expect(isGone({ ...thisProcess(), pid: await endedPid() }, newToken())).toBe(true);
});

it('knows nothing of other hosts, nor of another kernel or container whose host has the same name', async () => {
  const gone = { ...thisProcess(), pid: await endedPid() };
  const token = newToken();
  expect(isGone({ ...gone, host: 'elsewhere' }, token)).toBe(false);
  const [random, , birth] = token.split('.');
  expect(isGone(gone, `${random}.0123456789ab.${birth}`)).toBe(false);
});

// Only Linux tells when a process was started.
(process.platform === 'linux' ? it : it.skip)('tells a process from a later one with its id', () => {
  const [random, place] = newToken().split('.');
  expect(isGone(thisProcess(), `${random}.${place}.1`)).toBe(true);
  expect(isGone(thisProcess(), `${random}.${place}.`)).toBe(false);
});
