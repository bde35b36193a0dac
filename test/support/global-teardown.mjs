export default async function globalTeardown() {
  await globalThis.dbtoolTestRun.stop();
}
