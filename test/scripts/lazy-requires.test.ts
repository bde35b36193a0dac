import { describe, expect, it } from '@jest/globals';
import vm from 'node:vm';

const script = new URL('../../scripts/lib/lazy-requires.mjs', import.meta.url).href;
const { makeRequiresLazy } = (await import(script)) as {
  makeRequiresLazy: (source: string, exportedNames: (specifier: string) => string[]) => string;
};

/** Runs CommonJS against a few fake modules and notes which are loaded, in order. */
function evaluate(
  source: string,
  modules: Record<string, unknown>,
): { exports: Record<string, unknown>; loaded: string[] } {
  const loaded: string[] = [];
  const exports: Record<string, unknown> = {};
  const require = (name: string): unknown => {
    if (!loaded.includes(name)) loaded.push(name);
    return modules[name];
  };
  const tslib = { __exportStar: () => undefined, __importDefault: (value: unknown) => ({ default: value }) };
  vm.runInNewContext(source, { require, exports, tslib_1: tslib, __importDefault: tslib.__importDefault });
  return { exports, loaded };
}

const lazily = (source: string, names: Record<string, string[]> = {}): string =>
  makeRequiresLazy(source, (specifier) => names[specifier] ?? []);

class Driver {
  constructor(readonly name: string) {}
}

describe('makeRequiresLazy', () => {
  it('loads a module when it is first used, and constructs its classes rightly', () => {
    const source = [
      'const Driver_1 = require("./Driver");',
      "const Other_1 = require('./Other');",
      'exports.create = (name) => new Driver_1.Driver(name);',
    ].join('\n');
    const { exports, loaded } = evaluate(lazily(source), { './Driver': { Driver } });
    expect(loaded).toEqual([]);
    const created = (exports['create'] as (name: string) => Driver)('pg');
    expect(created).toBeInstanceOf(Driver);
    expect(created.name).toBe('pg');
    expect(loaded).toEqual(['./Driver']);
  });

  it('keeps a default import one object', () => {
    const source =
      'const a_1 = __importDefault(require("a"));\nexports.same = () => a_1 === a_1 && a_1.default;';
    const { exports } = evaluate(lazily(source), { a: 'the default' });
    expect((exports['same'] as () => unknown)()).toBe('the default');
  });

  it('handles uses in templates, calls without this, and keys of the same name', () => {
    const source = [
      'const util_1 = require("util");',
      'exports.text = () => `${util_1.name}`;',
      'exports.call = () => (0, util_1.greet)();',
      'exports.key = (object) => object.util_1;',
    ].join('\n');
    const { exports } = evaluate(lazily(source), { util: { name: 'n', greet: () => 'hello' } });
    expect((exports['text'] as () => string)()).toBe('n');
    expect((exports['call'] as () => string)()).toBe('hello');
    expect((exports['key'] as (object: unknown) => unknown)({ util_1: 7 })).toBe(7);
  });

  it('turns a star export into getters that load on use and do not override own exports', () => {
    const source = 'exports.own = 1;\ntslib_1.__exportStar(require("./all"), exports);';
    const lazy = lazily(source, { './all': ['own', 'other', 'default'] });
    const { exports, loaded } = evaluate(lazy, { './all': { own: 2, other: 3, default: 4 } });
    expect(loaded).toEqual([]);
    expect(exports['own']).toBe(1);
    expect(exports['other']).toBe(3);
    expect('default' in exports).toBe(false);
  });

  it('leaves requires for their effects and names written by hand alone', () => {
    const source =
      'require("reflect-metadata");\nconst debug = require("debug");\nconst tslib_1 = require("tslib");';
    expect(lazily(source)).toBe(source);
  });
});
