/*
 * For programs that tests spawn (`node --require`): patches the driver when a program loads it, and costs
 * one that does not next to nothing.
 */
import { Module, createRequire } from 'node:module';
import { join } from 'node:path';
import type * as patch from './patch.js';

const ENTRY = /[\\/]oracledb[\\/]lib[\\/]oracledb\.js$/;

interface Loaders {
  _extensions: Record<string, (module: NodeJS.Module, filename: string) => void>;
}

const loaders = Module as unknown as Loaders;
const load = loaders._extensions['.js'];
loaders._extensions['.js'] = (module, filename) => {
  load?.(module, filename);
  if (!ENTRY.test(filename)) return;
  // eslint-disable-next-line @typescript-eslint/no-require-imports -- it is bundled as CommonJS, and loads this when it has to
  const { patchDriver } = require(join(__dirname, 'patch.cjs')) as typeof patch;
  const ofDriver = createRequire(filename);
  patchDriver((path) => ofDriver(`./${path}`) as unknown);
};
