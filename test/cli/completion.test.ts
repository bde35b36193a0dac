import { execFileSync, spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { buildFixtureApp, type FixtureApp } from './support/fixture-app.js';

let app: FixtureApp;
const scripts: Record<string, string> = {};

beforeAll(async () => {
  app = await buildFixtureApp();
  for (const shell of ['bash', 'zsh', 'fish']) scripts[shell] = (await app.run(['completion', shell])).stdout;
});

afterAll(() => {
  app.remove();
});

/** What bash would offer with the cursor behind the last of these words. */
function complete(...words: string[]): string[] {
  const line = ['dbtool', ...words].map((word) => `'${word}'`).join(' ');
  const program = `${scripts['bash'] ?? ''}\nCOMP_WORDS=(${line}); COMP_CWORD=${words.length}; _dbtool_completion; printf '%s\\n' "\${COMPREPLY[@]}"`;
  return execFileSync('bash', ['-u', '-c', program], { encoding: 'utf8', cwd: app.root })
    .split('\n')
    .filter(Boolean);
}

describe('the bash script', () => {
  it('is valid', () => {
    expect(spawnSync('bash', ['-n'], { input: scripts['bash'], encoding: 'utf8' })).toMatchObject({
      status: 0,
      stderr: '',
    });
  });

  it('completes commands and topics', () => {
    expect(complete('')).toEqual([
      'boom',
      'completion',
      'destroy',
      'finding',
      'help',
      'report',
      'slow',
      'spew',
      'stuck',
      'work',
    ]);
    expect(complete('re')).toEqual(['report']);
    expect(complete('report', '')).toEqual(['costs', 'traces']);
    expect(complete('report', 't')).toEqual(['traces']);
    expect(complete('--env', 'report', '--json', 'report', 't')).toEqual(['traces']);
  });

  it('completes flags and what they take', () => {
    expect(complete('--ver')).toEqual(['--verbose']);
    expect(complete('report', 'traces', '--f')).toEqual(['--format']);
    expect(complete('report', 'traces', '--')).toEqual(
      expect.arrayContaining(['--json', '--since', '--help']),
    );
    expect(complete('report', 'traces', '--format', '')).toEqual(['table', 'csv', 'json', 'ndjson']);
    expect(complete('report', 'traces', '--format', '=', 'n')).toEqual(['ndjson']);
    expect(complete('report', 'traces', '--format', '=')).toEqual(['table', 'csv', 'json', 'ndjson']);
    expect(complete('report', 'traces', '-f', 'c')).toEqual(['csv']);
    expect(complete('report', 'traces', '--since', '')).toEqual([]);
    expect(complete('report', 'traces', '--output', 'pack')).toEqual(['package.json']);
    expect(complete('completion', '')).toEqual(['bash', 'zsh', 'fish']);
  });
});

/** Runs another shell on a file with its script; undefined where that shell is not installed. */
function tryShell(
  shell: 'zsh' | 'fish',
  args: (file: string) => string[],
): { status: number | null; stdout: string; stderr: string } | undefined {
  const file = join(app.root, `dbtool.${shell}`);
  writeFileSync(file, scripts[shell]!);
  const run = spawnSync(shell, args(file), { encoding: 'utf8', env: { ...process.env, HOME: app.root } });
  const error: NodeJS.ErrnoException | undefined = run.error;
  return error?.code === 'ENOENT' ? undefined : run;
}

describe('the zsh and fish scripts', () => {
  it.each([
    ['zsh', '-n'],
    ['fish', '--no-execute'],
  ] as const)(
    '%s: names everything, with quotes in pairs; valid by %s where it is installed',
    (shell, check) => {
      const script = scripts[shell]!;
      for (const name of ['traces', 'costs', 'boom', 'format', 'ndjson', 'Sum up costs'])
        expect(script).toContain(name);
      expect((script.replaceAll(String.raw`'\''`, '').match(/'/gu) ?? []).length % 2).toBe(0);
      expect(tryShell(shell, (file) => [check, file]) ?? { status: 0, stderr: '' }).toMatchObject({
        status: 0,
        stderr: '',
      });
    },
  );

  it.each([
    ['dbtool report t', 'traces\tList traces.\n'],
    ['dbtool --env report rep', 'report\tRead what happened.\n'],
    ['dbtool report traces --format c', 'csv\tWrite the rows in this format.\n'],
    ['dbtool completion z', 'zsh\tThe shell you use.\n'],
    ['dbtool report traces --forma', '--format\tWrite the rows in this format.\n'],
  ])('fish completes %j, where it is installed', (line, offered) => {
    const run = tryShell('fish', (file) => ['--no-config', '-c', `source ${file}; complete -C '${line}'`]);
    expect(run ?? { stdout: offered, stderr: '' }).toMatchObject({ stdout: offered, stderr: '' });
  });
});
