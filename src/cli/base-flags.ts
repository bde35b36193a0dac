import * as Flags from '@oclif/core/flags';

/** The flags of every command. They may also stand before the command: `dbtool --env staging migrate up`. */
export const baseFlags = {
  json: Flags.boolean({
    summary: 'Print one JSON document on stdout instead of text.',
    helpGroup: 'GLOBAL',
  }),
  env: Flags.string({
    summary: 'Use this named environment of the configuration.',
    helpValue: 'NAME',
    helpGroup: 'GLOBAL',
  }),
  config: Flags.string({
    summary: 'Read this configuration file instead of the one found.',
    helpValue: 'FILE',
    helpGroup: 'GLOBAL',
  }),
  database: Flags.string({
    summary: 'Work on the database at this URL; its password comes from the environment or a file.',
    helpValue: 'URL',
    helpGroup: 'GLOBAL',
  }),
  verbose: Flags.boolean({ summary: 'Say more about what is done.', helpGroup: 'GLOBAL' }),
  'no-color': Flags.boolean({ summary: 'Print without colours and animation.', helpGroup: 'GLOBAL' }),
};

/** `--yes`, for commands that destroy data; `BaseCommand.confirm` looks at it. */
export const yesFlag = Flags.boolean({
  char: 'y',
  summary: 'Do not ask; needed where nobody can be asked.',
});

/** What stands in front of `--`: only that is flags. */
export function beforeDashes(argv: readonly string[]): readonly string[] {
  const dashes = argv.indexOf('--');
  return dashes === -1 ? argv : argv.slice(0, dashes);
}

/** Whether a flag that takes no value is given; works before anything is parsed, or when parsing fails. */
export function hasFlag(argv: readonly string[], flag: '--json' | '--verbose' | '--no-color'): boolean {
  return beforeDashes(argv).includes(flag);
}
