import { parseDuration } from '../time/duration.js';

/**
 * Every setting of dbtool, in one table: its key in the config file, its environment variable, its
 * default and how a raw value is checked. The loader, `config show`, the docs and the fault messages
 * all read this table, so a setting is added by adding a row.
 */
export interface SettingDefinition {
  /** Dotted key in the config file, for example `database.tls.ca`. */
  key: string;
  /** Environment variable that overrides the files. */
  env: string;
  summary: string;
  /** Value when nobody sets one; undefined = unset. */
  defaultValue?: string | number;
  /** Never shown, only masked. */
  secret?: boolean;
  /** A URL that may carry a password; shown masked. */
  url?: boolean;
  /** A path; relative ones from a file are relative to that file's folder. */
  path?: boolean;
  /** Several paths with commas between. */
  paths?: boolean;
  /** Turns a raw value into the setting's value, or throws an Error whose message says what is wrong. */
  parse: (raw: unknown) => string | number;
}

function text(raw: unknown): string {
  if (typeof raw !== 'string' || raw.trim() === '') throw new Error('must be a non-empty string');
  return raw;
}

function integer(min: number, max: number): (raw: unknown) => number {
  return (raw) => {
    const value = wholeNumber(raw);
    if (value === undefined || value < min || value > max)
      throw new Error(`must be a whole number from ${min} to ${max}`);
    return value;
  };
}

function oneOf(...allowed: string[]): (raw: unknown) => string {
  return (raw) => {
    if (typeof raw !== 'string' || !allowed.includes(raw))
      throw new Error(`must be one of ${allowed.join(', ')}`);
    return raw;
  };
}

/** The longest wait that timers and servers know: 32 bits of milliseconds, some 24 days. */
const LONGEST_MS = 2_147_483_647;

/** Milliseconds, from `"30s"`, `"5m"` or a number of milliseconds (in a variable, that is text too). */
function duration(raw: unknown): number {
  const ms = typeof raw === 'string' && !/^\d+$/.test(raw.trim()) ? parseDuration(raw) : wholeNumber(raw);
  if (ms === undefined || ms < 0)
    throw new Error('must be a duration such as 500ms, 30s, 5m, or milliseconds');
  if (ms > LONGEST_MS) throw new Error('must be a duration of at most 24 days');
  return ms;
}

function wholeNumber(raw: unknown): number | undefined {
  const value = typeof raw === 'string' && /^\d+$/.test(raw.trim()) ? Number(raw) : raw;
  return typeof value === 'number' && Number.isInteger(value) ? value : undefined;
}

/** The word for dbtool's own migrations in `migrate.folders`. */
export const BUILTIN_FOLDER = 'builtin';

/** Folders as one text with commas between, from such a text or from a list. */
function folders(raw: unknown): string {
  const list: unknown[] = Array.isArray(raw) ? raw : typeof raw === 'string' ? raw.split(',') : [];
  const names = list.map((name) => (typeof name === 'string' ? name.trim() : ''));
  if (names.length === 0 || names.includes('') || names.some((name) => name.includes(',')))
    throw new Error(`must be folders, or the word ${BUILTIN_FOLDER}, with commas between or as a list`);
  if (new Set(names).size < names.length) throw new Error('must not name a folder twice');
  return names.join(',');
}

export const SETTINGS: readonly SettingDefinition[] = [
  {
    key: 'database.url',
    env: 'DBTOOL_DATABASE_URL',
    summary: 'The database: postgres://, oracle://, mysql://, mariadb:// or sqlite:PATH',
    defaultValue: 'sqlite:dbtool.sqlite',
    url: true,
    parse: text,
  },
  {
    key: 'database.password',
    env: 'DBTOOL_DATABASE_PASSWORD',
    summary: "The database user's password",
    secret: true,
    parse: text,
  },
  {
    key: 'database.passwordFile',
    env: 'DBTOOL_DATABASE_PASSWORD_FILE',
    summary: 'A file whose first line is the password',
    path: true,
    parse: text,
  },
  {
    key: 'database.poolSize',
    env: 'DBTOOL_DATABASE_POOL_SIZE',
    summary: 'Most connections held open at a time',
    defaultValue: 4,
    parse: integer(1, 100),
  },
  {
    key: 'database.connectTimeout',
    env: 'DBTOOL_DATABASE_CONNECT_TIMEOUT',
    summary: 'Longest wait for a connection',
    defaultValue: 10_000,
    parse: duration,
  },
  {
    key: 'database.statementTimeout',
    env: 'DBTOOL_DATABASE_STATEMENT_TIMEOUT',
    summary: 'Longest run of one statement; 0 = no limit',
    defaultValue: 0,
    parse: duration,
  },
  {
    key: 'database.tls.mode',
    env: 'DBTOOL_DATABASE_TLS_MODE',
    summary: 'disable, require (encrypt, trust any certificate) or verify (check certificate and host name)',
    defaultValue: 'disable',
    parse: oneOf('disable', 'require', 'verify'),
  },
  {
    key: 'database.tls.ca',
    env: 'DBTOOL_DATABASE_TLS_CA',
    summary: 'File of the certificate authority, PEM',
    path: true,
    parse: text,
  },
  {
    key: 'database.tls.cert',
    env: 'DBTOOL_DATABASE_TLS_CERT',
    summary: 'File of the client certificate, PEM',
    path: true,
    parse: text,
  },
  {
    key: 'database.tls.key',
    env: 'DBTOOL_DATABASE_TLS_KEY',
    summary: 'File of the client key, PEM',
    path: true,
    parse: text,
  },
  {
    key: 'migrate.folders',
    env: 'DBTOOL_MIGRATE_FOLDERS',
    summary: "Folders of migrations, with commas between; `builtin` is dbtool's own",
    defaultValue: BUILTIN_FOLDER,
    paths: true,
    parse: folders,
  },
  {
    key: 'migrate.lockWait',
    env: 'DBTOOL_MIGRATE_LOCK_WAIT',
    summary: 'Longest wait for another process that is migrating the database',
    defaultValue: 60_000,
    parse: duration,
  },
  {
    key: 'migrate.lockTimeout',
    env: 'DBTOOL_MIGRATE_LOCK_TIMEOUT',
    summary:
      'Longest wait of a statement of a migration for a table that others use; 0 = as the server has it',
    defaultValue: 5000,
    parse: duration,
  },
  {
    key: 'migrate.lockAttempts',
    env: 'DBTOOL_MIGRATE_LOCK_ATTEMPTS',
    summary: 'How often a migration that waited in vain is tried in all',
    defaultValue: 5,
    parse: integer(1, 1000),
  },
  {
    key: 'migrate.outOfOrder',
    env: 'DBTOOL_MIGRATE_OUT_OF_ORDER',
    summary: 'What `up` does with a pending migration older than one that is applied: refuse or apply',
    defaultValue: 'refuse',
    parse: oneOf('refuse', 'apply'),
  },
  {
    key: 'migrate.dangers',
    env: 'DBTOOL_MIGRATE_DANGERS',
    summary: 'What `up` does when a migration endangers a table that holds data: refuse or warn',
    defaultValue: 'refuse',
    parse: oneOf('refuse', 'warn'),
  },
  {
    key: 'import.from',
    env: 'DBTOOL_IMPORT_FROM',
    summary: 'Where `import mongo` reads: a mongodb:// URL, a dump folder or an Extended JSON file',
    url: true,
    parse: text,
  },
  {
    key: 'import.password',
    env: 'DBTOOL_IMPORT_PASSWORD',
    summary: "The MongoDB user's password",
    secret: true,
    parse: text,
  },
  {
    key: 'import.passwordFile',
    env: 'DBTOOL_IMPORT_PASSWORD_FILE',
    summary: 'A file whose first line is the MongoDB password',
    path: true,
    parse: text,
  },
  {
    key: 'import.batchSize',
    env: 'DBTOOL_IMPORT_BATCH_SIZE',
    summary: 'Documents per transaction',
    defaultValue: 500,
    parse: integer(1, 10_000),
  },
  {
    key: 'import.connectTimeout',
    env: 'DBTOOL_IMPORT_CONNECT_TIMEOUT',
    summary: 'Longest wait for the MongoDB server',
    defaultValue: 10_000,
    parse: duration,
  },
];

/** TLS of a database connection; `ca`, `cert` and `key` are file paths. */
export interface TlsSettings {
  mode: 'disable' | 'require' | 'verify';
  ca?: string;
  cert?: string;
  key?: string;
}

/** How to reach the database. Times are in milliseconds, 0 = no limit. */
export interface DatabaseSettings {
  url: string;
  password?: string;
  poolSize: number;
  connectTimeout: number;
  statementTimeout: number;
  tls: TlsSettings;
}

/** How migrations are found and run. Times are in milliseconds. */
export interface MigrateSettings {
  /** Absolute paths, and `builtin` for dbtool's own. */
  folders: string[];
  lockWait: number;
  lockTimeout: number;
  lockAttempts: number;
  outOfOrder: 'refuse' | 'apply';
  dangers: 'refuse' | 'warn';
}

/** What `import mongo` starts from. */
export interface ImportSettings {
  from?: string;
  password?: string;
  batchSize: number;
  connectTimeout: number;
}

/** One setting with where it came from, for `config show`. */
export interface ResolvedSetting {
  definition: SettingDefinition;
  value: string | number | undefined;
  /** `default`, a file (with its environment), an environment variable or a flag. */
  origin: string;
  /** How strong that origin is among all: a greater number beats a smaller one; the default has 0. */
  precedence: number;
}

/** The validated settings of one run. */
export interface Settings {
  /** Name of the environment in force, if one was chosen. */
  environment?: string;
  /** Config files that were read, in order of rising precedence. */
  files: string[];
  database: DatabaseSettings;
  migrate: MigrateSettings;
  import: ImportSettings;
  resolved: ResolvedSetting[];
}
