import type { Config } from '@oclif/core/interfaces';
import { DbtoolError } from '../errors/dbtool-error.js';
import { baseFlags, beforeDashes } from './base-flags.js';
import { unknownFlag } from './parse-errors.js';
import { didYouMean, suggest } from './suggest.js';

/** What a command line asks for. */
export type Request = { kind: 'help'; words: string[] } | { kind: 'command'; id: string; argv: string[] };

const HELP_FLAGS = new Set(['--help', '-h']);

/**
 * Finds out what a command line asks for. Global flags may stand anywhere, also before and between the
 * words of the command.
 *
 * @throws DbtoolError usage.command.unknown or usage.flag.unknown, with what may have been meant.
 */
export function resolveRequest(argv: readonly string[], config: Config): Request {
  const wantsHelp = beforeDashes(argv).some((word) => HELP_FLAGS.has(word));
  const { words, moved, rest } = splitWords(wantsHelp ? withoutHelpFlags(argv) : argv, config);
  const id = words.join(':');
  const [next] = rest;
  if (config.findCommand(id) !== undefined) {
    if (!wantsHelp) return { kind: 'command', id, argv: [...moved, ...rest] };
    return { kind: 'help', words };
  }
  if (next !== undefined && next !== '--' && next.startsWith('-') && next !== '-' && !wantsHelp) {
    const name = [config.bin, ...words].join(' ');
    throw unknownFlag([next], name, [...Object.keys(baseFlags), 'help']);
  }
  if (next !== undefined && !next.startsWith('-')) throw unknownCommand(words, rest, config);
  return { kind: 'help', words };
}

/** Finds the command or topic that `dbtool help …` is asked about. */
export function resolveHelp(words: readonly string[], config: Config): string[] {
  const split = splitWords(words, config);
  if (split.rest.length > 0) throw unknownCommand(split.words, split.rest, config);
  return split.words;
}

function withoutHelpFlags(argv: readonly string[]): string[] {
  const count = beforeDashes(argv).length;
  return argv.filter((word, index) => index >= count || !HELP_FLAGS.has(word));
}

interface Split {
  /** The words that name a command or a topic. */
  words: string[];
  /** Global flags found before and between them. */
  moved: string[];
  rest: string[];
}

function splitWords(argv: readonly string[], config: Config): Split {
  const words: string[] = [];
  const moved: string[] = [];
  let at = 0;
  for (;;) {
    const word = argv[at];
    if (word === undefined || word === '--') break;
    const length = globalFlagLength(argv, at);
    if (length > 0) {
      moved.push(...argv.slice(at, at + length));
      at += length;
      continue;
    }
    const longer = [...words, word].join(':');
    if (word === '' || word.startsWith('-') || !exists(longer, config)) break;
    words.push(word);
    at++;
  }
  return { words, moved, rest: argv.slice(at) };
}

/** How many words of argv the global flag at `at` takes: 0 if there is none. */
function globalFlagLength(argv: readonly string[], at: number): number {
  const word = argv[at] ?? '';
  if (!word.startsWith('--')) return 0;
  const name = word.slice(2).split('=', 1)[0] ?? '';
  if (!Object.hasOwn(baseFlags, name)) return 0;
  const flag = baseFlags[name as keyof typeof baseFlags];
  return flag.type === 'boolean' || word.includes('=') || at + 1 >= argv.length ? 1 : 2;
}

function exists(id: string, config: Config): boolean {
  return config.findCommand(id) !== undefined || config.findTopic(id) !== undefined;
}

function unknownCommand(known: readonly string[], rest: readonly string[], config: Config): DbtoolError {
  const [wrong = ''] = rest;
  const typed = [...known, wrong].join(' ');
  const { bin } = config;
  const names = visibleNames(config);
  const inTopic = names.filter((name) => known.length === 0 || name.startsWith(`${known.join(' ')} `));
  const suggestions = suggestCommands(known, rest, inTopic).map((name) => `${bin} ${name}`);
  const help = known.length === 0 ? `"${bin} help" lists the commands.` : listOf(known, inTopic, bin);
  return new DbtoolError('usage.command.unknown', {
    message: `There is no command "${bin} ${typed}"`,
    fix: [didYouMean(suggestions), help].filter((part) => part !== undefined).join(' '),
    details: { suggestions },
  });
}

/**
 * What may have been meant: names of as many words that are spelled nearly so, then commands whose
 * last word was typed alone (`dbtool up` for `dbtool migrate up`).
 */
function suggestCommands(
  known: readonly string[],
  rest: readonly string[],
  names: readonly string[],
): string[] {
  const words = rest.slice(0, rest.findIndex((word) => word.startsWith('-')) >>> 0);
  const byLength = new Map<number, string[]>();
  for (const name of names) {
    const length = name.split(' ').length;
    byLength.set(length, [...(byLength.get(length) ?? []), name]);
  }
  const found: string[] = [];
  // Names of more words first: "reprot traces" means `report traces` rather than `report`.
  for (const [length, candidates] of [...byLength].sort(([a], [b]) => b - a)) {
    const own = length - known.length;
    if (own < 1 || words.length < own) continue;
    found.push(...suggest([...known, ...words.slice(0, own)].join(' '), candidates));
  }
  const [wrong = ''] = rest;
  found.push(...names.filter((name) => name.split(' ').at(-1) === wrong));
  return [...new Set(found)].slice(0, 3);
}

function listOf(topic: readonly string[], names: readonly string[], bin: string): string {
  return `"${bin} ${topic.join(' ')}" has: ${names.map((name) => name.slice(topic.join(' ').length + 1)).join(', ')}.`;
}

/** The names of all commands and topics that help shows, in words. */
function visibleNames(config: Config): string[] {
  const commands = config.commands.filter((command) => !command.hidden).map((command) => command.id);
  const topics = config.topics.filter((topic) => !topic.hidden).map((topic) => topic.name);
  return [...new Set([...commands, ...topics])].map((id) => id.replaceAll(':', ' ')).sort();
}
