import { deserialize, type Document } from 'bson';
import { find } from 'mingo';
import { elementsOf, joinElements, type StoredDocument, toBson } from './documents.js';
import { CommandError } from './errors.js';
import { isTruthy } from './expression.js';
import { entriesOf, isNumber, isPlainObject, type PlainObject } from './values.js';

type Project = (raw: Uint8Array) => Uint8Array;

/** The fields of one level: true for the whole field, or what is wanted of those below. */
interface Tree {
  [name: string]: Tree | true;
}

const TYPE_DOCUMENT = 3;
const TYPE_ARRAY = 4;

/**
 * Compiles a projection. Plain inclusion and exclusion cut the bytes and so keep every value as it
 * was; expressions, `$slice` and `$elemMatch` go through mingo, which turns numbers into JavaScript's.
 */
export function compileProjection(spec: PlainObject): (document: StoredDocument) => Uint8Array {
  const flat = flatten(spec, '');
  if (flat.length === 0) return (document) => document.raw;
  const isPlain = flat.every(
    ([path, value]) => !path.includes('$') && (isNumber(value) || typeof value === 'boolean'),
  );
  if (!isPlain) {
    const projection = deserialize(toBson(spec)) as Record<string, never>;
    return (document) => {
      const [result] = find<Document>([document.promoted()], {}, projection).all();
      return toBson(result ?? {});
    };
  }
  const project = compilePlain(flat.map(([path, value]) => [path, isTruthy(value)]));
  return (document) => project(document.raw);
}

function flatten(spec: PlainObject, prefix: string): [string, unknown][] {
  return entriesOf(spec).flatMap(([name, value]): [string, unknown][] => {
    const isNested = isPlainObject(value) && !Object.keys(value).some((key) => key.startsWith('$'));
    return isNested && Object.keys(value).length > 0
      ? flatten(value, `${prefix}${name}.`)
      : [[`${prefix}${name}`, value]];
  });
}

function compilePlain(fields: [path: string, wanted: boolean][]): Project {
  const others = fields.filter(([path]) => path !== '_id');
  const id = fields.find(([path]) => path === '_id')?.[1];
  const including = others[0]?.[1] ?? id ?? true;
  const odd = others.find(([, wanted]) => wanted !== including);
  if (odd) {
    const [kind, code] = including ? (['exclusion', 31254] as const) : (['inclusion', 31253] as const);
    const within = including ? 'inclusion' : 'exclusion';
    throw new CommandError(code, `Cannot do ${kind} on field ${odd[0]} in ${within} projection`);
  }
  const tree: Tree = {};
  for (const [path] of others) addPath(tree, path);
  if (including ? id !== false : id === false) tree._id = true;
  return (raw) => cut(raw, tree, including);
}

function addPath(tree: Tree, path: string): void {
  const parts = path.split('.');
  const last = parts.pop() ?? '';
  let level = tree;
  for (const part of parts) {
    const next = level[part];
    if (next === true) throw new CommandError(31249, `Path collision at ${path}`);
    level = level[part] = next ?? {};
  }
  if (last in level) throw new CommandError(31250, `Path collision at ${path}`);
  level[last] = true;
}

/** Keeps (or drops) the fields of the tree, at every depth and in every element of an array. */
function cut(raw: Uint8Array, tree: Tree, including: boolean, isArray = false): Uint8Array {
  const kept = elementsOf(raw).flatMap((element) => {
    const wish = isArray ? tree : Object.hasOwn(tree, element.name) ? tree[element.name] : undefined;
    if (wish === undefined) return including ? [] : [element];
    if (wish === true) return including ? [element] : [];
    if (element.type !== TYPE_DOCUMENT && element.type !== TYPE_ARRAY) return including ? [] : [element];
    return [{ ...element, value: cut(element.value, wish, including, element.type === TYPE_ARRAY) }];
  });
  return joinElements(isArray ? kept.map((element, index) => ({ ...element, name: String(index) })) : kept);
}
