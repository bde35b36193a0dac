import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { execFile } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync } from 'node:fs';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { addNativeDriver, npm, obtainNode, type OtherNode, pathWith, ROOT } from './other-node.js';

const MINUTE = 60_000;
const { version } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as { version: string };

/*
 * better-sqlite3 12 compiled against the headers of Node 24.19 or later aborts the process at a garbage
 * collection: node::ObjectWrap there removes a cleanup hook although no context is entered. Compiled
 * against earlier headers of 24 it runs under every 24, and so it is compiled here.
 */
const nodes = [
  { major: 20, node: await obtainNode(20) },
  { major: 22, node: await obtainNode(22) },
  { major: 24, node: await obtainNode(24, '24.18.1') },
];

const folder = mkdtempSync(join(tmpdir(), 'dbtool-pack-'));
afterAll(() => rm(folder, { recursive: true, force: true }));

describe('the packed package', () => {
  let tarball: string;
  let files: string[];

  beforeAll(async () => {
    // Global setup has built already; prepack would only do it again.
    const output = await npm(['pack', '--json', '--ignore-scripts', '--pack-destination', folder], ROOT);
    const [packed] = JSON.parse(output) as { filename: string; files: { path: string }[] }[];
    tarball = join(folder, packed!.filename);
    files = packed!.files.map((file) => file.path);
  }, MINUTE);

  it('holds the program and nothing of its making', () => {
    const needed = [
      'bin/dbtool.js',
      'dist/bundle.js',
      'dist/dbtool.cjs',
      'dist/cli/main.js',
      'oclif.manifest.json',
    ];
    expect(files).toEqual(expect.arrayContaining([...needed, 'package.json', 'LICENSE', 'README.md']));
    expect(
      files.filter((file) =>
        /^(src|test|build|scripts|bench|node_modules|\.cache)\/|(?<!\.d)\.ts$/.test(file),
      ),
    ).toEqual([]);
  });

  for (const { major, node } of nodes) {
    if ('reason' in node) it.skip(`works under Node ${major} (skipped: ${node.reason})`, () => undefined);
    else it(`works under Node ${major}`, () => worksUnder(node, major, tarball), 10 * MINUTE);
  }
});

/** Installs into an empty folder and takes the first steps of a new user. */
async function worksUnder(node: OtherNode, major: number, tarball: string): Promise<void> {
  const installation = join(folder, `node-${major}`);
  const home = join(installation, 'home');
  await mkdir(home, { recursive: true });
  await writeFile(join(installation, 'package.json'), '{ "private": true }');
  await npm(['install', '--ignore-scripts', tarball], installation, node);
  await addNativeDriver(installation, node);

  const program = join(installation, 'node_modules', '.bin', 'dbtool');
  const run = (args: string[]): Promise<{ code: number | null; stdout: string; stderr: string }> =>
    new Promise((resolve) => {
      const env = { PATH: pathWith(node), HOME: home, NO_COLOR: '1' };
      const child = execFile(program, args, { cwd: home, env, timeout: MINUTE }, (_error, stdout, stderr) => {
        resolve({ code: child.exitCode, stdout, stderr });
      });
    });

  const told = await run(['--version']);
  expect(told).toMatchObject({ code: 0, stderr: '' });
  expect(told.stdout).toMatch(new RegExp(`^dbtool/${version.replaceAll('.', '\\.')} \\S+ node-v${major}\\.`));

  const help = await run(['--help']);
  expect(help).toMatchObject({ code: 0, stderr: '' });
  expect(help.stdout).toContain('migrate');

  const url = `sqlite:${join(home, 'first.sqlite')}`;
  expect(await run(['migrate', 'up', '--database', url])).toMatchObject({ code: 0 });
  const status = () => run(['migrate', 'status', '--json', '--database', url]);
  // Twice: the second run starts from the code cache that those before it left.
  for (const { code, stdout, stderr } of [await status(), await status()]) {
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(JSON.parse(stdout)).toMatchObject({ ok: true });
  }
  const caches = readdirSync(join(home, '.cache', 'dbtool'));
  expect(caches.filter((name) => name.endsWith('-database.bin'))).toHaveLength(1);
}
