import { code, fence, table } from './markdown.mjs';

const GENERATED = '<!-- Generated from the commands by "npm run docs". Changes made here are lost. -->';

/**
 * The reference of all commands: an index and a page for each first word of a command.
 *
 * @param {{ commands: Record<string, object> }} manifest what oclif.manifest.json holds
 * @param {{ bin: string, topics?: Record<string, { description: string }> }} oclif of package.json
 * @returns {Map<string, string>} Markdown by file name
 */
export function commandPages(manifest, { bin, topics = {} }) {
  const commands = Object.values(manifest.commands)
    .filter((command) => !command.hidden)
    .map((command) => ({ ...command, words: command.id.replaceAll(':', ' ') }))
    .sort((a, b) => (a.words < b.words ? -1 : 1));
  const pages = new Map([['README.md', index(commands, bin)]]);
  for (const command of commands) {
    const page = pageOf(command);
    const text = pages.get(page) ?? heading(firstWord(command), topics, bin);
    pages.set(page, `${text}\n\n${section(command, bin)}`);
  }
  return pages;
}

function heading(word, topics, bin) {
  const about = topics[word] === undefined ? '' : `\n\n${topics[word].description}`;
  return `# ${bin} ${word}\n\n${GENERATED}${about}`;
}

const firstWord = (command) => command.words.split(' ', 1)[0];
const pageOf = (command) => `${firstWord(command)}.md`;

function index(commands, bin) {
  const rows = commands.map((command) => [
    `[${code(`${bin} ${command.words}`)}](${pageOf(command)}#${`${bin} ${command.words}`.replaceAll(' ', '-')})`,
    plain(command.summary, bin),
  ]);
  const [first] = commands;
  return [
    '# Commands',
    GENERATED,
    table(['Command', 'What it does'], rows),
    '## Global flags',
    `Every command takes these. They may stand before, between or after the words of the command:
${code(`${bin} --env staging migrate up`)}. ${code('--help')} or ${code('-h')} after a command shows its help;
${code(`${bin} --version`)} prints the version.`,
    flagTable(Object.values(first.flags).filter(isGlobal), bin),
    '[Configuration](../configuration.md) tells where settings come from, [Errors](../errors.md) lists exit codes and error codes.',
  ].join('\n\n');
}

function section(command, bin) {
  const flags = Object.values(command.flags).filter((flag) => !flag.hidden && !isGlobal(flag));
  const args = Object.values(command.args).filter((arg) => !arg.hidden);
  return [
    `## ${bin} ${command.words}`,
    plain(command.summary, bin),
    fence('text', `${bin} ${usage(command, args, flags)}`),
    plain(command.description ?? '', bin),
    command.aliases.length > 0
      ? `Also: ${command.aliases.map((alias) => code(`${bin} ${alias.replaceAll(':', ' ')}`)).join(', ')}.`
      : '',
    args.length > 0
      ? `### Arguments\n\n${table(
          ['Argument', 'Meaning'],
          args.map((arg) => argRow(arg, bin)),
        )}`
      : '',
    flags.length > 0 ? `### Flags\n\n${flagTable(flags, bin)}` : '',
    'It takes the [global flags](README.md#global-flags) too.',
    `### Examples\n\n${command.examples.map((example) => exampleText(example, bin)).join('\n\n')}`,
  ]
    .filter((part) => part !== '')
    .join('\n\n');
}

/** As `--help` writes it. */
function usage(command, args, flags) {
  const argWords = args.map((arg) => {
    const name = arg.name.toUpperCase();
    return `${arg.required ? name : `[${name}]`}${arg.multiple ? '...' : ''}`;
  });
  const needed = flags
    .filter((flag) => flag.required && flag.type === 'option')
    .map((flag) => `--${flag.name}=…`);
  return [command.words, ...argWords, ...needed, '[FLAGS]'].join(' ');
}

function argRow(arg, bin) {
  const notes = [arg.required ? 'Required.' : '', choices(arg)];
  return [code(arg.name.toUpperCase()), sentence(plain(arg.description ?? '', bin), notes)];
}

function flagTable(flags, bin) {
  const sorted = [...flags].sort((a, b) => (a.name < b.name ? -1 : 1));
  return table(
    ['Flag', 'Meaning', 'Default'],
    sorted.map((flag) => flagRow(flag, bin)),
  );
}

function flagRow(flag, bin) {
  const value = flag.type === 'boolean' ? '' : `=${flag.helpValue ?? 'VALUE'}`;
  const spellings = [
    flag.char === undefined ? '' : `-${flag.char}`,
    `--${flag.allowNo ? '[no-]' : ''}${flag.name}${value}`,
  ];
  const notes = [
    flag.required ? 'Required.' : '',
    choices(flag),
    flag.env === undefined ? '' : `Also from ${code(flag.env)}.`,
    flag.exclusive?.length > 0
      ? `Not together with ${flag.exclusive.map((name) => code(`--${name}`)).join(', ')}.`
      : '',
    flag.dependsOn?.length > 0 ? `Needs ${flag.dependsOn.map((name) => code(`--${name}`)).join(', ')}.` : '',
  ];
  return [
    spellings
      .filter((spelling) => spelling !== '')
      .map(code)
      .join(', '),
    sentence(plain(flag.summary ?? flag.description ?? '', bin), notes),
    flag.default === undefined || flag.default === false ? '' : code(String(flag.default)),
  ];
}

const isGlobal = (flag) => flag.helpGroup === 'GLOBAL';

function choices({ options }) {
  return options === undefined ? '' : `One of ${options.map(code).join(', ')}.`;
}

function sentence(text, notes) {
  return [text, ...notes].filter((part) => part !== '').join(' ');
}

/** An example is a command with or without words before it. */
function exampleText(example, bin) {
  if (typeof example === 'string') return fence('sh', plain(example, bin));
  return `${plain(example.description, bin)}\n\n${fence('sh', plain(example.command, bin))}`;
}

/** oclif's templates filled in; the only one in use is the program's name. */
function plain(text, bin) {
  const filled = text.replaceAll(/<%=\s*config\.bin\s*%>/g, bin);
  if (filled.includes('<%')) throw new Error(`the docs do not know how to fill in: ${filled}`);
  return filled;
}
