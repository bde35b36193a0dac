import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { DatabaseSettings } from '../../../../src/config/settings.js';
import type { OpenDatabase } from '../../../../src/database/data-source.js';
import {
  type HeldLock,
  type LockOptions,
  withMigrationLock,
} from '../../../../src/migrate/lock/migration-lock.js';
import type { TestDatabase } from '../../../support/databases.js';
import { settingsFor } from '../../../support/open-database.js';
import { PRELOAD } from '../../../support/oracle/driver/paths.js';

export const lockOptions = (more: Partial<LockOptions> = {}): LockOptions => ({
  waitMs: 10_000,
  toolVersion: '1.2.3',
  ...more,
});

/** Holds the lock until it is told to let go. */
export async function hold(
  opened: OpenDatabase,
  more: Partial<LockOptions> = {},
): Promise<{ lock: HeldLock; letGo: () => Promise<void> }> {
  return new Promise((resolve, reject) => {
    let end: () => void = () => undefined;
    const until = new Promise<void>((done) => (end = done));
    const work = withMigrationLock(opened, lockOptions(more), async (_runner, lock) => {
      resolve({
        lock,
        letGo: async () => {
          end();
          await work;
        },
      });
      await until;
    });
    work.catch(reject);
  });
}

/** The database as it looks through a connection pooler. */
export function withoutSessionLocks(opened: OpenDatabase): OpenDatabase {
  const { sessionLocks } = opened.dialect;
  return {
    ...opened,
    dialect: {
      ...opened.dialect,
      sessionLocks: {
        ...sessionLocks,
        takeLock: () => Promise.resolve({ outcome: 'unavailable', reason: 'pooler', session: null }),
      },
    },
  };
}

export interface HolderAsked {
  settings: DatabaseSettings;
  /** Whether the row is to be the lock. */
  asRow: boolean;
  leaseMs?: number;
}

const LOADER = new URL('../../../support/typescript-loader.mjs', import.meta.url).href;
const REGISTER = `data:text/javascript,import{register}from'node:module';register('${LOADER}')`;

/** A process that holds the lock; resolves as soon as it does. Whoever starts it ends it. */
export async function spawnHolder(
  database: TestDatabase,
  asked: Partial<HolderAsked> = {},
): Promise<{ child: ChildProcessWithoutNullStreams; nextLine: () => Promise<string> }> {
  const file = fileURLToPath(new URL('holder.ts', import.meta.url));
  const args: HolderAsked = { settings: settingsFor(database), asRow: false, ...asked };
  const child = spawn(process.execPath, ['--import', REGISTER, file, JSON.stringify(args)], {
    env: { ...process.env, NODE_OPTIONS: `--require="${PRELOAD}"` },
  });
  let errors = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => (errors += text));
  const ended = once(child, 'exit').then(() => {
    throw new Error(`the holder ended: ${errors}`);
  });
  ended.catch(() => undefined);
  child.stdout.setEncoding('utf8');
  const nextLine = async (): Promise<string> => {
    const [text] = (await Promise.race([once(child.stdout, 'data'), ended])) as [string];
    return text.trim();
  };
  const line = await nextLine();
  if (line !== 'held') throw new Error(`the holder said ${line}`);
  return { child, nextLine };
}
