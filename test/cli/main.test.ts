import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { buildFixtureApp, type FixtureApp, type Run } from './support/fixture-app.js';

let app: FixtureApp;

beforeAll(async () => {
  app = await buildFixtureApp();
});

afterAll(() => {
  app.remove();
});

interface Document {
  ok: boolean;
  data?: unknown;
  error?: { code: string; message: string; why: string | null; fix: string | null; details?: unknown };
  findings?: { code: string }[];
  warnings?: string[];
}

/** The one JSON document that stdout must be, to the byte. */
function documentOf(run: Run): Document {
  expect(run.stdout.endsWith('\n')).toBe(true);
  expect(run.stdout.trimEnd()).not.toContain('\n');
  return JSON.parse(run.stdout) as Document;
}

describe('a failure', () => {
  /** Words, code, exit code, and what the fix or the message must say. */
  const failures: [argv: string[], code: string, exit: number, says: RegExp][] = [
    [['nope'], 'usage.command.unknown', 2, /"dbtool help" lists/u],
    [['reprot', 'traces'], 'usage.command.unknown', 2, /Did you mean "dbtool report traces"/u],
    [
      ['report', 'trcaes', '--format', 'csv'],
      'usage.command.unknown',
      2,
      /Did you mean "dbtool report traces"/u,
    ],
    [['report', 'zzzzzz'], 'usage.command.unknown', 2, /"dbtool report" has: costs, traces/u],
    [['traces'], 'usage.command.unknown', 2, /Did you mean "dbtool report traces"/u],
    [['rep'], 'usage.command.unknown', 2, /Did you mean "dbtool report"/u],
    [['nope', '--help'], 'usage.command.unknown', 2, /no command "dbtool nope"/u],
    [['report', 'nope', '-h'], 'usage.command.unknown', 2, /no command "dbtool report nope"/u],
    [['help', 'nope'], 'usage.command.unknown', 2, /no command "dbtool nope"/u],
    [['help', 'report', 'tracse'], 'usage.command.unknown', 2, /Did you mean "dbtool report traces"/u],
    [['--vebrose', 'report', 'traces'], 'usage.flag.unknown', 2, /Did you mean "--verbose"/u],
    [['report', '--fromat', 'csv'], 'usage.flag.unknown', 2, /dbtool report has no flag --fromat/u],
    [['report', 'traces', '--fromat=csv'], 'usage.flag.unknown', 2, /Did you mean "--format"/u],
    [['report', 'traces', '-q'], 'usage.flag.unknown', 2, /no flag -q/u],
    [['report', 'traces', '--format', 'cvs'], 'usage.flag.invalid', 2, /Did you mean "csv"/u],
    [['report', 'traces', '--limit', 'many'], 'usage.flag.invalid', 2, /--limit: expected an integer/u],
    [['report', 'traces', '--limit', '0'], 'usage.flag.invalid', 2, /greater than or equal to 1/u],
    [['report', 'traces', '--limit'], 'usage.flag.invalid', 2, /--limit expects a value/u],
    [
      ['report', 'traces', '--limit', '1', '--limit', '2'],
      'usage.flag.invalid',
      2,
      /only be specified once/u,
    ],
    [['report', 'traces', '--since', 'never'], 'usage.time.invalid', 2, /Use 24h/u],
    [
      ['report', 'traces', '--since', 'a', '--last', 'b'],
      'usage.flag.conflict',
      2,
      /--last cannot be used together with --since/u,
    ],
    [['report', 'traces', 'a', 'b'], 'usage.argument.invalid', 2, /DEPTH: expected an integer/u],
    [['report', 'traces', 'a', '1', 'c'], 'usage.argument.unexpected', 2, /does not take the argument "c"/u],
    [['completion'], 'usage.argument.missing', 2, /completion needs SHELL/u],
    [['completion', 'bush'], 'usage.argument.invalid', 2, /Did you mean "bash"/u],
    [['boom'], 'internal.bug', 1, /DEBUG=1/u],
    [['boom', '--how', 'string'], 'internal.bug', 1, /just text/u],
    [['boom', '--how', 'stray'], 'internal.bug', 1, /stray/u],
    [['boom', '--how', 'late'], 'internal.bug', 1, /thrown by a timer/u],
    [['boom', '--how', 'coded'], 'import.source.missing', 2, /does not exist/u],
    [['boom', '--how', 'oclif-error'], 'usage.invalid', 2, /no such luck/u],
    [['boom', '--how', 'oclif-error-1'], 'internal.bug', 1, /no such luck/u],
    [['boom', '--how', 'exit-7'], 'internal.bug', 7, /exit code 7/u],
    [['destroy'], 'usage.confirmation.needed', 2, /--yes/u],
  ];

  it.each(failures)('%j ends with %s and %i', async (argv, code, exit, says) => {
    const [plain, json] = await Promise.all([app.run(argv), app.run(['--json', ...argv])]);
    expect(plain.code).toBe(exit);
    expect(plain.stdout).toBe('');
    expect(plain.stderr).toMatch(new RegExp(`^Error: .* \\(${code}\\)$`, 'mu'));
    expect(plain.stderr).toMatch(says);
    expect(plain.stderr).not.toMatch(/^\s+at /mu);

    expect(json.code).toBe(exit);
    expect(json.stderr).toBe('');
    const { ok, error } = documentOf(json);
    expect(ok).toBe(false);
    expect(error).toMatchObject({ code });
    expect(`${error?.message ?? ''} ${error?.why ?? ''} ${error?.fix ?? ''}`).toMatch(says);
    expect(Object.keys(error ?? {})).toEqual(expect.arrayContaining(['code', 'message', 'why', 'fix']));
  });

  it('is one document as well when the data cannot be put into one', async () => {
    const run = await app.run(['boom', '--how', 'circular', '--json']);
    expect(run.code).toBe(1);
    expect(documentOf(run).error).toMatchObject({ code: 'internal.bug' });
  });

  it('reads as three parts', async () => {
    const run = await app.run(['boom', '--how', 'coded']);
    expect(run.stderr).toBe(
      'Error: The dump folder ./dmp does not exist (import.source.missing)\n' +
        '  Why: It is not on this disk; postgres://bob:***@db.example/x\n' +
        '  Fix: Name one\n       that is there.\n',
    );
  });

  it('shows no secret in any part, nor in a stack, nor in a debug log', async () => {
    const runs = await Promise.all([
      app.run(['boom', '--how', 'coded', '--json']),
      app.run(['boom', '--how', 'cause'], { DEBUG: '1' }),
      app.run(['boom', '--json'], { DEBUG: '1' }),
      app.run(['report', 'traces', '--database', 'postgres://bob:hunter2@h/x', '--nope=hunter2', '--json']),
      app.run(['report', 'traces', '--password', 'hunter2']),
      app.run(['report', 'traces', 'a', '1', 'postgres://bob:hunter2@h/x']),
      app.run(['postgres://bob:hunter2@h/x']),
      app.run(['report', 'costs', '--database', 'postgres://bob:hunter2@h/x'], { DEBUG: '*' }),
      app.run([
        'report',
        'traces',
        '--since',
        'postgres://bob:hunter2@h/x',
        '--last',
        'postgres://bob:hunter2@h/x',
      ]),
    ]);
    for (const run of runs) expect(run.stdout + run.stderr).not.toContain('hunter2');
    expect(runs[1].stderr).toMatch(/Caused by: Error: inner postgres:\/\/bob:\*\*\*@db/u);
    expect(runs[2].stderr).toMatch(/^\s+at /mu);
    expect(runs[7].stderr).toContain('oclif');
  });

  it('masks registered secrets by value', async () => {
    const run = await app.run(['boom', '--how', 'registered']);
    expect(run.stderr).toContain('Refused: ***, ***');
  });

  it('lets no escape sequence through to the terminal', async () => {
    const run = await app.run(['boom', '--how', 'escape']);
    expect(run.stderr).toContain(String.raw`title \x1b]0;pwned\x07 end`);
  });

  it('is told when stdout cannot be written', async () => {
    const run = await app.shell('$DBTOOL spew > /dev/full');
    expect(run.code).toBe(1);
    expect(run.stderr).toContain('(output.failed)');
    const once = await app.shell('$DBTOOL report costs --json > /dev/full');
    expect(once.code).toBe(1);
    expect(once.stderr).toContain('(output.failed)');
  });
});

describe('help', () => {
  it.each([[[]], [['--help']], [['-h']], [['help']], [['--verbose']], [['--']]])(
    '%j shows all topics',
    async (argv) => {
      const run = await app.run(argv);
      expect(run).toMatchObject({ code: 0, stderr: '' });
      expect(run.stdout).toMatch(/TOPICS\n {2}report +Read what happened/u);
      expect(run.stdout).toMatch(/ {2}finding +Find something/u);
    },
  );

  it.each([[['report']], [['report', '--help']], [['help', 'report']], [['-h', 'report']]])(
    '%j shows a topic',
    async (argv) => {
      const run = await app.run(argv);
      expect(run).toMatchObject({ code: 0, stderr: '' });
      expect(run.stdout).toMatch(/report costs +Sum up costs/u);
    },
  );

  it.each([
    [['report', 'traces', '--help']],
    [['report', 'traces', '--format', 'csv', '-h']],
    [['help', 'report', 'traces']],
    [['--env', 'x', 'report', 'traces', '--nonsense', '--help']],
  ])('%j shows a command', async (argv) => {
    const run = await app.run(argv);
    expect(run).toMatchObject({ code: 0, stderr: '' });
    expect(run.stdout).toContain('$ dbtool report traces [TRACE] [DEPTH] [FLAGS]');
    expect(run.stdout).toMatch(/GLOBAL FLAGS/u);
    expect(run.stdout).toMatch(/EXAMPLES\n {2}\$ dbtool report traces --format csv/u);
  });

  it('is no help when --help stands behind the dashes', async () => {
    const run = await app.run(['report', 'traces', '--json', '--', '--help']);
    expect(documentOf(run).data).toMatchObject({ trace: '--help' });
  });

  it.each([[['--json']], [['help', 'report', '--json']], [['report', 'traces', '-h', '--json']]])(
    '%j is one document',
    async (argv) => {
      const run = await app.run(argv);
      expect(run.code).toBe(0);
      expect(documentOf(run)).toMatchObject({
        ok: true,
        data: { help: expect.stringContaining('USAGE') as unknown },
      });
    },
  );
});

describe('a result', () => {
  it('goes to stdout, notes to stderr', async () => {
    expect(await app.run(['report', 'costs'])).toMatchObject({
      code: 0,
      stdout: '0\n',
      stderr: 'Summing up.\n',
    });
    expect((await app.run(['--verbose', 'report', 'costs'])).stderr).toBe('Summing up.\nIn detail: 0.\n');
  });

  it.each([
    ['0', 0],
    ['""', ''],
    ['null', null],
    ['false', false],
    ['[]', []],
    ['undefined', null],
  ])('that is %s still makes a document', async (data, shown) => {
    const run = await app.run(['finding', '--none', '--data', data, '--json']);
    expect(run.code).toBe(0);
    expect(documentOf(run)).toEqual({ ok: true, data: shown, warnings: ['mind postgres://bob:***@h/x'] });
  });

  it('with findings ends with the gravest code, and the first finding is the error', async () => {
    const [plain, json] = await Promise.all([app.run(['finding']), app.run(['finding', '--json'])]);
    expect(plain).toMatchObject({ code: 6, stdout: 'three rows\n' });
    expect(plain.stderr).toBe(
      'Warning: mind postgres://bob:***@h/x\n' +
        'Finding: 2 documents did not fit (import.rejects)\n  Fix: Look at r.ndjson.\n' +
        'Finding: The clock is off (doctor.findings)\n',
    );
    expect(json.code).toBe(6);
    expect(documentOf(json)).toMatchObject({
      ok: false,
      error: { code: 'import.rejects', why: null },
      findings: [{ code: 'import.rejects' }, { code: 'doctor.findings' }],
      data: { rows: 3 },
    });
    expect(json.stderr).toBe('Warning: mind postgres://bob:***@h/x\n');
  });

  it('of this.exit(0) is success, with and without --json', async () => {
    expect(await app.run(['boom', '--how', 'exit-0'])).toMatchObject({ code: 0, stdout: '', stderr: '' });
    expect(documentOf(await app.run(['boom', '--how', 'exit-0', '--json']))).toEqual({
      ok: true,
      data: null,
    });
  });

  it('takes global flags before, between and after the words of the command', async () => {
    for (const argv of [
      ['--env', 'staging', '--json', 'report', 'traces'],
      ['report', '--env=staging', 'traces', '--json'],
      ['report', 'traces', '--json', '--env', 'staging'],
    ]) {
      expect(documentOf(await app.run(argv)).data).toMatchObject({ env: 'staging' });
    }
  });

  it('leaves stdin to whom it belongs', async () => {
    const run = await app.shell(
      'printf "a\\nb\\nc\\n" | while read -r x; do echo "$x"; $DBTOOL report traces >/dev/null; done',
    );
    expect(run.stdout).toBe('a\nb\nc\n');
  });

  it('confirmed by --yes destroys', async () => {
    expect(await app.run(['destroy', '--yes'])).toMatchObject({ code: 0, stdout: 'gone\n' });
  });
});

describe('the version', () => {
  it.each(['--version', '-V', 'version'])('%s is answered without the build', async (flag) => {
    const run = await app.run([flag]);
    expect(run).toMatchObject({ code: 0, stderr: '' });
    expect(run.stdout).toBe(`dbtool/9.8.7 ${process.platform}-${process.arch} node-${process.version}\n`);
    expect(documentOf(await app.run([flag, '--json']))).toMatchObject({
      ok: true,
      data: { version: '9.8.7' },
    });
  });
});
