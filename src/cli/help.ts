import { stripVTControlCharacters } from 'node:util';
import type { Config } from '@oclif/core/interfaces';
import { takesColor } from './colors.js';

/**
 * The help of a command, a topic, or (no words) of dbtool itself, as text.
 *
 * @param words the command's or topic's name in words; it must exist.
 */
export async function renderHelp(config: Config, words: readonly string[]): Promise<string> {
  const { CommandHelp, Help } = await import('@oclif/core/help');
  const parts: string[] = [];

  class PlainCommandHelp extends CommandHelp {
    /** oclif writes all flags into the usage line, where the global ones drown what matters. */
    protected override defaultUsage(): string {
      const { id, args, flags } = this.command;
      const shown = Object.values(args).filter((arg) => !arg.hidden);
      const needed = Object.entries(flags).filter(
        ([, flag]) => flag.required === true && flag.type === 'option',
      );
      return [
        id,
        ...shown.map((arg) => this.arg(arg) + (arg.multiple === true ? '...' : '')),
        ...needed.map(([name]) => `--${name}=…`),
        '[FLAGS]',
      ].join(' ');
    }

    /** The summary stands above already. */
    protected override description(): string | undefined {
      const { description } = this.command;
      return description === undefined ? undefined : this.wrap(description);
    }
  }

  class CollectedHelp extends Help {
    protected override CommandHelpClass = PlainCommandHelp;

    protected override log(...lines: string[]): void {
      parts.push(lines.join(' '));
    }
  }

  const help = new CollectedHelp(config, config.pjson.oclif.helpOptions ?? {});
  await help.showHelp([...words]);
  const text = `${parts.join('\n').trimEnd()}\n`;
  return takesColor(process.stdout) ? text : stripVTControlCharacters(text);
}
