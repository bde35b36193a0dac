import { afterEach, beforeEach, expect, it } from '@jest/globals';
import { setTimeout as sleep } from 'node:timers/promises';
import { lockHolder, withMigrationLock } from '../../../src/migrate/lock/migration-lock.js';
import { type CliResult, runCli } from '../../support/cli.js';
import { createTestDatabase, forEachDatabase, type TestDatabase } from '../../support/databases.js';
import { open } from '../../support/open-database.js';
import { lockOptions, spawnHolder } from './support/locking.js';

interface Document {
  ok: boolean;
  data?: { freed: Record<string, unknown> | null };
  error?: { code: string; why: string; fix: string };
}

forEachDatabase('dbtool migrate unlock', (kind) => {
  let database: TestDatabase;

  beforeEach(async () => {
    database = await createTestDatabase(kind);
    await open(database, () => Promise.resolve());
  });

  afterEach(() => database.drop());

  const unlock = (...flags: string[]): Promise<CliResult> =>
    runCli(['migrate', 'unlock', ...flags], { env: { DBTOOL_DATABASE_URL: database.url } });
  const unlockJson = async (...flags: string[]): Promise<[number | null, Document]> => {
    const { code, stdout } = await unlock('--json', ...flags);
    return [code, JSON.parse(stdout) as Document];
  };

  it('says that nobody holds the lock', async () => {
    const { code, stdout } = await unlock();
    expect([code, stdout]).toEqual([0, 'Nobody holds the migration lock.\n']);
    expect(await unlockJson('--force', '--yes')).toEqual([0, { ok: true, data: { freed: null } }]);
  });

  it('shows a holder that died, and frees its lock when that is confirmed', async () => {
    const { child } = await spawnHolder(database);
    child.kill('SIGKILL');
    await sleep(300);
    const asked = await unlock();
    expect(asked.code).toBe(2);
    expect(asked.stderr).toMatch(new RegExp(`process ${child.pid}.* is gone`));
    expect(asked.stderr).toContain('--yes');
    expect(await unlockJson('--yes')).toEqual([
      0,
      { ok: true, data: { freed: expect.objectContaining({ pid: child.pid, isStale: true }) } },
    ]);
    expect(await open(database, lockHolder)).toBeUndefined();
  });

  it('refuses a holder that is alive, and ends it by force', async () => {
    const { child } = await spawnHolder(database);
    try {
      const [code, { error }] = await unlockJson('--yes');
      expect(code).toBe(2);
      expect(error).toMatchObject({ code: 'migrate.lock.held' });
      expect(error?.why).toContain(`Process ${child.pid} is running on this host`);
      expect(error?.fix).toContain('--force');
      const [forced, document] = await unlockJson('--yes', '--force');
      if (kind === 'oracle') {
        expect(forced).toBe(2);
        expect(document.error?.fix).toMatch(/ALTER SYSTEM DISCONNECT SESSION '\d+,SERIAL#' IMMEDIATE/);
        expect(await open(database, lockHolder)).toMatchObject({ pid: child.pid, isStale: false });
        return;
      }
      expect(document).toMatchObject({ ok: true, data: { freed: { pid: child.pid, isStale: false } } });
      await open(database, async (opened) => {
        expect(await lockHolder(opened)).toBeUndefined();
        expect(await withMigrationLock(opened, lockOptions({ waitMs: 0 }), () => Promise.resolve(1))).toBe(1);
      });
    } finally {
      child.kill('SIGKILL');
    }
  });

  it('takes the lease of a row away by force, which its holder finds out', async () => {
    const { child, nextLine } = await spawnHolder(database, { asRow: true });
    try {
      expect((await unlockJson('--yes'))[0]).toBe(2);
      const lost = nextLine();
      expect((await unlockJson('--yes', '--force'))[0]).toBe(0);
      expect(await lost).toBe('lost');
    } finally {
      child.kill('SIGKILL');
    }
  });
});
