import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { rm, writeFile } from 'node:fs/promises';
import { promisify } from 'node:util';

/** The machine that packages are installed on; tests pass another one. */
export interface AptHost {
  isRoot: boolean;
  isDebian: boolean;
  /** Where Debian asks whether a package may start its service. */
  policyFile: string;
  run(command: string, args: string[], env: Record<string, string>): Promise<void>;
}

const TEN_MINUTES = 600_000;

export const THIS_HOST: AptHost = {
  isRoot: process.getuid?.() === 0,
  isDebian: existsSync('/etc/debian_version') && existsSync('/usr/bin/apt-get'),
  policyFile: '/usr/sbin/policy-rc.d',
  async run(command, args, env) {
    await promisify(execFile)(command, args, {
      env: { ...process.env, ...env },
      timeout: TEN_MINUTES,
      maxBuffer: 64 * 1024 * 1024,
    });
  },
};

/**
 * Installs Debian packages without letting them start a service: the tests start the server
 * themselves, in a folder of their own.
 *
 * @returns undefined when installed, else why not
 */
export async function installWithApt(
  packageNames: string[],
  host: AptHost = THIS_HOST,
): Promise<string | undefined> {
  if (process.env['DBTOOL_TEST_NO_INSTALL'] !== undefined)
    return 'installing is switched off by DBTOOL_TEST_NO_INSTALL';
  if (!host.isDebian) return 'cannot install: no apt-get here';
  if (!host.isRoot) return `cannot install: apt-get install ${packageNames.join(' ')} needs root`;
  // apt takes one call at a time, and the servers are looked for side by side.
  const mine = running.then(() => install(packageNames, host));
  running = mine.catch(() => undefined);
  return mine;
}

/** The installation that was asked for last. */
let running: Promise<unknown> = Promise.resolve();

async function install(packageNames: string[], host: AptHost): Promise<string | undefined> {
  const ownPolicy = !existsSync(host.policyFile);
  const env = { DEBIAN_FRONTEND: 'noninteractive' };
  try {
    if (ownPolicy) await writeFile(host.policyFile, '#!/bin/sh\nexit 101\n', { mode: 0o755 });
    await host.run('apt-get', ['update', '-q'], env);
    await host.run('apt-get', ['install', '-q', '-y', '--no-install-recommends', ...packageNames], env);
    return undefined;
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    return `apt-get install ${packageNames.join(' ')} failed: ${message.trim().split('\n').at(-1) ?? ''}`;
  } finally {
    if (ownPolicy) await rm(host.policyFile, { force: true });
  }
}
