import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { Config } from '@oclif/core/config';
import { resolveRequest } from '../../src/cli/resolve.js';
import { SETTINGS } from '../../src/config/settings.js';
import { ERROR_CODES } from '../../src/errors/codes.js';
import { dbtoolCalls, parseAsCommand } from '../support/command-lines.js';

const ROOT = resolve(import.meta.dirname, '../..');
const read = (path: string): string => readFileSync(join(ROOT, path), 'utf8');

const pages = [
  ...readdirSync(ROOT).filter((file) => file.endsWith('.md')),
  ...readdirSync(join(ROOT, 'docs'), { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.md'))
    .map((file) => join('docs', file)),
].sort();
const config = await Config.load({ root: ROOT });

/** The anchors of a page, as Markdown viewers make them of headings. */
function anchors(page: string): string[] {
  return [...read(page).matchAll(/^#+ (.+)$/gmu)].map(([, heading = '']) =>
    heading
      .toLowerCase()
      .replaceAll(/[^\p{L}\p{N}_\- ]/gu, '')
      .replaceAll(' ', '-'),
  );
}

/** Everything in backticks outside code blocks. */
function inlineCode(text: string): string[] {
  const prose = text.replaceAll(/^```[^]*?^```/gmu, '');
  return [...prose.matchAll(/`([^`\n]+)`/gu)].map(([, code = '']) => code);
}

function shellBlocks(text: string): string[] {
  return [...text.matchAll(/^```sh\n([^]*?)^```/gmu)].map(([, block = '']) => block);
}

it('finds the pages', () => {
  expect(pages).toEqual(
    expect.arrayContaining(['CONTRIBUTING.md', 'docs/architecture.md', 'docs/import.md']),
  );
});

describe.each(pages)('%s', (page) => {
  const text = read(page);

  it('has links that lead somewhere', () => {
    const links = [...text.matchAll(/\]\(([^)\s]+)\)/gu)].map(([, link = '']) => link);
    const broken = links.filter((link) => {
      if (/^[a-z]+:/u.test(link)) return false;
      const [path = '', anchor] = link.split('#');
      const target = path === '' ? page : join(dirname(page), path);
      if (!existsSync(join(ROOT, target))) return true;
      return anchor !== undefined && !anchors(target).includes(anchor);
    });
    expect(broken).toEqual([]);
  });

  it('names files, scripts, variables, settings and error codes that there are', () => {
    const code = inlineCode(text);
    expect(code.filter((path) => isPath(path) && !existsSync(join(ROOT, path)))).toEqual([]);
    const { scripts } = JSON.parse(read('package.json')) as { scripts: Record<string, string> };
    const runs = [...text.matchAll(/npm run ([\w:]+)/gu)].map(([, name = '']) => name);
    expect(runs.filter((name) => !Object.hasOwn(scripts, name))).toEqual([]);
    const variables = [...text.matchAll(/\bDBTOOL_[A-Z_]+[A-Z]\b/gu)].map(([name]) => name);
    expect(variables.filter((name) => !VARIABLES.has(name))).toEqual([]);
    expect(code.filter((name) => isCodeOrSetting(name) && !KNOWN.has(name))).toEqual([]);
  });

  it('shows commands that dbtool has, with flags that they take', async () => {
    for (const block of shellBlocks(text)) {
      for (const argv of dbtoolCalls(block)) {
        const request = resolveRequest(argv, config);
        if (request.kind === 'command') await parseAsCommand(request.id, request.argv);
      }
    }
    // In prose arguments and values are left out or stand for others: the command or topic has to be there.
    const named = inlineCode(text).filter((code) => /^dbtool [^…<|]+$/u.test(code));
    // bin/dbtool.js answers --version before anything is looked up.
    const calls = named.flatMap(dbtoolCalls).filter(([first]) => first !== '--version');
    for (const argv of calls) expect(() => resolveRequest(argv, config)).not.toThrow();
  });

  it('tells nothing of the machine it was written on', () => {
    expect(text).not.toMatch(/\/(?:work|root|home|tmp)\//u);
  });
});

const FOLDERS = /^(?:src|test|scripts|bin|bench|migrations|fixtures|docs)\/[\w./-]+$/u;
const isPath = (code: string): boolean => FOLDERS.test(code);

/** Variables that the program, its tests or its scripts read. */
const VARIABLES = new Set(
  ['src', 'test', 'scripts']
    .flatMap((folder) =>
      readdirSync(join(ROOT, folder), { recursive: true, encoding: 'utf8' }).map((file) =>
        join(folder, file),
      ),
    )
    .filter((file) => /\.(?:ts|mjs)$/u.test(file) && !file.startsWith(join('test', 'docs')))
    .flatMap((file) => read(file).match(/\bDBTOOL_[A-Z_]+[A-Z]\b/gu) ?? []),
);

const KNOWN = new Set([...Object.keys(ERROR_CODES), ...SETTINGS.map((setting) => setting.key)]);
const TOPICS = new Set([...KNOWN].map((name) => name.split('.', 1)[0]));
/** A dotted name whose first word is that of error codes or settings. */
function isCodeOrSetting(code: string): boolean {
  return /^[a-z]+(?:\.[a-zA-Z-]+)+$/u.test(code) && TOPICS.has(code.split('.', 1)[0]) && !FILE.test(code);
}
const FILE = /\.(?:ts|js|mjs|json|yaml|yml|md)$/u;
