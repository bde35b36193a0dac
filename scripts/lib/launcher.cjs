/*
 * Shipped as dist/bundle.js. Loads dist/dbtool.cjs, all of dbtool in one file, with V8's code cache,
 * so that a command does not compile two megabytes of source each time it starts (measured: the cache
 * takes a third off `dbtool migrate status`). The cache depends on the Node version, so it cannot be
 * shipped: the first run on a machine writes it, and every run does without it where it may not.
 *
 * It is CommonJS because Node's loader of ES modules alone takes a third of the time of `node -e 0`.
 */
'use strict';
const {
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} = require('node:fs');
const { homedir } = require('node:os');
const { isAbsolute, join } = require('node:path');
const { fileURLToPath } = require('node:url');
const vm = require('node:vm');
const { crc32 } = require('node:zlib');

const BUNDLE = join(__dirname, 'dbtool.cjs');
const BUNDLE_HASH = '__BUNDLE_HASH__';
const CHECKSUM_BYTES = 4;
const THIRTY_DAYS = 30 * 86_400_000;

const folder = cacheFolder();
const file = (reach) => join(folder, `${BUNDLE_HASH}-${process.version}-${process.arch}-${reach}.bin`);

let modules;

/** Exports of a module of dbtool, by its path below src without extension, such as `cli/main`. */
exports.load = (name) => {
  modules ??= loadBundle();
  return modules[name]();
};

function loadBundle() {
  // Written with ASCII only, so the fastest decoding is right.
  const source = readFileSync(BUNDLE, 'latin1');
  const cache = readCache('database') ?? readCache('terminal');
  const script = new vm.Script(
    `(function (exports, require, module, __filename, __dirname, __import) {${source}\n})`,
    {
      filename: BUNDLE,
      cachedData: cache?.data,
    },
  );
  process.once('exit', () => {
    const reach = reachOfThisRun();
    if (cache === undefined || (cache.reach === 'terminal' && reach === 'database'))
      writeCache(script, reach);
  });
  const module = { exports: {} };
  // Code from a cache has no import() of its own (Node refuses it), so the bundle uses this module's.
  script.runInThisContext()(module.exports, require, module, BUNDLE, __dirname, importModule);
  return module.exports.modules;
}

/** As import(), but packages and files of dist/ come through require, without the loader of ES modules. */
async function importModule(specifier) {
  const path = specifier.startsWith('file:') ? fileURLToPath(specifier) : specifier;
  if (/^(data|node):/.test(path) || (isAbsolute(path) && !path.startsWith(__dirname)))
    return import(specifier);
  const loaded = require(path);
  const names = Object.getOwnPropertyDescriptors(Object(loaded));
  return Object.defineProperties({}, { ...names, default: { value: loaded, enumerable: true } });
}

/** A cache holds the functions that its run used; one from `--help` knows nothing of the database part. */
function reachOfThisRun() {
  return globalThis.typeormMetadataArgsStorage === undefined ? 'terminal' : 'database';
}

function readCache(reach) {
  let bytes;
  try {
    bytes = readFileSync(file(reach));
  } catch {
    return undefined;
  }
  // V8 checks version and length of a cache, but not whether its bytes are intact.
  if (bytes.length <= CHECKSUM_BYTES) return undefined;
  const data = bytes.subarray(CHECKSUM_BYTES);
  return crc32(data) === bytes.readUInt32LE(0) ? { data, reach } : undefined;
}

function writeCache(script, reach) {
  try {
    const data = script.createCachedData();
    const checksum = Buffer.alloc(CHECKSUM_BYTES);
    checksum.writeUInt32LE(crc32(data));
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    const unfinished = `${file(reach)}.${process.pid}`;
    writeFileSync(unfinished, Buffer.concat([checksum, data]), { mode: 0o600 });
    renameSync(unfinished, file(reach));
    removeOldCaches();
  } catch {
    // A read-only home or a full disk: dbtool is slower to start and otherwise the same.
  }
}

function removeOldCaches() {
  for (const name of readdirSync(folder)) {
    const path = join(folder, name);
    if (name.includes('.bin') && Date.now() - statSync(path).mtimeMs > THIRTY_DAYS)
      rmSync(path, { force: true });
  }
}

/** A checkout keeps its caches to itself; an installed dbtool uses the user's folder for such things. */
function cacheFolder() {
  const checkout = join(__dirname, '../.cache/code');
  if (statSync(checkout, { throwIfNoEntry: false }) !== undefined) return checkout;
  return join(process.env.XDG_CACHE_HOME || join(homedir(), '.cache'), 'dbtool');
}
