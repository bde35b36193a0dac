import { mkdir, rename } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { CACHE } from './paths.js';

const HERE = new URL('./', import.meta.url);
/** Bundles the driver's patch. Safe beside another run: files are replaced whole. */
export async function bundleDriver(): Promise<void> {
  await mkdir(CACHE, { recursive: true });
  for (const name of ['patch', 'oracledb', 'preload']) {
    const made = `${CACHE}${name}.${process.pid}.cjs`;
    await build({
      entryPoints: [fileURLToPath(new URL(`${name}.ts`, HERE))],
      outfile: made,
      bundle: true,
      platform: 'node',
      target: 'node20',
      format: 'cjs',
      external: ['oracledb/*'],
      sourcemap: 'inline',
      logLevel: 'error',
    });
    await rename(made, `${CACHE}${name}.cjs`);
  }
}
