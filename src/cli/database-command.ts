import path from 'node:path';
import type { Command } from '@oclif/core/command';
import { loadSettings } from '../config/load-settings.js';
import { BUILTIN_FOLDER, type Settings } from '../config/settings.js';
import type { OpenDatabase } from '../database/data-source.js';
import type { MigratorOptions } from '../migrate/migrator.js';
import type { EntityClass } from '../database/model/table-model.js';
import { DbtoolError } from '../errors/dbtool-error.js';
import { BaseCommand } from './base-command.js';
import { withPasswordAsked } from './prompt.js';

/** What a command needs of the database it opens. */
interface DatabaseNeeds {
  entities?: readonly EntityClass[];
  /** SQLite: make the file when it is missing. */
  create?: boolean;
  /** SQLite: look at an empty database in memory when the file is missing. */
  emptyIfMissing?: boolean;
  /** Refuse a database whose migrations are pending. */
  migrated?: boolean;
}

/** A command that works on the database that the settings name. */
export abstract class DatabaseCommand<T extends typeof Command> extends BaseCommand<T> {
  private loaded: Promise<Settings> | undefined;

  /** The settings of this run: defaults, files, environment variables and flags, validated. */
  protected settings(): Promise<Settings> {
    this.loaded ??= loadSettings({
      cwd: process.cwd(),
      env: process.env,
      environment: this.globals.env,
      configFile: this.globals.config,
      flags: {
        ...(this.globals.database === undefined
          ? {}
          : { 'database.url': { flag: '--database', value: this.globals.database } }),
        ...this.settingFlags(),
      },
    });
    return this.loaded;
  }

  /** Flags of the command's own that set a setting, by its key. */
  protected settingFlags(): Record<string, { flag: string; value: string }> {
    return {};
  }

  /** Where migrations are, and how they are run. */
  protected async migratorOptions(): Promise<MigratorOptions> {
    const { folders, ...how } = (await this.settings()).migrate;
    const builtin = path.join(this.config.root, 'dist', 'migrations');
    return {
      ...how,
      folders: folders.map((folder) => (folder === BUILTIN_FOLDER ? builtin : folder)),
      toolVersion: this.config.version,
      signal: this.stopSignal(),
      onNotice: (text) => {
        this.out.warn(text);
      },
    };
  }

  /** Aborted when the user wants to stop; that nobody reads the output any more must not leave work undone. */
  private stopSignal(): AbortSignal {
    const stop = new AbortController();
    const forward = (): void => {
      const { reason } = this.abortSignal as { reason: unknown };
      if (reason instanceof DbtoolError) stop.abort(reason);
    };
    this.abortSignal.addEventListener('abort', forward);
    forward();
    return stop.signal;
  }

  /** Opens the database, hands it to `work`, and closes it whatever happens. */
  protected async withDatabase<R>(
    needs: DatabaseNeeds,
    work: (database: OpenDatabase) => Promise<R>,
  ): Promise<R> {
    const { database } = await this.settings();
    const [{ withDatabase }, { parseDatabaseUrl }] = await Promise.all([
      import('../database/data-source.js'),
      import('../database/database-url.js'),
    ]);
    const url = parseDatabaseUrl(database.url);
    const hasPassword =
      database.password !== undefined || (url.kind !== 'sqlite' && url.password !== undefined);
    const open = (password?: string): Promise<R> =>
      withDatabase(
        password === undefined ? database : { ...database, password },
        needs.entities ?? [],
        async (opened) => {
          this.out.detail(`Connected to ${opened.url.display}.`);
          if (needs.migrated) {
            const { requireMigrated } = await import('../migrate/require-migrated.js');
            await requireMigrated(opened, await this.migratorOptions());
          }
          return work(opened);
        },
        { create: needs.create, emptyIfMissing: needs.emptyIfMissing },
      );
    const question = `Password for ${url.display}: `;
    return withPasswordAsked({ refused: 'database.authentication', hasPassword, question }, open);
  }
}
