import { readFile } from 'node:fs/promises';
import { DbtoolError } from '../errors/dbtool-error.js';
import { SETTINGS } from './settings.js';

/** A config file, flattened: dotted setting key to raw value. */
export interface ConfigFile {
  path: string;
  /** The default environment the file names. */
  environment?: string;
  values: Map<string, unknown>;
  environments: Map<string, Map<string, unknown>>;
}

/**
 * Reads and flattens `dbtool.config.{json,yaml}`. Unknown keys and wrong shapes are added to `faults`,
 * each with the file and the key.
 * @throws DbtoolError `config.unreadable`, `config.invalid` (not JSON or YAML at all)
 */
export async function readConfigFile(path: string, faults: string[]): Promise<ConfigFile> {
  const content = await parse(path);
  const file: ConfigFile = { path, values: new Map(), environments: new Map() };
  if (content === null || content === undefined) return file; // an empty YAML file
  if (!isRecord(content)) {
    faults.push(`${path}: must hold an object of settings`);
    return file;
  }
  const { environment, environments, ...settings } = content;
  if (typeof environment === 'string') file.environment = environment;
  else if (environment !== undefined) faults.push(`${path}: environment must be the name of an environment`);
  file.values = flatten(path, '', settings, faults);
  if (isRecord(environments)) {
    for (const [name, section] of Object.entries(environments)) {
      if (isRecord(section))
        file.environments.set(name, flatten(path, `environments.${name}.`, section, faults));
      else faults.push(`${path}: environments.${name} must be an object of settings`);
    }
  } else if (environments !== undefined) faults.push(`${path}: environments must be an object`);
  return file;
}

async function parse(path: string): Promise<unknown> {
  let source: string;
  try {
    source = withoutMark(await readFile(path, 'utf8'));
  } catch (error) {
    throw new DbtoolError('config.unreadable', {
      message: `The config file ${path} cannot be read`,
      why: (error as Error).message,
      fix: 'Make it readable for this user, or name another with --config.',
      cause: error,
    });
  }
  try {
    if (path.endsWith('.json')) return JSON.parse(source) as unknown;
    const { parse: parseYaml } = await import('yaml');
    // The parser's warnings would go straight to stderr, and they quote the source.
    return parseYaml(source, { logLevel: 'error' }) as unknown;
  } catch (error) {
    // The parsers' messages quote the source, which may hold a password: keep the position only.
    const position = /(at (?:position \d+|line \d+, column \d+)|\(line \d+ column \d+\))/.exec(
      (error as Error).message,
    );
    throw new DbtoolError('config.invalid', {
      message: `The config file ${path} is not valid ${path.endsWith('.json') ? 'JSON' : 'YAML'}`,
      why: position ? `The first fault is ${position[0].replace(/[()]/g, '')}.` : 'It cannot be parsed.',
      fix: 'Mend the file; docs/configuration.md shows one.',
    });
  }
}

/** Editors on Windows begin a file with a byte order mark, which no parser takes for white space. */
export function withoutMark(text: string): string {
  return text.replace(/^\ufeff/, '');
}

function flatten(
  path: string,
  prefix: string,
  section: Record<string, unknown>,
  faults: string[],
): Map<string, unknown> {
  const values = new Map<string, unknown>();
  const walk = (key: string, value: unknown): void => {
    if (value === null) return; // `url:` with nothing behind it is not set
    if (SETTINGS.some((setting) => setting.key === key)) {
      values.set(key, value);
      return;
    }
    const isSection = SETTINGS.some((setting) => setting.key.startsWith(`${key}.`));
    if (!isSection) faults.push(`${path}: ${prefix}${key} is no setting`);
    else if (!isRecord(value)) faults.push(`${path}: ${prefix}${key} must be an object of settings`);
    else for (const [name, inner] of Object.entries(value)) walk(`${key}.${name}`, inner);
  };
  for (const [name, value] of Object.entries(section)) walk(name, value);
  return values;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
