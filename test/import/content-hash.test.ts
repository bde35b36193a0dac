import { createHash } from 'node:crypto';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from '@jest/globals';
import { createMapper } from '../../src/import/mapper.js';
import { chooseMappings } from '../../src/import/choose-mappings.js';
import { contentHasher, IMPORT_FORMAT } from '../../src/import/content-hash.js';
import { mappingFor } from '../../src/import/mappings/all-mappings.js';
import type { Mapping } from '../../src/import/mapping.js';
import { DumpFolder } from '../../src/import/sources/dump-folder.js';

const DEMO = fileURLToPath(new URL('../../fixtures/demo-dump/genai', import.meta.url));
/** What the demo dump becomes, by format. */
const MADE: Record<number, string> = {
  1: '6d57fd6422532cf79cb1a4f35bf5538930bbb20a8fe10daedaad082b11765cae',
};

function mapping(collection: string): Mapping {
  const found = mappingFor(collection);
  if (!found) throw new Error(`no mapping for ${collection}`);
  return found;
}

describe('the content hash', () => {
  it('belongs to a format that goes up with every change to what documents become', async () => {
    const source = await DumpFolder.open(DEMO);
    const hash = createHash('sha256');
    for (const one of (await chooseMappings(source, [])).mappings) {
      const map = createMapper(one);
      for await (const read of source.read({ collection: one.collection })) {
        if (!('document' in read)) continue;
        const result = map(read.document, () => undefined);
        // Rejected documents have no row that could be outdated.
        if ('problems' in result) continue;
        const { row, children } = result.mapped;
        hash.update(JSON.stringify([inOrder(row), children.map(({ rows }) => rows.map(inOrder))]));
      }
    }
    const made = hash.digest('hex');
    // If this fails, rows that were imported before are no longer what an import would make of their documents:
    // raise IMPORT_FORMAT, and put what the new format makes of the dump beside the others.
    expect({ format: IMPORT_FORMAT, made }).toEqual({ format: IMPORT_FORMAT, made: MADE[IMPORT_FORMAT] });
  });

  it('is another one for another document, collection or constant, and the same for the same', () => {
    const document = Buffer.from([5, 0, 0, 0, 0]);
    const hashes = [
      contentHasher(mapping('traces'))(document),
      contentHasher(mapping('traces'))(Buffer.from([6, 0, 0, 0, 0])),
      contentHasher(mapping('metrics'))(document),
      contentHasher(mapping('documents_a'), { knowledgeSourceId: 'a' })(document),
      contentHasher(mapping('documents_a'), { knowledgeSourceId: 'b' })(document),
    ];
    expect(new Set(hashes).size).toBe(hashes.length);
    expect(contentHasher(mapping('traces'))(document)).toBe(hashes[0]);
    expect(hashes.every((hash) => hash.length === 22)).toBe(true);
  });
});

/** The order of a row's properties says nothing. */
function inOrder(row: Readonly<Record<string, unknown>>): [string, unknown][] {
  return Object.entries(row).sort(([one], [other]) => (one < other ? -1 : 1));
}
