import { BSONSymbol, Code, Decimal128, type Document, Long, ObjectId } from 'bson';
import { tableOf } from '../../src/database/model/table-model.js';
import type { EntityClass } from '../../src/database/model/table-model.js';
import { IMPORT_PROPERTIES } from '../../src/import/mapper.js';
import type { ColumnSource, Mapping } from '../../src/import/mapping.js';
import { BSON_SAMPLES } from './bson-values.js';

/** Values that fit a column, nearly fit one, and are something else altogether. */
const VALUES: readonly unknown[] = [
  ...Object.values(BSON_SAMPLES),
  ...[
    null,
    undefined,
    '',
    ' ',
    'a',
    'ümlaut – 😀',
    'nul \u0000',
    'half \ud800',
    '\udc00\ud800',
    'esc \u001b',
  ],
  ...['back\\u0000slash', '"quoted"\n', 'x'.repeat(20), 'x'.repeat(50), 'x'.repeat(51), 'x'.repeat(256)],
  ...['😀'.repeat(255), '😀'.repeat(256), '€'.repeat(1334), 'f'.repeat(64), 'variant_1', 'prompt-template'],
  ...[0, -0, 1, -1, 5, 0.5, -0.25, 1e-7, 0.1 + 0.2, 1e21, 2 ** 31 - 1, 2 ** 31, -(2 ** 31), 2 ** 53],
  ...[1e10, 9999999999.999998, 12345.6789012345, Number.NaN, Number.POSITIVE_INFINITY],
  ...['5', '-0', '1.50', '1e3', '0.00591', '.5', '-.00', '007', '1.23456789012', 'NaN', 'free'],
  ...[true, false, 'true', 'false', 'yes'],
  ...[new Date(0), new Date('0001-01-01'), new Date('9999-12-31T23:59:59.999Z'), new Date(8.64e15)],
  ...[
    new Date(Number.NaN),
    '2025-02-28',
    '2025-02-30',
    '2025-08-07 10:00',
    '2025-08-07T10:00:00.123456+0200',
  ],
  ...[
    Decimal128.fromString('1E+3'),
    Decimal128.fromString('NaN'),
    Long.fromNumber(7),
    new BSONSymbol('\u0000'),
  ],
  ...[new Code('a\ud800'), new ObjectId('65cd6db93a8d335865cd6db9').toHexString()],
  ...[[], [1, [null, undefined, new Date(0)]], {}, { a: { b: [] } }, { name: 'n', total: 2, input: 1 }],
  ...[
    { total: '', cached: 'x', reasoning: 1.5 },
    { input_details: { cached: 3 }, output_details: 5 },
  ],
  ...[
    { 'nul\u0000': 1, 'nul\ufffd': 2 },
    { a: undefined, b: [Number.NaN, -0, Long.MAX_VALUE] },
  ],
  ...[{ deep: { at: [new Date(Number.NaN)] } }, { 10: 'a', 2: 'b', toJSON: 1, _bsontype: 'Long' }],
  ...[JSON.parse('{"__proto__": {"a": 1}, "constructor": 2}') as unknown, new Map([[1, 2]])],
  ...[[{ variant: 'v1' }, { variant: 'v2' }], [{ variant: 'v1' }, { variant: 'v1' }], [{ variant: '' }]],
  ...[
    { params: { system_name: 'S', other: 1 } },
    { created_at: new Date(5), created_by: 'ann', more: '\u0000' },
  ],
  ...[{ modified_at: 'soon', modified_by: 'x'.repeat(300) }, { prompt_template: { name: 'P' } }],
];
const UNKNOWN = [
  'more',
  'extra',
  'id',
  'source_id',
  'position',
  '__proto__',
  'a.b',
  'odd \ud800',
  'toString',
];

/** A generator of numbers from 0 below a limit, the same for the same seed. */
type Chance = (limit: number) => number;

function chanceOf(seed: number): Chance {
  let state = seed >>> 0;
  return (limit) => {
    // Mulberry32.
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) % limit;
  };
}

/** A document for a mapping, the same for the same number, with values that a mapper has to take care of. */
export function awkwardDocument(mapping: Mapping, number: number): Document {
  const chance = chanceOf(number);
  // Some documents have one awkward value only, so that it is not another one that refuses them.
  const share = [3, 12, 40][number % 3] ?? 3;
  const document = fieldsOf(mapping.entity, mapping.columns, chance, share);
  if (chance(30) > 0) add(document, '_id', chance(4) === 0 ? pick(chance) : `id ${number}`);
  for (const { field, entity, columns } of mapping.children ?? []) {
    const list = Array.from({ length: chance(4) }, (_, at): unknown =>
      chance(20) === 0
        ? pick(chance)
        : { ...fieldsOf(entity, columns, chance, share * 2), id: `s${chance(9) === 0 ? 0 : at}` },
    );
    add(document, field, chance(15) === 0 ? pick(chance) : list);
  }
  return document;
}

const pick = (chance: Chance): unknown => VALUES[chance(VALUES.length)];

/** One awkward value in so many (`share`), among values that fit. */
function fieldsOf(entity: EntityClass, sources: Mapping['columns'], chance: Chance, share: number): Document {
  const document: Document = {};
  for (const { property, name, type, nullable } of tableOf(entity).columns) {
    if (IMPORT_PROPERTIES.some((one) => one === property)) continue;
    const source: ColumnSource | undefined = sources?.[property];
    const path = (source?.paths ?? [name])[chance(source?.paths.length ?? 1)] ?? name;
    const [field = name, ...inner] = chance(9) === 0 ? [path] : path.split('.');
    if (['id', 'source_id', 'extra'].includes(name) || (nullable && chance(3) === 0)) continue;
    const value = chance(share) === 0 ? pick(chance) : fitting(type.kind, chance);
    const nested = inner.reduceRight<unknown>((within, key) => ({ [key]: within }), value);
    const there: unknown = document[field];
    const isMerged = typeof there === 'object' && there !== null && inner.length > 0;
    add(document, field, isMerged ? { ...there, ...(nested as Document) } : nested);
  }
  while (chance(3) === 0) add(document, UNKNOWN[chance(UNKNOWN.length)] ?? '', pick(chance));
  return document;
}

function fitting(kind: string, chance: Chance): unknown {
  const values: Record<string, unknown[]> = {
    string: ['f'.repeat(64), 'text', 'ä'],
    text: ['text', '', 'ümlaut – 😀'],
    integer: [1, 7],
    double: [0.5, 900],
    money: [0.0025, '1.5', 3],
    flag: [true, false],
    instant: [new Date(1_754_567_679_327)],
    json: [[{ variant: 'v1', a: 1 }], { total: 0.1, name: 'n' }],
  };
  const fitting = values[kind] ?? [];
  return fitting[chance(fitting.length)];
}

/** As a source does, so that a field called `__proto__` is one. */
function add(document: Document, name: string, value: unknown): void {
  Object.defineProperty(document, name, { value, writable: true, enumerable: true, configurable: true });
}
