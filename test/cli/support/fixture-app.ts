import { execFileSync, spawn } from 'node:child_process';
import { cpSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { build } from 'esbuild';

const REPOSITORY = resolve(import.meta.dirname, '../../..');
const SOURCE = join(REPOSITORY, 'test/cli/fixture-app');

const WRITE_MANIFEST = `
  import { Plugin } from '@oclif/core';
  import { writeFileSync } from 'node:fs';
  const plugin = new Plugin({ root: process.cwd(), type: 'core', ignoreManifest: true, errorOnManifestCreate: true });
  await plugin.load();
  writeFileSync('oclif.manifest.json', JSON.stringify(plugin.manifest));
`;

/** How a run of the command line ended. */
export interface Run {
  code: number | null;
  signal: NodeJS.Signals | null;
  stdout: string;
  stderr: string;
}

export interface FixtureApp {
  root: string;
  bin: string;
  /** Runs the command line to its end, with stdin closed and no terminal. */
  run(argv: string[], env?: NodeJS.ProcessEnv): Promise<Run>;
  /** Runs a line of shell in which `$DBTOOL` is the command. */
  shell(line: string, env?: NodeJS.ProcessEnv): Promise<Run>;
  /** Starts it and sends a signal each time that stderr has come to hold the next text. */
  signal(argv: string[], steps: { after: string; send: NodeJS.Signals }[]): Promise<Run>;
  remove(): void;
}

/**
 * Builds a small command line around the real main, base command, help and completion, the way the
 * product is built: one bundle per command with shared chunks, and a manifest.
 */
export async function buildFixtureApp(): Promise<FixtureApp> {
  const root = mkdtempSync(join(tmpdir(), 'dbtool-fixture-'));
  cpSync(join(SOURCE, 'package.json'), join(root, 'package.json'));
  cpSync(join(REPOSITORY, 'bin'), join(root, 'bin'), { recursive: true });
  symlinkSync(join(REPOSITORY, 'node_modules'), join(root, 'node_modules'));
  const commands = [
    'report/traces',
    'report/costs',
    'boom',
    'slow',
    'stuck',
    'spew',
    'finding',
    'destroy',
    'work',
  ];
  await build({
    absWorkingDir: REPOSITORY,
    entryPoints: [
      { in: 'src/cli/main.ts', out: 'cli/main' },
      { in: 'src/commands/help.ts', out: 'commands/help' },
      { in: 'src/commands/completion.ts', out: 'commands/completion' },
      ...commands.map((name) => ({ in: join(SOURCE, `commands/${name}.ts`), out: `commands/${name}` })),
    ],
    outdir: join(root, 'dist'),
    bundle: true,
    splitting: true,
    chunkNames: 'chunks/[name]-[hash]',
    format: 'esm',
    platform: 'node',
    target: 'node20',
    packages: 'external',
    logLevel: 'warning',
  });
  execFileSync(process.execPath, ['--input-type=module', '-e', WRITE_MANIFEST], {
    cwd: root,
    stdio: 'inherit',
  });
  const bin = join(root, 'bin/dbtool.js');
  return {
    root,
    bin,
    run: (argv, env) => collect(spawn(process.execPath, [bin, ...argv], options(env))),
    shell: (line, env) =>
      collect(
        spawn(
          'bash',
          ['-c', `set -o pipefail; ${line}`],
          options({ DBTOOL: `${process.execPath} ${bin}`, ...env }),
        ),
      ),
    signal: (argv, steps) => {
      const child = spawn(process.execPath, [bin, ...argv], options());
      const pending = [...steps];
      let seen = '';
      child.stderr.on('data', (chunk: Buffer) => {
        seen += chunk.toString();
        while (pending[0] !== undefined && seen.includes(pending[0].after)) {
          child.kill(pending.shift()!.send);
        }
      });
      return collect(child);
    },
    remove: () => {
      rmSync(root, { recursive: true, force: true });
    },
  };
}

function options(env: NodeJS.ProcessEnv = {}): { env: NodeJS.ProcessEnv; stdio: ['ignore', 'pipe', 'pipe'] } {
  const clean = Object.fromEntries(
    Object.entries(process.env).filter(
      ([name]) => !/^(?:DEBUG|NO_COLOR|FORCE_COLOR|NODE_OPTIONS|CI|DBTOOL_.*)$/u.test(name),
    ),
  );
  return { env: { ...clean, ...env }, stdio: ['ignore', 'pipe', 'pipe'] };
}

function collect(child: ReturnType<typeof spawn>): Promise<Run> {
  return new Promise((done, fail) => {
    const out: Buffer[] = [];
    const err: Buffer[] = [];
    child.stdout?.on('data', (chunk: Buffer) => out.push(chunk));
    child.stderr?.on('data', (chunk: Buffer) => err.push(chunk));
    child.on('error', fail);
    child.on('close', (code, signal) => {
      done({ code, signal, stdout: Buffer.concat(out).toString(), stderr: Buffer.concat(err).toString() });
    });
  });
}
