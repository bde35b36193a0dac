import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import type { Document } from 'bson';
import { createMapper, IMPORT_PROPERTIES } from '../../src/import/mapper.js';
import { ALL_MAPPINGS, mappingFor } from '../../src/import/mappings/all-mappings.js';
import type { Mapping } from '../../src/import/mapping.js';
import { bsonFrames, decodeFrame } from '../../src/import/sources/bson-file.js';
import { awkwardDocument } from '../support/awkward-documents.js';

const DUMP = new URL('../../fixtures/demo-dump/genai/', import.meta.url).pathname;
const DOCUMENTS = 600;

/**
 * What documents became when this was written: what a change of the mapper must not change, unless it is
 * meant to. `DBTOOL_TEST_FREEZE=1` prints what they become now.
 */
const FROZEN = JSON.parse(readFileSync(new URL('mapper-unchanged.json', import.meta.url), 'utf8')) as Record<
  string,
  Record<string, string>
>;

/** Rows, problems and what was coerced, in a form that tells all values from one another. */
function outcomeOf(mapping: Mapping, documents: Iterable<Document>): string {
  // What an import would look up in the database.
  const map = createMapper(mapping, mapping.fixed && { knowledgeSourceId: 'source' });
  const hash = createHash('sha256');
  let fit = 0;
  let all = 0;
  for (const document of documents) {
    const coerced: string[] = [];
    const result = map(document, (field, what) => coerced.push(`${field}: ${what}`));
    all += 1;
    if ('mapped' in result) {
      fit += 1;
      const { row, children } = result.mapped;
      const lists = children.map(({ table, parent, rows }) => [table.name, parent.name, rows.map(shown)]);
      hash.update(JSON.stringify([shown(row), lists, coerced.sort()]));
    } else hash.update(JSON.stringify(result.problems.map(({ reason }) => reason)));
  }
  return `${fit} of ${all} fit, ${hash.digest('hex').slice(0, 16)}`;
}

function shown(row: Readonly<Record<string, unknown>>): string[] {
  return Object.entries(row)
    .filter(([property]) => !IMPORT_PROPERTIES.some((one) => one === property))
    .map(([property, value]) => `${property}=${typeof value} ${textOf(value)}`)
    .sort();
}

function textOf(value: unknown): string {
  if (value instanceof Date) return String(value.getTime());
  return Object.is(value, -0) ? '-0' : String(value);
}

async function documentsOf(collection: string): Promise<Document[]> {
  const documents: Document[] = [];
  for await (const { bytes } of bsonFrames(`${DUMP}${collection}.bson.gz`)) {
    const read = decodeFrame(bytes);
    if ('document' in read) documents.push(read.document);
  }
  return documents;
}

const collections = readdirSync(DUMP)
  .filter((name) => name.endsWith('.bson.gz'))
  .map((name) => name.slice(0, -'.bson.gz'.length))
  .filter((name) => mappingFor(name) !== undefined);

describe('what documents become is as it was', () => {
  it.each(ALL_MAPPINGS.map((mapping) => [mapping.collection, mapping] as const))(
    'for awkward ones of %s',
    (collection, mapping) => {
      // In parts, so that a difference is found in some of them and not only in all.
      const parts = Array.from({ length: 6 }, (_, part) =>
        outcomeOf(
          mapping,
          Array.from({ length: DOCUMENTS / 6 }, (_, at) => awkwardDocument(mapping, part * 100 + at)),
        ),
      );
      freeze('awkward', collection, parts.join('; '));
    },
  );

  it.each(collections)('for those of the demo dump in %s', async (collection) => {
    const mapping = mappingFor(collection)!;
    freeze('demo', collection, outcomeOf(mapping, await documentsOf(collection)));
  });
});

function freeze(kind: string, collection: string, outcome: string): void {
  if (process.env['DBTOOL_TEST_FREEZE'] === '1')
    process.stdout.write(`FROZEN ${JSON.stringify([kind, collection, outcome])}\n`);
  else expect(outcome).toBe(FROZEN[kind]?.[collection]);
}
