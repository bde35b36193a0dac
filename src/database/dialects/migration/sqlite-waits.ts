import { readFile, stat } from 'node:fs/promises';
import type { QueryRunner } from 'typeorm';
import type { Blocker, LockWaits } from '../../lock-waits.js';

async function limit(runner: QueryRunner, ms: number): Promise<() => Promise<void>> {
  const [before] = (await runner.query('PRAGMA busy_timeout')) as [{ timeout: number }];
  await runner.query(`PRAGMA busy_timeout = ${Math.round(ms)}`);
  return async () => {
    await runner.query(`PRAGMA busy_timeout = ${before.timeout}`);
  };
}

/** The byte of the -shm file that the writer of a database with a write-ahead log locks. */
const WRITE_LOCK = 120;

/** SQLite does not know who has its locks, but Linux does: `1: POSIX ADVISORY WRITE <pid> <device>:<inode> <from> <to>`. */
async function blockers(runner: QueryRunner): Promise<Blocker[]> {
  const { database: file } = runner.dataSource.options as { database: string };
  try {
    const { ino } = await stat(`${file}-shm`);
    const locks = (await readFile('/proc/locks', 'utf8')).split('\n').map((line) => line.trim().split(/\s+/));
    const writers = locks.filter(
      ([, kind, , mode, , place = '', from, to]) =>
        kind === 'POSIX' &&
        mode === 'WRITE' &&
        place.endsWith(`:${ino}`) &&
        Number(from) <= WRITE_LOCK &&
        Number(to) >= WRITE_LOCK,
    );
    const pids = [...new Set(writers.map(([, , , , pid]) => Number(pid)))];
    return await Promise.all(pids.filter((pid) => pid > 0 && pid !== process.pid).map(processOf));
  } catch {
    // Another system, or a file without a write-ahead log: nobody can be named.
    return [];
  }
}

async function processOf(pid: number): Promise<Blocker> {
  const command = await readFile(`/proc/${pid}/comm`, 'utf8').catch(() => '');
  const application = command.trim() || undefined;
  return { session: String(pid), isProcess: true, application, state: 'writing', certain: true };
}

export const sqliteWaits: LockWaits = {
  limit,
  sessionOf: () => Promise.resolve(''),
  blockers,
  endStatement: (session) => `kill ${session}`,
};
