import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { buildFixtureApp, type FixtureApp, type Run } from './support/fixture-app.js';

let app: FixtureApp;

beforeAll(async () => {
  app = await buildFixtureApp();
});

afterAll(() => {
  app.remove();
});

/** Runs it on a pseudo-terminal, where `typed` is what the user types; all output comes as stdout. */
function onTerminal(argv: string, typed: string, env: NodeJS.ProcessEnv = {}, columns = 100): Promise<Run> {
  return app.shell(
    `{ sleep 1.5; ${typed}; sleep 1.5; } | script -qec "stty cols ${columns}; $DBTOOL ${argv}" /dev/null`,
    {
      TERM: 'xterm',
      ...env,
    },
  );
}

const ESC = '\u001B';

describe('a destructive command on a terminal', () => {
  it.each([
    ['printf "y\\n"', 0, 'gone'],
    ['printf "yes\\n"', 0, 'gone'],
    ['printf "n\\n"', 3, '(prompt.declined)'],
    ['printf "\\n"', 3, '(prompt.declined)'],
    ['printf "\\004"', 3, '(prompt.declined)'],
    ['printf "\\003"', 130, '[y/N]'],
  ])('asks; %s ends with %i', async (typed, code, shows) => {
    const run = await onTerminal('destroy --no-color', typed);
    expect(run.stdout).toContain('Drop all tables? [y/N] ');
    expect(run.stdout).toContain(shows);
    expect(run.code).toBe(code);
  });

  it('asks nothing with --yes', async () => {
    const run = await onTerminal('destroy --yes', 'true');
    expect(run.stdout).not.toContain('[y/N]');
    expect(run.code).toBe(0);
  });
});

describe('colours', () => {
  it('are there on a terminal, and only there', async () => {
    const [color, flag, env, pipe] = await Promise.all([
      onTerminal('nope', 'true'),
      onTerminal('nope --no-color', 'true'),
      onTerminal('nope', 'true', { NO_COLOR: '1' }),
      app.run(['nope']),
    ]);
    expect(color.stdout).toContain(`${ESC}[31mError:${ESC}[39m`);
    for (const plain of [flag.stdout, env.stdout, pipe.stderr]) {
      expect(plain).toContain('Error: There is no command');
      expect(plain).not.toContain(ESC);
    }
  });
});

describe('progress', () => {
  it('is one redrawn line on a terminal, and the cursor comes back', async () => {
    const { stdout, code } = await onTerminal('work', 'true');
    expect(code).toBe(0);
    expect(stdout).toMatch(/[━─]{20} Importing traces: [\d,]+ of 1,200 \(\d+%\)/u);
    expect(stdout).toContain('Imported 1,200 traces');
    expect(stdout).toContain('half-way note');
    expect(stdout).not.toContain('Looking around');
    expect(stdout.lastIndexOf(`${ESC}[?25h`)).toBeGreaterThan(stdout.lastIndexOf(`${ESC}[?25l`));
  });

  it('is plain lines without a terminal, in CI and with NO_COLOR', async () => {
    const [piped, ci, noColor] = await Promise.all([
      app.run(['work']),
      onTerminal('work', 'true', { CI: 'true' }),
      onTerminal('work --no-color', 'true'),
    ]);
    expect(piped).toMatchObject({ code: 0, stdout: '', stderr: 'half-way note\nImported 1,200 traces\n' });
    for (const run of [ci, noColor]) {
      expect(run.stdout).not.toContain(ESC);
      expect(run.stdout).toContain('Imported 1,200 traces');
    }
  });

  it('draws nothing on a terminal that does not know its width', async () => {
    const run = await onTerminal('work', 'true', {}, 0);
    expect(run.stdout).not.toContain(ESC);
    expect(run.stdout).toContain('Imported 1,200 traces');
  });

  it('is nothing under --json', async () => {
    const run = await app.run(['work', '--json']);
    expect(run).toMatchObject({ code: 0, stderr: '', stdout: '{"ok":true,"data":42}\n' });
  });
});

describe('a table on a terminal', () => {
  it('is drawn as through a pipe when it fits, and cut when it does not', async () => {
    const [piped, unknown, fits, narrow] = await Promise.all([
      app.run(['report', 'traces']),
      onTerminal('report traces', 'true', {}, 0),
      onTerminal('report traces', 'true'),
      onTerminal('report traces', 'true', {}, 11),
    ]);
    for (const shown of [unknown, fits])
      expect(shown.stdout.replaceAll('\r\n', '\n')).toContain(piped.stdout);
    expect(narrow.stdout).toContain('Tra…  Toke…');
  });
});
