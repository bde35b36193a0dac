import type { SessionLocks } from '../../session-locks.js';

/** SQLite has no sessions: its lock is the write transaction, and ends with that. */
export const sqliteLocks: SessionLocks = {
  clock: (plusMs) => `strftime('%Y-%m-%d %H:%M:%f', 'now', '${plusMs / 1000} seconds')`,
  takeLock: () => Promise.resolve({ outcome: 'unavailable', reason: 'embedded', session: null }),
  releaseLock: () => Promise.resolve(),
  lockOwner: () => Promise.resolve(undefined),
};
