import { createHash, randomUUID } from 'node:crypto';
import { readFileSync, readlinkSync } from 'node:fs';
import { hostname, userInfo } from 'node:os';

/** Who holds the lock, for people and for finding out whether the process is still there. */
export interface ProcessIdentity {
  user: string;
  host: string;
  pid: number;
}

export function thisProcess(): ProcessIdentity {
  return { user: userName(), host: hostname(), pid: process.pid };
}

function userName(): string {
  try {
    return userInfo().username;
  } catch {
    // In a container the user may have a number only.
    return `uid ${process.getuid?.() ?? 'unknown'}`;
  }
}

/**
 * A token that no other holder has: `<random>.<place>.<birth>`. The place is the kernel that gives out the
 * process ids, since hosts of one name are common among containers; the birth tells a process from a later one
 * with its id. Both are empty where the system does not tell them.
 */
export function newToken(): string {
  return [randomUUID(), place(), birth(process.pid) ?? ''].join('.');
}

/** Whether a holder's process is certainly one of those that can be seen from here. */
export function isHere(host: string, token: string): boolean {
  return host === hostname() && placeOf(token) === place();
}

/**
 * Whether the process that made the token is gone for certain; of one on another host nothing is known.
 */
export function isGone({ host, pid }: ProcessIdentity, token: string): boolean {
  if (!isHere(host, token)) return false;
  if (!isRunning(pid)) return true;
  const then = token.split('.')[2] ?? '';
  const now = birth(pid);
  // The id lives on in another process, such as the first one of a container that was started again.
  return then !== '' && now !== undefined && then !== now;
}

function placeOf(token: string): string {
  return token.split('.')[1] ?? '';
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // Anything else, such as a lack of rights, is told of a process that is there.
    return (error as NodeJS.ErrnoException).code !== 'ESRCH';
  }
}

function place(): string {
  try {
    const boot = readFileSync('/proc/sys/kernel/random/boot_id', 'utf8');
    const namespace = readlinkSync('/proc/self/ns/pid');
    return createHash('sha256').update(`${boot} ${namespace}`).digest('hex').slice(0, 12);
  } catch {
    return '';
  }
}

/** The moment the process was started, in the kernel's ticks since its own start. */
function birth(pid: number): string | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    // The second field is a name that may hold anything; fields count from behind it, and this is the 22nd.
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19];
  } catch {
    return undefined;
  }
}
