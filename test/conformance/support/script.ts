import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { PRELOAD } from '../../support/oracle/driver/paths.js';

const LOADER = new URL('../../support/typescript-loader.mjs', import.meta.url).href;
const REGISTER = `data:text/javascript,import{register}from'node:module';register('${LOADER}')`;

/**
 * Runs a script of this folder in a process of its own, with a heap and a time zone of its own.
 * @param args what the script takes, as JSON
 * @returns the JSON that the script prints
 */
export async function runScript<T>(
  name: string,
  args: unknown,
  { env = {}, node = [] }: { env?: Record<string, string>; node?: string[] } = {},
): Promise<T> {
  const file = fileURLToPath(new URL(name, import.meta.url));
  const { stdout } = await promisify(execFile)(
    process.execPath,
    [...node, '--import', REGISTER, file, JSON.stringify(args)],
    { env: { ...process.env, NODE_OPTIONS: `--require="${PRELOAD}"`, ...env }, maxBuffer: 16 * 1024 * 1024 },
  );
  return JSON.parse(stdout) as T;
}
