/*
 * npm run docs              writes what is generated of the docs, and test/command-snapshot.json
 * npm run docs -- --check   writes nothing; names every file that is out of date and exits with 1
 *
 * Pages below docs/commands are generated as a whole. In other files the text between
 * `<!-- generated:NAME -->` and `<!-- /generated -->` is; what stands around it is written by hand.
 */
import { existsSync } from 'node:fs';
import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { format, resolveConfig } from 'prettier';
import { build } from './build.mjs';
import { commandPages } from './docs/command-pages.mjs';
import { commandSnapshot } from './docs/command-snapshot.mjs';
import { dataModelBlocks } from './docs/data-model.mjs';
import { errorBlocks } from './docs/error-tables.mjs';
import { lintBlocks } from './docs/lint-rules.mjs';
import { mappingBlocks } from './docs/mappings-table.mjs';
import { fillBlocks } from './docs/markdown.mjs';
import { settingsBlocks } from './docs/settings-table.mjs';
import { vectorBlocks } from './docs/vector-column.mjs';
import { ROOT } from './lib/process.mjs';

const COMMAND_PAGES = 'docs/commands';

await build();
const files = await generate();
const stale = await staleFiles(files);
if (process.argv.includes('--check')) {
  for (const file of stale) console.log(`${file} is out of date; "npm run docs" mends it.`);
  process.exitCode = stale.length > 0 ? 1 : 0;
} else {
  for (const file of stale) await bringUpToDate(file, files.get(file));
  console.log(stale.length === 0 ? 'Everything is up to date.' : `Brought up to date: ${stale.join(', ')}.`);
}

/** The text that each generated file should have, by path. */
async function generate() {
  const manifest = JSON.parse(await readFile(join(ROOT, 'oclif.manifest.json'), 'utf8'));
  const { oclif } = JSON.parse(await readFile(join(ROOT, 'package.json'), 'utf8'));
  const texts = new Map();
  for (const [page, text] of commandPages(manifest, oclif)) texts.set(`${COMMAND_PAGES}/${page}`, text);
  for (const [file, blocks] of [
    ['docs/errors.md', await errorBlocks()],
    ['docs/configuration.md', await settingsBlocks()],
    ['docs/data-model.md', await dataModelBlocks()],
    ['docs/databases.md', await vectorBlocks()],
    ['docs/import.md', await mappingBlocks()],
    ['docs/migrations.md', await lintBlocks()],
  ]) {
    const formatted = await Promise.all(
      Object.entries(blocks).map(async ([name, text]) => [name, await pretty(file, text)]),
    );
    texts.set(file, fillBlocks(file, await readFile(join(ROOT, file), 'utf8'), new Map(formatted)));
  }
  texts.set('test/command-snapshot.json', commandSnapshot(manifest));
  for (const [file, text] of texts)
    if (!text.includes('<!-- /generated -->')) texts.set(file, await pretty(file, text));
  return texts;
}

/** As `prettier --check` wants it, so that the two checks never ask for different things. */
async function pretty(file, text) {
  const path = join(ROOT, file);
  return format(text, { ...(await resolveConfig(path)), filepath: path });
}

/** Files whose text is not as it should be, and pages of commands that are gone. */
async function staleFiles(files) {
  const differs = async (file) =>
    (await readFile(join(ROOT, file), 'utf8').catch(() => '')) !== files.get(file);
  const folder = join(ROOT, COMMAND_PAGES);
  const pages = existsSync(folder) ? (await readdir(folder)).map((page) => `${COMMAND_PAGES}/${page}`) : [];
  const names = [...new Set([...files.keys(), ...pages])].sort();
  const verdicts = await Promise.all(names.map(differs));
  return names.filter((_, index) => verdicts[index]);
}

/** @param {string | undefined} text undefined: there should be no such file */
async function bringUpToDate(file, text) {
  const path = join(ROOT, file);
  await mkdir(dirname(path), { recursive: true });
  if (text === undefined) await rm(path);
  else await writeFile(path, text);
}
