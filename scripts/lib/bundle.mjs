import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, readFile, readdir, writeFile } from 'node:fs/promises';
import { dirname, join, relative, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { build, transform } from 'esbuild';
import ts from 'typescript';
import { lazyRequires } from './lazy-requires.mjs';
import { ROOT } from './process.mjs';

/*
 * What `tsc` put into build/ becomes:
 *   dist/dbtool.cjs        all of src/ and the packages it uses, but for the database drivers
 *   dist/bundle.js         loads dbtool.cjs (see launcher.cjs)
 *   dist/cli/main.js, dist/commands/**   a line each, for bin/ and for oclif to find
 *   dist/migrations/*.js   one by one: what a migration does stays readable, and is loaded when it runs
 *   dist/src/**            a line each, for what migrations import
 *
 * One file and not many, for one code cache serves it all, and no class exists twice. All of it is
 * CommonJS: see launcher.cjs.
 */
const BUILD = join(ROOT, 'build');
const DIST = join(ROOT, 'dist');

/** Native or loaded by name, and the drivers that typeorm asks for but dbtool does not use. */
const EXTERNAL = [
  ...['better-sqlite3', 'pg', 'pg-native', 'mysql2', 'oracledb', 'mongodb', 'bson'],
  ...['@google-cloud/spanner', '@sap/hana-client', 'expo-sqlite', 'hdb-pool', 'ioredis', 'mssql', 'mysql'],
  ...['pg-query-stream', 'react-native-sqlite-storage', 'redis', 'sql.js', 'sqlite3'],
  ...['typeorm-aurora-data-api-driver', '@opentelemetry/api'],
  // oclif asks for these when it runs TypeScript commands, which a built dbtool never does.
  ...['typescript', 'ts-node'],
  // Loads its own half as it needs it, and is needed by few.
  'jiti',
];
/** What migrations outside dbtool import, as `dbtool/migration`. */
const API = 'migration-api';

const packageFolder = (name) => join(ROOT, 'node_modules', name);

/** Bundles and returns the number of commands. */
export async function bundle() {
  const commands = await filesBelow(join(BUILD, 'src/commands'));
  const migrations = await filesBelow(join(BUILD, 'migrations'));
  // Modules of src by path, and where in dist/ each can be imported from.
  const entries = new Map(commands.map((command) => [`commands/${command}`, `commands/${command}.js`]));
  if (existsSync(join(BUILD, 'src/cli/main.js'))) entries.set('cli/main', 'cli/main.js');
  if (existsSync(join(BUILD, `src/${API}.js`))) entries.set(API, 'migration.js');
  for (const name of await importedByMigrations(migrations)) entries.set(name, `src/${name}.js`);

  await mkdir(DIST, { recursive: true });
  await writeFile(join(DIST, 'package.json'), '{ "type": "commonjs" }\n');
  const source = await bundleSource([...entries.keys()]);
  await writeFile(join(DIST, 'dbtool.cjs'), source, 'latin1');
  const hash = createHash('sha256').update(source).digest('hex').slice(0, 16);
  const launcher = await readFile(new URL('launcher.cjs', import.meta.url), 'utf8');
  await writeFile(join(DIST, 'bundle.js'), launcher.replace('__BUNDLE_HASH__', hash));
  for (const [name, target] of entries) await writeEntry(name, target);
  for (const name of migrations) await writeMigration(name);
  if (entries.has(API)) await writeTypes();
  return commands.length;
}

/** The whole bundle as ASCII text. */
async function bundleSource(entries) {
  const list = entries.map((entry) => `${JSON.stringify(entry)}: () => require('./src/${entry}.js')`);
  const result = await build({
    stdin: {
      contents: `export const modules = {${list.join(',\n')}};`,
      resolveDir: BUILD,
      sourcefile: 'entries.js',
    },
    absWorkingDir: ROOT,
    outfile: join(DIST, 'dbtool.cjs'),
    write: false,
    bundle: true,
    platform: 'node',
    target: 'node20',
    format: 'cjs',
    minifyWhitespace: true,
    minifySyntax: true,
    // A quarter less to read at every start; keepNames keeps what stack traces show.
    minifyIdentifiers: true,
    // Errors name themselves after their classes, and so do parts of TypeORM.
    keepNames: true,
    legalComments: 'none',
    logLevel: 'warning',
    external: EXTERNAL,
    alias: {
      // The packages' tree-shakable editions: without the phone number tables behind one unused rule.
      'class-validator': join(packageFolder('class-validator'), 'esm2015/index.js'),
      'class-transformer': join(packageFolder('class-transformer'), 'esm2015/index.js'),
      // The ESM edition reads every export when loaded, which would undo the lazy requires.
      typeorm: join(packageFolder('typeorm'), 'index.js'),
    },
    define: {
      'import.meta.url': '__bundleUrl',
      // The check costs 10 ms and looks at oclif's own package.json, which is not there.
      'process.env.OCLIF_DISABLE_ENGINE_WARNING': '"1"',
    },
    banner: { js: "const __bundleUrl = require('node:url').pathToFileURL(__filename).href;" },
    plugins: [lazyRequires(/node_modules\/(typeorm|@oclif\/core)\/.*\.js$/), sourceUrls],
  });
  return toAscii(importsThroughLauncher(result.outputFiles[0].text));
}

/** What import() is left after bundling goes through the launcher: code from a cache has none of its own. */
function importsThroughLauncher(text) {
  const starts = [];
  const visit = (node) => {
    if (ts.isCallExpression(node) && node.expression.kind === ts.SyntaxKind.ImportKeyword)
      starts.push(node.expression.getStart());
    ts.forEachChild(node, visit);
  };
  visit(ts.createSourceFile('dbtool.cjs', text, ts.ScriptTarget.Latest, true, ts.ScriptKind.JS));
  let at = 0;
  const parts = starts.map((start) => {
    const part = `${text.slice(at, start)}__import`;
    at = start + 'import'.length;
    return part;
  });
  return parts.join('') + text.slice(at);
}

/**
 * A module of ours that asks where it lies gets the place of its source below the package's root, as
 * it would without a bundle: `new URL('../../fixtures/', import.meta.url)` stays right.
 */
const sourceUrls = {
  name: 'source-urls',
  setup({ onLoad }) {
    onLoad({ filter: /[\\/]build[\\/]src[\\/].*\.js$/ }, async ({ path }) => {
      const code = await readFile(path, 'utf8');
      const place = JSON.stringify(`../${relative(BUILD, path).replaceAll('\\', '/')}`);
      const url = `new URL(${place}, __bundleUrl).href`;
      return { contents: code.replace(/\bimport\.meta\.url\b/g, url), loader: 'js' };
    });
  },
};

/** Escapes are the same to JavaScript in strings, patterns and names, which is where such letters stand. */
function toAscii(text) {
  // eslint-disable-next-line no-control-regex
  return text.replace(/[^\x00-\x7f]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`);
}

async function writeEntry(name, target) {
  const up = '../'.repeat(target.split('/').length - 1);
  await mkdir(dirname(join(DIST, target)), { recursive: true });
  // Never run: it tells Node which names an ES module may import.
  const names = name === API ? `0 && (module.exports = { ${await exportedNames(name)} });\n` : '';
  await writeFile(
    join(DIST, target),
    `module.exports = require('${up || './'}bundle.js').load('${name}');\n${names}`,
  );
}

async function exportedNames(name) {
  const module = await import(pathToFileURL(join(BUILD, `src/${name}.js`)).href);
  return Object.keys(module).join(', ');
}

/** The types of what migrations outside dbtool import: its declarations and those that they import. */
async function writeTypes() {
  const { config } = ts.readConfigFile(join(ROOT, 'tsconfig.json'), ts.sys.readFile);
  const { options } = ts.convertCompilerOptionsFromJson(config.compilerOptions, ROOT);
  const entry = join(ROOT, `src/${API}.ts`);
  const program = ts.createProgram([entry], {
    ...options,
    declaration: true,
    emitDeclarationOnly: true,
    outDir: join(DIST, 'types'),
    rootDir: join(ROOT, 'src'),
  });
  const declarations = new Map();
  program.emit(undefined, (file, text) => declarations.set(resolve(file), text));
  const write = async (file) => {
    const text = declarations.get(file);
    if (text === undefined) return;
    declarations.delete(file);
    await mkdir(dirname(file), { recursive: true });
    await writeFile(file, text);
    for (const [, path] of text.matchAll(/from '(\.[^']+)\.js'/g))
      await write(resolve(dirname(file), `${path}.d.ts`));
  };
  await write(join(DIST, `types/${API}.d.ts`));
}

async function writeMigration(name) {
  const code = await readFile(join(BUILD, 'migrations', `${name}.js`), 'utf8');
  const { code: commonJs } = await transform(code, { format: 'cjs', platform: 'node', target: 'node20' });
  await mkdir(dirname(join(DIST, 'migrations', name)), { recursive: true });
  await writeFile(join(DIST, 'migrations', `${name}.js`), commonJs);
}

/** The modules of src that migrations import. A package would be loaded beside its copy in the bundle. */
async function importedByMigrations(names) {
  const imported = new Set();
  const record = ({ path, importer, kind }) => {
    if (kind === 'entry-point') return undefined;
    const file = relative(join(BUILD, 'src'), resolve(dirname(importer), path)).replaceAll('\\', '/');
    if (path.startsWith('.') && !file.startsWith('../')) imported.add(file.replace(/\.js$/, ''));
    else if (!path.startsWith('.') && !path.startsWith('node:')) {
      throw new Error(
        `${relative(BUILD, importer)} imports ${path}; migrations may import types and modules of src only`,
      );
    }
    return { external: true };
  };
  await build({
    entryPoints: names.map((name) => join(BUILD, 'migrations', `${name}.js`)),
    bundle: true,
    write: false,
    outdir: DIST,
    format: 'esm',
    logLevel: 'silent',
    plugins: [{ name: 'record', setup: ({ onResolve }) => onResolve({ filter: /.*/ }, record) }],
  });
  return imported;
}

/** Paths of the JavaScript files below a folder, without extension and with slashes, in a fixed order. */
async function filesBelow(folder) {
  if (!existsSync(folder)) return [];
  const files = await readdir(folder, { recursive: true });
  const scripts = files.filter((file) => file.endsWith('.js'));
  return scripts.map((file) => file.replaceAll('\\', '/').slice(0, -'.js'.length)).sort();
}
