#!/usr/bin/env node
import { existsSync, readFileSync } from 'node:fs';
import module from 'node:module';
import { fileURLToPath } from 'node:url';

module.enableCompileCache?.();

const root = fileURLToPath(new URL('..', import.meta.url));
const args = process.argv.slice(2);
const words = args.filter((arg) => arg !== '--json');

if (words.length === 1 && ['--version', '-V', 'version'].includes(words[0]) && args.length <= 2) {
  // The commonest question of scripts is answered without loading anything.
  const { version } = JSON.parse(readFileSync(`${root}/package.json`, 'utf8'));
  const data = { version, platform: `${process.platform}-${process.arch}`, node: process.version };
  process.stdout.write(
    args.length === 2
      ? `${JSON.stringify({ ok: true, data })}\n`
      : `dbtool/${version} ${data.platform} node-${data.node}\n`,
  );
} else if (existsSync(`${root}/dist/cli/main.js`)) {
  const { main } = await import('../dist/cli/main.js');
  await main(args, { root });
} else {
  process.stderr.write('dbtool is not built yet: dist/ is missing. Run "npm run build" first.\n');
  process.exitCode = 1;
}
