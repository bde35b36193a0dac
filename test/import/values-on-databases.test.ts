import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { type Document, Long, ObjectId } from 'bson';
import { Trace } from '../../src/entities/trace.js';
import { BSON_SAMPLES } from '../support/bson-values.js';
import { createTestDatabase, forEachDatabase, type TestDatabase } from '../support/databases.js';
import { dumpOf, importAll } from '../support/import-documents.js';
import { migrateUp, open } from '../support/open-database.js';
import { useTempFolder } from '../support/temp-folder.js';

const START = new Date('2025-08-07T11:54:39.327Z');
const HEX = '65cd6db93a8d335865cd6db9';

/** What each value is, in a JSON column and in `extra`, when it comes back. */
const IN_JSON: Record<string, [value: unknown, kept: unknown]> = {
  'a text': ['x', 'x'],
  'the empty text': ['', ''],
  'a text that looks like a date': ['20240115', '20240115'],
  'a text that looks like JSON': ['{"a": 1}', '{"a": 1}'],
  'a text with what is not a character': ['a\u0000b', 'a\ufffdb'],
  'all other characters': ['\u0001\u001f\u007f\ufffe\uffff😀"\\\n', '\u0001\u001f\u007f\ufffe\uffff😀"\\\n'],
  'a whole number': [5, 5],
  'a fraction': [0.1, 0.1],
  'a long of 53 bits': [Long.fromString('-9007199254740991'), -9007199254740991],
  'a long beyond 2^53': [Long.fromString('9007199254740993'), { $numberLong: '9007199254740993' }],
  'the greatest double': [Number.MAX_VALUE, Number.MAX_VALUE],
  'the least double': [Number.MIN_VALUE, Number.MIN_VALUE],
  '-0': [-0, { $numberDouble: '-0.0' }],
  NaN: [Number.NaN, { $numberDouble: 'NaN' }],
  Infinity: [Number.POSITIVE_INFINITY, { $numberDouble: 'Infinity' }],
  'a decimal': [BSON_SAMPLES.decimal, { $numberDecimal: '0.10' }],
  yes: [true, true],
  'a time': [START, { $date: '2025-08-07T11:54:39.327Z' }],
  'a time after 9999': [new Date(8.64e15), { $date: { $numberLong: '8640000000000000' } }],
  'a time before 1': [new Date(-8.64e15), { $date: { $numberLong: '-8640000000000000' } }],
  'an ObjectId': [BSON_SAMPLES.objectId, { $oid: HEX }],
  'a UUID': [BSON_SAMPLES.uuid, { $binary: { base64: 'D4+tW9nLRp+hZXCGdyiVDg==', subType: '04' } }],
  bytes: [BSON_SAMPLES.binary, { $binary: { base64: 'AAH/', subType: '00' } }],
  'a timestamp': [BSON_SAMPLES.timestamp, { $timestamp: { t: 1_754_567_679, i: 3 } }],
  'a regular expression': [BSON_SAMPLES.regexp, { $regularExpression: { pattern: '^a', options: 'i' } }],
  code: [BSON_SAMPLES.code, { $code: 'return x', $scope: { x: { $numberInt: '1' } } }],
  'a reference': [BSON_SAMPLES.dbRef, { $ref: 'things', $id: { $oid: HEX } }],
  'a symbol': [BSON_SAMPLES.symbol, 's'],
  'the least key': [BSON_SAMPLES.minKey, { $minKey: 1 }],
  'the greatest key': [BSON_SAMPLES.maxKey, { $maxKey: 1 }],
  nulls: [
    [null, undefined],
    [null, null],
  ],
  'empty lists and documents': [
    [[], {}, ''],
    [[], {}, ''],
  ],
  'names with dollars and points': [
    { $set: 1, 'a.b': 2, '': 3 },
    { $set: 1, 'a.b': 2, '': 3 },
  ],
  'names of numbers': [
    { b: 1, 10: 2, 9: 3 },
    { b: 1, 10: 2, 9: 3 },
  ],
  'names of workings': [
    JSON.parse('{"__proto__": 1, "constructor": 2, "toJSON": 3}'),
    JSON.parse('{"__proto__": 1, "constructor": 2, "toJSON": 3}'),
  ],
  '30 levels': [nested(30), nested(30)],
};

/** What becomes of a value in a column that is made for another type: what is kept, and what is said of it. */
const IN_COLUMNS: Record<string, [fields: Document, kept: Partial<Trace>, coerced?: string]> = {
  'a text': [{ name: '20240115' }, { name: '20240115' }],
  'an ObjectId in a text': [{ user_id: BSON_SAMPLES.objectId }, { userId: HEX }, 'user_id: ObjectId to text'],
  'a NUL in a text': [
    { user_id: 'a\u0000' },
    { userId: 'a\ufffd' },
    'user_id: characters that no database keeps replaced by U+FFFD',
  ],
  'a decimal in a double': [{ latency: BSON_SAMPLES.decimal }, { latency: 0.1 }],
  'a long in a double': [{ latency: BSON_SAMPLES.long }, { latency: 2 ** 53 }, 'latency: rounded to 64 bits'],
  '-0 in a double': [{ latency: -0 }, { latency: 0 }, 'latency: -0 to 0'],
  'a text in a double': [{ latency: '5e1' }, { latency: 50 }, 'latency: text to number'],
  'a text in a time': [
    { end_time: '2025-08-07T11:54:39.327118+00:00' },
    { endTime: START },
    'end_time: text to time, cut to the millisecond',
  ],
};

/** What is not taken, and why. */
const REFUSED: Record<string, [fields: Document, reason: RegExp]> = {
  'a number in a text': [{ name: 5 }, /^name must be a string/],
  'NaN in a double': [{ latency: Number.NaN }, /^latency must be/],
  'infinity in a double': [{ latency: Number.NEGATIVE_INFINITY }, /^latency must be/],
  'an object in a double': [{ latency: {} }, /^latency must be a number, not an object/],
  'digits in a time': [{ end_time: '20240115' }, /^end_time must be a time/],
  'a year after 9999': [{ end_time: new Date('+010000-01-01') }, /^end_time must be a time in the years/],
  'a text that is too long': [{ status: 'x'.repeat(51) }, /^status must be/],
};

function nested(levels: number): unknown {
  return levels === 0 ? 'deep' : levels % 2 === 0 ? [nested(levels - 1)] : { a: nested(levels - 1) };
}

forEachDatabase('values of MongoDB', (kind) => {
  const folder = useTempFolder();
  let database: TestDatabase;

  beforeAll(async () => {
    database = await createTestDatabase(kind);
    await migrateUp(database);
  });

  afterAll(() => database.drop());

  /** Imports traces, and reads back what is there of them. */
  const imported = async (
    traces: Document[],
  ): Promise<Awaited<ReturnType<typeof importAll>> & { rows: Map<string, Trace> }> => {
    const dump = await dumpOf(folder.path, { traces });
    return open(database, async (opened) => {
      const outcome = await importAll(opened, folder.path, dump);
      const rows = await opened.dataSource.getRepository(Trace).find();
      return { ...outcome, rows: new Map(rows.map((row) => [row.id, row])) };
    });
  };

  it('are kept in JSON columns and in extra as the guide says', async () => {
    const names = Object.keys(IN_JSON);
    const { rejects, rows } = await imported(
      names.map((name) => {
        const value = { is: IN_JSON[name]?.[0] };
        return { _id: `json ${name}`, start_time: START, extra_data: value, unheard_of: value };
      }),
    );
    expect(rejects).toEqual([]);
    const kept = (of: (name: string) => unknown): unknown => names.map((name) => [name, of(name)]);
    const wanted = kept((name) => ({ is: IN_JSON[name]?.[1] }));
    expect(kept((name) => rows.get(`json ${name}`)?.extraData)).toEqual(wanted);
    expect(kept((name) => rows.get(`json ${name}`)?.extra?.['unheard_of'])).toEqual(wanted);
  });

  it('are changed to fit other columns as the guide says, and counted', async () => {
    const entries = Object.entries(IN_COLUMNS);
    const { result, rejects, rows } = await imported(
      entries.map(([name, [fields]]) => ({ _id: `column ${name}`, start_time: START, ...fields })),
    );
    expect(rejects).toEqual([]);
    for (const [name, [, kept]] of entries) expect(rows.get(`column ${name}`)).toMatchObject(kept);
    const coerced = entries.flatMap(([, [, , change]]) => (change === undefined ? [] : [`traces.${change}`]));
    expect(result.collections[0]?.coerced).toEqual(Object.fromEntries(coerced.map((change) => [change, 1])));
  });

  it('that do not fit are refused by name, and the document is kept in the rejects', async () => {
    const entries = Object.entries(REFUSED);
    const { rejects, rows } = await imported(
      entries.map(([name, [fields]]) => ({ _id: `refused ${name}`, start_time: START, ...fields })),
    );
    expect(rejects.map(({ id }) => id)).toEqual(entries.map(([name]) => `refused ${name}`));
    for (const [index, [name, [, reason]]] of entries.entries()) {
      expect(rejects[index]?.reasons[0]?.reason).toMatch(reason);
      expect(rows.has(`refused ${name}`)).toBe(false);
    }
  });

  it('are kept or refused by name when they are nested as deep, or as long, as MongoDB allows', async () => {
    const deep = new ObjectId();
    const long = new ObjectId();
    const text = 'é"'.repeat(5_500_000);
    const { rejects, rows } = await imported([
      { _id: deep, start_time: START, extra_data: { is: nested(97) } },
      { _id: long, start_time: START, extra_data: { text } },
    ]);
    const refused = new Set(rejects.map(({ id }) => (id as { $oid: string }).$oid));
    for (const { reasons } of rejects) expect(reasons[0]?.reason).toMatch(/^the database refuses it: ./);
    // No statement is longer than MariaDB's server allows, which is as long as a document of MongoDB.
    expect([...refused]).toEqual(kind === 'mariadb' ? [long.toHexString()] : []);
    for (const [id, wanted] of [
      [deep, { is: nested(97) }],
      [long, { text }],
    ] as const)
      if (!refused.has(id.toHexString()))
        expect(JSON.stringify(rows.get(id.toHexString())?.extraData) === JSON.stringify(wanted)).toBe(true);
  });
});
