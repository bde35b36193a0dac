import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { buildFixtureApp, type FixtureApp } from './support/fixture-app.js';

const SPEWED = 1_500_000;
let app: FixtureApp;

beforeAll(async () => {
  app = await buildFixtureApp();
});

afterAll(() => {
  app.remove();
});

describe('a signal', () => {
  it.each([
    ['SIGINT', 130, 'signal.interrupt'],
    ['SIGTERM', 143, 'signal.terminate'],
  ] as const)(
    '%s lets an interruptible command end its batch and exits with %i',
    async (send, exit, code) => {
      for (const how of ['return', 'throw']) {
        const run = await app.signal(['slow', '--how', how], [{ after: 'READY', send }]);
        expect(run).toMatchObject({ code: exit, signal: null });
        expect(run.stderr).toContain('Stopping after the current batch; press Ctrl-C again to end at once.');
        expect(run.stderr).toContain(`Error: Stopped by ${send} (${code})`);
        expect(run.stderr.includes('CLEANED UP')).toBe(how === 'return');
      }
    },
  );

  it('keeps what the command had under --json', async () => {
    const run = await app.signal(['slow', '--json'], [{ after: 'READY', send: 'SIGINT' }]);
    expect(run.code).toBe(130);
    expect(JSON.parse(run.stdout)).toMatchObject({
      ok: false,
      error: { code: 'signal.interrupt' },
      data: { done: 'some' },
    });
  });

  it('shows the fix that the command gives', async () => {
    const run = await app.signal(['slow', '--how', 'coded'], [{ after: 'READY', send: 'SIGINT' }]);
    expect(run.code).toBe(130);
    expect(run.stderr).toContain(
      'Error: Stopped after batch 7 (signal.interrupt)\n  Fix: Go on with --resume.',
    );
  });

  it('hides no failure that happens while stopping', async () => {
    const run = await app.signal(['slow', '--how', 'fail'], [{ after: 'READY', send: 'SIGINT' }]);
    expect(run.code).toBe(130);
    expect(run.stderr).toMatch(
      /signal\.interrupt\)\n {2}Why: While stopping, this failed: .*the rollback failed/u,
    );
  });

  it('ends at once the second time', async () => {
    const started = performance.now();
    const run = await app.signal(
      ['slow', '--how', 'deaf', '--json'],
      [
        { after: 'READY', send: 'SIGINT' },
        // Under --json there is no note to wait for; the second one follows the first.
        { after: 'READY', send: 'SIGTERM' },
      ],
    );
    expect([130, 143]).toContain(run.code);
    expect(performance.now() - started).toBeLessThan(8000);
    expect(JSON.parse(run.stdout)).toMatchObject({
      ok: false,
      error: { code: expect.stringMatching(/^signal/u) as unknown },
    });
  });

  it.each([
    ['SIGINT', 130],
    ['SIGTERM', 143],
  ] as const)('%s ends at once a command that does not look', async (send, exit) => {
    const started = performance.now();
    const run = await app.signal(['stuck'], [{ after: 'READY', send }]);
    expect(run).toMatchObject({ code: exit, stdout: '' });
    expect(performance.now() - started).toBeLessThan(8000);
    const json = await app.signal(['stuck', '--json'], [{ after: 'READY', send }]);
    expect(json.code).toBe(exit);
    expect(JSON.parse(json.stdout)).toMatchObject({ ok: false });
  });
});

describe('a closed pipe', () => {
  it.each([
    '$DBTOOL spew | head -1',
    '$DBTOOL spew --endless | head -1',
    '$DBTOOL spew --at once | head -1',
    '$DBTOOL slow --how print | head -1',
  ])('%s ends quietly with 0', async (line) => {
    const run = await app.shell(`${line}; echo "\${PIPESTATUS[0]}" >&2`);
    expect(run.stderr.replace('READY\n', '').replace('CLEANED UP\n', '')).toBe('0\n');
    expect(run.stdout.split('\n')).toHaveLength(2);
  });

  it('hides no failure of another kind', async () => {
    const run = await app.shell('$DBTOOL spew --at once --fail | head -1; echo "${PIPESTATUS[0]}" >&2');
    expect(run.stderr).toContain('afterwards (internal.bug)');
    expect(run.stderr.endsWith('1\n')).toBe(true);
  });

  it('of stderr is survived', async () => {
    const run = await app.shell('$DBTOOL report costs --verbose 2> >(true)');
    expect(run).toMatchObject({ code: 0, stdout: '0\n' });
  });
});

describe('big output', () => {
  it.each(['spew', 'spew --at once'])(
    'of %s comes through a slow reader whole, and the process ends',
    async (argv) => {
      const run = await app.shell(`$DBTOOL ${argv} | { sleep 1; cat; } | wc -c; echo "\${PIPESTATUS[0]}"`);
      expect(run.stdout.split(/\s+/u).slice(0, 2)).toEqual([String(SPEWED), '0']);
    },
  );

  it('under --json is one whole document', async () => {
    const run = await app.shell('$DBTOOL spew --json | { sleep 1; cat; }');
    expect(run.code).toBe(0);
    const { ok, data } = JSON.parse(run.stdout) as { ok: boolean; data: string };
    expect([ok, data.length]).toEqual([true, SPEWED]);
  });
});
