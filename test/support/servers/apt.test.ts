import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type AptHost, installWithApt } from './apt.js';

describe('installWithApt', () => {
  let folder: string;
  let calls: string[];
  let host: AptHost;
  let policyDuringInstall: { mode: number; text: string } | undefined;

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'dbtool-apt-'));
    calls = [];
    policyDuringInstall = undefined;
    host = {
      isRoot: true,
      isDebian: true,
      policyFile: join(folder, 'policy-rc.d'),
      run: async (command, args, env) => {
        calls.push([command, ...args].join(' '));
        expect(env['DEBIAN_FRONTEND']).toBe('noninteractive');
        const { mode } = await stat(host.policyFile);
        policyDuringInstall = { mode: mode & 0o777, text: await readFile(host.policyFile, 'utf8') };
      },
    };
  });
  afterEach(() => rm(folder, { recursive: true, force: true }));

  it('updates, installs without questions, and forbids services to start meanwhile', async () => {
    expect(await installWithApt(['postgresql'], host)).toBeUndefined();
    expect(calls).toEqual(['apt-get update -q', 'apt-get install -q -y --no-install-recommends postgresql']);
    expect(policyDuringInstall).toEqual({ mode: 0o755, text: '#!/bin/sh\nexit 101\n' });
    expect(existsSync(host.policyFile)).toBe(false);
  });

  it('installs one package after the other, since apt locks itself', async () => {
    let atWork = 0;
    let most = 0;
    host.run = async () => {
      most = Math.max(most, ++atWork);
      await new Promise((resolve) => setTimeout(resolve, 5));
      atWork--;
    };
    const both = ['postgresql', 'mariadb-server'].map((name) => installWithApt([name], host));
    expect(await Promise.all(both)).toEqual([undefined, undefined]);
    expect(most).toBe(1);
    expect(existsSync(host.policyFile)).toBe(false);
  });

  it("keeps the machine's own policy", async () => {
    await writeFile(host.policyFile, 'theirs');
    expect(await installWithApt(['postgresql'], host)).toBeUndefined();
    expect(await readFile(host.policyFile, 'utf8')).toBe('theirs');
  });

  it('tells why it failed and removes its policy', async () => {
    host.run = () => Promise.reject(new Error('Command failed: apt-get update\nE: no network\n'));
    expect(await installWithApt(['postgresql'], host)).toBe(
      'apt-get install postgresql failed: E: no network',
    );
    expect(existsSync(host.policyFile)).toBe(false);
  });

  it('touches nothing without root or without apt-get', async () => {
    expect(await installWithApt(['postgresql'], { ...host, isRoot: false })).toContain('needs root');
    expect(await installWithApt(['postgresql'], { ...host, isDebian: false })).toContain('no apt-get');
    expect(calls).toEqual([]);
  });
});
