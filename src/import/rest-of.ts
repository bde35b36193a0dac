import type { Document } from 'bson';

/**
 * The fields of a document that no column took; of an object that was taken in part, the rest.
 * @param taken fields that always belong to a column
 * @param parts paths at which other columns took something
 * @returns null when nothing is left
 */
export function restOf(
  document: Document,
  taken: { has: (field: string) => boolean },
  parts: readonly (readonly string[])[],
): Document | null {
  let rest: Document | null = null;
  for (const key of Object.keys(document)) {
    if (taken.has(key)) continue;
    const kept = parts.length === 0 ? (document[key] as unknown) : without(document[key], key, parts);
    if (kept === undefined) continue;
    rest ??= {};
    // An assignment would not make a field of this name.
    if (key === '__proto__')
      Object.defineProperty(rest, key, { value: kept, writable: true, enumerable: true, configurable: true });
    else rest[key] = kept;
  }
  return rest;
}

/** What is left of a field's value once what stands at the paths is taken out of it; undefined when nothing is. */
function without(value: unknown, key: string, parts: readonly (readonly string[])[]): unknown {
  const inside = parts.filter(([first]) => first === key).map((keys) => keys.slice(1));
  if (inside.length === 0) return value;
  if (inside.some((keys) => keys.length === 0)) return undefined;
  if (!isPlainObject(value)) return value;
  const entries = Object.entries(value)
    .map(([name, inner]) => [name, without(inner, name, inside)] as const)
    .filter(([, inner]) => inner !== undefined);
  return entries.length === 0 ? undefined : Object.fromEntries(entries);
}

function isPlainObject(value: unknown): value is Document {
  return typeof value === 'object' && value !== null && Object.getPrototypeOf(value) === Object.prototype;
}
