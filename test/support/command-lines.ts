import { Parser } from '@oclif/core';
import type { Command } from '@oclif/core/command';

/**
 * The calls of dbtool in a piece of shell, each as its words without `dbtool` itself. Pipes, redirections
 * and `$(…)` around a call are left out, comments too.
 */
export function dbtoolCalls(shell: string): string[][] {
  return shell
    .replaceAll(/\\\n\s*/g, ' ')
    .split('\n')
    .map((line) => line.replace(/^(\$ )?/, '').replace(/(^|\s)#.*$/, ''))
    .flatMap((line) => [...line.matchAll(/(?<![\w./-])dbtool(?= |$)([^|<>();&]*)/g)])
    .map(([, words = '']) => [...words.matchAll(/'([^']*)'|"([^"]*)"|[^\s'"]+/g)])
    .map((words) => words.map(([word, single, double]) => single ?? double ?? word));
}

/**
 * Parses as the command itself would, with its own flags, options and parsers.
 * @param argv without the command's name
 * @throws what oclif's parser throws
 */
export async function parseAsCommand(id: string, argv: string[]): Promise<void> {
  const path = `../../src/commands/${id.replaceAll(':', '/')}.js`;
  const { default: Class } = (await import(path)) as { default: typeof Command };
  const args = Object.entries(Class.args).map(([name, arg]) => [name, { ...arg, ignoreStdin: true }]);
  await Parser.parse(argv, {
    flags: { ...Class.baseFlags, ...Class.flags },
    args: Object.fromEntries(args) as typeof Class.args,
    strict: Class.strict,
  });
}
