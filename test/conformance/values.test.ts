import { describe, expect, it } from '@jest/globals';
import type { OpenDatabase } from '../../src/database/data-source.js';
import type { ColumnModel } from '../../src/database/model/table-model.js';
import { tableOf } from '../../src/database/model/table-model.js';
import { selectWhereIn } from '../../src/database/portable-sql.js';
import { IsNull } from 'typeorm';
import { validatorOf } from '../../src/entities/validation.js';
import { forEachDatabase } from '../support/databases.js';
import { Sample } from './support/sample.js';
import { useTables } from './support/bench.js';
import { refusal, saveEntity, withRunner, writeRows } from './support/tables.js';

type Property = Exclude<keyof Sample, 'id'>;

/** Both ways into the database; what they leave there must be the same. */
const ROUTES: Record<
  string,
  (opened: OpenDatabase, id: string, property: Property, value: unknown) => Promise<void>
> = {
  bulk: (opened, id, property, value) =>
    writeRows(opened, Sample, [
      { id, [property]: property === 'data' && value !== null ? JSON.stringify(value) : value },
    ]),
  entity: (opened, id, property, value) => saveEntity(opened, Sample, { id, [property]: value }),
};

const UNICODE = [
  '日本語 🚀',
  'e\u0301 is not é',
  'a\u{10ffff}z',
  '👩‍👩‍👧',
  '\u{feff}bom',
  '\u202eright to left',
  'İıſK',
];
const TEXTS = [
  '',
  ' ',
  'a ',
  ' a',
  'tab\tnewline\r\n',
  `it's "quoted" \\n \`x\``,
  '%_;-- /* */ ?:1 $1 :x',
  '\u0001\u007f',
  ...UNICODE,
];
const KIB = 1024;

/** Values that every database keeps, by column. */
const KEPT: [Property, string, unknown][] = [
  ...TEXTS.flatMap((value): [Property, string, unknown][] => [
    ['title', JSON.stringify(value), value],
    ['body', JSON.stringify(value), value],
  ]),
  ['title', '255 characters', 'x'.repeat(255)],
  ['title', '255 characters of 3 bytes', '語'.repeat(255)],
  ['title', '255 characters of 4 bytes', '🚀'.repeat(255)],
  ['link', '4,000 bytes of 4-byte characters', '🚀'.repeat(1000)],
  ['link', '2,000 characters of 2 bytes', 'é'.repeat(2000)],
  ...[3999, 4000, 4001, 32_767, 32_768].map((length): [Property, string, unknown] => [
    'body',
    `${length} characters`,
    'x'.repeat(length),
  ]),
  ['body', '4,000 bytes in characters of 3', `${'語'.repeat(1333)}x`],
  ['body', '4,001 bytes in characters of 3', `${'語'.repeat(1333)}xx`],
  ['body', '32,768 bytes in characters of 4', '🚀'.repeat(8192)],
  ['body', '1 MB', '語'.repeat(350 * KIB)],
  ...[0, 1, -1, 2_147_483_647, -2_147_483_648].map((value): [Property, string, unknown] => [
    'whole',
    String(value),
    value,
  ]),
  ...[
    0.1,
    1e-7,
    9748.601,
    94594638.80520865,
    1 / 3,
    2 ** 53 + 2,
    2 ** 63,
    1e21,
    Number.MAX_VALUE,
    -Number.MAX_VALUE,
    2.2250738585072014e-308,
    Number.MIN_VALUE,
    -Number.MIN_VALUE,
  ].map((value): [Property, string, unknown] => ['real', String(value), value]),
  ...['0', '1', '-1', '0.0000000001', '-0.0000000001', '0.5', '1234567890.0123456789'].map(
    (value): [Property, string, unknown] => ['price', value, value],
  ),
  ['price', '20 digits', '9999999999.9999999999'],
  ['price', '20 negative digits', '-9999999999.9999999999'],
  ['price', 'more digits than a double has', '9007199254.7409930001'],
  ['good', 'true', true],
  ['good', 'false', false],
  ...[
    '2025-08-07T11:54:39.327Z',
    '2025-08-07T11:54:39.001Z',
    '1970-01-01T00:00:00.000Z',
    '1969-12-31T23:59:59.999Z',
    '1899-12-31T23:59:59.123Z',
    '1582-10-10T12:00:00.000Z',
    '0099-03-01T00:00:00.001Z',
    '0001-01-01T00:00:00.000Z',
    '9999-12-31T23:59:59.999Z',
  ].map((text): [Property, string, unknown] => ['momentAt', text, new Date(text)]),
  ['data', 'an object', { b: 1.5, a: ['x', null, true, { deep: 9007199254740991 }], '': {} }],
  ['data', 'unicode', Object.fromEntries(UNICODE.map((text) => [text, [text]]))],
  ['data', 'what needs escapes', { 'a"b\\': '\u0001\n\\u0000 "' }],
  ['data', 'a text', 'a "text"'],
  ['data', 'a text that looks like JSON', '{"a":1}'],
  ['data', 'the empty text', ''],
  ['data', 'a number', -12.5],
  ['data', 'the number 0', 0],
  ['data', 'false', false],
  ['data', 'an empty list', []],
  ['data', 'an empty object', {}],
  ['data', 'the numbers of doubles', [1e-7, 1e21, Number.MAX_VALUE, Number.MIN_VALUE, 2 ** 53 + 2, 0.1]],
  ['data', '100 levels', nested(100)],
  ['data', '1 MB', { list: Array.from({ length: 50 * KIB }, (_, index) => `語${index}`) }],
  ['data', 'more than 4,000 bytes', ['🚀'.repeat(1001)]],
];

/** Values that are refused on every database, by column, with the code and whether a validator finds them too. */
const REFUSED: [Property, string, unknown, string][] = [
  ['title', '256 characters', 'x'.repeat(256), 'too-long'],
  ['title', '256 characters of 4 bytes', '🚀'.repeat(256), 'too-long'],
  ['link', '4,001 bytes', `${'🚀'.repeat(1000)}x`, 'too-long'],
  ['title', 'NUL', 'a\0b', 'invalid'],
  ['body', 'NUL', '\0', 'invalid'],
  ['body', 'half of a surrogate pair', 'a\ud83d', 'invalid'],
  ['title', 'the other half', '\ude80a', 'invalid'],
  ['whole', '2^31', 2 ** 31, 'out-of-range'],
  ['whole', '-2^31 - 1', -(2 ** 31) - 1, 'out-of-range'],
  ['whole', '2^53 + 2', 2 ** 53 + 2, 'out-of-range'],
  ['whole', 'a fraction', 1.5, 'invalid'],
  ['whole', 'NaN', Number.NaN, 'invalid'],
  ['real', 'NaN', Number.NaN, 'out-of-range'],
  ['real', 'Infinity', Number.POSITIVE_INFINITY, 'out-of-range'],
  ['real', '-Infinity', Number.NEGATIVE_INFINITY, 'out-of-range'],
  ['price', '11 digits before the point', '12345678901', 'out-of-range'],
  ['price', '11 digits after the point', '0.00000000001', 'out-of-range'],
  ['price', 'a number that would be rounded', '1.99999999995', 'out-of-range'],
  ['price', 'an exponent', '1e3', 'invalid'],
  ['price', 'a word', 'much', 'invalid'],
  ['momentAt', 'the year 0', new Date(Date.UTC(0, 0, 1) - 1900 * 366 * 86_400_000), 'out-of-range'],
  ['momentAt', 'a millisecond before the year 1', new Date(-62_135_596_800_001), 'out-of-range'],
  ['momentAt', 'the year 10,000', new Date(253_402_300_800_000), 'out-of-range'],
  ['momentAt', 'no time at all', new Date(Number.NaN), 'out-of-range'],
];

/** JSON that only a text can have, and that one or another database refuses. */
const REFUSED_JSON: [string, string][] = [
  ['an escaped NUL', String.raw`{"a":"\u0000"}`],
  ['an escaped NUL behind an escaped backslash', String.raw`["\\\u0000"]`],
  ['half of a surrogate pair', String.raw`["\ud83d"]`],
  ['the halves of a pair in the wrong order', String.raw`["\ude80\ud83d"]`],
];

/** JSON as other programs write it. */
const WRITTEN_JSON = [
  '{"b": 1, "a": 2}',
  '[1.0, 1E2, 1e-7, 100e-2]',
  '{ "twice": 1, "twice": 2 }',
  String.raw`["\u00e9\ud83d\ude80", "\\u0000", "\/"]`,
  '[9007199254740993, 12345678901234567890]',
];

function nested(levels: number): unknown {
  let value: unknown = 'bottom';
  for (let level = 0; level < levels; level += 1) value = level % 2 === 0 ? [value] : { a: value };
  return value;
}

/** The data of all rows by id, through a statement of ours. */
async function selectAll(
  opened: OpenDatabase,
  columns: [ColumnModel, ColumnModel],
): Promise<Map<unknown, unknown>> {
  const ids = WRITTEN_JSON.map((_, index) => `json-${index}`);
  const rows = await withRunner(opened, (runner) => selectWhereIn(runner, tableOf(Sample), columns, ids));
  return new Map(rows.map(([id, data]) => [id, data]));
}

/** The JSON columns as text, as SQL sees them, by id. */
async function jsonTexts(opened: OpenDatabase): Promise<unknown[]> {
  const text = opened.dialect.keepsJsonText ? 'data' : 'CAST(data AS text)';
  const rows = (await withRunner(opened, (runner) =>
    runner.query(`SELECT ${text} AS json_text FROM samples WHERE id LIKE 'json-%' ORDER BY id`),
  )) as Record<string, unknown>[];
  return rows.map((row) => row['json_text'] ?? row['JSON_TEXT']);
}

/** What the database gives back of a value: the same, but for what its dialect declares. */
function expected({ dialect }: OpenDatabase, value: unknown): unknown {
  return value === '' && dialect.emptyStringIsNull ? null : value;
}

forEachDatabase('a value', (kind) => {
  const bench = useTables(kind, [Sample]);

  describe.each(Object.entries(ROUTES))('that is written by the %s route', (route, write) => {
    it.each(KEPT)('comes back as it was: %s, %s', async (property, name, value) => {
      await bench.open(async (opened) => {
        const id = `${route}-${property}-${KEPT.findIndex((one) => one[0] === property && one[1] === name)}`;
        if (value instanceof Date && value.getUTCFullYear() < opened.dialect.firstYear) {
          const error = await refusal(opened, write(opened, id, property, value));
          expect(error.code).toBe('database.row.out-of-range');
          return;
        }
        await write(opened, id, property, value);
        const found = await opened.dataSource.getRepository(Sample).findOneByOrFail({ id });
        const wanted = property === 'data' ? value : expected(opened, value);
        expect(found[property]).toEqual(wanted);
        // All the others are absent, and not empty, zero or false.
        const others = Object.entries(found).filter(([key]) => key !== 'id' && key !== property);
        expect(others.map(([, other]) => other as unknown)).toEqual(others.map(() => null));
      });
    });

    it.each(REFUSED)('is refused before it is cut or rounded: %s, %s', async (property, _, value, code) => {
      await bench.open(async (opened) => {
        const error = await refusal(opened, write(opened, 'refused', property, value));
        expect(error.code).toBe(`database.row.${code}`);
        expect(error.details).toMatchObject({ table: 'samples' });
        expect(await opened.dataSource.getRepository(Sample).countBy({ id: 'refused' })).toBe(0);
      });
    });

    it('is 0 where it is -0, which not every database has', async () => {
      await bench.open(async (opened) => {
        const id = `${route}-zero`;
        await write(opened, id, 'real', -0);
        const found = await opened.dataSource.getRepository(Sample).findOneByOrFail({ id });
        expect(Object.is(found.real, 0)).toBe(true);
      });
    });

    it('is kept in canonical form where it is money', async () => {
      await bench.open(async (opened) => {
        for (const [given, canonical] of [
          ['1.50', '1.5'],
          ['-0', '0'],
          ['007.0', '7'],
        ] as const) {
          const id = `${route}-money-${given}`;
          await write(opened, id, 'price', given);
          const repository = opened.dataSource.getRepository(Sample);
          expect((await repository.findOneByOrFail({ id })).price).toBe(canonical);
          expect(await repository.countBy({ id, price: given })).toBe(1);
        }
      });
    });
  });

  it('is refused by the rules of the entity, too', () => {
    const valid = { id: 'x' };
    const validate = validatorOf(Sample);
    expect(validate(valid)).toEqual([]);
    for (const [property, name, value] of REFUSED) {
      const problems = validate({ ...valid, [property]: value });
      expect([name, problems.map((problem) => problem.property)]).toEqual([
        name,
        expect.arrayContaining([property]),
      ]);
    }
    for (const [property, , value] of KEPT) expect(validate({ ...valid, [property]: value })).toEqual([]);
  });

  it('is refused where it is JSON that not every database takes, however it is written', async () => {
    await bench.open(async (opened) => {
      for (const [name, data] of REFUSED_JSON) {
        const error = await refusal(opened, writeRows(opened, Sample, [{ id: 'refused', data }]));
        expect([name, error.code]).toEqual([name, 'database.row.invalid']);
      }
    });
  });

  it('is read as JSON.parse reads it where it is JSON, however it is written', async () => {
    await bench.open(async (opened) => {
      const rows = WRITTEN_JSON.map((data, index) => ({ id: `json-${index}`, data }));
      await writeRows(opened, Sample, rows);
      for (const { id, data } of rows) {
        const found = await opened.dataSource.getRepository(Sample).findOneByOrFail({ id });
        expect(found.data).toEqual(JSON.parse(data) as unknown);
      }
      const table = tableOf(Sample);
      const column = table.columns.find(({ name }) => name === 'data')!;
      const read = await selectAll(opened, [table.columns[0]!, column]);
      expect(read).toEqual(new Map(rows.map(({ id, data }) => [id, JSON.parse(data) as unknown])));
      const texts = await jsonTexts(opened);
      if (opened.dialect.keepsJsonText) expect(texts).toEqual(rows.map(({ data }) => data));
      else expect(texts).not.toEqual(rows.map(({ data }) => data));
    });
  });

  it("is absent where it is JSON's null", async () => {
    await bench.open(async (opened) => {
      await writeRows(opened, Sample, [{ id: 'null-bulk', data: 'null' }]);
      await saveEntity(opened, Sample, { id: 'null-entity', data: null });
      const ids = await opened.dataSource.getRepository(Sample).findBy({ data: IsNull() });
      expect(ids.map(({ id }) => id)).toEqual(expect.arrayContaining(['null-bulk', 'null-entity']));
    });
  });

  it('is refused by the database itself, where that knows the types, and never cut off', async () => {
    await bench.open(async (opened) => {
      const long = 'x'.repeat(256);
      const insert = (column: string, value: string): Promise<unknown> =>
        withRunner(opened, (runner) =>
          runner.query(`INSERT INTO samples (id, ${column}) VALUES ('raw-${column}', ${value})`),
        );
      if (!opened.dialect.checksTypes) {
        await insert('title', `'${long}'`);
        const found = await opened.dataSource.getRepository(Sample).findOneByOrFail({ id: 'raw-title' });
        expect(found.title).toBe(long);
        return;
      }
      expect((await refusal(opened, insert('title', `'${long}'`))).code).toBe('database.row.too-long');
      expect((await refusal(opened, insert('whole', '1e12'))).code).toBe('database.row.out-of-range');
      expect((await refusal(opened, insert('price', '12345678901'))).code).toBe('database.row.out-of-range');
    });
  });
});
