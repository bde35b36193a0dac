import { describe, expect, it } from '@jest/globals';
import { Decimal128, deserialize, Long, ObjectId, serialize, UUID } from 'bson';
import fc from 'fast-check';
import { derivedIdOf, ownIdOf, sourceIdOf } from '../../src/import/source-id.js';
import { BSON_SAMPLES, bsonValue } from '../support/bson-values.js';
import { campaign } from '../support/campaign.js';

const HEX = '65cd6db93a8d335865cd6db9';

/** Forms that must never change: with another one, an import would add every row anew. */
const PINNED: [string, unknown, { source: string; own: string; derived: string }][] = [
  [
    'an ObjectId',
    new ObjectId(HEX),
    { source: HEX, own: HEX, derived: 'aa2557ff-5580-5fbc-a48f-445e4667a976' },
  ],
  [
    'a text',
    'DEMO_RAG_TOOL',
    { source: 'DEMO_RAG_TOOL', own: 'DEMO_RAG_TOOL', derived: 'c667e1aa-3ccf-584c-9754-b0248216d8fd' },
  ],
  [
    'a text in the form of an ObjectId',
    HEX,
    { source: `"${HEX}"`, own: HEX, derived: '869f24fe-fa04-54ae-88f2-de532ee1ae7f' },
  ],
  ['an empty text', '', { source: '', own: '', derived: '184fe5b1-9691-53f0-a4e4-02757480038b' }],
  [
    'a text in quotes',
    '"x"',
    { source: String.raw`"\"x\""`, own: '"x"', derived: '57d22dca-75d3-5f8d-b7bc-4ac7a5c76fcb' },
  ],
  [
    'a text that looks like a number',
    '5',
    { source: '"5"', own: '5', derived: '8d9bae9a-7745-598c-b3a2-df9061a6d67f' },
  ],
  [
    'a whole number',
    5,
    {
      source: '{"$numberInt":"5"}',
      own: '{"$numberInt":"5"}',
      derived: '7e8f44a3-37bc-5442-8a0b-30532497a16f',
    },
  ],
  [
    'a fraction',
    0.5,
    {
      source: '{"$numberDouble":"0.5"}',
      own: '{"$numberDouble":"0.5"}',
      derived: 'e7d011b1-d1d8-5a19-b5a9-f4395e9c2791',
    },
  ],
  [
    'a long',
    Long.fromString('9007199254740993'),
    {
      source: '{"$numberLong":"9007199254740993"}',
      own: '{"$numberLong":"9007199254740993"}',
      derived: '95caa28c-9162-58f9-9638-7c6f24ec9a8e',
    },
  ],
  [
    'a UUID',
    new UUID('0f8fad5b-d9cb-469f-a165-70867728950e'),
    {
      source: '{"$binary":{"base64":"D4+tW9nLRp+hZXCGdyiVDg==","subType":"04"}}',
      own: '0f8fad5b-d9cb-469f-a165-70867728950e',
      derived: '37b454f7-5d3c-56d6-aac7-1307753b005e',
    },
  ],
  [
    'a UUID as bytes',
    BSON_SAMPLES.uuidAsBinary,
    {
      source: '{"$binary":{"base64":"D4+tW9nLRp+hZXCGdyiVDg==","subType":"04"}}',
      own: '0f8fad5b-d9cb-469f-a165-70867728950e',
      derived: '37b454f7-5d3c-56d6-aac7-1307753b005e',
    },
  ],
  [
    'a document',
    { b: 1, a: ['x', null, new Date(0)] },
    {
      source: '{"b":{"$numberInt":"1"},"a":["x",null,{"$date":{"$numberLong":"0"}}]}',
      own: '{"b":{"$numberInt":"1"},"a":["x",null,{"$date":{"$numberLong":"0"}}]}',
      derived: '740d4590-c9c3-5791-b1b3-030c8fa1a2dc',
    },
  ],
  [
    'a document that calls itself a BSON value',
    { _bsontype: 'ObjectId', id: 'x' },
    {
      source: '{"_bsontype":"ObjectId","id":"x"}',
      own: '{"_bsontype":"ObjectId","id":"x"}',
      derived: '0ef1b117-16b9-5e31-b5af-ba2e6ef3dd85',
    },
  ],
  ['null', null, { source: 'null', own: 'null', derived: '504b1b67-5c70-5f5f-a6b7-a438fa92e2f5' }],
  [
    'the text null',
    'null',
    { source: '"null"', own: 'null', derived: '2764ddc0-1978-5b65-b804-74714d416924' },
  ],
  ['true', true, { source: 'true', own: 'true', derived: '14827d03-7526-5f14-a7b2-7f6c055decbb' }],
];

describe.each(PINNED)('%s', (_, id, forms) => {
  it('keeps its forms in every release', () => {
    expect({ source: sourceIdOf(id), own: ownIdOf(id), derived: derivedIdOf('models', id) }).toEqual(forms);
  });
});

describe('sourceIdOf', () => {
  it('is one to one', () => {
    const likely = fc.oneof(
      bsonValue,
      fc.constantFrom<unknown>(
        HEX,
        new ObjectId(HEX),
        5,
        '5',
        '"5"',
        0.5,
        true,
        'true',
        null,
        'null',
        '{}',
        {},
        [],
        '[]',
      ),
      fc.constantFrom<unknown>(Decimal128.fromString('5'), Decimal128.fromString('5.0'), -0, 0),
      fc.constantFrom('{"$numberInt":"5"}', `{"$oid":"${HEX}"}`, `"${HEX}"`, '""', '-', '.'),
    );
    const read = (id: unknown): unknown =>
      deserialize(serialize({ id }), { promoteLongs: true, promoteBuffers: false, bsonRegExp: true })['id'];
    const bytes = (id: unknown): string => Buffer.from(serialize({ id: read(id) })).toString('hex');
    fc.assert(
      fc.property(likely, likely, (a, b) => {
        const same = bytes(a) === bytes(b);
        expect(sourceIdOf(read(a)) === sourceIdOf(read(b))).toBe(same);
        expect(derivedIdOf('c', read(a)) === derivedIdOf('c', read(b))).toBe(same);
      }),
      { numRuns: campaign(3000) },
    );
  });
});

describe('derivedIdOf', () => {
  it('differs between collections', () => {
    expect(derivedIdOf('models', 'x')).not.toBe(derivedIdOf('providers', 'x'));
  });

  it('is a UUID of version 5', () => {
    expect(derivedIdOf('models', new ObjectId(HEX))).toMatch(
      /^[0-9a-f]{8}-[0-9a-f]{4}-5[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/,
    );
  });
});
