import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';

/*
 * The CommonJS that TypeScript emits loads every module of a package at once, which for typeorm and
 * oclif is most of the start-up time. These two packages' requires are made lazy when they are bundled:
 *
 *   const Driver_1 = require("./Driver");      ->  const Driver_1 = () => require("./Driver");
 *   new Driver_1.Driver()                      ->  new (Driver_1()).Driver()
 *   __exportStar(require("./error"), exports)  ->  one getter per exported name
 *
 * Only names of the form that TypeScript generates (`Driver_1`) are touched, which nobody writes by
 * hand. A module that is required for its effects alone stays eager.
 */
const REQUIRE = String.raw`require\((?:"[^"]+"|'[^']+')\)`;
const DECLARATION = new RegExp(
  `^const (\\w+_\\d+) = (?:((?:tslib_1\\.)?__import(?:Default|Star))\\((${REQUIRE})\\)|(${REQUIRE}));$`,
);
const EXPORT_STAR = /^(?:tslib_1\.)?__exportStar\(require\(("[^"]+"|'[^']+')\), exports\);$/;

/** An esbuild plugin for the files whose path matches. */
export function lazyRequires(filter) {
  return {
    name: 'lazy-requires',
    setup(build) {
      build.onLoad({ filter }, async ({ path }) => {
        const source = await readFile(path, 'utf8');
        const exportedNames = (specifier) => Object.keys(createRequire(path)(specifier));
        return { contents: makeRequiresLazy(source, exportedNames), loader: 'js' };
      });
    },
  };
}

/** @param {(specifier: string) => string[]} exportedNames what a module required by this one exports */
export function makeRequiresLazy(source, exportedNames) {
  const names = [];
  const lines = source.split('\n').map((line) => {
    const declared = DECLARATION.exec(line);
    // Helpers are called on nearly every line: nothing to gain.
    if (declared !== null && declared[1] !== 'tslib_1') {
      const [, name, helper, wrapped, plain] = declared;
      names.push(name);
      if (helper === undefined) return { declaration: `const ${name} = () => ${plain};` };
      return {
        declaration: `let ${name}_value; const ${name} = () => (${name}_value ??= ${helper}(${wrapped}));`,
      };
    }
    const star = EXPORT_STAR.exec(line);
    if (star !== null) return { declaration: lazyExportStar(star[1], exportedNames) };
    return { code: line };
  });
  const used = names.length > 0 ? new RegExp(`(?<![\\w$.])(${names.join('|')})(?![\\w$])`, 'g') : undefined;
  return lines
    .map(({ declaration, code }) => declaration ?? (used ? code.replace(used, '($1())') : code))
    .join('\n');
}

function lazyExportStar(quoted, exportedNames) {
  const names = exportedNames(quoted.slice(1, -1)).filter((name) => name !== 'default');
  return names
    .map((name) => {
      const key = JSON.stringify(name);
      const getter = `{ enumerable: true, get() { return require(${quoted})[${key}]; } }`;
      return `if (!Object.hasOwn(exports, ${key})) Object.defineProperty(exports, ${key}, ${getter});`;
    })
    .join(' ');
}
