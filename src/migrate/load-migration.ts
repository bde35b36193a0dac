import { createRequire } from 'node:module';
import { fileURLToPath, pathToFileURL } from 'node:url';
import type { Jiti } from 'jiti';
import type { MigrationInterface } from 'typeorm';
import { redact } from '../config/redact.js';
import { DbtoolError } from '../errors/dbtool-error.js';

/** A migration class's instance, with what dbtool reads of it beside TypeORM's contract. */
export type MigrationClass = MigrationInterface & {
  /** Dangers that whoever wrote the migration knows of, by the linter's names. */
  allow?: string[];
};

export interface LoadedMigration {
  migration: MigrationClass;
  /** What TypeORM calls a migration that has no name of its own. */
  className: string;
  /** The instance's own `name`, which TypeORM prefers to the class's. */
  ownName: string | undefined;
}

type Exports = Record<string, unknown>;
type AnyClass = new () => unknown;

/** dbtool's own migrations as they are in its source. */
const OWN_SOURCES = fileURLToPath(new URL('../../migrations/', import.meta.url));
/** Whatever loaded this module as TypeScript loads those too, and into the same program. */
const IS_SOURCE = import.meta.url.endsWith('.ts');

/**
 * Loads the one migration class of a file: `.js` (by the nearest package.json), `.mjs`, `.cjs`, `.ts`, `.mts`, `.cts`.
 * @param file absolute path
 * @throws DbtoolError `migrate.source.invalid` when it cannot be loaded or holds no class or several
 */
export async function loadMigrationClass(file: string): Promise<LoadedMigration> {
  try {
    return instantiate(file, await load(file));
  } catch (error) {
    if (error instanceof DbtoolError) throw error;
    throw unloadable(file, error);
  }
}

async function load(file: string): Promise<Exports> {
  const isTypeScript = /\.[mc]?ts$/.test(file);
  if (isTypeScript && !(IS_SOURCE && file.startsWith(OWN_SOURCES))) return loadTranslated(file);
  try {
    // What is CommonJS for sure is there sooner than through Node's loader of ES modules.
    if (file.endsWith('.cjs')) return createRequire(import.meta.url)(file) as Exports;
    return (await import(pathToFileURL(file).href)) as Exports;
  } catch (error) {
    // Node finds neither typeorm nor dbtool from a folder without packages, runs no mix of CommonJS and
    // ES modules, and does not tell the line of a syntax error.
    if (isTypeScript || !mayBeTranslated(error)) throw error;
    return loadTranslated(file);
  }
}

function mayBeTranslated(error: unknown): boolean {
  const { code = '', name } = Object(error) as { code?: string; name?: string };
  return name === 'SyntaxError' || /^(ERR_)?(MODULE_NOT_FOUND|REQUIRE_ESM)$/.test(code);
}

let translator: Promise<Jiti> | undefined;

async function loadTranslated(file: string): Promise<Exports> {
  translator ??= makeTranslator();
  return (await translator).import(file);
}

/**
 * Imported here, for only migrations that need it pay for it. A file's own copies of typeorm and of
 * dbtool's functions would be others than those that run it.
 */
async function makeTranslator(): Promise<Jiti> {
  const [{ createJiti }, typeorm, api] = await Promise.all([
    import('jiti'),
    import('typeorm'),
    import('../migration-api.js'),
  ]);
  return createJiti(import.meta.url, {
    // A cache in a folder that others may write to would let them run code here.
    fsCache: false,
    interopDefault: false,
    virtualModules: { typeorm, 'dbtool/migration': api },
  });
}

function instantiate(file: string, exported: Exports): LoadedMigration {
  const classes = exportedClasses(exported);
  // Helpers may stand beside the class; its methods may be fields too, which only an instance has.
  const withUp = classes.filter((one) => hasUp(one.prototype));
  const [found, ...others] = withUp.length > 0 ? withUp : classes;
  if (!found) throw invalid(file, 'It exports no class.');
  if (others.length > 0)
    throw invalid(
      file,
      `It exports several classes: ${[found, ...others].map(({ name }) => name).join(', ')}.`,
    );
  const migration = new found();
  if (!hasUp(migration)) throw invalid(file, `Its class ${found.name} has no method \`up\`.`);
  const ownName: unknown = migration.name;
  return {
    migration,
    className: found.name,
    ownName: typeof ownName === 'string' && ownName !== '' ? ownName : undefined,
  };
}

function hasUp(value: unknown): value is MigrationClass {
  return typeof (value as { up?: unknown } | undefined)?.up === 'function';
}

/** What is exported by name and by default; a module of CommonJS has all its exports in `default` too. */
function exportedClasses(exported: Exports): AnyClass[] {
  const { default: main } = exported;
  const values = typeof exported === 'function' ? [exported] : Object.values(exported);
  if (typeof main === 'object' && main !== null) values.push(...Object.values(main as Exports));
  return [...new Set(values)].filter((value): value is AnyClass => typeof value === 'function');
}

function invalid(file: string, why: string, line?: number, cause?: unknown): DbtoolError {
  return new DbtoolError('migrate.source.invalid', {
    message: `The migration file ${file} cannot be used`,
    why,
    fix: 'Mend the file: it exports one class with the methods `up` and `down`.',
    details: line === undefined ? { file } : { file, line },
    cause,
  });
}

/** Whatever the file threw, or Node or the translator said of it, with the file's line where one is named. */
function unloadable(file: string, error: unknown): DbtoolError {
  const { message = String(error), stack = '' } = Object(error) as { message?: string; stack?: string };
  const [first = ''] = message.replace(/^ParseError: /, '').split(/\n/, 1);
  const line = lineIn(`${message}\n${stack}`, file) ?? lineIn(stack, pathToFileURL(file).href);
  const why = redact(first.trim());
  return invalid(file, line === undefined ? `${why}.` : `Line ${line}: ${why}.`, line, error);
}

/** The number behind the first `file:` in the text. */
function lineIn(text: string, file: string): number | undefined {
  const at = text.indexOf(`${file}:`);
  const digits = /^\d+/.exec(at < 0 ? '' : text.slice(at + file.length + 1))?.[0];
  return digits === undefined ? undefined : Number(digits);
}
