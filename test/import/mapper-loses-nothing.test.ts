import { describe, expect, it } from '@jest/globals';
import { deserialize, type Document, EJSON, ObjectId, serialize } from 'bson';
import fc from 'fast-check';
import { tableOf } from '../../src/database/model/table-model.js';
import { Trace } from '../../src/entities/trace.js';
import { createMapper, type MappedDocument } from '../../src/import/mapper.js';
import type { Mapping } from '../../src/import/mapping.js';
import { providers } from '../../src/import/mappings/providers.js';
import { traces } from '../../src/import/mappings/traces.js';
import { plainJson } from '../../src/import/plain-json.js';
import { bsonValue } from '../support/bson-values.js';
import { campaign } from '../support/campaign.js';

const ID = new ObjectId('6bf4f4142491b515fff37315');
const traceOf = (fields: Document = {}): Document => ({
  _id: ID,
  start_time: new Date('2025-08-07T11:54:39.327Z'),
  ...fields,
});
const providerOf = (fields: Document = {}): Document => ({ _id: ID, system_name: 'OPENAI', ...fields });

function map(mapping: Mapping, document: Document): MappedDocument {
  const result = createMapper(mapping)(document, () => undefined);
  if ('problems' in result) throw new Error(result.problems.map(({ reason }) => reason).join('; '));
  return result.mapped;
}

const extraOf = (row: MappedDocument['row']): unknown =>
  row['extra'] === null ? null : (JSON.parse(String(row['extra'])) as unknown);

/** The document as a source would read it, so that all values have the classes that sources give. */
const asRead = (document: Document): Document =>
  deserialize(serialize(document), { promoteLongs: true, promoteBuffers: false, bsonRegExp: true });

/** Everything of a value that says something, by its path; what is null or empty is not missed. */
function leaves(value: unknown, path: string, found = new Map<string, string>()): Map<string, string> {
  if (value === null) return found;
  if (typeof value === 'object' && Object.keys(value).length > 0)
    for (const [key, inner] of Object.entries(value)) leaves(inner, `${path}/${key}`, found);
  else if (path !== '') found.set(path, JSON.stringify(value));
  return found;
}

describe('nothing is lost', () => {
  const fieldName = fc.oneof(
    fc.string({ unit: 'grapheme', minLength: 1, maxLength: 6 }),
    fc.constantFrom(
      '__proto__',
      'constructor',
      'extra',
      'id',
      'a.b',
      '_metadata.created_at',
      '$set',
      '_bsontype',
      'toJSON',
    ),
  );
  const columns = new Set(tableOf(Trace).columns.map(({ name }) => name));
  const unknownFields = fc
    .array(fc.tuple(fieldName, bsonValue), { maxLength: 6 })
    .map((entries) => entries.filter(([name]) => name === 'id' || name === 'extra' || !columns.has(name)));

  it('of the fields that no column has', () => {
    fc.assert(
      fc.property(unknownFields, (entries) => {
        const document = Object.fromEntries([
          ...Object.entries(traceOf({ name: 'n', spans: [] })),
          ...entries,
        ]);
        const rest = Object.fromEntries(entries.filter(([, value]) => value !== undefined));
        const { row } = map(traces, document);
        const expected = plainJson(rest).json;
        expect(JSON.stringify(extraOf(row))).toBe(
          JSON.stringify(Object.keys(rest).length === 0 ? null : expected),
        );
      }),
      { numRuns: campaign(1000) },
    );
  });

  it('of any field: it is in its column, in extra, or named as a problem', () => {
    const own = ['id', 'source_id', 'extra', 'content_hash', 'source_deleted_at'];
    const known = tableOf(Trace).columns.filter(
      ({ name }) => ![...own, 'cost_total', 'feature_system_name'].includes(name),
    );
    const field = fc.oneof(
      fc.tuple(fc.constantFrom(...known.map(({ name }) => name)), bsonValue),
      fc.tuple(fieldName, bsonValue),
    );
    let mapped = 0;
    fc.assert(
      fc.property(fc.array(field, { maxLength: 5 }), (entries) => {
        const document = asRead({
          ...traceOf(),
          ...Object.fromEntries(entries.filter(([name]) => name !== '_bsontype')),
        });
        const result = createMapper(traces)(document, () => undefined);
        if ('problems' in result) {
          const names = Object.keys(document).concat('spans');
          for (const problem of result.problems)
            expect(names.some((name) => problem.reason.startsWith(name))).toBe(true);
          return;
        }
        mapped += 1;
        const { row } = result.mapped;
        const extra = (extraOf(row) ?? {}) as Record<string, unknown>;
        for (const [name, value] of Object.entries(document)) {
          if (name === '_id' || value === null) continue;
          const column = known.find((one) => one.name === name);
          if (column === undefined) expect(Object.hasOwn(extra, name)).toBe(true);
          else if (value !== '') expect([name, row[column.property]]).not.toEqual([name, null]);
          if (column !== undefined) expect(Object.hasOwn(extra, name)).toBe(false);
          if (column?.type.kind === 'json')
            expect(row[column.property]).toBe(JSON.stringify(plainJson(value).json));
        }
      }),
      { numRuns: campaign(2000) },
    );
    expect(mapped).toBeGreaterThan(0);
  });

  it('of an object that is taken in part', () => {
    const maybe = <T>(value: fc.Arbitrary<T>): fc.Arbitrary<T | null | undefined> =>
      fc.oneof(value, fc.constantFrom(null, undefined));
    const date = fc.date({ noInvalidDate: true, min: new Date('2000-01-01'), max: new Date('2030-01-01') });
    const name = fc.constantFrom('ann', 'bob');
    const metadata = fc.record(
      {
        created_at: maybe(date),
        created_by: maybe(name),
        modified_at: maybe(date),
        modified_by: maybe(name),
        other: maybe(bsonValue),
        'created_at.x': maybe(name),
      },
      { requiredKeys: [] },
    );
    const document = fc.record(
      {
        created_at: maybe(date),
        created_by: maybe(name),
        updated_at: maybe(date),
        _metadata: fc.oneof(
          { arbitrary: metadata, weight: 5 },
          { arbitrary: fc.constantFrom(5, 'x', []), weight: 1 },
        ),
        '_metadata.created_at': maybe(name),
      },
      { requiredKeys: [] },
    );
    fc.assert(
      fc.property(document, (fields) => {
        const { row } = map(providers, asRead(providerOf(fields)));
        const kept = leaves(extraOf(row), '');
        // Each column stands for the first field that it may come from.
        const sources = {
          createdAt: ['/created_at', '/_metadata/created_at'],
          createdBy: ['/created_by', '/_metadata/created_by'],
          updatedAt: ['/updated_at', '/_metadata/modified_at'],
          updatedBy: ['/updated_by', '/_metadata/modified_by'],
        };
        const all = leaves(plainJson(asRead(fields)).json, '');
        for (const [property, paths] of Object.entries(sources)) {
          const path = paths.find((one) => all.has(one) || all.has(`${one}/$date`));
          const text = path && (all.get(path) ?? all.get(`${path}/$date`));
          const value = row[property] ?? undefined;
          expect(value === undefined ? undefined : JSON.stringify(value)).toBe(text);
          if (path !== undefined) {
            expect(kept.has(path) || kept.has(`${path}/$date`)).toBe(false);
            all.delete(path);
            all.delete(`${path}/$date`);
          }
        }
        expect(Object.fromEntries(kept)).toEqual(Object.fromEntries(all));
      }),
      { numRuns: campaign(3000) },
    );
  });

  it('of the document itself: mapping does not change it', () => {
    const span = fc.record(
      { id: fc.string({ minLength: 1 }), input: bsonValue, odd: bsonValue },
      { requiredKeys: ['id'] },
    );
    fc.assert(
      fc.property(bsonValue, bsonValue, fc.array(span, { maxLength: 3 }), (extraData, odd, spans) => {
        const document = asRead(traceOf({ extra_data: extraData, odd, spans, cost_details: { total: 1 } }));
        const before = EJSON.stringify(document, { relaxed: false });
        deepFreeze(document);
        createMapper(traces)(document, () => undefined);
        createMapper(providers)(document, () => undefined);
        expect(EJSON.stringify(document, { relaxed: false })).toBe(before);
      }),
      { numRuns: campaign(500) },
    );
  });
});

/** Plain objects and lists only: a BSON value's own workings are the library's. */
function deepFreeze(value: unknown): void {
  if (typeof value !== 'object' || value === null) return;
  if (!Array.isArray(value) && Object.getPrototypeOf(value) !== Object.prototype) return;
  Object.freeze(value);
  Object.values(value).forEach(deepFreeze);
}
