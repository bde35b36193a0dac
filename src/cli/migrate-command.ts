import { Console } from 'node:console';
import type { Command } from '@oclif/core/command';
import * as Flags from '@oclif/core/flags';
import type { MigrationState, MigratorOptions } from '../migrate/migrator.js';
import { DatabaseCommand } from './database-command.js';

/** `--folder`, for every command on migrations. */
export const folderFlag = Flags.string({
  multiple: true,
  summary: "Take the migrations of this folder; repeatable, `builtin` stands for dbtool's own.",
  helpValue: 'DIR',
});

/** Flags of commands that wait for other deployers. */
export const lockFlags = {
  'lock-wait': Flags.string({
    summary: 'Wait so long for another process that is migrating the database.',
    helpValue: 'DURATION',
  }),
};

/** Flags of commands that run migrations. */
export const runFlags = {
  ...lockFlags,
  'lock-timeout': Flags.string({
    summary: 'Let a statement wait so long for a table that others use.',
    helpValue: 'DURATION',
  }),
};

/** How far to go. */
export const targetFlags = (to: string, step: string) => ({
  to: Flags.string({ summary: to, helpValue: 'NAME', exclusive: ['step'] }),
  step: Flags.integer({ summary: step, helpValue: 'N', min: 1, exclusive: ['to'] }),
});

/** Flag to setting. */
const SETTING_OF: Record<string, string> = {
  folder: 'migrate.folders',
  'lock-wait': 'migrate.lockWait',
  'lock-timeout': 'migrate.lockTimeout',
  'out-of-order': 'migrate.outOfOrder',
  dangers: 'migrate.dangers',
};

/** A command on migrations: its flags go over the settings of the same meaning. */
export abstract class MigrateCommand<T extends typeof Command> extends DatabaseCommand<T> {
  protected override settingFlags(): Record<string, { flag: string; value: string }> {
    const flags = this.flags as Record<string, unknown>;
    return Object.fromEntries(
      Object.entries(SETTING_OF).flatMap(([name, key]) => {
        const value = flags[name];
        if (typeof value !== 'string' && !Array.isArray(value)) return [];
        return [[key, { flag: `--${name}`, value: Array.isArray(value) ? value.join(',') : value }]];
      }),
    );
  }

  protected override migratorOptions(): Promise<MigratorOptions> {
    // What migrations print is none of the command's data.
    globalThis.console = new Console(process.stderr, process.stderr);
    return super.migratorOptions();
  }

  /** With a line to stderr before each migration, and one to stdout after it. */
  protected async tellingOptions(): Promise<MigratorOptions> {
    return {
      ...(await this.migratorOptions()),
      onStart: (name, direction) => {
        this.out.note(`${direction === 'up' ? 'Applying' : 'Taking back'} ${name}…`);
      },
      onDone: ({ name, direction, durationMs }) => {
        this.out.data(`${direction === 'up' ? 'applied' : 'took back'} ${name} (${durationMs} ms)`);
      },
    };
  }
}

/** A migration's state in a word, or several. */
export function stateInWords({ status, edited, outOfOrder }: MigrationState): string {
  return [status, ...(edited === true ? ['edited'] : []), ...(outOfOrder ? ['out of order'] : [])].join(', ');
}
