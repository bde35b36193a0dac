/*
 * npm run demo    install, build, and run the main job on SQLite over the dump in fixtures/demo-dump:
 *                 migrate, import, a table of traces, and one trace as a waterfall
 *
 * Needs Node and npm only, in a fresh clone too. What it makes lies in demo/ and may be deleted.
 */
import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { ensureInstalled } from './lib/install.mjs';
import { ROOT, runNode } from './lib/process.mjs';

const FOLDER = join(ROOT, 'demo');
const BIN = join(ROOT, 'bin/dbtool.js');
const REJECTS = 'rejects.ndjson';
/** The dump holds a few broken documents on purpose, so that one sees what becomes of such. */
const REJECTS_EXIT = 4;

await ensureInstalled();
// Only now: the build's own imports are installed packages.
const { build } = await import('./build.mjs');
await build();
mkdirSync(FOLDER, { recursive: true });
rmSync(join(FOLDER, REJECTS), { force: true });

await step('migrate up');
await step(
  `import mongo --from ${join('..', 'fixtures', 'demo-dump', 'genai')} --rejects ${REJECTS}`,
  REJECTS_EXIT,
);
await step('report traces --limit 10');
await step('report traces --status error --from 2025-08-18 --limit 5');
const trace = await newestAgentTrace();
await step(`report trace ${trace}`);

console.log(`
That is the main job. The database is demo/dbtool.sqlite: go on with, for example,
  cd demo && ../bin/dbtool.js report traces --format csv --output traces.csv`);

/** Runs one command as a user would, and stops the demo when it ends otherwise than it should. */
async function step(command, expected = 0) {
  console.log(`\n$ dbtool ${command}`);
  const { code } = await runNode(BIN, command.split(' '), { cwd: FOLDER, env: environment() });
  if (code !== expected) {
    console.error(`The demo ends here: exit code ${code} instead of ${expected}.`);
    process.exit(1);
  }
  if (code !== 0)
    console.log(
      `(exit code ${code}: the demo data holds broken documents on purpose; demo/${REJECTS} has them)`,
    );
}

/** An agent's trace has the most to show. */
async function newestAgentTrace() {
  const args = ['report', 'traces', '--type', 'agent', '--limit', '1', '--json'];
  const { code, output } = await runNode(BIN, args, { cwd: FOLDER, env: environment(), capture: true });
  const id = code === 0 ? JSON.parse(output).data.traces[0]?.id : undefined;
  if (id === undefined) throw new Error(`no trace of an agent was found:\n${output}`);
  return id;
}

/** The demo's own SQLite file, whatever this shell is set up for. */
function environment() {
  return { DBTOOL_DATABASE_URL: 'sqlite:dbtool.sqlite', DBTOOL_ENV: '', DBTOOL_CONFIG: '' };
}
