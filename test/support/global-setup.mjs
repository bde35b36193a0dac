import { register } from 'node:module';
import { build } from '../../scripts/build.mjs';

register('./typescript-loader.mjs', import.meta.url);

/** Tests that spawn dbtool run what is built, so it is built; then the servers are found, once per run. */
export default async function globalSetup() {
  await build();
  const { bundleDriver } = await import('./oracle/driver/bundle.ts');
  await bundleDriver();
  const { startRun } = await import('./servers/lifecycle.ts');
  globalThis.dbtoolTestRun = await startRun();
}
