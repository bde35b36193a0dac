import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { DbtoolError } from '../errors/dbtool-error.js';
import { readConfigFile, type ConfigFile, withoutMark } from './config-file.js';
import { findConfigFiles } from './find-config-files.js';
import { registerSecret } from './redact.js';
import {
  BUILTIN_FOLDER,
  SETTINGS,
  type ResolvedSetting,
  type SettingDefinition,
  type Settings,
} from './settings.js';
import { hasPassword } from './url-password.js';

/** Where settings may come from; everything is passed in so that tests need no global state. */
export interface SettingsInput {
  cwd: string;
  env: Record<string, string | undefined>;
  /** `--env`: name of the environment to use. */
  environment?: string;
  /** `--config`: this file instead of the project's. */
  configFile?: string;
  /** Values of flags by setting key, with the flag's name: `{'database.url': {flag: '--database', value}}`. */
  flags?: Record<string, { flag: string; value: string }>;
}

interface Candidate {
  raw: unknown;
  origin: string;
  /** Folder that relative paths start from. */
  base: string;
}

/**
 * Merges defaults, user file, project file, environment variables and flags (each beats the one
 * before), and validates the result once. All faults are reported together, each with its file and key.
 * @throws DbtoolError `config.invalid`, `config.unreadable`, `config.environment.unknown`,
 *   `config.password.in-flag`
 */
export async function loadSettings(input: SettingsInput): Promise<Settings> {
  refusePasswordsInFlags(input);
  const faults: string[] = [];
  const files: ConfigFile[] = [];
  for (const file of await findConfigFiles(input)) files.push(await readConfigFile(file, faults));
  const environment = chooseEnvironment(input, files);
  const resolved = SETTINGS.map((definition) =>
    resolve(definition, candidates(definition, input, files, environment), faults),
  );
  if (faults.length > 0) throw invalidConfig(faults);
  return assemble(resolved, environment, files);
}

function refusePasswordsInFlags(input: SettingsInput): void {
  for (const [key, { flag, value }] of Object.entries(input.flags ?? {})) {
    if (!hasPassword(value)) continue;
    const definition = SETTINGS.find((setting) => setting.key === key);
    throw new DbtoolError('config.password.in-flag', {
      message: `${flag} was given a URL with a password`,
      why: 'What stands on a command line is seen by every user of the host and kept in shell histories.',
      fix: `Leave the password out of ${flag} and set ${passwordVariable(key)}, or put the whole URL into ${definition?.env ?? 'the config file'}.`,
    });
  }
}

function passwordVariable(key: string): string {
  return key.startsWith('import.') ? 'DBTOOL_IMPORT_PASSWORD' : 'DBTOOL_DATABASE_PASSWORD';
}

function chooseEnvironment(input: SettingsInput, files: ConfigFile[]): string | undefined {
  const fromFile = files.findLast((file) => file.environment !== undefined)?.environment;
  const name = input.environment ?? (input.env['DBTOOL_ENV'] || undefined) ?? fromFile;
  if (name === undefined) return undefined;
  const known = [...new Set(files.flatMap((file) => [...file.environments.keys()]))];
  if (known.includes(name)) return name;
  throw new DbtoolError('config.environment.unknown', {
    message: `There is no environment "${name}" in the configuration`,
    why:
      files.length === 0
        ? 'No config file was found.'
        : `${files.map((file) => file.path).join(' and ')} ${known.length === 0 ? 'name no environments' : `know: ${known.join(', ')}`}.`,
    fix: `Add it under "environments" in dbtool.config.yaml, or choose another with --env.`,
  });
}

/** The values given for one setting, weakest first; undefined for a place that gives none. */
function candidates(
  definition: SettingDefinition,
  input: SettingsInput,
  files: ConfigFile[],
  environment: string | undefined,
): (Candidate | undefined)[] {
  const ofFile = (
    file: ConfigFile,
    values: Map<string, unknown> | undefined,
    origin: string,
  ): Candidate | undefined =>
    values?.has(definition.key)
      ? { raw: values.get(definition.key), origin, base: path.dirname(file.path) }
      : undefined;
  const variable = input.env[definition.env];
  const flag = input.flags?.[definition.key];
  return [
    ...files.map((file) => ofFile(file, file.values, file.path)),
    // An environment that was chosen beats what holds for all of them, whichever file it stands in.
    ...files.map((file) =>
      environment === undefined
        ? undefined
        : ofFile(file, file.environments.get(environment), `${file.path} (environment ${environment})`),
    ),
    // An empty variable is how cron files and compose files say "not set".
    variable === undefined || variable === ''
      ? undefined
      : { raw: variable, origin: definition.env, base: input.cwd },
    flag && { raw: flag.value, origin: flag.flag, base: input.cwd },
  ];
}

function resolve(
  definition: SettingDefinition,
  found: (Candidate | undefined)[],
  faults: string[],
): ResolvedSetting {
  // Weaker values are checked too: a fault in a file does not hide until the variable is gone.
  let winner: ResolvedSetting = {
    definition,
    value: definition.defaultValue,
    origin: definition.defaultValue === undefined ? 'not set' : 'default',
    precedence: 0,
  };
  found.forEach((candidate, index) => {
    if (!candidate) return;
    try {
      const value = absolute(definition, definition.parse(candidate.raw), candidate.base);
      winner = { definition, value, origin: candidate.origin, precedence: index + 1 };
    } catch (error) {
      faults.push(`${candidate.origin}: ${definition.key} ${(error as Error).message}`);
    }
  });
  return winner;
}

function absolute(definition: SettingDefinition, value: string | number, base: string): string | number {
  if (typeof value !== 'string') return value;
  if (definition.paths)
    return value
      .split(',')
      .map((one) => (one === BUILTIN_FOLDER ? one : path.resolve(base, one)))
      .join(',');
  if (definition.path) return path.resolve(base, value);
  // `-` is standard input.
  if (definition.key === 'import.from' && value !== '-' && !/^[a-z][a-z0-9+.-]+:\/\//i.test(value))
    return path.resolve(base, value);
  if (definition.key === 'database.url' && /^sqlite:(?!\/\/|$)/.test(value) && value !== 'sqlite::memory:')
    return `sqlite:${path.resolve(base, value.slice('sqlite:'.length))}`;
  return value;
}

function invalidConfig(faults: string[]): DbtoolError {
  return new DbtoolError('config.invalid', {
    message:
      faults.length === 1 ? 'The configuration has a fault' : `The configuration has ${faults.length} faults`,
    why: faults.length === 1 ? faults[0] : `\n${faults.map((fault) => `    - ${fault}`).join('\n')}`,
    fix: 'Mend what is listed; `dbtool config show` tells where every value comes from.',
    details: { faults },
  });
}

async function assemble(
  resolved: ResolvedSetting[],
  environment: string | undefined,
  files: ConfigFile[],
): Promise<Settings> {
  const setting = (key: string): ResolvedSetting | undefined =>
    resolved.find(({ definition }) => definition.key === key);
  const value = (key: string): string | number | undefined => setting(key)?.value;
  const text = (key: string): string | undefined => value(key) as string | undefined;
  const number = (key: string): number => value(key) as number;
  const password = async (section: string): Promise<string | undefined> => {
    // A file that a stronger place names beats the password of a weaker one.
    const own = setting(`${section}.password`);
    const file = setting(`${section}.passwordFile`);
    const secret =
      (file?.precedence ?? 0) > (own?.precedence ?? 0)
        ? await readSecretFile(String(file?.value))
        : text(`${section}.password`);
    if (secret !== undefined) registerSecret(secret);
    return secret;
  };
  return {
    environment,
    files: files.map((file) => file.path),
    database: {
      url: text('database.url') ?? '',
      password: await password('database'),
      poolSize: number('database.poolSize'),
      connectTimeout: number('database.connectTimeout'),
      statementTimeout: number('database.statementTimeout'),
      tls: {
        mode: text('database.tls.mode') as 'disable' | 'require' | 'verify',
        ca: text('database.tls.ca'),
        cert: text('database.tls.cert'),
        key: text('database.tls.key'),
      },
    },
    migrate: {
      folders: String(value('migrate.folders')).split(','),
      lockWait: number('migrate.lockWait'),
      lockTimeout: number('migrate.lockTimeout'),
      lockAttempts: number('migrate.lockAttempts'),
      outOfOrder: text('migrate.outOfOrder') as 'refuse' | 'apply',
      dangers: text('migrate.dangers') as 'refuse' | 'warn',
    },
    import: {
      from: text('import.from'),
      password: await password('import'),
      batchSize: number('import.batchSize'),
      connectTimeout: number('import.connectTimeout'),
    },
    resolved,
  };
}

async function readSecretFile(file: string): Promise<string> {
  const [line = ''] = (await readTextFile(file)).split(/\r?\n/, 1);
  if (line !== '') return line;
  throw new DbtoolError('config.unreadable', {
    message: `The password file ${file} holds no password`,
    why: 'Its first line is empty.',
    fix: 'Write the password into its first line.',
  });
}

async function readTextFile(file: string): Promise<string> {
  try {
    return withoutMark(await readFile(file, 'utf8'));
  } catch (error) {
    throw new DbtoolError('config.unreadable', {
      message: `The password file ${file} cannot be read`,
      why: (error as Error).message,
      fix: 'Create it with the password as its first line, readable for this user only (chmod 600).',
      cause: error,
    });
  }
}
