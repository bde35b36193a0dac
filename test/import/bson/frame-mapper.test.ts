import { readdirSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { type Document, ObjectId, serialize } from 'bson';
import fc from 'fast-check';
import { EncodedText } from '../../../src/database/model/encoded-text.js';
import { createFrameMapper, type FrameMapper } from '../../../src/import/bson/frame-mapper.js';
import { createMapper, type MappedDocument, type Mapper } from '../../../src/import/mapper.js';
import type { Mapping } from '../../../src/import/mapping.js';
import { ALL_MAPPINGS, mappingFor } from '../../../src/import/mappings/all-mappings.js';
import { bsonFrames, decodeFrame, idOf } from '../../../src/import/sources/bson-file.js';
import { awkwardDocument } from '../../support/awkward-documents.js';
import { bsonValue } from '../../support/bson-values.js';
import { campaign } from '../../support/campaign.js';

const DUMP = new URL('../../../fixtures/demo-dump/genai/', import.meta.url).pathname;
const CONSTANTS = { knowledgeSourceId: 'source' };
const traces = mappingFor('traces')!;

/** Rows with all texts as strings. */
function plainRows({ row, children }: MappedDocument): unknown {
  const plain = (one: Readonly<Record<string, unknown>>): unknown =>
    Object.fromEntries(
      Object.entries(one).map(([name, value]) => [
        name,
        value instanceof EncodedText ? String(value) : value,
      ]),
    );
  return { row: plain(row), children: children.map(({ table, rows }) => [table.name, rows.map(plain)]) };
}

interface Pair {
  map: Mapper;
  mapFrame: FrameMapper | undefined;
}

function mappers(mapping: Mapping): Pair {
  const constants = mapping.fixed && CONSTANTS;
  return { map: createMapper(mapping, constants), mapFrame: createFrameMapper(mapping, constants) };
}

/** @returns whether the bytes were mapped as they are, which must give what decoding them gives, and all is told */
function compare({ map, mapFrame }: Pair, bytes: Uint8Array): boolean {
  const mapped = mapFrame?.(bytes, idOf(bytes));
  if (!mapped) return false;
  const read = decodeFrame(bytes);
  if ('unreadable' in read) throw new Error(`mapped, and yet ${read.unreadable}`);
  const told: string[] = [];
  const result = map(read.document, (field, what) => told.push(`${field}: ${what}`));
  expect(told).toEqual([]);
  expect('problems' in result ? result.problems : plainRows(result.mapped)).toEqual(plainRows(mapped));
  return true;
}

const trace = (fields: Document = {}): Document => ({
  _id: new ObjectId('6bf4f4142491b515fff37315'),
  start_time: new Date('2025-08-07T11:54:39.327Z'),
  ...fields,
});
const isMapped = (document: Document): boolean => compare(mappers(traces), serialize(document));

describe('bytes become the rows that the decoded document becomes', () => {
  const collections = readdirSync(DUMP)
    .filter((name) => name.endsWith('.bson.gz'))
    .map((name) => name.slice(0, -'.bson.gz'.length))
    .filter((name) => mappingFor(name) !== undefined);

  it.each(collections)('for the demo dump in %s', async (collection) => {
    const pair = mappers(mappingFor(collection)!);
    let all = 0;
    let mapped = 0;
    for await (const { bytes } of bsonFrames(`${DUMP}${collection}.bson.gz`)) {
      all += 1;
      if (compare(pair, bytes)) mapped += 1;
    }
    expect(all).toBeGreaterThan(0);
    // Telemetry is most of what is imported: were it decoded after all, only its import's speed would tell.
    if (collection === 'traces') expect(mapped / all).toBeGreaterThan(0.9);
  });

  it.each(ALL_MAPPINGS.map((mapping) => [mapping.collection, mapping] as const))(
    'for awkward documents of %s',
    (_, mapping) => {
      const pair = mappers(mapping);
      let compared = 0;
      for (let number = 0; number < campaign(6000); number += 1) {
        const bytes = serialized(awkwardDocument(mapping, number));
        if (bytes && compare(pair, bytes)) compared += 1;
      }
      if (pair.mapFrame) expect(compared).toBeGreaterThan(0);
    },
  );

  it('for any values in known, unknown and nested fields', () => {
    const pair = mappers(traces);
    const names = ['name', 'cost_details', 'extra_data', 'more', 'latency', 'odd "name"\n', '7', '$ref'];
    const spanNames = ['id', 'model', 'input', 'output', 'usage_details', 'prompt_template', 'extra', 'x'];
    const fields = (from: string[]): fc.Arbitrary<Document> =>
      fc.dictionary(fc.constantFrom(...from), bsonValue, { maxKeys: 4, noNullPrototype: true });
    const documents = fc.record({ top: fields(names), spans: fc.array(fields(spanNames), { maxLength: 3 }) });
    let mapped = 0;
    fc.assert(
      fc.property(documents, ({ top, spans }) => {
        const list = spans.map((span, at) => ({ id: `s${at}`, ...span }));
        if (compare(pair, serialize(trace({ ...top, spans: list })))) mapped += 1;
      }),
      { numRuns: campaign(20_000) },
    );
    expect(mapped).toBeGreaterThan(0);
  });
});

describe('damaged documents', () => {
  it('become nothing but what decoding them gives', () => {
    const pair = mappers(traces);
    const documents = [
      trace({ name: 'n', cost_details: { total: 0.5, chat: true }, more: ['a', null, { b: 2 }] }),
      trace({
        latency: 5,
        spans: [{ id: 'a', input: { messages: [{ role: 'user', content: 'x' }] } }, { id: 'b' }],
      }),
    ].map((document) => Buffer.from(serialize(document)));
    let mapped = 0;
    const change = fc.tuple(fc.nat(), fc.nat({ max: 255 }));
    const damage = fc.tuple(fc.constantFrom(...documents), fc.array(change, { minLength: 1, maxLength: 3 }));
    fc.assert(
      fc.property(damage, ([document, changes]) => {
        const bytes = Buffer.from(document);
        for (const [at, byte] of changes) bytes[at % bytes.length] = byte;
        if (compare(pair, bytes)) mapped += 1;
      }),
      { numRuns: campaign(100_000) },
    );
    expect(mapped).toBeGreaterThan(0);
  });
});

describe('documents are mapped as bytes', () => {
  it.each<[string, Document]>([
    ['with nothing but what must be there', {}],
    ['with all kinds of JSON values', { extra_data: { a: [1, 2.5, 'x', true, null, { b: [] }, {}] } }],
    ['with escapes and long texts', { extra_data: { a: `"\\\n\t\b\f\r\u001f – 😀 ${'é"'.repeat(40_000)}` } }],
    ['with numbers of all sizes', { extra_data: [5e-324, -1.5e300, 1e21, 2 ** 53 - 1, -(2 ** 31)] }],
    ['with fields that no column takes', { more: { a: 1 }, 'other "name"': null, __proto: [1] }],
    [
      'with spans of differing fields',
      { spans: [{ id: 'a', x: 1 }, { type: 'chat', id: 'b' }, { id: 'c' }] },
    ],
    ['with a list where a document is looked into', { cost_details: [{ total: 1 }] }],
    ['with null where a list may be', { spans: null }],
    [
      'with the name of a prompt template in a span',
      { type: 'prompt-template', spans: [{ id: 'a' }, { id: 'b', prompt_template: { name: 'P' } }] },
    ],
  ])('%s', (_, fields) => {
    expect(isMapped(trace(fields))).toBe(true);
  });

  it.each<[string, Document]>([
    ['with NaN', { extra_data: { a: Number.NaN } }],
    ['with -0', { extra_data: { a: -0 } }],
    ['with NUL', { extra_data: { a: 'x\0' } }],
    ['with NUL in a column of text', { name: 'x\0' }],
    ['with an id of another type', { extra_data: { a: new ObjectId() } }],
    ['with names that an object puts first', { extra_data: { b: 1, 10: 2 } }],
    ['with a reference', { extra_data: { $ref: 'a', $id: 1 } }],
    ['with a text in a number’s column', { latency: '5' }],
    ['with a text that is too long', { name: 'x'.repeat(256) }],
    ['with an id twice in a list', { spans: [{ id: 'a' }, { id: 'a' }] }],
    ['with a text in a list', { spans: [{ id: 'a' }, 'b'] }],
    ['with no list', { spans: {} }],
    ['of many levels', { extra_data: nested(120) }],
  ])('but not %s', (_, fields) => {
    expect(isMapped(trace(fields))).toBe(false);
  });

  it('but not where the text is not UTF-8', () => {
    for (const fields of [
      { name: 'x#' },
      { extra_data: { a: 'x#' } },
      { extra_data: { 'x#': 1 } },
      { 'x#': 1 },
    ]) {
      const bytes = serialize(trace(fields));
      bytes[Buffer.from(bytes).indexOf('#')] = 0xff;
      expect(compare(mappers(traces), bytes)).toBe(false);
    }
  });

  it('but not where a document inside is broken', () => {
    const bytes = serialize(trace({ extra_data: { inner: { a: 'text' } } }));
    const at = Buffer.from(bytes).indexOf('inner') + 'inner'.length + 1;
    for (const length of [4, 1000, -1]) {
      const broken = Buffer.from(bytes);
      broken.writeInt32LE(length, at);
      expect(compare(mappers(traces), broken)).toBe(false);
    }
  });

  it('and what one left behind does not show in the next', () => {
    const pair = mappers(traces);
    const first = trace({
      name: 'n',
      cost_details: { total: 1 },
      spans: [{ id: 'a', input: { a: 1 } }],
      more: 1,
    });
    for (const document of [first, trace({ extra_data: { a: Number.NaN } }), trace(), first])
      expect(compare(pair, serialize(document))).toBe(!('extra_data' in document));
  });
});

/** Undefined for what no document of MongoDB can hold, as a name with NUL, which the serialiser tells in many ways. */
function serialized(document: Document): Uint8Array | undefined {
  try {
    return serialize(document);
  } catch {
    return undefined;
  }
}

function nested(levels: number): Document {
  return levels === 0 ? {} : { a: nested(levels - 1) };
}
