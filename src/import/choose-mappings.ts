import { closest } from 'fastest-levenshtein';
import { DbtoolError } from '../errors/dbtool-error.js';
import type { Mapping } from './mapping.js';
import { ALL_MAPPINGS, mappingFor, mappingsOf } from './mappings/all-mappings.js';
import type { ImportSource } from './sources/source.js';

/** @throws DbtoolError `import.collection.unknown` */
export function refuseUnknownCollections(names: readonly string[]): void {
  const unknown = names.find((name) => !mappingFor(name));
  if (unknown === undefined) return;
  const known = ALL_MAPPINGS.map((mapping) => mapping.collection);
  throw new DbtoolError('import.collection.unknown', {
    message: `dbtool imports no collection "${unknown}"`,
    why: `It knows ${known.join(', ')}.`,
    fix: `Did you mean ${closest(unknown, known)}?`,
  });
}

/**
 * The mappings of the collections that are wanted and there, in the order of import.
 * @param wanted names of collections; all that are known when empty
 * @throws DbtoolError `import.collection.unknown`, `import.collection.missing`, `import.source.empty`
 */
export async function chooseMappings(
  source: ImportSource,
  wanted: readonly string[],
): Promise<{ mappings: Mapping[]; leftAlone: string[] }> {
  refuseUnknownCollections(wanted);
  const there = (await source.collections()).map((collection) => collection.name);
  const missing = wanted.find((name) => !there.includes(name));
  if (missing !== undefined) {
    throw new DbtoolError('import.collection.missing', {
      message: `The source has no collection "${missing}"`,
      why: there.length === 0 ? 'It holds no collections at all.' : `It holds ${there.join(', ')}.`,
      fix: 'Name another with --collection, or check --from.',
    });
  }
  const mappings = mappingsOf(wanted.length > 0 ? wanted : there);
  if (mappings.length === 0) {
    throw new DbtoolError('import.source.empty', {
      message: `${source.display} holds nothing that dbtool imports`,
      why: there.length === 0 ? 'It holds no collections at all.' : `It holds ${there.join(', ')}.`,
      fix: `Name a source with ${ALL_MAPPINGS.map((mapping) => mapping.collection).join(', ')}.`,
    });
  }
  return { mappings, leftAlone: there.filter((name) => !mappingFor(name)) };
}
