import type { Command } from '@oclif/core';
import * as Flags from '@oclif/core/flags';
import { maskUrl } from '../config/redact.js';
import { hasPassword as hasUrlPassword } from '../config/url-password.js';
import { DbtoolError } from '../errors/dbtool-error.js';
import type { Since } from '../import/since.js';
import type { ImportSource } from '../import/sources/source.js';
import { parsePointInTime } from '../time/point-in-time.js';
import { DatabaseCommand } from './database-command.js';
import { withPasswordAsked } from './prompt.js';

/** Flags that say what is read. */
export const sourceFlags = {
  from: Flags.string({
    summary:
      'A mongodb:// URL, a dump folder or archive, a .bson or an Extended JSON file, or - (standard input).',
    helpValue: 'SOURCE',
  }),
  collection: Flags.string({
    summary: 'Only this collection; may be repeated.',
    multiple: true,
    multipleNonGreedy: true,
  }),
};

/** A command that reads MongoDB's data, from wherever it lies. */
export abstract class SourceCommand<T extends typeof Command> extends DatabaseCommand<T> {
  protected override settingFlags(): Record<string, { flag: string; value: string }> {
    const { from } = this.flags as { from?: string };
    return from === undefined ? {} : { 'import.from': { flag: '--from', value: from } };
  }

  /** The collections that were asked for, none for all. */
  protected get collections(): string[] {
    return (this.flags as { collection?: string[] }).collection ?? [];
  }

  /**
   * Opens the source of the settings, after a question for its password where it wants one; `close` is the
   * caller's.
   * @throws DbtoolError `usage.flag.missing` where no source is named, `import.source.*`
   */
  protected async openSource(): Promise<ImportSource> {
    const settings = (await this.settings()).import;
    const { from, password } = settings;
    if (from === undefined) throw noSource();
    const { openSource } = await import('../import/sources/open-source.js');
    const [only, ...others] = this.collections;
    return withPasswordAsked(
      {
        refused: 'import.source.authentication',
        hasPassword: password !== undefined || hasUrlPassword(from),
        question: `Password for ${maskUrl(from)}: `,
      },
      (asked) =>
        openSource(
          from,
          { ...settings, password: asked ?? password },
          others.length === 0 ? only : undefined,
        ),
    );
  }

  /** @throws DbtoolError `usage.flag.missing` */
  protected async requireSource(): Promise<void> {
    if ((await this.settings()).import.from === undefined) throw noSource();
  }
}

function noSource(): DbtoolError {
  return new DbtoolError('usage.flag.missing', {
    message: 'There is nothing to read',
    why: 'Neither --from, nor DBTOOL_IMPORT_FROM, nor import.from in the config file names a source.',
    fix: 'Add --from with a mongodb:// URL, a dump folder, a file, or - for standard input.',
  });
}

/** What `--since` says. @throws DbtoolError `usage.time.invalid` */
export function parseSince(text: string | undefined, now: Date): Since {
  if (text === undefined) return { kind: 'all' };
  if (text === 'last') return { kind: 'last' };
  return { kind: 'time', from: parsePointInTime(text, '--since', now) };
}
