import { describe, expect, it } from '@jest/globals';
import { type Document, ObjectId } from 'bson';
import { tableOf } from '../../src/database/model/table-model.js';
import { Provider } from '../../src/entities/provider.js';
import { Span } from '../../src/entities/span.js';
import { Trace } from '../../src/entities/trace.js';
import { createMapper, type MappedDocument } from '../../src/import/mapper.js';
import { copyOf, from, type Mapping } from '../../src/import/mapping.js';
import { models } from '../../src/import/mappings/models.js';
import { providers } from '../../src/import/mappings/providers.js';
import { traces } from '../../src/import/mappings/traces.js';
import { derivedIdOf } from '../../src/import/source-id.js';

const START = new Date('2025-08-07T11:54:39.327Z');
const ID = new ObjectId('6bf4f4142491b515fff37315');
const traceOf = (fields: Document = {}): Document => ({ _id: ID, start_time: START, ...fields });
const providerOf = (fields: Document = {}): Document => ({ _id: ID, system_name: 'OPENAI', ...fields });

const COERCED: string[] = [];
function map(mapping: Mapping, document: Document): MappedDocument {
  COERCED.length = 0;
  const result = createMapper(mapping)(document, (field, what) => COERCED.push(`${field}: ${what}`));
  if ('problems' in result) throw new Error(result.problems.map(({ reason }) => reason).join('; '));
  return result.mapped;
}

function problemsOf(mapping: Mapping, document: Document): string[] {
  const result = createMapper(mapping)(document, () => undefined);
  return 'problems' in result ? result.problems.map(({ reason }) => reason) : [];
}

const extraOf = (row: MappedDocument['row']): unknown =>
  row['extra'] === null ? null : (JSON.parse(String(row['extra'])) as unknown);

describe('a row', () => {
  it('has its columns from the fields of the same name, all others in extra', () => {
    const { row } = map(
      traces,
      traceOf({ name: 'n', latency: 5.5, extra_data: { a: 1 }, more: [1], id: 'x' }),
    );
    expect(row).toMatchObject({
      id: ID.toHexString(),
      sourceId: ID.toHexString(),
      name: 'n',
      latency: 5.5,
      startTime: START,
      extraData: '{"a":1}',
      status: null,
    });
    expect(extraOf(row)).toEqual({ more: [1], id: 'x' });
  });

  it('has a value, if only null, for each column and for nothing else', () => {
    for (const [mapping, document, entity] of [
      [traces, traceOf(), Trace],
      [providers, providerOf(), Provider],
    ] as const)
      expect(Object.keys(map(mapping, document).row).sort()).toEqual(
        tableOf(entity)
          .columns.map(({ property }) => property)
          .sort(),
      );
  });

  it('takes an own id as it is, and derives one where the mapping says so', () => {
    expect(map(traces, traceOf({ _id: 'abc' })).row).toMatchObject({ id: 'abc', sourceId: 'abc' });
    expect(map(providers, providerOf()).row).toMatchObject({
      id: derivedIdOf('providers', ID),
      sourceId: ID.toHexString(),
    });
    expect(map(providers, providerOf({ _id: null })).row['id']).toBe(derivedIdOf('providers', null));
  });

  it('keeps fields that are called as columns are which no field fills', () => {
    const { row } = map(
      traces,
      traceOf({ id: 1, source_id: 2, extra: { a: 3 }, cost_total: 4, feature_system_name: 5 }),
    );
    expect(extraOf(row)).toEqual({
      id: 1,
      source_id: 2,
      extra: { a: 3 },
      cost_total: 4,
      feature_system_name: 5,
    });
    expect(row['costTotal']).toBeNull();
  });

  it('refuses a time that JavaScript could not hold, wherever it stands, and names the field', () => {
    const gone = new Date(Number.NaN);
    const refuse = (document: Document): string[] => problemsOf(providers, providerOf(document));
    const lost = 'must hold no time beyond the calendar (the years -271821 to 275760)';
    expect(refuse({ odd: { at: [gone] }, well: new Date(0), other: gone })).toEqual([
      `odd ${lost}`,
      `other ${lost}`,
    ]);
    expect(refuse({ metadata_info: gone })).toEqual([`metadata_info ${lost}`]);
    expect(refuse({ created_at: gone })).toEqual(['created_at must be a time in the years 1 to 9999']);
  });

  it('reports what it coerced, by collection and field, and text that it cleaned in extra too', () => {
    map(
      traces,
      traceOf({
        latency: '5',
        start_time: '2025-08-07',
        name: 'a\u0000',
        odd: '\u0000',
        spans: [{ id: 's', latency: '1', odd: '\u0000' }],
      }),
    );
    const cleaned = 'characters that no database keeps replaced by U+FFFD';
    expect(COERCED.sort()).toEqual([
      `traces.extra: ${cleaned}`,
      'traces.latency: text to number',
      `traces.name: ${cleaned}`,
      `traces.spans.extra: ${cleaned}`,
      'traces.spans.latency: text to number',
      'traces.start_time: text to time',
    ]);
  });
});

describe('copies', () => {
  it('leave what they were copied from where it is', () => {
    const { row } = map(
      traces,
      traceOf({ cost_details: { total: 0.1, chat: 0.1 }, extra_data: { params: { system_name: 'X' } } }),
    );
    expect(row).toMatchObject({
      costTotal: '0.1',
      costDetails: '{"total":0.1,"chat":0.1}',
      featureSystemName: 'X',
      extraData: '{"params":{"system_name":"X"}}',
    });
  });

  it.each([
    [{ cost_details: { total: 'a lot' } }, 'costTotal'],
    [{ cost_details: { total: 1e12 } }, 'costTotal'],
    [{ cost_details: 5 }, 'costTotal'],
    [{ extra_data: { params: { system_name: 'x'.repeat(256) } } }, 'featureSystemName'],
    [{ extra_data: { params: { system_name: 7 } } }, 'featureSystemName'],
  ])('of %j are null, since they do not fit', (fields, property) => {
    expect(map(traces, traceOf(fields)).row[property]).toBeNull();
  });
});

describe('problems', () => {
  it.each<[Document, string[]]>([
    [{ start_time: undefined }, ['start_time is missing']],
    [{ start_time: null }, ['start_time is missing']],
    [{ start_time: 'soon' }, ['start_time must be a time, not the text "soon"']],
    [{ latency: 'x' }, ['latency must be a number, not the text "x"']],
    [{ name: 'x'.repeat(256) }, ['name must be shorter than or equal to 255 characters']],
    [{ user_id: 'x'.repeat(256) }, ['user_id must be shorter than or equal to 255 characters']],
    [{ latency: Number.NaN }, ['latency must be a number conforming to the specified constraints']],
    [{ _id: undefined }, ['_id is missing']],
    [{ spans: 5 }, ['spans must be a list']],
    [
      { spans: [5, null, []] },
      ['spans[0] must be an object', 'spans[1] must be an object', 'spans[2] must be an object'],
    ],
    [{ spans: [{}] }, ['spans[0].id is missing']],
    [
      { spans: [{ id: 'a' }, { id: 'b', latency: [] }, { id: 'a', name: 'x'.repeat(256) }] },
      [
        'spans[1].latency must be a number, not a list',
        'spans[2].name must be shorter than or equal to 255 characters',
        'spans[2].id "a" stands twice in the list',
      ],
    ],
    [
      { latency: 'x', name: 5, spans: 7 },
      [
        'name must be a string, not the number 5',
        'latency must be a number, not the text "x"',
        'spans must be a list',
      ],
    ],
  ])('of %j are all named with their path', (fields, problems) => {
    expect(problemsOf(traces, traceOf(fields))).toEqual(problems);
  });

  it('are not only those of text, and a document without _id is no row', () => {
    expect(problemsOf(providers, { system_name: 'A' })).toEqual(['_id is missing']);
    expect(problemsOf(providers, { _id: 1 })).toEqual(['system_name is missing']);
    expect(problemsOf(traces, traceOf({ _id: 'x'.repeat(256) }))).toEqual([
      'id must be shorter than or equal to 255 characters',
      'sourceId must be shorter than or equal to 255 characters',
    ]);
  });

  it('name a field of several by the one that was looked at', () => {
    expect(problemsOf(providers, providerOf({ _metadata: { created_at: 'soon' } }))).toEqual([
      '_metadata.created_at must be a time, not the text "soon"',
    ]);
    expect(problemsOf(providers, providerOf({ created_at: 'soon' }))).toEqual([
      'created_at must be a time, not the text "soon"',
    ]);
  });
});

describe('a problem', () => {
  const only = (mapping: Mapping, document: Document): unknown => {
    const result = createMapper(mapping)(document, () => undefined);
    return 'problems' in result ? result.problems : [];
  };

  it.each<[Document, string, string, string, string]>([
    [
      { name: 'x'.repeat(256) },
      'name',
      'name',
      'too-long',
      'name must be shorter than or equal to 255 characters',
    ],
    [{ latency: 'x' }, 'latency', 'latency', 'invalid', 'latency must be a number, not the text "x"'],
    [{ start_time: null }, 'start_time', 'start_time', 'missing', 'start_time is missing'],
    [{ spans: 5 }, 'spans', 'spans', 'invalid', 'spans must be a list'],
    [{ spans: [5] }, 'spans[0]', 'spans', 'invalid', 'spans[0] must be an object'],
    [{ spans: [{}] }, 'spans[0].id', 'spans.id', 'missing', 'spans[0].id is missing'],
    [{ spans: [{ id: '' }] }, 'spans[0].id', 'spans.id', 'empty', 'spans[0].id must not be empty'],
    [
      { spans: [{ id: 'a' }, { id: 'b', odd: [new Date(Number.NaN)] }] },
      'spans[1].odd',
      'spans.odd',
      'out-of-range',
      'spans[1].odd must hold no time beyond the calendar (the years -271821 to 275760)',
    ],
    [
      { spans: [{ id: 'a' }, { id: 'a' }] },
      'spans[1].id',
      'spans.id',
      'twice',
      'spans[1].id "a" stands twice in the list',
    ],
    [
      { end_time: new Date('+010000-01-01T00:00:00Z') },
      'end_time',
      'end_time',
      'out-of-range',
      'end_time must be a time in the years 1 to 9999',
    ],
    [
      { latency: Number.POSITIVE_INFINITY },
      'latency',
      'latency',
      'out-of-range',
      'latency must be a number conforming to the specified constraints',
    ],
  ])('of %j tells %s, %s and %s beside the reason', (fields, path, field, rule, reason) => {
    expect(only(traces, traceOf(fields))).toEqual([{ path, field, rule, reason }]);
  });

  it('tells the path at which the value stood, and _id for what is made of it', () => {
    expect(only(providers, providerOf({ _metadata: { created_by: 'x'.repeat(256) } }))).toMatchObject([
      { path: '_metadata.created_by', field: '_metadata.created_by', rule: 'too-long' },
    ]);
    expect(only(providers, providerOf({ _id: 'x'.repeat(256) }))).toEqual([
      {
        path: '_id',
        field: '_id',
        rule: 'too-long',
        reason: 'sourceId must be shorter than or equal to 255 characters',
      },
    ]);
    expect(only(providers, {})).toMatchObject([{ path: '_id', field: '_id', rule: 'missing' }]);
    for (const amount of [1e10, '12345678901'])
      expect(only(models, { _id: ID, system_name: 'A', price_input: amount })).toMatchObject([
        { path: 'price_input', rule: 'out-of-range' },
      ]);
    expect(only(models, { _id: ID, system_name: 'A', price_standard_input_unit_count: 0 })).toMatchObject([
      { path: 'price_standard_input_unit_count', rule: 'out-of-range' },
    ]);
  });
});

describe('children', () => {
  it('become rows of their own, in their order, with what no column takes in extra', () => {
    const { children } = map(
      traces,
      traceOf({
        spans: [
          { id: 'b', parent_id: 'a', more: 1 },
          { id: 'a', position: 9, trace_id: 'x', _id: 7 },
        ],
      }),
    );
    expect(children).toHaveLength(1);
    expect(children[0]?.table.name).toBe('spans');
    expect(children[0]?.parent.property).toBe('traceId');
    expect(children[0]?.rows).toMatchObject([
      { traceId: ID.toHexString(), id: 'b', parentId: 'a', position: 0, extra: '{"more":1}' },
      {
        traceId: ID.toHexString(),
        id: 'a',
        parentId: null,
        position: 1,
        extra: '{"position":9,"trace_id":"x","_id":7}',
      },
    ]);
    expect(Object.keys(children[0]?.rows[0] ?? {}).sort()).toEqual(
      tableOf(Span)
        .columns.map(({ property }) => property)
        .sort(),
    );
  });

  it.each([[undefined], [null], [[]]])('may be missing: %j', (spans) => {
    expect(map(traces, traceOf({ spans })).children.map(({ rows }) => rows)).toEqual([[]]);
  });
});

describe('a mapping', () => {
  it('that names a column which is not there is refused at once', () => {
    expect(() => createMapper({ ...traces, columns: { nonsense: from('a') } })).toThrow(
      'Trace has no nonsense',
    );
    const child = { ...traces.children![0]!, parent: 'nobody' };
    expect(() => map({ ...traces, children: [child] }, traceOf({ spans: [] }))).toThrow(
      'spans has no nobody',
    );
  });

  it('may take a column from inside a field, which keeps the rest', () => {
    const mapping: Mapping = {
      ...traces,
      children: [],
      columns: {
        name: from('info.name'),
        status: copyOf('info.status'),
        userId: from('user', 'info.user.id'),
      },
    };
    const { row } = map(
      mapping,
      traceOf({ info: { name: 'n', status: 's', user: { id: 'u', x: 1 } }, 'info.name': 'kept' }),
    );
    expect(row).toMatchObject({ name: 'n', status: 's', userId: 'u' });
    expect(extraOf(row)).toEqual({ info: { status: 's', user: { x: 1 } }, 'info.name': 'kept' });
  });
});
