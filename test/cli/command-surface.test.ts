import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import type { Command } from '@oclif/core/command';
import { Config } from '@oclif/core/config';
import { resolveRequest } from '../../src/cli/resolve.js';
import { dbtoolCalls, parseAsCommand } from '../support/command-lines.js';

const ROOT = resolve(import.meta.dirname, '../..');
const read = (path: string): string => readFileSync(join(ROOT, path), 'utf8');

interface Manifest {
  commands: Record<string, Command.Cached>;
}
const manifest = JSON.parse(read('oclif.manifest.json')) as Manifest;
const script = new URL('../../scripts/docs/command-snapshot.mjs', import.meta.url).href;
const { commandSnapshot } = (await import(script)) as { commandSnapshot: (manifest: Manifest) => string };
const config = await Config.load({ root: ROOT });
const commands = Object.values(manifest.commands);

it('is what test/command-snapshot.json says; if a change is meant, run "npm run docs" and tell it in CHANGELOG.md', () => {
  expect(JSON.parse(commandSnapshot(manifest))).toEqual(JSON.parse(read('test/command-snapshot.json')));
});

describe.each(commands.map((command) => [command.id.replaceAll(':', ' '), command] as const))(
  '%s',
  (_name, command) => {
    const examples = (command.examples ?? []) as { description: string; command: string }[];

    it('tells what it does, with an example', () => {
      expect(command.summary).toMatch(/^[A-Z].*\.$/u);
      expect(command.description ?? '').toMatch(/\.$/u);
      expect(examples.length).toBeGreaterThan(0);
      for (const example of examples) expect(example.description).toMatch(/[.:]$/u);
    });

    it('has a summary for every flag and a description for every argument', () => {
      const flags = Object.values(command.flags).filter((flag) => !flag.summary?.endsWith('.'));
      const args = Object.values(command.args).filter((arg) => !arg.description?.endsWith('.'));
      expect([...flags, ...args].map((one) => one.name)).toEqual([]);
    });

    it('has examples that it understands itself', async () => {
      for (const example of examples) {
        const calls = dbtoolCalls(example.command.replaceAll('<%= config.bin %>', config.bin));
        expect(calls).not.toEqual([]);
        for (const argv of calls) {
          const request = resolveRequest(argv, config);
          expect(request).toMatchObject({ kind: 'command', id: command.id });
          if (request.kind === 'command') await parseAsCommand(command.id, request.argv);
        }
      }
    });
  },
);
