import type { Command } from '@oclif/core/command';
import type { Config } from '@oclif/core/interfaces';
import { baseFlags } from './base-flags.js';

export const SHELLS = ['bash', 'zsh', 'fish'] as const;
export type Shell = (typeof SHELLS)[number];

/** A flag as the completion scripts need it. */
interface FlagEntry {
  /** How it is written: `--format`, and `-f` if there is one. */
  spellings: string[];
  summary: string;
  takes: 'nothing' | 'file' | 'text' | readonly string[];
}

/** What a flag's definition and its manifest entry have in common. */
interface FlagDefinition {
  type: 'boolean' | 'option';
  char?: string;
  summary?: string;
  description?: string;
  hidden?: boolean;
  options?: readonly string[];
  helpValue?: string | string[];
}

/** A command or topic: what can follow it. */
interface Place {
  /** Its words; '' for dbtool itself. */
  path: string;
  /** The words that lead on from here: commands, topics, and the values of an argument. */
  next: { word: string; summary: string }[];
  flags: FlagEntry[];
  /** Whether an argument without fixed values may follow; file names are offered then. */
  takesArgument: boolean;
}

/** Makes the completion script of a shell: static text, made from the commands as they are now. */
export function completionScript(shell: Shell, config: Config): string {
  const places = collectPlaces(config);
  return WRITERS[shell](config.bin, places);
}

function collectPlaces(config: Config): Place[] {
  const places = new Map<string, Place>();
  const place = (path: string): Place => {
    const known = places.get(path);
    if (known !== undefined) return known;
    const made: Place = { path, next: [], flags: [], takesArgument: false };
    places.set(path, made);
    return made;
  };
  place('');
  const names = new Map<string, string>();
  for (const topic of config.topics) {
    if (!topic.hidden) names.set(topic.name, topic.description ?? '');
  }
  for (const command of config.commands) {
    if (command.hidden) names.delete(command.id);
    else names.set(command.id, command.summary ?? command.description ?? '');
  }
  for (const [id, summary] of [...names].sort(([a], [b]) => a.localeCompare(b))) {
    const words = id.split(':');
    const word = words.pop() ?? '';
    place(words.join(' ')).next.push({ word, summary: tidy(summary) });
    place(id.replaceAll(':', ' '));
  }
  for (const command of config.commands) {
    if (!command.hidden) describe(place(command.id.replaceAll(':', ' ')), command);
  }
  // The global flags may stand before the command, too.
  for (const each of places.values()) if (each.flags.length === 0) each.flags = flagEntries(baseFlags);
  return [...places.values()];
}

function describe(place: Place, command: Command.Loadable): void {
  place.flags = flagEntries(command.flags);
  for (const arg of Object.values(command.args)) {
    if (arg.options === undefined) place.takesArgument = true;
    else place.next.push(...arg.options.map((word) => ({ word, summary: tidy(arg.description ?? '') })));
  }
}

function flagEntries(flags: Readonly<Record<string, FlagDefinition>>): FlagEntry[] {
  return Object.entries(flags)
    .filter(([, flag]) => flag.hidden !== true)
    .map(([name, flag]) => ({
      spellings: [`--${name}`, ...(flag.char === undefined ? [] : [`-${flag.char}`])],
      summary: tidy(flag.summary ?? flag.description ?? ''),
      takes: valueOf(flag),
    }));
}

function valueOf(flag: FlagDefinition): FlagEntry['takes'] {
  if (flag.type === 'boolean') return 'nothing';
  if (flag.options !== undefined) return flag.options;
  return /FILE|PATH|DIR|FOLDER/u.test(String(flag.helpValue ?? '')) ? 'file' : 'text';
}

function tidy(text: string): string {
  return (text.split('\n', 1)[0] ?? '').replaceAll(/<%[^%]*%>/gu, '').trim();
}

const WRITERS: Readonly<Record<Shell, (bin: string, places: readonly Place[]) => string>> = {
  bash: bashScript,
  zsh: zshScript,
  fish: fishScript,
};

/** Every flag that takes a value, by spelling: its value is no word of the command. */
function valueFlags(places: readonly Place[]): string[] {
  const flags = places.flatMap((place) => place.flags).filter((flag) => flag.takes !== 'nothing');
  return [...new Set(flags.flatMap((flag) => flag.spellings))].sort();
}

function quote(text: string): string {
  return `'${text.replaceAll("'", String.raw`'\''`)}'`;
}

/** The part that bash and zsh share: which command the words before the cursor name. */
function walk(places: readonly Place[], first: string, word: string): string {
  const paths = places.map((place) => place.path).filter((path) => path !== '');
  return `  for (( i = ${first}; i < current; i++ )); do
    word="${word}"
    if (( skip )); then skip=0; continue; fi
    case "$word" in
      ${[...valueFlags(places), '--'].map(quote).join('|')}) skip=1; continue ;;
      -*|=) continue ;;
    esac
    case "\${place:+$place }$word" in
      ${paths.map(quote).join('|')}) place="\${place:+$place }$word" ;;
    esac
  done
`;
}

/** `case` branches on what a flag in front of the cursor takes. */
function valueCases(
  places: readonly Place[],
  words: (list: readonly string[]) => string,
  files: string,
): string {
  const lines = places.flatMap((place) =>
    place.flags
      .filter((flag) => flag.takes !== 'nothing')
      .map((flag) => {
        const patterns = flag.spellings.map((spelling) => quote(`${place.path}|${spelling}`)).join('|');
        if (flag.takes === 'file') return `    ${patterns}) ${files}; return ;;`;
        return `    ${patterns}) ${typeof flag.takes === 'string' ? '' : `${words(flag.takes)}; `}return ;;`;
      }),
  );
  return lines.join('\n');
}

function bashScript(bin: string, places: readonly Place[]): string {
  const name = `_${bin}_completion`;
  const pick = (list: readonly string[]): string =>
    `COMPREPLY=( $(compgen -W ${quote(list.join(' '))} -- "$cur") )`;
  const files = 'compopt -o filenames 2>/dev/null; COMPREPLY=( $(compgen -f -- "$cur") )';
  return `# bash completion for ${bin}. Load it with: source <(${bin} completion bash)
${name}() {
  local cur="\${COMP_WORDS[COMP_CWORD]}" before="\${COMP_WORDS[COMP_CWORD-1]}"
  local place="" word="" skip=0 i current=$COMP_CWORD
  COMPREPLY=()
  # bash splits --flag=value at the =.
  if [[ "$cur" == "=" ]]; then cur=""; elif [[ "$before" == "=" ]]; then before="\${COMP_WORDS[COMP_CWORD-2]}"; fi
${walk(places, '1', '${COMP_WORDS[i]}')}  case "$place|$before" in
${valueCases(places, pick, files)}
  esac
  if [[ "$cur" == -* ]]; then
    case "$place" in
${places.map((place) => `      ${quote(place.path)}) ${pick([...place.flags.map((flag) => flag.spellings[0] ?? ''), '--help'])} ;;`).join('\n')}
    esac
    return
  fi
  case "$place" in
${places.map((place) => `    ${quote(place.path)}) ${place.next.length === 0 && place.takesArgument ? files : pick(place.next.map((entry) => entry.word))} ;;`).join('\n')}
  esac
}
complete -F ${name} ${bin}
`;
}

function zshScript(bin: string, places: readonly Place[]): string {
  const entries = (list: { word: string; summary: string }[]): string =>
    list.map(({ word, summary }) => quote(`${word.replaceAll(':', '\\:')}:${summary}`)).join(' ');
  const flags = (place: Place): string =>
    entries([
      ...place.flags.map((flag) => ({ word: flag.spellings[0] ?? '', summary: flag.summary })),
      { word: '--help', summary: 'Show help.' },
    ]);
  return `#compdef ${bin}
# zsh completion for ${bin}. Save it as _${bin} in a folder of $fpath.
_${bin}() {
  local place="" word="" cur="\${words[CURRENT]}" before="\${words[CURRENT-1]}"
  local -i skip=0 i current=CURRENT
  local -a found
  if [[ "$cur" == --*=* ]]; then before="\${cur%%=*}"; compset -P '*='; fi
${walk(places, '2', '${words[i]}')}  case "$place|$before" in
${valueCases(places, (list) => `compadd -- ${list.map(quote).join(' ')}`, '_files')}
  esac
  if [[ "$cur" == -* ]]; then
    case "$place" in
${places.map((place) => `      ${quote(place.path)}) found=( ${flags(place)} ) ;;`).join('\n')}
    esac
    _describe -o 'flag' found
    return
  fi
  case "$place" in
${places.map((place) => `    ${quote(place.path)}) ${place.next.length === 0 && place.takesArgument ? '_files; return' : `found=( ${entries(place.next)} )`} ;;`).join('\n')}
  esac
  _describe 'command' found
}
if [[ "\${funcstack[1]}" == "_${bin}" ]]; then _${bin} "$@"; else compdef _${bin} ${bin}; fi
`;
}

function fishScript(bin: string, places: readonly Place[]): string {
  const at = (path: string): string => `-n ${quote(`__${bin}_at ${fishQuote(path)}`)}`;
  const lines = places.flatMap((place) => [
    ...place.next.map(
      ({ word, summary }) =>
        `complete -c ${bin} ${at(place.path)} -a ${fishQuote(word)} -d ${fishQuote(summary)}`,
    ),
    ...(place.takesArgument && place.next.length === 0 ? [`complete -c ${bin} ${at(place.path)} -F`] : []),
    ...place.flags.map((flag) => {
      const [long = '', short] = flag.spellings;
      const value = { nothing: '', file: ' -r -F', text: ' -x' };
      const takes =
        typeof flag.takes === 'string' ? value[flag.takes] : ` -x -a ${fishQuote(flag.takes.join(' '))}`;
      const letter = short === undefined ? '' : ` -s ${short.slice(1)}`;
      return `complete -c ${bin} ${at(place.path)} -l ${long.slice(2)}${letter}${takes} -d ${fishQuote(flag.summary)}`;
    }),
  ]);
  return `# fish completion for ${bin}. Save it as ~/.config/fish/completions/${bin}.fish
function __${bin}_place
  set -l place
  set -l skip 0
  set -l words (commandline -opc)
  for word in $words[2..-1]
    if test $skip = 1
      set skip 0
      continue
    end
    switch $word
      case ${valueFlags(places).map(fishQuote).join(' ')}
        set skip 1
      case '-*'
      case '*'
        contains -- "$place $word" ${places.map((place) => fishQuote(` ${place.path}`)).join(' ')}
        and set place "$place $word"
    end
  end
  string trim -- "$place"
end
function __${bin}_at
  set -l place (__${bin}_place)
  test "$place" = "$argv[1]"
end
complete -c ${bin} -f
${lines.join('\n')}
`;
}

function fishQuote(text: string): string {
  return `"${text.replaceAll(/["\\$]/gu, String.raw`\$&`)}"`;
}
