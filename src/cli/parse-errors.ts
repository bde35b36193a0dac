import type { ArgInput, FlagInput } from '@oclif/core/parser';
import { DbtoolError } from '../errors/dbtool-error.js';
import { didYouMean, suggest } from './suggest.js';

/**
 * Carries a coded error through oclif's parser, which rewrites the message of whatever a flag's own
 * parser throws.
 */
class Rejected extends Error {
  readonly error: DbtoolError;

  constructor(error: DbtoolError) {
    super(error.message);
    this.error = error;
  }
}

/**
 * The flags as the parser shall see them: values outside `options`, and values that a flag's own parser
 * refuses, fail with a coded error.
 */
export function guardFlags(flags: FlagInput): FlagInput {
  return Object.fromEntries(
    Object.entries(flags).map(([name, flag]): [string, FlagInput[string]] => {
      if (flag.type === 'boolean') return [name, flag];
      const { options, ...rest } = flag;
      const parse: typeof flag.parse = async (input: string, context, definition) => {
        if (options !== undefined && !options.includes(input)) {
          throw new Rejected(notAnOption(`--${name}`, 'usage.flag.invalid', input, options));
        }
        try {
          return await flag.parse(input, context, definition);
        } catch (error) {
          throw rejection(error, 'usage.flag.invalid', `--${name}`);
        }
      };
      return [name, { ...rest, parse }];
    }),
  );
}

/**
 * The arguments as the parser shall see them. oclif would fill a missing one from stdin, and so eat
 * the lines of the shell loop that calls dbtool; here stdin is left alone.
 */
export function guardArgs(args: ArgInput): ArgInput {
  return Object.fromEntries(
    Object.entries(args).map(([name, arg]): [string, ArgInput[string]] => {
      const { options, ...rest } = arg;
      const label = name.toUpperCase();
      const parse: typeof arg.parse = async (input, context, definition) => {
        if (options !== undefined && !options.includes(input)) {
          throw new Rejected(notAnOption(label, 'usage.argument.invalid', input, options.map(String)));
        }
        try {
          return (await arg.parse(input, context, definition)) as unknown;
        } catch (error) {
          throw rejection(error, 'usage.argument.invalid', label);
        }
      };
      return [name, { ...rest, ignoreStdin: true, parse }];
    }),
  );
}

/**
 * Turns what oclif's parser throws into a coded error. Its errors carry the whole parser state, argv
 * included; only names are taken over.
 *
 * @param command how the command is called, for example `dbtool report traces`.
 * @param flagNames the names of all flags that the command takes.
 */
export function fromParser(error: unknown, command: string, flagNames: readonly string[]): unknown {
  if (error instanceof Rejected) return error.error;
  if (!(error instanceof Error) || !('oclif' in error)) return error;
  const help = `"${command} --help" shows what it takes.`;
  // The parser's error classes are not exported, and a bundler may rename them: their shape tells them.
  const { flags, args } = error as { flags?: unknown; args?: unknown };
  if (Array.isArray(flags)) return unknownFlag(flags.map(String), command, flagNames);
  if (Array.isArray(args)) return argumentError(args, command, help);
  if (args !== undefined) return new Error(firstLine(error.message));
  return fromRelation(error, command, help);
}

/** One argument too many (oclif names the values), or some missing (oclif names the definitions). */
function argumentError(args: readonly unknown[], command: string, help: string): DbtoolError {
  const [first] = args;
  if (typeof first === 'object' && first !== null) {
    const missing = (args as { name: string }[]).map((arg) => arg.name.toUpperCase());
    return new DbtoolError('usage.argument.missing', {
      message: `${command} needs ${missing.join(' and ')}`,
      fix: help,
    });
  }
  const extra = args.map((arg) => `"${String(arg)}"`).join(', ');
  return new DbtoolError('usage.argument.unexpected', {
    message: `${command} does not take the argument ${extra}`,
    fix: help,
  });
}

/** The error of flags that a command does not have; their values are not repeated. */
export function unknownFlag(
  given: readonly string[],
  command: string,
  flagNames: readonly string[],
): DbtoolError {
  const names = given.map((flag) => flag.split('=', 1)[0] ?? flag);
  const candidates = flagNames.map((name) => `--${name}`);
  const suggestion = didYouMean([...new Set(names.flatMap((name) => suggest(name, candidates)))].slice(0, 3));
  const help = `"${command} --help" lists the flags.`;
  return new DbtoolError('usage.flag.unknown', {
    message: `${command} has no flag ${names.join(', ')}`,
    fix: suggestion === undefined ? help : `${suggestion} ${help}`,
    details: { flags: names },
  });
}

/** Flags that miss a value, another flag, or exclude each other: oclif tells them by their text only. */
function fromRelation(error: Error, command: string, help: string): DbtoolError {
  const text = tidy(error.message);
  const missing = [...text.matchAll(/Missing required flag (\S+)/gu)].map((match) => `--${match[1] ?? ''}`);
  if (missing.length > 0) {
    return new DbtoolError('usage.flag.missing', {
      message: `${command} needs ${missing.join(' and ')}`,
      fix: help,
    });
  }
  // The value of the other flag stands in oclif's text; it may be a secret and says nothing new.
  const conflict = /--([\w-]+)(?:=.*)? cannot also be provided when using --([\w-]+)/su.exec(text);
  if (conflict !== null) {
    return new DbtoolError('usage.flag.conflict', {
      message: `--${conflict[1] ?? ''} cannot be used together with --${conflict[2] ?? ''}`,
      fix: help,
    });
  }
  if (text.includes('Only the following can be provided')) {
    return new DbtoolError('usage.flag.conflict', { message: text, fix: help });
  }
  if (text.includes('must be provided'))
    return new DbtoolError('usage.flag.missing', { message: text, fix: help });
  return new DbtoolError('usage.flag.invalid', { message: text, fix: help });
}

function notAnOption(
  label: string,
  code: 'usage.flag.invalid' | 'usage.argument.invalid',
  input: string,
  options: readonly string[],
): DbtoolError {
  const choices = options.join(', ');
  const suggestion = didYouMean(suggest(input, options));
  return new DbtoolError(code, {
    message: `${label} does not take "${input}"`,
    why: `It takes one of: ${choices}.`,
    fix: suggestion ?? `Use one of: ${choices}.`,
  });
}

/** oclif's parsers and simple ones of ours refuse with a plain Error; any other class is a bug's. */
function rejection(
  error: unknown,
  code: 'usage.flag.invalid' | 'usage.argument.invalid',
  label: string,
): unknown {
  if (error instanceof DbtoolError) return new Rejected(error);
  if (!(error instanceof Error) || (error.constructor !== Error && !('oclif' in error))) return error;
  const message = `${label}: ${error.message.slice(0, 1).toLowerCase()}${error.message.slice(1)}`;
  const fix = 'The help of the command (--help) says what it takes.';
  return new Rejected(new DbtoolError(code, { message, fix, cause: error }));
}

function tidy(message: string): string {
  return message
    .replace(/^The following errors? occurred:\s*/u, '')
    .replace(/\s*See more help with --help$/u, '')
    .replaceAll(/\s*\n\s*/gu, '; ');
}

function firstLine(text: string): string {
  return text.split('\n', 1)[0] ?? text;
}
